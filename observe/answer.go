package observe

import (
	"bufio"
	"net"
	"net/http"
	"strings"
)

// answer watches what a handler answers. WebSockets and event streams go through it.
type answer struct {
	http.ResponseWriter
	status int
	size   int64
}

// WriteHeader takes in the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) { // others below 200 are only announcements
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write takes in the size.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.size += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush is for those who ask for a http.Flusher.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// Hijack is for those who ask for a http.Hijacker.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil && a.status == 0 {
		a.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// stream tells whether the answer stayed open for news: its duration says nothing about speed.
func (a *answer) stream() bool {
	return a.status == http.StatusSwitchingProtocols || strings.HasPrefix(a.Header().Get("Content-Type"), "text/event-stream")
}
