package simulate

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Timeline is the versions of a programme. Package programme has one.
type Timeline interface {
	// Current is the version in force at an instant; if the programme had not begun yet, the one that it began with.
	Current(ctx context.Context, now time.Time) (*loyalty.Programme, error)
	// At is the version that was in force when something occurred; nil if that is before the programme began.
	At(ctx context.Context, instant time.Time) (*loyalty.Programme, error)
	// Version is the version of a number, from 1 to Last.
	Version(ctx context.Context, number int) (*loyalty.Programme, error)
	// Last is the number of the last version.
	Last() int
}

// Options say what is simulated.
type Options struct {
	Programme fact.ID
	// Snapshot is where history is read: a transaction that sees one instant. Whoever began it ends it.
	Snapshot *sql.Tx
	// Published are the versions that really were in force.
	Published Timeline
	// Draft is the version to try; nil for the published ones themselves, which must give what really happened.
	Draft *loyalty.Programme
	// From and Until are the period; Until is the first instant after it.
	From, Until time.Time
	// PointValue is what a point costs in the programme's currency; nil if nobody says.
	PointValue *decimal.Decimal
	// Workers is how many cores decide; 0 for all.
	Workers int
	// Progress is told now and then how many of how many requests were replayed; nil for nobody.
	Progress func(done, total int64)
}

// The errors of what cannot be simulated.
var (
	ErrEmptyPeriod     = errors.New("the period is empty: it ends before it begins")
	ErrBeforeProgramme = errors.New("the period begins before the programme did")
	ErrUnknownVersion  = errors.New("there is no such version")
)

func (o *Options) check(ctx context.Context) error {
	o.From, o.Until = fact.Instant(o.From), fact.Instant(o.Until)
	if !o.From.Before(o.Until) {
		return ErrEmptyPeriod
	}
	p, err := o.Published.At(ctx, o.From)
	if err == nil && (p == nil || o.From.Before(p.Starts())) {
		return ErrBeforeProgramme
	}
	return err
}

// drafted is the published versions until an instant, and a draft from there on.
type drafted struct {
	Timeline
	draft *loyalty.Programme
	from  time.Time
}

// Current is the draft once it is in force.
func (d *drafted) Current(ctx context.Context, now time.Time) (*loyalty.Programme, error) {
	if !now.Before(d.from) {
		return d.draft, nil
	}
	return d.Timeline.Current(ctx, now)
}

// At is the draft for what occurred since it is in force.
func (d *drafted) At(ctx context.Context, instant time.Time) (*loyalty.Programme, error) {
	if !instant.Before(d.from) {
		return d.draft, nil
	}
	return d.Timeline.At(ctx, instant)
}
