package examples_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/engine"
	"granaio/examples"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/reward"
	"granaio/programme"
	"granaio/store"
)

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// club is the programme lune.yaml, with two processes under one clock that a test sets.
type club struct {
	store   *store.Store
	engines [2]*engine.Engine
	id      fact.ID
	keys    map[fact.ID]string // of what gives points, by revision
	mu      sync.Mutex
	clock   time.Time
	asked   int
}

func opens(t *testing.T, db *store.Store) *club {
	c := &club{store: db, clock: rome(t, "2026-02-20 12:00"), keys: map[fact.ID]string{}}
	file, problems := programme.Parse(examples.LuneName, examples.Lune)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), db, file, "test", c.now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	c.id = report.Programme
	for i := range c.engines {
		c.engines[i] = engine.New(db, shelf{programme.NewLibrary(db)}, engine.Nobody{}, engine.Options{Now: c.now})
		t.Cleanup(c.engines[i].Close)
	}
	rows, err := db.DB().QueryContext(t.Context(), "SELECT r.id, d.key FROM revisions r JOIN definitions d ON d.id = r.definition_id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id fact.ID
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			t.Fatal(err)
		}
		c.keys[id] = key
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

func rome(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (c *club) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock
}

// until lets time pass, a day at a time, with both processes settling what is due at once.
func (c *club) until(t *testing.T, text string) {
	t.Helper()
	for end := rome(t, text); c.now().Before(end); {
		c.mu.Lock()
		if c.clock = c.clock.AddDate(0, 0, 1); c.clock.After(end) {
			c.clock = end
		}
		c.mu.Unlock()
		var both sync.WaitGroup
		for _, e := range c.engines {
			both.Go(func() {
				for {
					if n, err := e.Settle(context.Background(), 500); err != nil || n == 0 {
						if err != nil {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		both.Wait()
	}
}

func (c *club) origin() engine.Origin {
	c.asked++
	return engine.Origin{Programme: c.id, Caller: "test", Key: fmt.Sprint(c.asked)}
}

// enrols makes a member with children, of each of whom something is known.
func (c *club) enrols(t *testing.T, name string, attributes map[string]any, children ...map[string]any) fact.ID {
	t.Helper()
	enrol := engine.Enrol{Origin: c.origin(), Touchpoint: "app", Attributes: attributes, Identities: []engine.Identity{{Kind: fact.CRM, Value: name}}}
	for _, known := range children {
		enrol.Dependents = append(enrol.Dependents, loyalty.Introduced{Kind: "child", Attributes: known})
	}
	o, err := c.engines[0].Enrol(t.Context(), enrol)
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	return o.Member
}

// tells has a member tell something of its only child.
func (c *club) tells(t *testing.T, member fact.ID, known map[string]any) {
	t.Helper()
	child := c.view(t, member).State.Doc.Profile.Known().Dependents[0]
	o, err := c.engines[1].Update(t.Context(), engine.Update{
		Origin: c.origin(), Sender: loyalty.SenderMember, Member: engine.Ref{ID: member}, Touchpoint: "app", Attributes: known,
		Dependent: &loyalty.DependentUpdate{Event: loyalty.EventDependentUpdated, ID: child.ID},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
}

// step is something that a member does, what it gives, and the tier that the member then has.
type step struct {
	at, touchpoint, event, value, properties string
	gives, tier                              string
}

func (c *club) lives(t *testing.T, member fact.ID, steps []step) {
	t.Helper()
	for _, s := range steps {
		c.until(t, s.at)
		track := engine.Track{Origin: c.origin(), Member: engine.Ref{ID: member}, Event: s.event, Touchpoint: s.touchpoint}
		if err := json.Unmarshal([]byte(s.properties), &track.Properties); err != nil {
			t.Fatal(err)
		}
		for name, v := range track.Properties {
			if number, ok := v.(float64); ok {
				track.Properties[name] = int64(number)
			}
		}
		if amount, ok := fact.ParseDecimal(s.value); ok {
			track.Value = &engine.MoneyIn{Amount: amount}
		}
		o, err := c.engines[0].Track(t.Context(), track)
		if err != nil || o.Refusal != nil {
			t.Fatal(s.at, o, err)
		}
		if got := c.gave(t, o.Interaction); got != s.gives {
			t.Errorf("%s %s gives %q, not %q", s.at, s.event, got, s.gives)
		}
		if got := c.view(t, member).State.Member.Tier; got != s.tier {
			t.Errorf("%s: the tier is %q, not %q", s.at, got, s.tier)
		}
	}
}

// wish is a reward that a member asks for, and the code of the refusal, if it is refused.
type wish struct {
	who    fact.ID
	reward string
	want   fact.Code
}

func (c *club) wishes(t *testing.T, all ...wish) {
	t.Helper()
	for _, w := range all {
		rewards := c.view(t, w.who).Programme.Rewards()
		i := slices.IndexFunc(rewards, func(r *reward.Reward) bool { return r.Key == w.reward })
		if i < 0 {
			t.Fatalf("there is no reward %q", w.reward)
		}
		o, err := c.engines[0].Redeem(t.Context(), engine.Redeem{Origin: c.origin(), Member: engine.Ref{ID: w.who}, Reward: rewards[i].Definition})
		if err != nil {
			t.Fatal(err)
		}
		var got fact.Code
		if o.Refusal != nil {
			got = o.Refusal.Code
		}
		if got != w.want {
			t.Errorf("%s: the answer is %q, not %q", w.reward, got, w.want)
		}
	}
}

func (c *club) view(t *testing.T, member fact.ID) *engine.View {
	t.Helper()
	views, err := c.engines[0].Views(t.Context(), c.id, []fact.ID{member})
	if err != nil {
		t.Fatal(err)
	}
	return views[member]
}

// timed is what time brought a member, one line each in order: when, what, and what it gave.
func (c *club) timed(t *testing.T, member fact.ID, event string) (lines []string) {
	t.Helper()
	rows, err := c.store.DB().QueryContext(t.Context(), "SELECT id, member_id, occurred_at, properties FROM interactions WHERE event = '"+event+"' ORDER BY occurred_at, id")
	if err != nil {
		t.Fatal(err)
	}
	type occasion struct {
		id   fact.ID
		line string
	}
	var all []occasion
	for rows.Next() {
		var id, of fact.ID
		var at time.Time
		var properties []byte
		if err := rows.Scan(&id, &of, &at, &properties); err != nil {
			t.Fatal(err)
		}
		if of != member {
			continue
		}
		var p struct {
			Number int
			Since  string
		}
		if err := json.Unmarshal(properties, &p); err != nil {
			t.Fatal(err)
		}
		all = append(all, occasion{id, fmt.Sprintf("%s %d of %s:", at.In(rome(t, "2026-01-01 00:00").Location()).Format("2006-01-02 15:04"), p.Number, p.Since)})
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	_ = rows.Close()
	for _, o := range all {
		lines = append(lines, o.line+" "+c.gave(t, o.id))
	}
	return lines
}

// gave is what an interaction gave, by rule and mission.
func (c *club) gave(t *testing.T, interaction fact.ID) string {
	t.Helper()
	rows, err := c.store.DB().QueryContext(t.Context(), "SELECT interaction_id, revision_id, points FROM movements WHERE revision_id IS NOT NULL AND interaction_id IS NOT NULL")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var gains []string
	for rows.Next() {
		var of, revision fact.ID
		var points int64
		if err := rows.Scan(&of, &revision, &points); err != nil {
			t.Fatal(err)
		}
		if of == interaction {
			gains = append(gains, fmt.Sprintf("%s %+d", c.keys[revision], points))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(gains)
	return strings.Join(gains, ", ")
}
