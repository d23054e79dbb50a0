package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"granaio/dossier"
	"granaio/graph"
	"granaio/observe"
	"granaio/programme"
	"granaio/web"
)

// Serve runs the server.
type Serve struct {
	Serving `embed:""`
}

// Run runs the command.
func (c Serve) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	lines := observe.Gather(os.Stderr)
	defer lines.Flush()
	log, err := observe.NewLogger(lines, s.LogLevel, s.LogFormat)
	if err != nil {
		return err
	}
	slog.SetDefault(log)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // what is live is small: collecting less often costs a few megabytes and saves a sixth of the processor
	}
	metrics := observe.NewMetrics()
	y, err := start(ctx, s, c.Serving, log, metrics.Registry)
	if err != nil {
		return err
	}
	err = c.serve(ctx, y, metrics, out)
	closed, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return errors.Join(err, y.Close(closed))
}

// serve opens the doors, and closes them when the context ends.
func (c Serve) serve(ctx context.Context, y *system, metrics *observe.Metrics, out io.Writer) error {
	if c.Example {
		if err := y.importExample(ctx); err != nil {
			return err
		}
	}
	y.attend(c.Serving, metrics.Registry)
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	who := y.caller() // one for all doors: it remembers tokens and partners
	keeper := y.keeper(who)
	api, err := graph.New(graph.Config{
		Ent: y.store.Ent(), Engine: y.engine, Library: y.library, Editor: programme.NewEditor(y.store, time.Now), Simulator: y.simulator(), Rebuilder: y.rebuilder(), Desk: y.desk, Watcher: y.hub, Keeper: keeper, Verifier: who,
		Log: y.log, Metrics: metrics.Registry, Introspection: c.Introspection, Origins: c.Origins, Budget: c.Budget,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	health := observe.NewHealth(y.log)
	health.Require("database", y.store.DB().PingContext)
	health.Require("live", y.hub.Check)
	server := &http.Server{
		Handler:           observe.Requests(y.log, metrics)(y.routes(api, keeper, health, metrics)),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(y.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(listener) }()
	if c.Profiler != "" {
		profiler := &http.Server{Addr: c.Profiler, Handler: profiles(), ReadHeaderTimeout: 10 * time.Second}
		defer func() { _ = profiler.Close() }()
		go func() { failed <- profiler.ListenAndServe() }()
	}
	if err := y.welcome(ctx, out, address(listener)); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(out, "\nStopping: what is in flight is finished first.")
	health.Drain()
	drain, cancel := context.WithTimeout(context.Background(), c.Drain)
	defer cancel()
	return errors.Join(api.Drain(drain), server.Shutdown(drain))
}

func (y *system) routes(api http.Handler, keeper dossier.Keeper, health *observe.Health, metrics *observe.Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", api)
	mux.Handle("GET /.well-known/jwks.json", y.issuer.JWKS())
	mux.HandleFunc(dossier.Pattern, keeper.Serve)
	mux.HandleFunc("GET /healthz", health.Alive)
	mux.HandleFunc("GET /readyz", health.Ready)
	mux.Handle("GET /metrics", metrics.Handler())
	mux.Handle("/", web.GraphiQL())
	return mux
}

// profiles is Go's profiler.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// address is where a newcomer finds the listener.
func address(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host + ":" + port
}
