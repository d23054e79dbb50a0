package e2e

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is the program, running.
type server struct {
	url     string // http://127.0.0.1:43210
	data    string
	tokens  map[string]string // that it printed: member, operator, partner
	command *exec.Cmd
	ended   chan struct{} // closes when it has ended
	mu      sync.Mutex
	output  bytes.Buffer
}

var (
	address = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/?\s`)
	token   = regexp.MustCompile(`^\s*(member|operator|partner)\s+(ey\S+)$`)
)

// boot starts the server on a free port with a data folder and a database, and waits until it says that it is ready.
func boot(t *testing.T, data, database string, flags ...string) *server {
	t.Helper()
	s := &server{data: data, tokens: map[string]string{}, ended: make(chan struct{})}
	s.command = exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--database-url", database, "--log-level", "warn"}, flags...)...)
	pipe, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.command.Stderr = writer{s}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.follow(pipe, ready)
	}()
	go func() {
		<-read
		_ = s.command.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the server said:\n%s", s.said())
		}
	})
	select {
	case <-ready:
	case <-s.ended:
		t.Fatalf("the server ended before it was ready:\n%s", s.said())
	case <-time.After(30 * time.Second):
		t.Fatal("the server was not ready within 30 s")
	}
	return s
}

// follow reads what the server prints, and closes ready once it has printed its last line of welcome.
func (s *server) follow(r io.Reader, ready chan<- struct{}) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		_, _ = writer{s}.Write([]byte(line + "\n"))
		if m := token.FindStringSubmatch(line); m != nil {
			s.tokens[m[1]] = m[2]
		}
		if m := address.FindStringSubmatch(line + "\n"); m != nil && s.url == "" {
			s.url = m[1]
		}
		if ready != nil && strings.HasPrefix(line, "Ctrl-C stops it") {
			close(ready)
			ready = nil
		}
	}
}

type writer struct{ s *server }

func (w writer) Write(b []byte) (int, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	return w.s.output.Write(b)
}

// said is everything that the server has printed and logged.
func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// stop asks the server to stop, as Ctrl-C does, and waits until it has; its exit code.
func (s *server) stop(t *testing.T) int {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		t.Fatalf("the server did not stop within 30 s:\n%s", s.said())
	}
	return s.command.ProcessState.ExitCode()
}

// kill ends the server as a power cut would.
func (s *server) kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// granaio runs a command of the program to its end; its output and exit code.
func granaio(t *testing.T, arguments ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, arguments...)
	command.Env = append(os.Environ(), "DATA="+t.TempDir())
	out, err := command.CombinedOutput()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}
