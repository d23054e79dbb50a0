package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent"
	"granaio/ent/interaction"
	"granaio/ent/movement"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/proof"
	"granaio/store"
	"granaio/store/storetest"
)

// ageing is a shop in which points age in every way there is, with a few members.
func ageing(t *testing.T, db *store.Store, start time.Time, members int) (*shop, []fact.ID) {
	t.Helper()
	src, err := os.ReadFile("testdata/ageing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, problems := programme.Parse("ageing.yaml", src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), db, file, "test", start)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	s := &shop{store: db, id: report.Programme}
	s.set(start)
	s.Engine = s.another(0)
	t.Cleanup(s.Engine.Close)
	ids := make([]fact.ID, members)
	for m := range ids {
		ids[m] = granted(t)(s.Enrol(t.Context(), s.enrolment(address(m)))).Member
	}
	return s, ids
}

func address(m int) string { return fmt.Sprintf("m%d@example.com", m) }

func rome(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func (s *shop) settles(t *testing.T) {
	t.Helper()
	for {
		n, err := s.Settle(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// deed is something that is done to a shop; the same to several.
type deed func(t *testing.T, s *shop) (*engine.Outcome, error)

// some is something at random, under a key.
func some(chance *rand.Rand, now time.Time, key string, members int, holds map[*shop][]fact.ID) deed {
	who, other := chance.IntN(members), chance.IntN(members)
	track := func(event string, more func(*engine.Track)) deed {
		return func(t *testing.T, s *shop) (*engine.Outcome, error) {
			r := engine.Track{Origin: s.origin(key), Member: engine.Ref{Identity: email(address(who))}, Event: event, Touchpoint: "web"}
			more(&r)
			return s.Track(t.Context(), r)
		}
	}
	operate := func(op loyalty.Operation, refs ...engine.Ref) deed {
		return func(t *testing.T, s *shop) (*engine.Outcome, error) {
			return s.Operate(t.Context(), engine.Operate{Origin: s.origin(key), Members: refs, Operation: op})
		}
	}
	ref := engine.Ref{Identity: email(address(who))}
	ago, number, points := time.Duration(chance.IntN(8*24*3)-8*24*2)*time.Hour, int64(chance.IntN(12)), fact.Points(1+chance.IntN(25))
	late := func(r *engine.Track) {
		if ago > 0 {
			r.Occurred = now.Add(-ago)
		}
	}
	numbered := func(r *engine.Track) { r.Properties = map[string]any{"number": number}; late(r) }
	switch chance.IntN(12) {
	case 0, 1:
		return track("purchase", func(r *engine.Track) { r.Value = &engine.MoneyIn{Amount: decimal.NewFromInt(int64(points))}; late(r) })
	case 2:
		return track("visit", late)
	case 3, 4:
		return track("order", numbered)
	case 5, 6:
		return track("delivery", numbered)
	case 7:
		return track("vote.received", late)
	case 8:
		return func(t *testing.T, s *shop) (*engine.Outcome, error) {
			return s.Redeem(t.Context(), engine.Redeem{Origin: s.origin(key), Member: ref, Reward: s.reward(t, "mug")})
		}
	case 9:
		lasts := time.Duration(1+chance.IntN(24)) * time.Hour
		return func(t *testing.T, s *shop) (*engine.Outcome, error) {
			o, err := operate(loyalty.Hold{Points: points, ExpiresIn: lasts}, ref)(t, s)
			if err == nil && o.Refusal == nil {
				holds[s] = append(holds[s], o.Own[0].As(fact.KindHold))
			}
			return o, err
		}
	case 10:
		return func(t *testing.T, s *shop) (*engine.Outcome, error) {
			if len(holds[s]) == 0 {
				return &engine.Outcome{}, nil
			}
			last := holds[s][len(holds[s])-1]
			return operate(loyalty.Capture{Hold: last, Points: &points}, engine.Ref{Hold: last})(t, s)
		}
	}
	return operate(loyalty.Transfer{Points: points}, ref, engine.Ref{Identity: email(address(other))})
}

// Two shops live through the same: the clock books in one what is due, again and again, and in the other nothing. At every moment they show the same, also
// around midnight and where summer time begins and ends; and in the end the same is booked.
func TestNobodysBalanceDependsOnWhenTheClockRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		const members = 3
		zone := rome(t)
		now := time.Date(2026, 3, 24, 10, 0, 0, 0, zone)
		swept, whose := ageing(t, db, now, members)
		left, others := ageing(t, storetest.On(t, db.Dialect()), now, members)
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		chance := rand.New(rand.NewPCG(seed, 0))
		holds := map[*shop][]fact.ID{}
		compare := func(when time.Time, sweep bool) {
			t.Helper()
			swept.set(when)
			left.set(when)
			if sweep {
				swept.settles(t)
			}
			for m := range members {
				if a, b := swept.view(t, whose[m]).Balances(), left.view(t, others[m]).Balances(); a != b {
					t.Fatalf("at %s member %d has %+v with the clock, %+v without", when, m, a, b)
				}
			}
		}
		for step := 0; now.Before(time.Date(2026, 11, 8, 0, 0, 0, 0, zone)); step++ {
			do := some(chance, now, fmt.Sprint("key ", step), members, holds)
			one, err := do(t, swept)
			two, other := do(t, left)
			if err != nil || other != nil || (one.Refusal == nil) != (two.Refusal == nil) || one.Refusal != nil && one.Refusal.Code != two.Refusal.Code {
				t.Fatal(one.Refusal, err, two.Refusal, other)
			}
			compare(now, chance.IntN(2) == 0)
			y, month, day := now.Date()
			midnight := time.Date(y, month, day+1+chance.IntN(3), 0, 0, 0, 0, zone)
			compare(midnight.Add(-time.Microsecond), false)
			compare(midnight, chance.IntN(2) == 0)
			now = midnight.Add(time.Duration(1+chance.IntN(20)) * time.Hour)
			compare(now, false)
		}
		swept.settles(t)
		left.settles(t)
		lost := map[string]bool{}
		for m := range members {
			a, b := tale(t, swept, whose[m]), tale(t, left, others[m])
			if !slices.Equal(a, b) {
				t.Errorf("member %d was booked\n%v with the clock,\n%v without", m, a, b)
			}
			for _, line := range a {
				lost[line[:6]] = true
			}
		}
		if len(lost) < 4 {
			t.Errorf("little happened: %v", lost)
		}
		for _, s := range []*shop{swept, left} {
			if findings, err := proof.Check(t.Context(), s.store); err != nil || !proof.Holds(findings) {
				t.Errorf("%v %v", findings, err)
			}
		}
	})
}

// tale is a member's movements, but for when they were booked.
func tale(t *testing.T, s *shop, member fact.ID) (lines []string) {
	t.Helper()
	all, err := s.store.Ent().Movement.Query().Where(movement.MemberID(member)).Order(movement.ByNumber()).All(auth.System(t.Context(), s.id))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		lines = append(lines, fmt.Sprintf("%-8s %d at %s, then %d %d %d", m.Kind, m.Points, m.OccurredAt.UTC(), m.PendingAfter, m.AvailableAfter, m.HeldAfter))
	}
	return lines
}

func warnings(t *testing.T, s *shop, member fact.ID) []*ent.Interaction {
	t.Helper()
	all, err := s.store.Ent().Interaction.Query().Where(interaction.MemberID(member), interaction.Event(loyalty.EventExpiring)).All(auth.System(t.Context(), s.id))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Two processes sweep at once, beside what happens to the same members: each is warned once, and what expires is booked once.
func TestEachIsWarnedOnceHoweverManySweep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		const members = 12
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, rome(t))
		s, ids := ageing(t, db, start, members)
		other := s.another(1)
		defer other.Close()
		sweep := func(when time.Time) {
			s.set(when)
			var all sync.WaitGroup
			for _, e := range []*engine.Engine{s.Engine, other} {
				all.Go(func() {
					for {
						n, err := e.Settle(t.Context(), 5)
						if err != nil {
							t.Error(err)
						}
						if n == 0 {
							return
						}
					}
				})
			}
			all.Go(func() {
				for m := range members {
					r := engine.Track{Origin: s.origin(fmt.Sprint(when, m)), Member: engine.Ref{ID: ids[m]}, Event: "vote.received", Touchpoint: "web"}
					if o, err := s.Track(t.Context(), r); err != nil || o.Refusal != nil {
						t.Error(err, o)
					}
				}
			})
			all.Wait()
		}
		sweep(start.AddDate(0, 0, 31))
		sweep(start.AddDate(0, 0, 35))
		for _, id := range ids {
			if all := warnings(t, s, id); len(all) != 1 || !all[0].OccurredAt.Equal(time.Date(2026, 3, 30, 22, 0, 0, 0, time.UTC)) {
				t.Errorf("it was warned %d times, or at another time", len(all))
			}
		}
		sweep(start.AddDate(0, 0, 41))
		for _, id := range ids {
			if all := warnings(t, s, id); len(all) != 1 {
				t.Errorf("once they have expired it was warned %d times", len(all))
			}
			if b := s.view(t, id).Balances(); b.Available != 6 { // of the votes, which activity would have had to save: they came later
				t.Errorf("there are %+v", b)
			}
		}
		if findings, err := proof.Check(t.Context(), s.store); err != nil || !proof.Holds(findings) {
			t.Errorf("%v %v", findings, err)
		}
	})
}

// Whoever watches is told of what inactivity takes by now, and when something next changes: not of a warning, which changes nothing.
func TestNewsOfWhatInactivityTakes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, rome(t))
		s, ids := ageing(t, db, start, 1)
		account := ids[0].As(fact.KindAccount)
		ends := time.Date(2026, 4, 11, 0, 0, 0, 0, rome(t))
		for _, c := range []struct {
			when      time.Time
			available fact.Points
			next      time.Time
		}{{ends.AddDate(0, 0, -5), 50, ends}, {ends.Add(-time.Microsecond), 50, ends}, {ends, 0, time.Time{}}} {
			s.set(c.when)
			news, err := s.Accounts(t.Context(), []fact.ID{account})
			if n := news[account]; err != nil || n.Available != c.available || !n.NextDue.Equal(c.next) {
				t.Errorf("at %s: %+v, %v", c.when, n, err)
			}
		}
	})
}

// Activity that earns nothing is kept once a day, and needs no movement.
func TestActivityIsKeptOnceADay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, rome(t))
		s, ids := ageing(t, db, start, 1)
		deliver := func(key string, when time.Time) {
			s.set(when)
			r := engine.Track{Origin: s.origin(key), Member: engine.Ref{ID: ids[0]}, Event: "delivery", Touchpoint: "web"}
			granted(t)(s.Track(t.Context(), r))
		}
		deliver("a", start.AddDate(0, 0, 5))
		deliver("b", start.AddDate(0, 0, 5).Add(3*time.Hour))
		if a := s.view(t, ids[0]).State.Account; !a.Active.Equal(start.AddDate(0, 0, 5)) || a.Sequence != 1 {
			t.Errorf("%+v", a)
		}
		s.set(start.AddDate(0, 0, 45).Add(time.Hour))
		if b := s.view(t, ids[0]).Balances(); b.Available != 50 {
			t.Errorf("forty days after it there are %+v", b)
		}
	})
}
