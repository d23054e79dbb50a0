package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/graph/fault"
)

// servePost runs one operation.
func (h *Handler) servePost(w http.ResponseWriter, r *http.Request) {
	params, f := h.readBody(w, r)
	if f != nil {
		h.writeFaultAs(w, f, bodyStatus(f))
		return
	}
	h.serveOnce(w, r, params)
}

// serveGet runs one query, given in the address.
func (h *Handler) serveGet(w http.ResponseWriter, r *http.Request) {
	if limit := h.MaxBody(r.Context()); int64(len(r.URL.RawQuery)) > limit {
		h.writeFaultAs(w, beyondBody(limit), http.StatusRequestURITooLong)
		return
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		h.writeFault(w, fault.Malformed("the address cannot be read"))
		return
	}
	params := &graphql.RawParams{Query: values.Get("query"), OperationName: values.Get("operationName")}
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := values.Get(name); text != "" && decode([]byte(text), into) != nil {
			h.writeFault(w, fault.Malformed("the parameter %s is not a JSON object", name))
			return
		}
	}
	if params.Query == "" && params.Extensions["persistedQuery"] == nil {
		h.writeFault(w, fault.Malformed("a request needs a query"))
		return
	}
	h.serveOnce(w, r, params)
}

// serveOnce runs a query or mutation and writes its one response, if the answer is not to go out as events.
func (h *Handler) serveOnce(w http.ResponseWriter, r *http.Request, params *graphql.RawParams) {
	start := time.Now()
	media, status := mediaJSON, http.StatusOK
	if accepts(r, mediaGraphQL) {
		media = mediaGraphQL
	}
	ctx, rc, errs := h.create(r.Context(), r.Header, params)
	if wantsEvents(r, len(errs) == 0 && rc.Operation.Operation == ast.Subscription) {
		h.serveEvents(ctx, w, rc, errs, start)
		return
	}
	var response *graphql.Response
	switch {
	case len(errs) > 0:
		response = h.Exec.DispatchError(ctx, errs)
		status = statusOf(response, media)
	case rc.Operation.Operation == ast.Subscription:
		h.writeFault(w, fault.Malformed("a subscription needs a WebSocket, or the header Accept: text/event-stream"))
		return
	case r.Method == http.MethodGet && rc.Operation.Operation != ast.Query:
		w.Header().Set("Allow", "POST")
		h.writeFaultAs(w, fault.Malformed("GET runs queries only"), http.StatusMethodNotAllowed)
		return
	default:
		response = h.runOnce(ctx, rc)
	}
	h.observe(ctx, "http", rc, response, start)
	if retry := retryAfter(response); retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(retry))
	}
	h.write(w, media, status, encode(response))
}

// create makes an operation of what was sent: parsed, checked and measured.
func (h *Handler) create(ctx context.Context, header http.Header, params *graphql.RawParams) (context.Context, *graphql.OperationContext, gqlerror.List) {
	ctx = graphql.StartOperationTrace(ctx)
	params.Headers = header
	params.ReadTime.Start = graphql.Now()
	params.ReadTime.End = params.ReadTime.Start
	rc, errs := h.Exec.CreateOperationContext(ctx, params)
	return graphql.WithOperationContext(ctx, rc), rc, errs
}

// runOnce runs a query or mutation within the time it has.
func (h *Handler) runOnce(ctx context.Context, rc *graphql.OperationContext) *graphql.Response {
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	responses, ctx := h.Exec.DispatchOperation(ctx, rc)
	if response := responses(ctx); response != nil {
		return response
	}
	return h.Exec.DispatchError(ctx, gqlerror.List{fault.New(fault.Timeout, "not done in time").GraphQL()})
}

// readBody reads and decodes a request's body, within the caller's bound.
func (h *Handler) readBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *fault.Fault) {
	limit := h.MaxBody(r.Context())
	if r.ContentLength > limit {
		return nil, beyondBody(limit)
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, limit), r.ContentLength)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, beyondBody(limit)
	case err != nil:
		return nil, fault.Malformed("the body could not be read")
	}
	return readParams(body)
}

// trusted is how many bytes a caller has room made for that only says it will send them.
const trusted = 16 << 10

// readAll reads to the end.
func readAll(r io.Reader, said int64) ([]byte, error) {
	if said < 0 || said > trusted {
		return io.ReadAll(r)
	}
	body := make([]byte, said)
	_, err := io.ReadFull(r, body)
	return body, err
}

// readParams decodes what a client sends for an operation.
func readParams(body []byte) (*graphql.RawParams, *fault.Fault) {
	params := new(graphql.RawParams)
	body = bytes.TrimSpace(body)
	switch {
	case len(body) > 0 && body[0] == '[':
		return nil, fault.Malformed("one request at a time: lists of requests are not taken")
	case decode(body, params) != nil:
		return nil, fault.Malformed("not a JSON object with query, operationName, variables and extensions")
	case params.Query == "" && params.Extensions["persistedQuery"] == nil:
		return nil, fault.Malformed("a request needs a query")
	}
	return params, nil
}

// decode reads one JSON value and nothing behind it. Numbers keep their digits.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

func beyondBody(limit int64) *fault.Fault {
	return fault.Beyond("body", "a request has at most %d bytes", limit)
}

func bodyStatus(f *fault.Fault) int {
	if f.Limit == "body" {
		return http.StatusRequestEntityTooLarge
	}
	return f.Status()
}
