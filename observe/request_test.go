package observe_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"granaio/auth"
	"granaio/loyalty/fact"
	"granaio/observe"
)

// serve is a server as the program wires one, with the routes that the tests need.
func serve(t *testing.T) (server *httptest.Server, metrics *observe.Metrics, issuer *auth.Issuer, lines func() []map[string]any) {
	t.Helper()
	log, written := logger(t)
	issuer = auth.NewIssuer(auth.NewKey(), "granaio", "granaio")
	metrics = observe.NewMetrics()
	mux := http.NewServeMux()
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		observe.Note(r.Context(), "operation", "first")
		observe.Note(r.Context(), "operation", "home")
		log.InfoContext(r.Context(), "inside")
		fmt.Fprint(w, "four")
	})
	mux.Handle("POST /graphql", auth.Middleware(issuer.Verifier())(observe.Caller(api)))
	mux.HandleFunc("GET /members/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mux.HandleFunc("GET /healthz", observe.NewHealth(log).Alive)
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("a bug") })
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("a late bug")
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
	})
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n\r\nhello\n")
		_ = rw.Flush()
		_ = conn.Close()
	})
	mux.Handle("GET /metrics", metrics.Handler())
	// The answer goes out before the line is logged: the gate lets a test read the log once the request is over.
	over := make(chan struct{}, 100)
	watched := observe.Requests(log, metrics)(mux)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { over <- struct{}{} }()
		watched.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server, metrics, issuer, func() []map[string]any {
		t.Helper()
		<-over
		return written()
	}
}

func call(t *testing.T, method, url string, header http.Header) (*http.Response, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("s3cret body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

func TestEachRequestMakesOneLineThatTellsNoSecret(t *testing.T) {
	server, _, issuer, lines := serve(t)
	token, err := issuer.Issue(auth.Claims{Role: auth.RoleOperator, Programme: fact.NewID(fact.KindProgramme), Subject: "anna.rossi"})
	if err != nil {
		t.Fatal(err)
	}
	response, _, err := call(t, "POST", server.URL+"/graphql?q=s3cret", http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	logged := lines()
	if len(logged) != 2 {
		t.Fatalf("%d lines: %v", len(logged), logged)
	}
	inside, line := logged[0], logged[1]
	if line["msg"] != "request" || line["method"] != "POST" || line["path"] != "/graphql" || line["status"] != 200.0 || line["bytes"] != 4.0 ||
		line["role"] != "operator" || line["operation"] != "home" || line["level"] != "INFO" {
		t.Errorf("the line is %v", line)
	}
	if _, ok := line["ms"].(float64); !ok {
		t.Errorf("the line does not tell how long it took: %v", line)
	}
	id := response.Header.Get("X-Request-Id")
	if id == "" || line["request"] != id || inside["request"] != id {
		t.Errorf("the id is %q in the answer, %v and %v in the log", id, inside["request"], line["request"])
	}
	for _, secret := range []string{"s3cret", "anna", token[:20], "127.0.0.1"} {
		if strings.Contains(fmt.Sprint(logged), secret) {
			t.Errorf("the log tells %q: %v", secret, logged)
		}
	}
}

func TestACallerWithoutATokenIsAnonymous(t *testing.T) {
	server, _, _, lines := serve(t)
	if _, _, err := call(t, "POST", server.URL+"/graphql", nil); err != nil {
		t.Fatal(err)
	}
	logged := lines()
	if role := logged[len(logged)-1]["role"]; role != "anonymous" {
		t.Errorf("the role is %v", role)
	}
}

func TestACallersPlainRequestIDIsKept(t *testing.T) {
	server, _, _, lines := serve(t)
	for given, kept := range map[string]bool{"abc-123_X.y": true, "": false, strings.Repeat("a", 65): false, "a b": false, "à": false} {
		response, _, err := call(t, "GET", server.URL+"/members/1", http.Header{"X-Request-Id": {given}})
		if err != nil {
			t.Fatal(err)
		}
		got := response.Header.Get("X-Request-Id")
		if (got == given) != kept || got == "" {
			t.Errorf("given %q, the id is %q", given, got)
		}
		if logged := lines(); logged[0]["request"] != got {
			t.Errorf("logged %v, answered %q", logged[0]["request"], got)
		}
	}
}

func TestProbesAreLoggedAtDebugOnly(t *testing.T) {
	server, _, _, lines := serve(t)
	if _, _, err := call(t, "GET", server.URL+"/healthz", nil); err != nil {
		t.Fatal(err)
	}
	if logged := lines(); logged[0]["level"] != "DEBUG" {
		t.Errorf("logged %v", logged)
	}
}

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	server, _, _, lines := serve(t)
	response, body, err := call(t, "GET", server.URL+"/panic", nil)
	if err != nil || response.StatusCode != 500 || strings.Contains(body, "bug") {
		t.Errorf("%v: %q", err, body)
	}
	logged := lines()
	if len(logged) != 2 || logged[0]["panic"] != "a bug" || !strings.Contains(logged[0]["stack"].(string), "request_test.go") ||
		logged[1]["status"] != 500.0 || logged[1]["level"] != "ERROR" {
		t.Errorf("logged %v", logged)
	}
	if _, body, err := call(t, "GET", server.URL+"/late", nil); err == nil {
		t.Errorf("a half answer is taken for whole: %q", body)
	}
	if logged := lines(); logged[0]["panic"] != "a late bug" {
		t.Errorf("logged %v", logged)
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	server, _, _, lines := serve(t)
	for _, path := range []string{"/members/1", "/members/2", "/stream", "/nowhere"} {
		if _, _, err := call(t, "GET", server.URL+path, nil); err != nil {
			t.Fatal(err)
		}
		lines()
	}
	if _, _, err := call(t, "BREW", server.URL+"/nowhere", nil); err != nil {
		t.Fatal(err)
	}
	lines()
	if got := socket(t, server); got != "hello\n" {
		t.Errorf("the socket says %q", got)
	}
	if logged := lines(); logged[0]["status"] != 101.0 {
		t.Errorf("the socket is logged as %v", logged[0])
	}
	_, text, err := call(t, "GET", server.URL+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`granaio_http_requests_total{method="GET",route="GET /members/{id}",status="418"} 2`,
		`granaio_http_request_seconds_count{method="GET",route="GET /members/{id}"} 2`,
		`granaio_http_requests_total{method="GET",route="GET /stream",status="200"} 1`,
		`granaio_http_requests_total{method="GET",route="GET /socket",status="101"} 1`,
		`granaio_http_requests_total{method="GET",route="none",status="404"} 1`,
		`granaio_http_requests_total{method="other",route="none",status="404"} 1`,
		`granaio_http_requests_open 1`,
		`granaio_build_info{go="go`,
		`go_goroutines `,
		`process_start_time_seconds `,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, unwanted := range []string{`granaio_http_request_seconds_count{method="GET",route="GET /stream"}`, `granaio_http_request_seconds_count{method="GET",route="GET /socket"}`, "BREW"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("the metrics have %s", unwanted)
		}
	}
}

// socket is what the server says once it has switched protocols.
func socket(t *testing.T, server *httptest.Server) string {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /socket HTTP/1.1\r\nHost: granaio\r\n\r\n")
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if line == "\r\n" || err != nil {
			break
		}
	}
	said, _ := r.ReadString('\n')
	return said
}
