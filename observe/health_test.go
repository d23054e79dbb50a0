package observe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"granaio/observe"
)

// ask is the answer of a health handler.
func ask(t *testing.T, handler http.HandlerFunc) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	handler(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	return answer.Code, strings.TrimSpace(answer.Body.String())
}

func TestReadyMeansThatEveryPartIsWell(t *testing.T) {
	log, lines := logger(t)
	h := observe.NewHealth(log)
	var broken error
	h.Require("database", func(context.Context) error { return broken })
	h.Require("nats", func(context.Context) error { return nil })
	for _, step := range []struct {
		broken error
		status int
		body   string
		logged string
	}{
		{nil, 200, `{"status":"ready","parts":{"database":"ok","nats":"ok"}}`, ""},
		{errors.New("password s3cret refused"), 503, `{"status":"not ready","parts":{"database":"failed","nats":"ok"}}`, "WARN"},
		{errors.New("password s3cret refused"), 503, `{"status":"not ready","parts":{"database":"failed","nats":"ok"}}`, ""},
		{nil, 200, `{"status":"ready","parts":{"database":"ok","nats":"ok"}}`, "INFO"},
	} {
		broken = step.broken
		if status, body := ask(t, h.Ready); status != step.status || body != step.body {
			t.Errorf("with %v: %d %s", step.broken, status, body)
		}
		logged := ""
		for _, line := range lines() {
			logged += line["level"].(string)
		}
		if logged != step.logged {
			t.Errorf("with %v: logged %q, want %q", step.broken, logged, step.logged)
		}
		if status, body := ask(t, h.Alive); status != 200 || body != `{"status":"alive"}` {
			t.Errorf("alive: %d %s", status, body)
		}
	}
	h.Drain()
	if status, body := ask(t, h.Ready); status != 503 || body != `{"status":"stopping"}` {
		t.Errorf("while it stops: %d %s", status, body)
	}
	if status, _ := ask(t, h.Alive); status != 200 {
		t.Errorf("alive while it stops: %d", status)
	}
}

func TestAPartThatHangsIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, _ := logger(t)
		h := observe.NewHealth(log)
		var probes atomic.Int64
		hang := make(chan struct{})
		h.Require("stubborn", func(context.Context) error { probes.Add(1); <-hang; return nil })
		h.Require("polite", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		for range 3 {
			begun := time.Now()
			status, body := ask(t, h.Ready)
			if status != 503 || body != `{"status":"not ready","parts":{"polite":"timed out","stubborn":"timed out"}}` {
				t.Errorf("%d %s", status, body)
			}
			if took := time.Since(begun); took != observe.CheckTimeout {
				t.Errorf("it took %v", took)
			}
		}
		if n := probes.Load(); n != 1 {
			t.Errorf("%d probes hang, want 1", n)
		}
		close(hang)
	})
}
