package main

import (
	"context"
	"database/sql"
	"fmt"
)

// counted compares what a side says it did with what is stored.
type counted struct {
	who    string
	db     *sql.DB
	did    int // purchases that it says it took
	before rows
}

// rows is how many rows there are of each kind that a purchase adds one to, and how many movements the accounts have counted.
type rows struct{ commands, interactions, movements, postings, lots, sequences int }

func (c *counted) rows(ctx context.Context) (r rows, err error) {
	err = c.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM commands), (SELECT count(*) FROM interactions), (SELECT count(*) FROM movements),
 (SELECT count(*) FROM postings), (SELECT count(*) FROM lots), (SELECT coalesce(sum(sequence), 0)::bigint FROM accounts)`).Scan(
		&r.commands, &r.interactions, &r.movements, &r.postings, &r.lots, &r.sequences)
	return r, err
}

// check makes sure that every purchase is in every table, once.
func (c *counted) check(ctx context.Context) error {
	now, err := c.rows(ctx)
	if err != nil {
		return err
	}
	b := c.before
	added := rows{now.commands - b.commands, now.interactions - b.interactions, now.movements - b.movements, now.postings - b.postings, now.lots - b.lots,
		now.sequences - b.sequences}
	if want := (rows{c.did, c.did, c.did, c.did, c.did, c.did}); added != want {
		return fmt.Errorf("the %s's database: %d purchases were taken, and these rows added: %+v", c.who, c.did, added)
	}
	return nil
}
