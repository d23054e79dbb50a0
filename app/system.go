package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"granaio/auth"
	"granaio/clock"
	"granaio/dossier"
	"granaio/engine"
	enttask "granaio/ent/task"
	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/rebuild"
	"granaio/simulate"
	"granaio/store"
	"granaio/task"
)

// system is the running parts.
type system struct {
	store   *store.Store
	library *programme.Library
	hub     *live.Hub
	engine  *engine.Engine
	desk    *task.Desk
	tick    sync.WaitGroup  // what runs by the clock
	ticking context.Context // until it stops
	stop    context.CancelFunc
	issuer  *auth.Issuer
	log     *slog.Logger
}

// openStore opens the database, makes it if it is missing, and migrates it.
func openStore(ctx context.Context, s *Settings, pool int) (*store.Store, error) {
	db, err := store.Open(ctx, store.Config{URL: s.database(), Pool: pool})
	if err != nil {
		return nil, err
	}
	if _, err := db.Migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openExisting opens a database that is to be there already, with its tables up to date.
func openExisting(ctx context.Context, s *Settings) (*store.Store, error) {
	db, err := store.Open(ctx, store.Config{URL: s.database(), Existing: true})
	if err != nil {
		return nil, err
	}
	current, err := db.Current(ctx)
	if err == nil && !current {
		err = fmt.Errorf("%s: %w", db, store.ErrNoDatabase)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openIssuer(s *Settings) (*auth.Issuer, error) {
	if err := os.MkdirAll(filepath.Dir(s.issuerKey()), 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the signing key: %w", err)
	}
	key, err := auth.LoadOrCreateKey(s.issuerKey())
	if err != nil {
		return nil, err
	}
	return auth.NewIssuer(key, s.IssuerName, s.Audience), nil
}

// start starts the parts below the doors, in order. Close stops them.
func start(ctx context.Context, s *Settings, v Serving, log *slog.Logger, metrics prometheus.Registerer) (_ *system, err error) {
	y := &system{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, y.Close(context.Background()))
		}
	}()
	if y.store, err = openStore(ctx, s, v.Pool); err != nil {
		return nil, err
	}
	if y.issuer, err = openIssuer(s); err != nil {
		return nil, err
	}
	y.library, y.desk = programme.NewLibrary(y.store), task.NewDesk(y.store)
	y.hub, err = live.Open(ctx, live.Config{
		URL: v.NatsURL, Log: log,
		Accounts: func(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.AccountNews, error) {
			return y.engine.Accounts(ctx, ids)
		},
		Tiers: func(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.TierNews, error) {
			return y.engine.Tiers(ctx, ids)
		},
		Timelines: func(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.TimelineNews, error) {
			return y.engine.Timelines(ctx, ids)
		},
	})
	if err != nil {
		return nil, err
	}
	watch(metrics, y.hub)
	lookups, err := y.store.Lookups(ctx, v.Pool)
	if err != nil {
		return nil, err
	}
	y.engine = engine.New(lookups, shelf{y.library}, y.hub, engine.Options{Workers: v.Workers, Log: log, Metrics: metrics})
	ticking, stop := context.WithCancel(context.Background())
	y.stop = stop
	y.ticking = ticking
	y.tick.Go(func() { clock.Sweep{Every: v.Sweep, Log: log}.Run(ticking, y.engine) })
	return y, nil
}

// attend begins to do what is done from time to time by one process at a time.
func (y *system) attend(v Serving, metrics prometheus.Registerer) {
	for _, d := range y.duties(v, metrics) {
		y.tick.Go(func() { d.Run(y.ticking) })
	}
	runner := task.Runner{Desk: y.desk, Log: y.log, Works: map[enttask.Kind]task.Work{
		enttask.KindSimulation: y.simulator().Work, enttask.KindMetricRebuild: y.rebuilder().Work,
	}}
	y.tick.Go(func() { runner.Run(y.ticking) })
}

// simulator tells what would have been. It leaves a core to those who wait for an answer.
func (y *system) simulator() simulate.Simulator {
	return simulate.Simulator{Store: y.store, Library: y.library, Workers: max(runtime.GOMAXPROCS(0)-1, 1)}
}

// rebuilder works metrics out anew.
func (y *system) rebuilder() rebuild.Rebuilder {
	return rebuild.Rebuilder{Ent: y.store.Ent(), Engine: y.engine, Library: y.library}
}

// duties are what that is.
func (y *system) duties(v Serving, metrics prometheus.Registerer) (all []clock.Duty) {
	moments := (&clock.Moments{Engine: y.engine, Library: y.library}).Duty(v.Sweep)
	moments.Store, moments.Log = y.store, y.log
	all = append(all, moments)
	all = append(all, clock.Duty{
		Name: "erasure", Every: time.Minute, Most: 30 * time.Minute, Store: y.store, Log: y.log,
		Do: func(ctx context.Context, _ *clock.Turn) error {
			_, err := dossier.Sweep(ctx, y.store, false, time.Now())
			return err
		},
	})
	if v.Visits > 0 {
		d := clock.Visits{Store: y.store, Library: y.library}.Duty(v.Visits)
		d.Log = y.log
		all = append(all, d)
	}
	if v.Liability > 0 {
		d := liabilityDuty(y.store, y.library, v.Liability)
		d.Look, d.Log = clock.NewOwed(y.store, y.library, metrics).Look, y.log
		all = append(all, d)
	}
	if v.Check > 0 {
		p := clock.NewProof(y.store, y.log, metrics)
		all = append(all, clock.Duty{
			Name: clock.ProofDuty, Every: v.Check, Most: v.CheckWithin, Do: p.Check, Look: p.Look, Store: y.store, Log: y.log,
		})
	}
	return all
}

// watch makes figures of what the hub does.
func watch(metrics prometheus.Registerer, hub *live.Hub) {
	for name, figure := range map[string]struct {
		help string
		of   func(live.Stats) float64
	}{
		"granaio_live_accounts":  {"Accounts that somebody watches.", func(s live.Stats) float64 { return float64(s.Accounts) }},
		"granaio_live_tiers":     {"Members whose tier somebody watches.", func(s live.Stats) float64 { return float64(s.Tiers) }},
		"granaio_live_timelines": {"Members whose timeline somebody watches.", func(s live.Stats) float64 { return float64(s.Timelines) }},
		"granaio_live_watchers":  {"Watchers of accounts, tiers and timelines.", func(s live.Stats) float64 { return float64(s.Watchers) }},
		"granaio_live_unsent":    {"News that could not be sent; comparing with the database repairs it.", func(s live.Stats) float64 { return float64(s.Unsent) }},
		"granaio_live_overrun":   {"News that came faster than it could be read; comparing with the database repairs it.", func(s live.Stats) float64 { return float64(s.Overrun) }},
		"granaio_live_repaired":  {"News that came by comparing with the database.", func(s live.Stats) float64 { return float64(s.Repaired) }},
	} {
		metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: figure.help}, func() float64 { return figure.of(hub.Stats()) }))
	}
}

// Close stops the parts in the reverse order. It waits no longer than the context for what is still to be told.
func (y *system) Close(ctx context.Context) error {
	var errs []error
	if y.stop != nil {
		y.stop()
		y.tick.Wait()
	}
	if y.engine != nil {
		y.engine.Close()
	}
	if y.hub != nil {
		errs = append(errs, y.hub.Close(ctx))
	}
	if y.store != nil {
		errs = append(errs, y.store.Close())
	}
	return errors.Join(errs...)
}

// shelf gives the engine its programmes.
type shelf struct{ library *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	t, err := s.library.Timeline(ctx, id, number)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// closing is how long a command waits for its parts to stop.
const closing = 5 * time.Second
