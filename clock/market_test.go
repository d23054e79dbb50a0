package clock_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// market is programmes with members to whom things happen at random, under a clock that goes ahead of the world's.
type market struct {
	store   *store.Store
	library *programme.Library
	engine  *engine.Engine
	chance  *rand.Rand
	ahead   time.Duration
	stalls  []*stall
	keys    int
}

// stall is one programme.
type stall struct {
	id      fact.ID
	members []fact.ID
	holds   []fact.ID
	tracked []fact.ID
	zone    *time.Location
}

func (m *market) now() time.Time { return time.Now().Add(m.ahead) }

func eachMarket(t *testing.T, test func(*testing.T, *market)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		m := &market{store: db, library: programme.NewLibrary(db), chance: rand.New(rand.NewPCG(seed, 0))}
		m.engine = engine.New(db, shelf{m.library}, engine.Nobody{}, engine.Options{Now: m.now})
		t.Cleanup(m.engine.Close)
		m.opens(t, "market", "Europe/Rome")
		m.opens(t, "bazaar", "Pacific/Auckland")
		test(t, m)
	})
}

// opens makes a programme with three members.
func (m *market) opens(t *testing.T, key, zone string) {
	t.Helper()
	src, err := os.ReadFile("testdata/market.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("key: market", "key: "+key, "Europe/Rome", zone).Replace(string(src))
	file, problems := programme.Parse("market.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), m.store, file, "test", time.Now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	s := &stall{id: report.Programme}
	if s.zone, err = time.LoadLocation(zone); err != nil {
		t.Fatal(err)
	}
	m.stalls = append(m.stalls, s)
	for i := range 3 {
		o, err := m.engine.Enrol(t.Context(), engine.Enrol{
			Origin: m.origin(s), Touchpoint: "app", Identities: []engine.Identity{{Kind: fact.CRM, Value: fmt.Sprint("c", i)}},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		s.members = append(s.members, o.Member)
	}
}

func (m *market) origin(s *stall) engine.Origin {
	m.keys++
	return engine.Origin{Programme: s.id, Caller: "operator:anna", Key: fmt.Sprint("key ", m.keys)}
}

// happens does so many things at random. What is refused counts too.
func (m *market) happens(t *testing.T, times int) {
	t.Helper()
	for range times {
		s := m.stalls[m.chance.IntN(len(m.stalls))]
		who := engine.Ref{ID: s.members[m.chance.IntN(len(s.members))]}
		points := fact.Points(1 + m.chance.IntN(15))
		does := func(op loyalty.Operation, refs ...engine.Ref) *engine.Outcome {
			o, err := m.engine.Operate(t.Context(), engine.Operate{Origin: m.origin(s), Members: refs, Operation: op})
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		switch m.chance.IntN(13) {
		case 0, 1:
			m.ahead += time.Duration(m.chance.IntN(300)) * time.Hour
		case 2:
			if _, err := m.engine.Settle(t.Context(), 500); err != nil {
				t.Fatal(err)
			}
		case 3, 4, 5:
			m.buys(t, s, who, int64(points))
		case 6:
			if m.chance.IntN(3) == 0 {
				points = -points
			}
			does(loyalty.Adjust{Points: points, Reason: "because"}, who)
		case 7:
			if o := does(loyalty.Hold{Points: points, ExpiresIn: time.Hour}, who); o.Refusal == nil {
				s.holds = append(s.holds, o.Own[0].As(fact.KindHold))
			}
		case 8:
			if len(s.holds) > 0 {
				hold := s.holds[m.chance.IntN(len(s.holds))]
				does(loyalty.Capture{Hold: hold, Points: &points}, engine.Ref{Hold: hold})
			}
		case 10:
			m.tracks(t, s, who, []string{"order", "delivery"}[m.chance.IntN(2)], int64(points))
		case 11:
			m.tracks(t, s, who, []string{"stay", "look"}[m.chance.IntN(2)], 0)
		case 12:
			if len(s.tracked) > 0 {
				interaction := s.tracked[m.chance.IntN(len(s.tracked))]
				if _, err := m.engine.Reverse(t.Context(), engine.Reverse{Origin: m.origin(s), Interaction: interaction}); err != nil {
					t.Fatal(err)
				}
			}
		case 9:
			does(loyalty.Transfer{Points: points}, who, engine.Ref{ID: s.members[m.chance.IntN(len(s.members))]})
		}
	}
}

func (m *market) buys(t *testing.T, s *stall, who engine.Ref, euros int64) *engine.Outcome {
	t.Helper()
	return m.tracks(t, s, who, "purchase", euros)
}

// tracks an event, of some value if it has one.
func (m *market) tracks(t *testing.T, s *stall, who engine.Ref, event string, euros int64) *engine.Outcome {
	t.Helper()
	r := engine.Track{Origin: m.origin(s), Member: who, Event: event, Touchpoint: "stall"}
	if event == "purchase" || event == "order" {
		r.Value = &engine.MoneyIn{Amount: decimal.NewFromInt(euros)}
	}
	if event == "order" || event == "delivery" {
		r.Properties = map[string]any{"number": int64(m.chance.IntN(3))}
	}
	o, err := m.engine.Track(t.Context(), r)
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	s.tracked = append(s.tracked, o.Interaction)
	return o
}

// books are all the movements and lots of a programme, as they are stored.
func (m *market) books(t *testing.T, s *stall) (movements []ledger.Movement, lots []ledger.Lot) {
	t.Helper()
	ctx := auth.System(t.Context(), s.id)
	postings, err := m.store.Ent().Posting.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	of := map[fact.ID][]ledger.Posting{}
	for _, p := range postings {
		of[p.MovementID] = append(of[p.MovementID], ledger.Posting{Source: ledger.Bucket(p.Source), Target: ledger.Bucket(p.Target), Points: p.Points})
	}
	rows, err := m.store.Ent().Movement.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		movements = append(movements, ledger.Movement{ID: r.ID, Booked: r.BookedAt, Postings: of[r.ID]})
	}
	stored, err := m.store.Ent().Lot.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range stored {
		l := ledger.Lot{ID: r.ID, Funding: r.Funding, Pending: r.Pending, Available: r.Available, Held: r.Held}
		if r.ExpiresAt != nil {
			l.Expires = *r.ExpiresAt
		}
		lots = append(lots, l)
	}
	return movements, lots
}

func refOf(member fact.ID) engine.Ref { return engine.Ref{ID: member} }
