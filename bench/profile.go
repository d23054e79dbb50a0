package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// takeProfile begins to take a CPU profile of the server for the length of a run, if the plan asks for it. What it answers waits for the end.
func (s *stage) takeProfile(ctx context.Context, f figure) func() error {
	if s.plan.profile == "" {
		return func() error { return nil }
	}
	ended := make(chan error, 1)
	go func() { ended <- s.fetchProfile(ctx, filepath.Join(s.plan.profile, f.name+".pprof")) }()
	return func() error { return <-ended }
}

func (s *stage) fetchProfile(ctx context.Context, path string) error {
	if err := os.MkdirAll(s.plan.profile, 0o755); err != nil {
		return err
	}
	address := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.profiler, max(1, int(s.plan.length.Seconds())))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("a profile: status %d: %.300s", response.StatusCode, body)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o644)
}

// freeAddress is a loopback address that nobody serves at.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
