package clock

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"granaio/engine"
	"granaio/ent"
	"granaio/ent/visit"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Visits rolls interactions up by touchpoint, day and member, so that what a touchpoint brings is told without reading them all, and different members are counted exactly over
// any stretch of days. Ids follow time: those before a watermark are rolled up once and for all. An interaction has its id a moment before it is committed, so the
// watermark stays a margin behind the clock, which is far longer than a request may take; what is newer is read from the interactions themselves by whoever asks. What is committed later all the same, by a
// process that was stopped in between, or whose clock is slow, is found by counting, now and then, all there is before the watermark. Whose visits lack something are counted anew.
type Visits struct {
	Store   *store.Store
	Library Library
	Margin  time.Duration    // 10 minutes by default
	Chunk   int              // how many interactions are rolled up at once; 20,000 by default
	Prove   time.Duration    // how often what is rolled up is compared with all interactions; 6 hours by default
	Now     func() time.Time // time.Now by default
}

// Duty is the work, done so often.
func (v Visits) Duty(every time.Duration) Duty {
	return Duty{Name: engine.VisitsDuty, Every: every, Most: 10 * time.Minute, Do: v.Do, Store: v.Store}
}

// Do rolls up what has come since the last turn. It goes on where an earlier turn stopped.
func (v Visits) Do(ctx context.Context, t *Turn) error {
	if v.Margin == 0 {
		v.Margin = margin
	}
	if v.Chunk == 0 {
		v.Chunk = 20_000
	}
	if v.Now == nil {
		v.Now = time.Now
	}
	if v.Prove == 0 {
		v.Prove = 6 * time.Hour
	}
	var mark engine.Watermark
	if len(t.Outcome) > 0 {
		if err := json.Unmarshal(t.Outcome, &mark); err != nil {
			return fmt.Errorf("clock: visits: %w", err)
		}
	}
	from, err := mark.ID()
	if err != nil {
		return fmt.Errorf("clock: visits: %w", err)
	}
	zones, err := zonesOf(ctx, v.Library)
	if err != nil {
		return fmt.Errorf("clock: visits: %w", err)
	}
	until := fact.FirstID(v.Now().Add(-v.Margin))
	for compare(from, until) < 0 {
		next, err := v.next(ctx, from, until)
		if err == nil {
			mark.Until = next.UUID()
			err = v.roll(ctx, t, from, next, mark, zones)
		}
		if err != nil {
			return fmt.Errorf("clock: visits: %w", err)
		}
		from = next
	}
	if now := v.Now(); !now.Before(mark.Proved.Add(v.Prove)) {
		mark.Proved = now // whatever comes of it: it is not tried again and again
		if err := v.prove(ctx, t, mark, zones); err != nil {
			return fmt.Errorf("clock: visits: %w", err)
		}
	}
	return nil
}

// prove compares what is rolled up with all interactions, and counts anew what came too late to be rolled up.
func (v Visits) prove(ctx context.Context, t *Turn, mark engine.Watermark, zones map[fact.ID]*time.Location) error {
	if err := t.Write(ctx, mark, func(context.Context, *ent.Client) error { return nil }); err != nil {
		return err
	}
	strays, err := engine.Strays(ctx, v.Store, fact.ID{})
	if err != nil {
		return err
	}
	return engine.Retally(ctx, v.Store, strays, zones)
}

// zonesOf are the zones of the programmes that are published.
func zonesOf(ctx context.Context, library Library) (map[fact.ID]*time.Location, error) {
	all, err := library.All(ctx)
	zones := make(map[fact.ID]*time.Location, len(all))
	for _, p := range all {
		if p.Current == 0 {
			continue
		}
		current, err := library.Current(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		zones[p.ID] = current.Zone()
	}
	return zones, err
}

// next is the id with which the next chunk ends.
func (v Visits) next(ctx context.Context, from, until fact.ID) (next fact.ID, err error) {
	err = v.Store.DB().QueryRowContext(ctx, "SELECT id FROM interactions WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3", from.UUID(), until.UUID(), v.Chunk).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return until, nil
	}
	return next, err
}

// rolled is how many visits are written at once.
const rolled = 500

// roll adds a chunk to the visits, and moves the watermark with it.
func (v Visits) roll(ctx context.Context, t *Turn, from, until fact.ID, mark engine.Watermark, zones map[fact.ID]*time.Location) error {
	read, err := engine.ReadVisits(ctx, v.Store, v.Store.DB(), from, until, zones, "")
	if err != nil {
		return err
	}
	type key struct {
		programme, member fact.ID
		touchpoint        string
		day               fact.Day
	}
	places, sums := map[key]int{}, []engine.Visit{}
	for _, x := range read {
		k := key{x.Programme, x.Member, x.Touchpoint, x.Day}
		at, known := places[k]
		if !known {
			at = len(sums)
			places[k], sums = at, append(sums, engine.Visit{Programme: x.Programme, Touchpoint: x.Touchpoint, Day: x.Day, Member: x.Member})
		}
		sums[at].Interactions, sums[at].Points = sums[at].Interactions+x.Interactions, sums[at].Points+x.Points
	}
	return t.Write(ctx, mark, func(ctx context.Context, client *ent.Client) error {
		for rest := sums; len(rest) > 0; {
			some := rest[:min(len(rest), rolled)]
			rest = rest[len(some):]
			rows := make([]*ent.VisitCreate, len(some))
			for i, x := range some {
				rows[i] = client.Visit.Create().SetProgrammeID(x.Programme).SetTouchpoint(x.Touchpoint).SetDay(int64(x.Day)).SetMemberID(x.Member).
					SetInteractions(x.Interactions).SetPoints(x.Points)
			}
			err := client.Visit.CreateBulk(rows...).OnConflict(
				entsql.ConflictColumns(visit.FieldProgrammeID, visit.FieldTouchpoint, visit.FieldDay, visit.FieldMemberID),
				entsql.ResolveWith(func(u *entsql.UpdateSet) {
					u.Set(visit.FieldInteractions, entsql.Expr("visits.interactions + excluded.interactions"))
					u.Set(visit.FieldPoints, entsql.Expr("visits.points + excluded.points"))
				})).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
