package live

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	connectTimeout = 5 * time.Second
	flushTimeout   = 2 * time.Second
)

// connect reaches the cluster, or starts a server and reaches that.
func (h *Hub) connect(ctx context.Context) error {
	timeout := connectTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline))
	}
	options := []nats.Option{
		nats.Name("granaio"), nats.Timeout(timeout),
		nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.NoCallbacksAfterClientClose(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			h.log.Warn("the connection to NATS is lost; live news comes late until it is back", "error", err)
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			h.log.Info("the connection to NATS is back")
			h.back.Store(true)
			h.compareSoon()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrSlowConsumer) {
				h.overrun.Add(1)
				return
			}
			h.log.Warn("NATS complains", "error", err)
		}),
	}
	if h.config.URL == "" {
		s, err := startServer(timeout)
		if err != nil {
			return err
		}
		h.server = s
		options = append(options, nats.InProcessServer(s))
	}
	for address := range strings.SplitSeq(h.config.URL, ",") {
		if _, err := url.Parse(strings.TrimSpace(address)); err != nil {
			return errors.New("live: the URL of NATS cannot be read") // the cause would quote it, password and all
		}
	}
	var err error
	if h.nats, err = nats.Connect(h.config.URL, options...); err != nil {
		if h.server != nil {
			h.server.Shutdown()
		}
		return fmt.Errorf("live: connect to NATS: %w", err)
	}
	return nil
}

// startServer runs a server that listens nowhere, writes no log and leaves the process's signals alone.
func startServer(timeout time.Duration) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "granaio", DontListen: true, NoLog: true, NoSigs: true, NoSystemAccount: true,
	})
	if err != nil {
		return nil, fmt.Errorf("live: set up the NATS server inside: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(timeout) {
		s.Shutdown()
		return nil, fmt.Errorf("live: the NATS server inside was not ready within %v", timeout)
	}
	return s, nil
}
