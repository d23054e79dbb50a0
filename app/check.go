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
	"granaio/proof"
	"granaio/rebuild"
	"granaio/store"
)

// Check proves the ledger.
type Check struct {
	Programme string `help:"With --member and --metrics: the programme's key; may be left out if there is only one." env:"PROGRAMME"`
	Metrics   bool   `help:"Work the members' metrics out anew and compare them with what is kept, instead. Changes nothing." xor:"what"`
	Sample    int    `help:"With --metrics: how many members at most, spread over all; 0 for all." default:"1000"`
	Member    string `help:"Print the story of one member's account instead: its id, or kind:value of an identity." xor:"what"`
}

// errViolated ends a check that found something; it was printed.
var errViolated = errors.New("the ledger's invariants are violated")

// Run runs the command.
func (c Check) Run(s *Settings, out io.Writer) error {
	if c.Metrics {
		return c.metrics(s, out)
	}
	ctx, stop := interruptible()
	defer stop()
	return withStore(ctx, s, func(db *store.Store) error {
		if c.Member != "" {
			return c.story(ctx, db, out)
		}
		findings, err := proof.Check(ctx, db)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "in", db)
		if err := proof.Print(out, findings); err != nil {
			return err
		}
		if !proof.Holds(findings) {
			return errViolated
		}
		return nil
	})
}

// errMetrics ends a check that found metrics that are not what is stored; how many was printed.
var errMetrics = errors.New("metrics are not what the interactions say, or are still to be rebuilt: granaio rebuild works them out")

func (c Check) metrics(s *Settings, out io.Writer) error {
	return withRebuilder(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme, r rebuild.Rebuilder) error {
		report, err := r.Run(ctx, p.ID, rebuild.Plan{Dry: true, Most: c.Sample, Caller: byCommand}, told(os.Stderr, time.Now(), "members"))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "in %s\n%s: metrics of %d members were looked at, those of %d are not what the interactions say\n", db, p.Key, report.Members, report.Changed)
		if report.Changed > 0 {
			return errMetrics
		}
		return nil
	})
}

func (c Check) story(ctx context.Context, db *store.Store, out io.Writer) error {
	p, err := programmeOf(ctx, db, c.Programme)
	if err != nil {
		return err
	}
	ref, err := refOf(c.Member)
	if err != nil {
		return err
	}
	member, err := engine.Resolve(ctx, db, p.ID, ref)
	if err != nil {
		return err
	}
	if member.IsZero() {
		return fmt.Errorf("there is no member %s", c.Member)
	}
	story, err := proof.Story(ctx, db, member)
	if err == nil {
		_, err = io.WriteString(out, story)
	}
	return err
}
