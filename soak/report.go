package soak

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Report is what became of a run.
type Report struct {
	Database         string
	Seed             uint64
	Servers, Clients int

	Hot int // members that all clients contend for, on all servers

	Commands int               // distinct requests, each of which was answered
	Kinds    map[operation]int // of those, how many of each
	Answers  int               // that were checked: each command's first, and those to requests sent again
	Again    int64             // times that a request was not answered and had to be sent again
	Faults   map[Fault]int     // how many of each

	Lost       int   // what was acknowledged and is not in the database
	Doubled    int   // what counted more than once, or answers nobody
	Changed    int   // answers that differ from each other, from the database, or from what was asked for
	Violations int64 // of the ledger's invariants
	Examples   []string
}

// Wrong is how much is wrong; 0 if all is well.
func (r *Report) Wrong() int { return r.Lost + r.Doubled + r.Changed + int(r.Violations) }

// Print writes reports for people, side by side.
func Print(w io.Writer, reports ...*Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	line := func(name string, value func(*Report) string) {
		fmt.Fprint(t, name, "\t")
		for _, r := range reports {
			fmt.Fprint(t, value(r), "\t")
		}
		fmt.Fprintln(t)
	}
	line("", func(r *Report) string { return r.Database })
	line("seed", func(r *Report) string { return strconv.FormatUint(r.Seed, 10) })
	line("servers", func(r *Report) string { return strconv.Itoa(r.Servers) })
	line("clients", func(r *Report) string { return strconv.Itoa(r.Clients) })
	line("contended members", func(r *Report) string { return strconv.Itoa(r.Hot) })
	for _, o := range operations {
		line(string(o), func(r *Report) string { return strconv.Itoa(r.Kinds[o]) })
	}
	line("commands", func(r *Report) string { return strconv.Itoa(r.Commands) })
	line("answers checked", func(r *Report) string { return strconv.Itoa(r.Answers) })
	line("sent again", func(r *Report) string { return strconv.FormatInt(r.Again, 10) })
	for _, f := range all {
		line("fault: "+string(f), func(r *Report) string { return strconv.Itoa(r.Faults[f]) })
	}
	line("lost", func(r *Report) string { return strconv.Itoa(r.Lost) })
	line("doubled", func(r *Report) string { return strconv.Itoa(r.Doubled) })
	line("changed", func(r *Report) string { return strconv.Itoa(r.Changed) })
	line("violations", func(r *Report) string { return strconv.FormatInt(r.Violations, 10) })
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range reports {
		for _, e := range r.Examples {
			if _, err := fmt.Fprintf(w, "%s: %s\n", r.Database, e); err != nil {
				return err
			}
		}
	}
	return nil
}
