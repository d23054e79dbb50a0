package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"granaio/web"
)

// ask sends one request; headers are name, value, name, value …
func ask(t *testing.T, h http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPageAndItsFilesAreServed(t *testing.T) {
	h := web.GraphiQL()
	page := ask(t, h, "GET", "/")
	if page.StatusCode != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("GET / answered %d %s", page.StatusCode, page.Header.Get("Content-Type"))
	}
	html := read(t, page.Body)
	kinds := map[string]string{"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+\.(\w+))"`).FindAllStringSubmatch(html, -1) {
		got := ask(t, h, "GET", "/"+m[1])
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != kinds[m[2]] {
			t.Errorf("the page names %s, which answered %d %s", m[1], got.StatusCode, got.Header.Get("Content-Type"))
		}
		if read(t, got.Body) == "" {
			t.Errorf("%s is empty", m[1])
		}
		seen[m[2]] = true
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("the page names no .%s file:\n%s", kind, html)
		}
	}
	// The minified script refers to this file for the licenses of what it contains.
	if legal := read(t, ask(t, h, "GET", "/graphiql/graphiql.js.LEGAL.txt").Body); !strings.Contains(legal, "Copyright (c) Meta Platforms") {
		t.Error("the licenses of the bundled packages are not served")
	}
}

func TestPageLoadsNothingFromElsewhere(t *testing.T) {
	h := web.GraphiQL()
	html := read(t, ask(t, h, "GET", "/").Body)
	if m := regexp.MustCompile(`(?i)(https?:)?//[a-z]`).FindString(html); m != "" {
		t.Errorf("the page refers to another host (%s…):\n%s", m, html)
	}
	if regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|\son\w+=|<style`).MatchString(html) {
		t.Errorf("the page has inline code, which its policy refuses:\n%s", html)
	}
	css := read(t, ask(t, h, "GET", "/graphiql/graphiql.css").Body)
	for _, m := range regexp.MustCompile(`(?:url\(|@import\s*)["']?([^)"']{0,60})`).FindAllStringSubmatch(css, -1) {
		if !strings.HasPrefix(m[1], "data:") {
			t.Errorf("the style sheet loads %s", m[1])
		}
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	h := web.GraphiQL()
	for _, path := range []string{"/", "/graphiql/graphiql.js", "/nowhere"} {
		got := ask(t, h, "GET", path).Header
		directives := map[string]string{}
		for d := range strings.SplitSeq(got.Get("Content-Security-Policy"), "; ") {
			name, sources, _ := strings.Cut(d, " ")
			directives[name] = sources
		}
		for name, want := range map[string]string{
			"default-src": "'self'", "script-src": "'self'", "connect-src": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
		} {
			if directives[name] != want {
				t.Errorf("%s: the policy has %s %q, want %q", path, name, directives[name], want)
			}
		}
		if got.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: a browser may guess the content type", path)
		}
	}
}

func TestOtherPathsAndMethodsAreRefused(t *testing.T) {
	h := web.GraphiQL()
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/nowhere", http.StatusNotFound},
		{"GET", "/index.html", http.StatusNotFound},
		{"GET", "/graphiql/", http.StatusNotFound},
		{"GET", "/graphiql/nothing.js", http.StatusNotFound},
		{"GET", "/graphql", http.StatusNotFound},
		{"POST", "/", http.StatusMethodNotAllowed},
		{"HEAD", "/", http.StatusOK},
	} {
		if got := ask(t, h, c.method, c.path); got.StatusCode != c.want {
			t.Errorf("%s %s answered %d, want %d", c.method, c.path, got.StatusCode, c.want)
		}
	}
}

func TestCompressedWhereAccepted(t *testing.T) {
	const path = "/graphiql/graphiql.js"
	h := web.GraphiQL()
	want := text(t, "dist"+path)
	for accept, zipped := range map[string]bool{
		"gzip, deflate, br": true, "br;q=1.0, gzip;q=0.8": true, "GZIP": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.0": false, "identity": false,
	} {
		got := ask(t, h, "GET", path, "Accept-Encoding", accept)
		if got.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: a shared cache is not told that the answer depends on Accept-Encoding", accept)
		}
		body := io.Reader(got.Body)
		if encoding := got.Header.Get("Content-Encoding"); (encoding == "gzip") != zipped {
			t.Errorf("%q: sent with encoding %q", accept, encoding)
			continue
		}
		if zipped {
			z, err := gzip.NewReader(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if read(t, body) != want {
			t.Errorf("%q: the bytes differ from the file's", accept)
		}
	}
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	h := web.GraphiQL()
	var tags []string
	for _, accept := range []string{"gzip", "identity"} {
		tag := ask(t, h, "GET", "/", "Accept-Encoding", accept).Header.Get("ETag")
		again := ask(t, h, "GET", "/", "Accept-Encoding", accept, "If-None-Match", tag)
		if tag == "" || again.StatusCode != http.StatusNotModified || read(t, again.Body) != "" {
			t.Errorf("%s: asked with the tag %s, answered %d", accept, tag, again.StatusCode)
		}
		tags = append(tags, tag)
	}
	if tags[0] == tags[1] {
		t.Errorf("two different bodies share the tag %s", tags[0])
	}
}
