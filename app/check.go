package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"granaio/engine"
	"granaio/proof"
	"granaio/store"
)

// Check proves the ledger.
type Check struct {
	Programme string `help:"With --member: the programme's key; may be left out if there is only one." env:"PROGRAMME"`
	Member    string `help:"Print the story of one member's account instead: its id, or kind:value of an identity."`
}

// errViolated ends a check that found something; it was printed.
var errViolated = errors.New("the ledger's invariants are violated")

// Run runs the command.
func (c Check) Run(s *Settings, out io.Writer) error {
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
