package engine

import (
	"context"
	"database/sql"
	"fmt"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Preview is what would follow from a return. Nothing of it is stored.
type Preview struct {
	// Refusal, if it would be refused; everything below is then empty.
	Refusal *fact.Refusal
	Past    *loyalty.Past
	// Before are the balances as they are, what is due counted in.
	Before  ledger.Balances
	Effects *loyalty.Effects
}

// PreviewReverse tells what would follow from a return if it were asked for now: it is decided in the same way, on one view of the database, and then let be. Its key
// counts for nothing.
func (e *Engine) PreviewReverse(ctx context.Context, r Reverse) (*Preview, error) {
	r.Key = "preview"
	j, refusal := reverseJob(&r, e.Now())
	if refusal != nil {
		return &Preview{Refusal: refusal}, nil
	}
	var p *Preview
	err := e.rehearse(ctx, j, func(b *batch, timeline Timeline) (err error) {
		p, err = b.preview(ctx, timeline, j)
		return err
	})
	return p, err
}

// rehearse loads what a request needs, on one view of the database, and has it decided. Nothing is stored.
func (e *Engine) rehearse(ctx context.Context, j *job, decide func(*batch, Timeline) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("engine: preview: %w", unavailable(err))
		}
	}()
	options := &sql.TxOptions{ReadOnly: true}
	if e.sql.postgres() {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := e.store.DB().BeginTx(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	b := newBatch(e, []*job{j}, false)
	b.now = fact.Instant(e.options.Now())
	for _, load := range []func(context.Context, queries) error{b.loadPersons, b.load} {
		if err := load(ctx, tx); err != nil {
			return err
		}
	}
	j.name(b.digester(j.origin.Programme))
	timeline, err := b.timeline(ctx, j.origin.Programme)
	if err != nil {
		return err
	}
	return decide(b, timeline)
}

// preview decides the batch's only request, and leaves it at that.
func (b *batch) preview(ctx context.Context, timeline Timeline, j *job) (*Preview, error) {
	d, err := b.decideReverse(ctx, timeline, j)
	if err != nil || d.refusal != nil {
		return &Preview{Refusal: d.refusal}, err
	}
	s := d.person.state
	return &Preview{
		Past: &b.undoing.pasts[j.reverse.Interaction].Past, Effects: d.effects, Before: ledger.AsOf(d.programme.Account(s), s.Lots, b.now, s.Holds...),
	}, nil
}
