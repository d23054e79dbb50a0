package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"granaio/ent"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
)

// Simulate replays what really happened under another version of a programme.
type Simulate struct {
	Programme  string        `help:"The programme's key; may be left out if there is only one." env:"PROGRAMME"`
	From       string        `help:"The period's first instant: a day of the programme's calendar (2026-05-01) or RFC 3339. The draft is in force from then on." required:""`
	Until      string        `help:"The first instant after the period, likewise. By default now."`
	Draft      string        `help:"A programme file to try." type:"existingfile" xor:"what"`
	Version    int           `help:"A version to try." xor:"what"`
	Published  bool          `help:"Try the published versions themselves, which must give what really happened. By default all saved drafts are tried." xor:"what"`
	PointValue *fact.Decimal `help:"What a point costs, in the programme's currency: 0.01." placeholder:"AMOUNT"`
	JSON       bool          `name:"json" help:"Print the report as JSON."`
}

// Run runs the command.
func (c Simulate) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		library := programme.NewLibrary(db)
		current, err := library.Current(ctx, p.ID)
		if err != nil {
			return err
		}
		plan, err := c.plan(current.Zone())
		if err != nil {
			return err
		}
		simulator := simulate.Simulator{Store: db, Library: library}
		began := time.Now()
		r, problems, err := simulator.Run(ctx, p.ID, plan, told(os.Stderr, began, "requests replayed"))
		switch {
		case err != nil:
			return err
		case len(problems) > 0:
			return tell(out, problems)
		case c.JSON:
			e := json.NewEncoder(out)
			e.SetIndent("", "  ")
			return e.Encode(r)
		}
		return printSimulation(out, p.Key, r)
	})
}

func (c Simulate) plan(zone *time.Location) (p simulate.Plan, err error) {
	p = simulate.Plan{Version: c.Version, Published: c.Published, PointValue: c.PointValue, Until: time.Now()}
	if p.From, err = instant(c.From, zone); err != nil {
		return p, fmt.Errorf("--from: %w", err)
	}
	if c.Until != "" {
		if p.Until, err = instant(c.Until, zone); err != nil {
			return p, fmt.Errorf("--until: %w", err)
		}
	}
	if c.Draft != "" {
		src, err := slurp(c.Draft)
		if err != nil {
			return p, err
		}
		p.YAML = string(src)
	}
	return p, nil
}

// instant reads a day, which is where it begins in the zone, or an instant.
func instant(text string, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is neither a day (2026-05-01) nor an instant (2026-05-01T09:00:00Z)", text)
	}
	return at, nil
}

// told tells now and then how far something is.
func told(w io.Writer, began time.Time, what string) func(done, total int64) {
	last := began
	return func(done, total int64) {
		if now := time.Now(); now.Sub(last) >= 2*time.Second {
			last = now
			fmt.Fprintf(w, "%d of %d %s, %.0f a second\n", done, total, what, float64(done)/now.Sub(began).Seconds())
		}
	}
}

func printSimulation(out io.Writer, name string, r *simulate.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s from %s until %s\n", name, r.From.UTC().Format(time.RFC3339), r.Until.UTC().Format(time.RFC3339))
	fmt.Fprintf(w, "%d interactions; %d members, %d of them touched; the state at the beginning comes from a %s of %d requests\n",
		r.Interactions, r.Members, r.Touched, r.Start, r.Replayed)
	if r.Astray > 0 {
		fmt.Fprintf(w, "the replay leaves %d members other than the books: what is said to have happened is not exact\n", r.Astray)
	}
	if r.Erased > 0 {
		fmt.Fprintf(w, "%d members were erased: what they did is gone, and no figure has anything of them\n", r.Erased)
	}
	if r.Unasked > 0 {
		fmt.Fprintf(w, "%d requests that were refused then were not asked again\n", r.Unasked)
	}
	fmt.Fprintf(w, "\npoints\thappened\tdraft\tdifference\t\n")
	for _, line := range []struct {
		name          string
		actual, draft fact.Points
	}{
		{"awarded", r.Actual.Awarded, r.Draft.Awarded}, {"taken back", r.Actual.TakenBack, r.Draft.TakenBack},
		{"spent", r.Actual.Spent, r.Draft.Spent}, {"expired", r.Actual.Expired, r.Draft.Expired},
	} {
		fmt.Fprintf(w, "%s\t%d\t%d\t%+d\t\n", line.name, line.actual, line.draft, line.draft-line.actual)
	}
	if r.Actual.Cost != nil {
		fmt.Fprintf(w, "cost in %s\t%s\t%s\t%s\t\n", r.Currency, r.Actual.Cost, r.Draft.Cost, r.Draft.Cost.Sub(*r.Actual.Cost))
	}
	for _, list := range []struct {
		name, last string
		rows       []simulate.Row
	}{{"by rule", "members", r.Rules}, {"by tier", "members", r.Tiers}, {"by touchpoint", "members", r.Touchpoints}, {"by day", "interactions", r.Days}} {
		fmt.Fprintf(w, "\n%s\thappened\tdraft\tdifference\t%s touched\t\n", list.name, list.last)
		for _, x := range list.rows {
			key := x.Key
			if key == "" {
				key = "none"
			}
			fmt.Fprintf(w, "%s\t%d\t%d\t%+d\t%d\t\n", key, x.Actual, x.Draft, x.Draft-x.Actual, x.Members)
		}
	}
	if len(r.Moves) > 0 {
		fmt.Fprintf(w, "\ntier at the end\tdraft\tmembers\t\t\n")
		for _, m := range r.Moves {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t\n", below(m.Actual), below(m.Draft), m.Members, map[bool]string{true: "rise", false: "fall"}[m.Rises])
		}
	}
	if len(r.Refused) > 0 {
		fmt.Fprintf(w, "\nthe draft refuses\tcode\ttimes\tpoints\t\n")
		for _, x := range r.Refused {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t\n", x.Operation, x.Code, x.Count, x.Points)
		}
	}
	return w.Flush()
}

// below is a tier's key.
func below(tier string) string {
	if tier == "" {
		return "none"
	}
	return tier
}
