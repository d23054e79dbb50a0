package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is one process of the program.
type server struct {
	command *exec.Cmd
	url     string // http://127.0.0.1:43210; once it is ready
	ready   chan struct{}
	ended   chan struct{}
	log     tail
}

var serves = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// launch starts a server, and does not wait for it.
func launch(binary string, arguments ...string) (*server, error) {
	s := &server{command: exec.Command(binary, arguments...), ready: make(chan struct{}), ended: make(chan struct{})}
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours
	pipe, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.command.Stderr = &s.log
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.follow(pipe)
		_ = s.command.Wait()
		close(s.ended)
	}()
	return s, nil
}

// follow reads what it prints: its address, and a last line once it serves.
func (s *server) follow(r io.Reader) {
	waiting := true
	for lines := bufio.NewScanner(r); lines.Scan(); {
		line := lines.Text()
		if address := serves.FindString(line); address != "" && s.url == "" {
			s.url = address
		}
		if waiting && strings.HasPrefix(line, "Ctrl-C stops it") {
			waiting = false
			close(s.ready)
		}
	}
}

// await waits until it serves.
func (s *server) await(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.ended:
		return fmt.Errorf("soak: a server ended before it was ready:\n%s", s.log.String())
	case <-time.After(time.Minute):
		return fmt.Errorf("soak: a server was not ready within a minute:\n%s", s.log.String())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kill ends it as a power cut would.
func (s *server) kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// hasEnded tells whether it has.
func (s *server) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// run runs a command of the program to its end; what it printed.
func run(ctx context.Context, name string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, name, arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.WaitDelay = 5 * time.Second
	out, err := command.Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			out = append(out, failed.Stderr...)
		}
		return "", fmt.Errorf("soak: %s %s: %w\n%s", name, arguments[0], err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLength = 2 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - tailLength; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
