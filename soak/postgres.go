package soak

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// postgres is a PostgreSQL of our own, durable. However this process ends, it is stopped and its folder removed: the script that started it waits
// for the end of our pipe.
type postgres struct {
	script  string
	url     string
	folder  string
	command *exec.Cmd
	pipe    io.Closer
	log     tail
}

func startPostgres(ctx context.Context, script string) (*postgres, error) {
	p := &postgres{script: script, command: exec.Command(script, "with", "sh", "-c", `echo "$TEST_DATABASE_URL"; exec cat >/dev/null`)}
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.command.Stderr = &p.log
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.pipe = in
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("soak: %s: %w", script, err)
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		line <- strings.TrimSpace(text)
	}()
	select {
	case p.url = <-line:
	case <-ctx.Done():
	case <-time.After(2 * time.Minute): // it may have to be installed
	}
	address, err := url.Parse(p.url)
	if err == nil {
		p.folder = address.Query().Get("host")
	}
	if p.folder == "" {
		_ = p.stop()
		return nil, fmt.Errorf("soak: PostgreSQL did not start:\n%s", p.log.String())
	}
	return p, nil
}

// stop ends it, and removes all of it.
func (p *postgres) stop() error {
	_ = p.pipe.Close()
	late := time.AfterFunc(30*time.Second, func() { _ = p.command.Process.Signal(syscall.SIGTERM) })
	defer late.Stop()
	return p.command.Wait()
}

// crash kills all of its processes at once.
func (p *postgres) crash(ctx context.Context) error {
	_, err := run(ctx, p.script, "crash", p.folder)
	return err
}

// again starts it on the data that are there.
func (p *postgres) again(ctx context.Context) error {
	_, err := run(ctx, p.script, "again", p.folder)
	return err
}
