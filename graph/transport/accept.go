package transport

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
	mediaEvents  = "text/event-stream"
)

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == mediaJSON
}

// accepts tells whether the request names one of the media types as one it takes.
func accepts(r *http.Request, media ...string) bool {
	for _, line := range r.Header.Values("Accept") {
		for one := range strings.SplitSeq(line, ",") {
			t, parameters, err := mime.ParseMediaType(one)
			if err != nil || !slices.Contains(media, t) {
				continue
			}
			if q, err := strconv.ParseFloat(parameters["q"], 64); err != nil || q > 0 {
				return true
			}
		}
	}
	return false
}

// wantsEvents tells whether the answer goes out as server-sent events: if the caller takes them and it is a subscription, or it takes no JSON. Many
// clients name all that they understand with every request, and take what they get for a query as it comes.
func wantsEvents(r *http.Request, lasting bool) bool {
	return r.Method == http.MethodPost && accepts(r, mediaEvents) && (lasting || !accepts(r, mediaJSON, mediaGraphQL, "application/*", "*/*"))
}
