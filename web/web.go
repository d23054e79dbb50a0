package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed dist
var dist embed.FS

// policy lets a page load and reach nothing but its own origin; in a browser 'self' covers WebSocket there too. The style sheets that
// the editor writes as it runs need 'unsafe-inline'.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// kinds are the content types of embedded files, by extension. The machine's own table may say otherwise, and a browser told not to guess
// would then refuse them.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// GraphiQL serves the query editor: the page at "/" and its files under "/graphiql/", to GET and HEAD. Every other path is not found, so it may be
// mounted at "/" beside handlers of longer patterns. It is safe for concurrent use, and reads nothing but the binary.
func GraphiQL() http.Handler {
	const folder = "dist/graphiql"
	files, err := fs.ReadDir(dist, folder)
	if err != nil {
		panic(err) // the binary was built without the page
	}
	mux := http.NewServeMux()
	for _, f := range files {
		at := "/graphiql/" + f.Name()
		if f.Name() == "index.html" {
			at = "/{$}"
		}
		mux.Handle("GET "+at, file(path.Join(folder, f.Name())))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

// body is a file as it travels, with the tag that names these very bytes.
type body struct {
	tag   string
	bytes []byte
}

// file serves an embedded file, compressed where the client accepts it. It is read at the first request: a server whose page nobody opens
// does not pay for it.
func file(name string) http.Handler {
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		panic(fmt.Sprintf("web: no content type is known for %s", name))
	}
	load := sync.OnceValues(func() (plain, zipped body) {
		content, err := dist.ReadFile(name)
		if err != nil {
			panic(err) // GraphiQL listed it a moment ago
		}
		sum := sha256.Sum256(content)
		tag := base64.RawURLEncoding.EncodeToString(sum[:12])
		return body{`"` + tag + `"`, content}, body{`"` + tag + `-gzip"`, compress(content)}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, zipped := load()
		h := w.Header()
		if acceptsGzip(r.Header) {
			b = zipped
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", "no-cache") // keep it, but ask whether it is still current
		h.Set("ETag", b.tag)
		h.Add("Vary", "Accept-Encoding")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b.bytes))
	})
}

// compress never fails: it writes to memory, at a level that exists.
func compress(content []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = z.Write(content)
	_ = z.Close()
	return out.Bytes()
}

// acceptsGzip reads Accept-Encoding: gzip must be named, and not with a weight of zero.
func acceptsGzip(h http.Header) bool {
	for item := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, weighted := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		if !weighted {
			return true
		}
		w, err := strconv.ParseFloat(q, 64)
		return err == nil && w > 0
	}
	return false
}
