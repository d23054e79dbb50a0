package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"granaio/auth"
	"granaio/clock"
	"granaio/ent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/programme"
	"granaio/store"
)

// Liability prints what a programme owes its members in points.
type Liability struct {
	Programme string `help:"The programme's key; may be left out if there is only one." env:"PROGRAMME"`
	Refresh   bool   `help:"Work it out anew first, for all programmes. A server does so every few minutes (--liability)."`
	Rebuild   bool   `help:"Sum all postings from the beginning first, for all programmes."`
}

// errNeverWorkedOut ends a command that has nothing to print.
var errNeverWorkedOut = errors.New("it was never worked out yet: a server does so by itself, or --refresh")

// Run runs the command.
func (c Liability) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		if c.Refresh || c.Rebuild {
			duty, l := liabilityDuty(db, programme.NewLibrary(db), time.Hour), clock.Liability{Store: db, Library: programme.NewLibrary(db)}
			duty.Most = time.Hour
			if c.Rebuild {
				duty.Do = l.Rebuild
			}
			if err := duty.Once(ctx); err != nil {
				return err
			}
		}
		row, err := db.Ent().Liability.Get(auth.System(ctx, p.ID), p.ID.As(fact.KindLiability))
		if ent.IsNotFound(err) {
			return fmt.Errorf("%s: %w", p.Key, errNeverWorkedOut)
		}
		if err != nil {
			return err
		}
		return c.print(out, p.Key, row)
	})
}

// liabilityDuty is how what programmes owe is worked out.
func liabilityDuty(db *store.Store, library *programme.Library, every time.Duration) clock.Duty {
	l := clock.Liability{Store: db, Library: library}
	return clock.Duty{Name: clock.LiabilityDuty, Every: every, Most: 10 * time.Minute, Do: l.Refresh, Store: db}
}

func (c Liability) print(out io.Writer, key string, row *ent.Liability) error {
	var flows []ledger.Flow
	var outstanding []ledger.Outstanding
	if err := errors.Join(json.Unmarshal(row.Flows, &flows), json.Unmarshal(row.Outstanding, &outstanding)); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s as of %s\n\n", key, row.AsOf.UTC().Format(time.RFC3339))
	fmt.Fprintf(w, "expires\tfunding\tpending\tavailable\theld\tpoints\t\n")
	var all ledger.Outstanding
	for _, o := range outstanding {
		month := o.Month
		if month == "" {
			month = "never"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t\n", month, o.Funding, o.Pending, o.Available, o.Held, o.Points())
		all.Pending, all.Available, all.Held = all.Pending+o.Pending, all.Available+o.Available, all.Held+o.Held
	}
	fmt.Fprintf(w, "all\t\t%d\t%d\t%d\t%d\t\n", all.Pending, all.Available, all.Held, all.Points())
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nbooked\tissued\tredeemed\texpired\treversed\tdebt\t\n")
	sum := ledger.Flow{Month: "all"}
	for _, f := range flows {
		sum = sum.Plus(f)
	}
	for _, f := range append(flows, sum) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t\n", f.Month, f.Issued, f.Redeemed, f.Expired, f.Reversed, f.Debt)
	}
	return w.Flush()
}
