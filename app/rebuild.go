package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"granaio/engine"
	"granaio/ent"
	"granaio/observe"
	"granaio/programme"
	"granaio/rebuild"
	"granaio/store"
)

// byCommand is who asks, as the engine has it.
const byCommand = "command:granaio"

// Rebuild works metrics out anew.
type Rebuild struct {
	Programme string   `help:"The programme's key; may be left out if there is only one." env:"PROGRAMME"`
	Metric    []string `help:"The name of a metric; may be repeated. By default all." placeholder:"NAME"`
}

// Run runs the command.
func (c Rebuild) Run(s *Settings, out io.Writer) error {
	return withRebuilder(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme, r rebuild.Rebuilder) error {
		plan := rebuild.Plan{Metrics: c.Metric, Caller: byCommand}
		refusal, err := r.Judge(ctx, p.ID, plan)
		if err == nil && refusal != nil {
			err = errors.New(refusal.Message)
		}
		if err != nil {
			return err
		}
		report, err := r.Run(ctx, p.ID, plan, told(os.Stderr, time.Now(), "members"))
		if report != nil {
			fmt.Fprintf(out, "%s: metrics of %d members were worked out anew, those of %d were others than they were\n", p.Key, report.Members, report.Changed)
			if report.Figures > 0 {
				fmt.Fprintf(out, "what touchpoints bring lacked something of %d members, and was counted anew\n", report.Figures)
			}
			fmt.Fprintf(out, "in %s\n", db)
		}
		if errors.Is(err, context.Canceled) {
			return errStopped
		}
		return err
	})
}

// withRebuilder does something with what works metrics out anew, beside a server or without one.
func withRebuilder(s *Settings, key string, do func(context.Context, *store.Store, *ent.Programme, rebuild.Rebuilder) error) error {
	log, err := observe.NewLogger(os.Stderr, s.LogLevel, s.LogFormat)
	if err != nil {
		return err
	}
	return withProgramme(s, key, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		library := programme.NewLibrary(db)
		lookups, err := db.Lookups(ctx, 0)
		if err != nil {
			return err
		}
		e := engine.New(lookups, shelf{library}, engine.Nobody{}, engine.Options{Log: log})
		defer e.Close()
		return do(ctx, db, p, rebuild.Rebuilder{Ent: db.Ent(), Engine: e, Library: library})
	})
}
