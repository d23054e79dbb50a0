package clock

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"granaio/ent"
	"granaio/ent/flow"
	"granaio/ent/liability"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/store"
)

// Library gives the programmes. Package programme has one.
type Library interface {
	// All are the programmes.
	All(ctx context.Context) ([]*ent.Programme, error)
	// Current is the version of the programme that is in force now.
	Current(ctx context.Context, programme fact.ID) (*loyalty.Programme, error)
}

// Liability works out what programmes owe in points: what is outstanding, from the open lots, and what came and went, from the postings. Postings are
// never changed and their ids follow time, so those before a watermark are summed once and for all; only what is newer is read again each time. All that is
// shown is of one snapshot.
//
// A posting has its id a moment before it is committed, so one with an id before the watermark could come late. The watermark therefore stays a margin behind
// the clock, which is far longer than a request may take. And nobody relies on that alone: what all flows leave is compared with what the lots hold,
// in the same snapshot, each time; should they differ, everything is summed anew.
type Liability struct {
	Store   *store.Store
	Library Library
	Margin  time.Duration    // 10 minutes by default
	Chunk   int              // how many postings are summed at once; 100,000 by default
	Now     func() time.Time // time.Now by default
	Log     *slog.Logger     // slog's default by default
}

// LiabilityDuty is the name of the lease.
const LiabilityDuty = "liability"

// margin is how far the watermark stays behind the clock: thirty times as long as the engine tries to commit a batch, and more than clocks differ.
const margin = 10 * time.Minute

// ErrBooks is the error of books in which what was posted is not what the lots hold.
var ErrBooks = errors.New("clock: what was posted is not what the lots hold; granaio check says more")

// errAnew is the error of sums that are to be made anew.
var errAnew = errors.New("clock: the sums of postings are not what the lots hold")

// mark is the outcome of the duty: all postings with smaller ids are in the flows. The books of some programmes did not balance, even when everything was
// summed anew, which is not tried again for them.
type mark struct {
	Watermark string    `json:"watermark"`
	Broken    []fact.ID `json:"broken,omitempty"`
}

// refresh is one turn at it.
type refresh struct {
	Liability
	turn  *Turn
	zones map[fact.ID]*time.Location
	from  fact.ID // the watermark
	anew  bool    // everything is summed
	// broken are the programmes whose books do not balance.
	broken []fact.ID
}

// Refresh brings the liabilities of all programmes up to date.
func (l Liability) Refresh(ctx context.Context, t *Turn) error { return l.refresh(ctx, t, false) }

// Rebuild sums all postings anew.
func (l Liability) Rebuild(ctx context.Context, t *Turn) error { return l.refresh(ctx, t, true) }

func (l Liability) refresh(ctx context.Context, t *Turn, anew bool) error {
	if l.Margin == 0 {
		l.Margin = margin
	}
	if l.Chunk == 0 {
		l.Chunk = 100_000
	}
	if l.Now == nil {
		l.Now = time.Now
	}
	if l.Log == nil {
		l.Log = slog.Default()
	}
	r := &refresh{Liability: l, turn: t, zones: map[fact.ID]*time.Location{}, anew: anew}
	if err := r.begin(ctx, anew); err != nil {
		return fmt.Errorf("clock: liability: %w", err)
	}
	err := r.run(ctx)
	if errors.Is(err, errAnew) {
		l.Log.Warn("the sums of postings were not what the lots hold: everything is summed anew")
		return l.refresh(ctx, t, true)
	}
	if err != nil {
		return fmt.Errorf("clock: liability: %w", err)
	}
	return nil
}

// begin finds the watermark and the programmes' zones.
func (r *refresh) begin(ctx context.Context, anew bool) error {
	all, err := r.Library.All(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Current == 0 {
			continue
		}
		current, err := r.Library.Current(ctx, p.ID)
		if err != nil {
			return err
		}
		r.zones[p.ID] = current.Zone()
	}
	var m mark
	if len(r.turn.Outcome) > 0 {
		if err := json.Unmarshal(r.turn.Outcome, &m); err != nil {
			return err
		}
	}
	if m.Watermark != "" && !anew {
		r.broken = m.Broken
		r.from, err = fact.ParseUUID(m.Watermark)
		return err
	}
	return r.write(ctx, fact.ID{}, func(ctx context.Context, client *ent.Client) error {
		_, err := client.Flow.Delete().Exec(ctx)
		return err
	})
}

// write moves the watermark, together with what else is written.
func (r *refresh) write(ctx context.Context, until fact.ID, do func(context.Context, *ent.Client) error) error {
	if err := r.turn.Write(ctx, mark{until.UUID(), r.broken}, do); err != nil {
		return err
	}
	r.from = until
	return nil
}

func (r *refresh) run(ctx context.Context) error {
	until := fact.FirstID(r.Now().Add(-r.Margin))
	if compare(until, r.from) < 0 {
		until = r.from // the clock was put back
	}
	for {
		next, err := r.chunk(ctx, until)
		if err != nil {
			return err
		}
		if next.IsZero() {
			break
		}
		sums, err := r.fold(ctx, r.Store.DB(), r.from, next)
		if err != nil {
			return err
		}
		if err := r.write(ctx, next, func(ctx context.Context, client *ent.Client) error { return add(ctx, client, sums) }); err != nil {
			return err
		}
	}
	return r.finish(ctx, until)
}

// chunk is the id with which the next chunk ends; zero if less than one is left.
func (r *refresh) chunk(ctx context.Context, until fact.ID) (next fact.ID, err error) {
	err = r.Store.DB().QueryRowContext(ctx, "SELECT id FROM postings WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3", r.from.UUID(), until.UUID(), r.Chunk).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return fact.ID{}, nil
	}
	return next, err
}

// finish sums the last postings before the watermark, and makes all that is shown, from one snapshot.
func (r *refresh) finish(ctx context.Context, until fact.ID) error {
	asOf := fact.Instant(r.Now())
	tx, err := r.Store.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	closed, err := r.fold(ctx, tx, r.from, until)
	if err != nil {
		return err
	}
	recent, err := r.fold(ctx, tx, until, last)
	if err != nil {
		return err
	}
	lots, err := r.lots(ctx, tx)
	if err != nil {
		return err
	}
	known, err := r.known(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	var broken []fact.ID
	var faults []error
	shown := map[fact.ID]*shown{}
	for id, zone := range r.zones {
		s := newShown(append(append(known[id], closed[id]...), recent[id]...), ledger.Liability(lots[id], zone))
		switch {
		case s.balanced():
		case !r.anew && !slices.Contains(r.broken, id):
			return errAnew
		default: // its figures stay as they were: others have theirs
			broken = append(broken, id)
			faults = append(faults, fmt.Errorf("programme %s: %w", id, ErrBooks))
			continue
		}
		shown[id] = s
	}
	r.broken = broken
	err = r.write(ctx, until, func(ctx context.Context, client *ent.Client) error {
		if err := add(ctx, client, closed); err != nil {
			return err
		}
		for id, s := range shown {
			if err := s.save(ctx, client, id, asOf); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(append(faults, err)...)
}

// shown is what is shown of a programme.
type shown struct {
	flows       []ledger.Flow
	outstanding []ledger.Outstanding
}

func newShown(flows []ledger.Flow, outstanding []ledger.Outstanding) *shown {
	s := &shown{ledger.SumFlows(flows), outstanding}
	if s.flows == nil {
		s.flows = []ledger.Flow{}
	}
	return s
}

// balanced tells whether the flows leave what is outstanding.
func (s *shown) balanced() bool {
	var left fact.Points
	for _, f := range s.flows {
		left += f.Left()
	}
	for _, o := range s.outstanding {
		left -= o.Points()
	}
	return left == 0
}

func (s *shown) save(ctx context.Context, client *ent.Client, programme fact.ID, asOf time.Time) error {
	flows, err := json.Marshal(s.flows)
	if err != nil {
		return err
	}
	outstanding, err := json.Marshal(s.outstanding)
	if err != nil {
		return err
	}
	id := programme.As(fact.KindLiability)
	n, err := client.Liability.Update().Where(liability.ID(id)).SetAsOf(asOf).SetFlows(flows).SetOutstanding(outstanding).Save(ctx)
	if err != nil || n > 0 {
		return err
	}
	return client.Liability.Create().SetID(id).SetProgrammeID(programme).SetAsOf(asOf).SetFlows(flows).SetOutstanding(outstanding).Exec(ctx)
}

// add adds flows to those that are kept.
func add(ctx context.Context, client *ent.Client, sums map[fact.ID][]ledger.Flow) error {
	for programme, flows := range sums {
		for _, f := range flows {
			n, err := client.Flow.Update().Where(flow.ProgrammeID(programme), flow.Month(f.Month)).
				AddIssued(f.Issued).AddRedeemed(f.Redeemed).AddExpired(f.Expired).AddReversed(f.Reversed).AddDebt(f.Debt).Save(ctx)
			if err == nil && n == 0 {
				err = client.Flow.Create().SetProgrammeID(programme).SetMonth(f.Month).
					SetIssued(f.Issued).SetRedeemed(f.Redeemed).SetExpired(f.Expired).SetReversed(f.Reversed).SetDebt(f.Debt).Exec(ctx)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
