package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"granaio/loyalty"
	"granaio/programme"
	"granaio/store"
)

// Diff compares two programmes.
type Diff struct {
	From      string `arg:"" help:"A programme file, - for the standard input, or the number of a version."`
	To        string `arg:"" optional:"" help:"What it is compared with, likewise; by default the version in force: a file alone is what it would become."`
	Programme string `help:"The programme's key; by default the one that a file names, or the only one there is." env:"PROGRAMME"`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// ending is how a command ends that prints all there is to say.
type ending struct {
	code int
	err  error // nil if there is nothing more to say
}

// Error is what there is to say.
func (e ending) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap is what it ends with.
func (e ending) Unwrap() error { return e.err }

// side is one of the two that are compared.
type side struct {
	name   string
	number int // of a version; 0 of a file
	spec   *loyalty.Spec
}

// Run runs the command. It ends with 1 if the two differ, and with 2 if they could not be compared.
func (c Diff) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	found, from, to, err := c.compare(ctx, s, out)
	if err != nil {
		return ending{2, err}
	}
	if c.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		err = e.Encode(struct {
			From        string                 `json:"from"`
			To          string                 `json:"to"`
			Differences []programme.Difference `json:"differences"`
		}{from.name, to.name, found})
	} else if len(found) > 0 {
		fmt.Fprintf(out, "--- %s\n+++ %s\n", from.name, to.name)
		printDifferences(out, found)
	}
	switch {
	case err != nil:
		return ending{2, err}
	case len(found) > 0:
		return ending{1, nil}
	}
	return nil
}

func printDifferences(out io.Writer, all []programme.Difference) {
	for _, d := range all {
		fmt.Fprintln(out, d)
	}
}

// compare reads the two sides and compares them.
func (c Diff) compare(ctx context.Context, s *Settings, out io.Writer) (found []programme.Difference, from, to *side, err error) {
	if from, err = c.side(out, c.From); err != nil {
		return nil, nil, nil, err
	}
	switch {
	case c.To != "":
		if to, err = c.side(out, c.To); err != nil {
			return nil, nil, nil, err
		}
	case from.number > 0:
		to = &side{}
	default:
		from, to = &side{}, from
	}
	if from.spec == nil || to.spec == nil {
		if err = withStore(ctx, s, func(db *store.Store) error { return c.load(ctx, db, from, to) }); err != nil {
			return nil, nil, nil, err
		}
	}
	if from.number > 0 && to.number > 0 { // partners belong to no version
		from.spec.Partners, to.spec.Partners = nil, nil
	}
	found, err = programme.Diff(from.spec, to.spec)
	return found, from, to, err
}

// side is what an argument names. A version is yet to be read.
func (c Diff) side(out io.Writer, argument string) (*side, error) {
	if n, err := strconv.Atoi(argument); err == nil && n > 0 {
		return &side{number: n}, nil
	}
	file, err := parse(out, argument)
	if errors.Is(err, errProblems) {
		err = fmt.Errorf("%s has mistakes", argument)
	}
	if err != nil {
		return nil, err
	}
	return &side{name: argument, spec: file.Spec}, nil
}

// load reads those of the sides that are versions; one without a number is the version in force.
func (c Diff) load(ctx context.Context, db *store.Store, sides ...*side) error {
	key := c.Programme
	for _, x := range sides {
		if key == "" && x.spec != nil {
			key = x.spec.Programme.Key
		}
	}
	p, err := programmeOf(ctx, db, key)
	if err != nil {
		return err
	}
	for _, x := range sides {
		if x.spec != nil {
			continue
		}
		note := ""
		if x.number == 0 {
			if x.number, err = inForce(ctx, db, p.ID); err != nil {
				return err
			}
			note = ", in force"
		}
		if x.spec, err = programme.Spec(ctx, db, p.ID, x.number); err != nil {
			return err
		}
		x.name = fmt.Sprintf("%s, version %d%s", p.Key, x.number, note)
	}
	return nil
}
