package simulate_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
)

// shop is a programme with a past, all of it made through the engine.
type shop struct {
	*engine.Engine
	store   *store.Store
	library *programme.Library
	id      fact.ID
	chance  *rand.Rand
	mu      sync.Mutex
	clock   time.Time

	keys    int
	members []string
	bought  []fact.ID // interactions that can be returned
	spent   []fact.ID // movements that can be refunded
	held    []fact.ID
	orders  int
	dated   bool           // members say when they were born
	granted map[string]int // by operation
	refused map[string]int
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *shop) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// Account implements engine.Announcer.
func (*shop) Account(fact.ID, loyalty.AccountNews) {}

// Tier implements engine.Announcer.
func (*shop) Tier(fact.ID, loyalty.TierNews) {}

// Timeline implements engine.Announcer.
func (*shop) Timeline(fact.ID, loyalty.TimelineNews) {}

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

var begin = time.Date(2026, time.February, 1, 9, 0, 0, 0, time.UTC)

func source(t *testing.T, change ...string) *programme.File {
	t.Helper()
	return text(t, "shop.yaml", change...)
}

// text is a programme of testdata, with changes.
func text(t *testing.T, name string, change ...string) *programme.File {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(change); i += 2 {
		if !bytes.Contains(src, []byte(change[i])) {
			t.Fatalf("%s says nothing of %s", name, change[i])
		}
		src = bytes.ReplaceAll(src, []byte(change[i]), []byte(change[i+1]))
	}
	file, problems := programme.Parse(name, src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return file
}

func (s *shop) publish(t *testing.T, file *programme.File) {
	t.Helper()
	report, problems, err := programme.Import(t.Context(), s.store, file, "test", s.now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	s.id = report.Programme
}

func opened(t *testing.T, db *store.Store) *shop {
	t.Helper()
	return open(t, db, source(t))
}

func open(t *testing.T, db *store.Store, file *programme.File) *shop {
	t.Helper()
	s := &shop{store: db, clock: begin, chance: rand.New(rand.NewPCG(4, 7)), granted: map[string]int{}, refused: map[string]int{}}
	s.publish(t, file)
	s.library = programme.NewLibrary(db)
	s.Engine = engine.New(db, shelf{s.library}, s, engine.Options{Now: s.now})
	t.Cleanup(s.Close)
	return s
}

func (s *shop) origin() engine.Origin {
	s.keys++
	return engine.Origin{Programme: s.id, Caller: "operator:anna", Key: fmt.Sprint("k", s.keys)}
}

func email(who string) engine.Identity { return engine.Identity{Kind: fact.Email, Value: who} }

func (s *shop) somebody() engine.Ref {
	return engine.Ref{Identity: email(s.members[s.chance.IntN(len(s.members))])}
}

func pick[T any](s *shop, all []T) T { return all[s.chance.IntN(len(all))] }

func (s *shop) cents(most int) *engine.MoneyIn {
	return &engine.MoneyIn{Amount: decimal.New(int64(1+s.chance.IntN(most)), -2)}
}

// request is something that somebody may ask for now.
func (s *shop) request(t *testing.T) engine.Request {
	t.Helper()
	track := engine.Track{Origin: s.origin(), Touchpoint: pick(s, []string{"web", "till"})}
	if s.chance.IntN(6) == 0 {
		track.Occurred = s.now().Add(-time.Duration(s.chance.IntN(20*24)) * time.Hour)
	}
	if n := len(s.members); n < 4 || n < 24 && s.chance.IntN(12) == 0 {
		who := fmt.Sprintf("m%d@example.com", n)
		s.members = append(s.members, who)
		e := &engine.Enrol{Origin: track.Origin, Identities: []engine.Identity{email(who)}, Touchpoint: "web", Locale: "en"}
		if n%2 == 0 {
			e.Attributes = map[string]any{"diet": "vegan", "likes": []any{"bread", "salt"}}
		}
		if s.dated {
			if e.Attributes == nil {
				e.Attributes = map[string]any{}
			}
			e.Attributes["birth_date"] = s.now().AddDate(-30, 0, 1+s.chance.IntN(60)).Format(time.DateOnly)
		}
		return e
	}
	track.Member = s.somebody()
	operate := func(o loyalty.Operation, members ...engine.Ref) engine.Request {
		return &engine.Operate{Origin: track.Origin, Members: members, Operation: o}
	}
	switch s.chance.IntN(24) {
	case 0, 1, 2, 3, 4, 5:
		track.Event, track.Value, track.Properties = "purchase", s.cents(6000), map[string]any{"items": int64(3), "gift": true, "note": 1.5}
		if s.chance.IntN(3) == 0 {
			track.Value, track.Lines = nil, []engine.LineIn{{Reference: "bread", Quantity: 3, Amount: decimal.New(1999, -2)}, {Reference: "salt", Quantity: 1, Amount: decimal.New(90, -2)}}
		}
	case 6, 7, 8:
		track.Event = "visit"
	case 9, 10:
		s.orders++
		track.Event, track.Value, track.Properties = "order", s.cents(3000), map[string]any{"number": int64(s.orders)}
	case 11, 12:
		track.Event, track.Properties = "delivery", map[string]any{"number": int64(1 + s.chance.IntN(s.orders+2))}
	case 13, 14:
		track.Event = "draw"
	case 15:
		return &engine.Redeem{Origin: track.Origin, Member: track.Member, Reward: s.reward(t, pick(s, []string{"mug", "mug", "trip"}))}
	case 16, 17:
		if len(s.bought) == 0 {
			break
		}
		r := &engine.Reverse{Origin: track.Origin, Interaction: pick(s, s.bought)}
		switch s.chance.IntN(3) {
		case 0:
			r.Value = s.cents(1000)
		case 1:
			r.Lines = []loyalty.ReturnedLine{{Reference: "bread", Quantity: 1}}
		}
		return r
	case 18:
		if len(s.spent) == 0 {
			break
		}
		r := &engine.Refund{Origin: track.Origin, Movement: pick(s, s.spent)}
		if s.chance.IntN(2) == 0 {
			r.Points = new(fact.Points(1 + s.chance.IntN(10)))
		}
		return r
	case 19:
		points := fact.Points(s.chance.IntN(60) - 20)
		after := ""
		if points > 0 && s.chance.IntN(2) == 0 {
			after = "3 weeks"
		}
		return operate(loyalty.Adjust{Points: points, Reason: "a test", ExpireAfter: after}, track.Member)
	case 20:
		return operate(loyalty.Hold{Points: fact.Points(1 + s.chance.IntN(40)), ExpiresIn: time.Duration(1+s.chance.IntN(20)) * time.Hour}, track.Member)
	case 21:
		if len(s.held) > 0 {
			var points *fact.Points
			if s.chance.IntN(2) == 0 {
				points = new(fact.Points(1))
			}
			return operate(loyalty.Capture{Hold: s.held[len(s.held)-1], Points: points}, engine.Ref{Hold: s.held[len(s.held)-1]})
		}
	case 22:
		if len(s.held) > 0 {
			hold := s.held[len(s.held)-1]
			return operate(loyalty.Release{Hold: hold}, engine.Ref{Hold: hold})
		}
	case 23:
		return operate(loyalty.Transfer{Points: fact.Points(1 + s.chance.IntN(30))}, track.Member, s.somebody())
	}
	if track.Event == "" {
		track.Event = "visit"
	}
	return &track
}

func (s *shop) reward(t *testing.T, key string) fact.ID {
	t.Helper()
	p, err := s.library.Current(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	return p.RewardByKey(key).Definition
}

// take learns what came of a request.
func (s *shop) take(t *testing.T, r engine.Request, o *engine.Outcome, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	kind := fmt.Sprintf("%T", r)
	if x, ok := r.(*engine.Operate); ok {
		kind = x.Operation.Name()
	}
	if o.Refusal != nil {
		s.refused[kind+" "+string(o.Refusal.Code)]++
		return
	}
	s.granted[kind]++
	switch x := r.(type) {
	case *engine.Track:
		if x.Event == "purchase" || x.Event == "order" || x.Event == "draw" {
			s.bought = append(s.bought, o.Interaction)
		}
	case *engine.Redeem:
		s.spent = append(s.spent, o.Movements[len(o.Movements)-1].ID)
	case *engine.Operate:
		switch x.Operation.(type) {
		case loyalty.Hold:
			s.held = append(s.held, o.Own[0].As(fact.KindHold))
		case loyalty.Capture:
			s.spent = append(s.spent, o.Own[0])
		}
	}
}

// live lets days pass in which so many things happen.
func (s *shop) live(t *testing.T, days, perDay int) {
	t.Helper()
	for range days {
		for range perDay {
			s.pass(time.Duration(1+s.chance.IntN(47*60/perDay)) * time.Minute)
			r := s.request(t)
			result := s.All(t.Context(), []engine.Request{r})[0]
			s.take(t, r, result.Outcome, result.Err)
		}
		if s.chance.IntN(3) > 0 { // the clock comes, though not every day
			for range 3 {
				if _, err := s.Settle(t.Context(), 1000); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// simulate runs a simulation over a period.
func (s *shop) simulate(t *testing.T, c *programme.Candidate, from, until time.Time) *simulate.Report {
	t.Helper()
	o := simulate.Options{Programme: s.id, From: from, Until: until, Workers: 3}
	if c != nil {
		var problems []programme.Problem
		var err error
		if o.Draft, problems, err = programme.Trial(t.Context(), s.store, s.id, *c, from); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
	}
	r, err := s.run(t, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *shop) run(t *testing.T, o simulate.Options) (*simulate.Report, error) {
	t.Helper()
	timeline, err := s.library.Latest(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	o.Published = timeline
	if o.Snapshot, err = s.store.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Snapshot.Rollback() }()
	return simulate.Run(t.Context(), o)
}
