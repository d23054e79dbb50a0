package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that serves on loopback.
type process struct {
	address string // 127.0.0.1:43210
	command *exec.Cmd
	log     string        // the file that has what it logs
	ended   chan struct{} // closes when it has ended
}

var announced = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// start starts a program that prints the address it serves at, and waits for that. It is asked to stop when the context ends.
func start(ctx context.Context, log string, name string, arguments ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, name, arguments...), log: log, ended: make(chan struct{})}
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGINT) }
	p.command.WaitDelay = 20 * time.Second
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	p.command.Stderr = file
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if m := announced.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case found <- m[1]:
				default:
				}
			}
		}
		_ = p.command.Wait()
	}()
	select {
	case p.address = <-found:
		return p, nil
	case <-p.ended:
	case <-time.After(time.Minute):
	}
	return nil, errors.Join(fmt.Errorf("%s does not serve:\n%s", filepath.Base(name), p.said()), p.stop())
}

// said is the end of what it logged.
func (p *process) said() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-4000):])
}

// stop asks it to stop, as Ctrl-C does, and waits until it has.
func (p *process) stop() error {
	_ = p.command.Process.Signal(syscall.SIGINT)
	select {
	case <-p.ended:
		return nil
	case <-time.After(20 * time.Second):
		_ = p.command.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s did not stop when it was asked to", filepath.Base(p.command.Path))
	}
}

// ready waits until it says that it is.
func (p *process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it was not ready:\n%s", p.said())
		case <-time.After(time.Millisecond):
		}
	}
}

// memory is its resident memory in MiB.
func (p *process) memory(ctx context.Context) (float64, error) {
	out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(p.command.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ps: %w", err)
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return kib / 1024, err
}

// output runs a command to its end; what it printed.
func output(ctx context.Context, name string, arguments ...string) (string, error) {
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, name, arguments...)
	command.Stderr = &stderr
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = 10 * time.Second
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", filepath.Base(name), err, out, stderr.String())
	}
	return string(out), nil
}
