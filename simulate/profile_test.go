package simulate_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// says is something that is said of a member, or of one of its children, true or not.
func (s *shop) says(children map[string][]fact.ID, who string) engine.Update {
	day := func(from, to int) string {
		return s.now().AddDate(0, 0, from+s.chance.IntN(to-from)).Format(time.DateOnly)
	}
	u := engine.Update{
		Origin: s.origin(), Member: engine.Ref{Identity: email(who)}, Touchpoint: "web", Party: pick(s, fact.Parties), Attributes: map[string]any{},
	}
	if s.chance.IntN(5) == 0 {
		u.Occurred = s.now().Add(-time.Duration(s.chance.IntN(5*24)) * time.Hour)
	}
	of := func(event string) *loyalty.DependentUpdate {
		return &loyalty.DependentUpdate{Event: event, ID: pick(s, children[who])}
	}
	switch n := s.chance.IntN(10); {
	case n < 2 || n < 7 && len(children[who]) == 0:
		u.Dependent = &loyalty.DependentUpdate{Event: loyalty.EventDependentAdded, Kind: "child"}
		u.Attributes["born"], u.Attributes["name"] = day(-60, 1), "x"
	case n < 5:
		u.Dependent, u.Attributes["born"] = of(loyalty.EventDependentUpdated), day(-60, 2)
	case n < 6:
		u.Dependent, u.Attributes["name"] = of(loyalty.EventDependentUpdated), pick(s, []any{"x", "y", nil})
	case n < 7:
		u.Dependent = of(loyalty.EventDependentRemoved)
		u.Attributes = nil
	default:
		u.Attributes[pick(s, []string{"diet", "favourite", "likes", "shoe"})] = pick(s, []any{"vegan", "any", "bread", []any{"bread", "salt"}, int64(43), nil})
		u.Attributes["visits"], u.Attributes["born"] = int64(s.chance.IntN(11)), day(-9000, -8900)
		if s.chance.IntN(3) == 0 {
			u.Locale = new(pick(s, []string{"it", "en", "it-CH"}))
		}
	}
	return u
}

// What was said of members and their children, by themselves and by interactions, corrected, removed and late: the published versions give what the books say.
func TestWhatWasSaidOfMembersIsTakenAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db, text(t, "family.yaml"))
		children, said := map[string][]fact.ID{}, map[string]int{}
		for n := range 8 {
			who := fmt.Sprintf("m%d@example.com", n)
			e := engine.Enrol{Origin: s.origin(), Identities: []engine.Identity{email(who)}, Touchpoint: "web", Attributes: map[string]any{"visits": int64(3)}}
			if n%2 == 0 {
				e.Locale, e.Attributes["diet"], e.Attributes["shoe"] = "it", "vegan", int64(42)
				e.Dependents = []loyalty.Introduced{{Kind: "child", Attributes: map[string]any{"due": "2026-03-01"}}, {Kind: "child", Attributes: map[string]any{"born": "2026-01-20"}}}
			}
			if o, err := s.Enrol(t.Context(), e); err != nil || o.Refusal != nil {
				t.Fatal(o, err)
			}
			s.members = append(s.members, who)
		}
		for day := range 70 {
			for range 4 {
				s.pass(time.Duration(1+s.chance.IntN(11*60)) * time.Minute)
				who := pick(s, s.members)
				var o *engine.Outcome
				var err error
				kind := "interaction"
				if s.chance.IntN(2) == 0 {
					track := engine.Track{Origin: s.origin(), Member: engine.Ref{Identity: email(who)}, Touchpoint: "web", Event: "survey", Properties: map[string]any{"product": pick(s, []any{"bread", "cake"})}}
					if s.chance.IntN(2) == 0 {
						track.Event, track.Value = "purchase", s.cents(900)
					}
					o, err = s.Track(t.Context(), track)
				} else {
					u := s.says(children, who)
					if o, err = s.Update(t.Context(), u); err == nil && u.Dependent != nil && o.Refusal == nil {
						switch kind = u.Dependent.Event; kind {
						case loyalty.EventDependentAdded:
							children[who] = append(children[who], o.Interaction.As(fact.KindDependent))
						case loyalty.EventDependentRemoved:
							children[who] = slices.DeleteFunc(children[who], func(id fact.ID) bool { return id == u.Dependent.ID })
						}
					}
				}
				switch {
				case err != nil:
					t.Fatal(err)
				case o.Refusal != nil:
					kind = string(o.Refusal.Code)
				case o.Interaction.IsZero():
					kind = "unchanged"
				}
				said[kind]++
			}
			if day%3 > 0 {
				for range 3 {
					if _, err := s.Settle(t.Context(), 1000); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		t.Log(said)
		for _, kind := range []string{"dependent.added", "dependent.updated", "dependent.removed", "OUT_OF_BOUNDS", "TOO_MANY_DEPENDENTS", "WRONG_TYPE"} {
			if said[kind] == 0 {
				t.Errorf("nothing was said that came to %s", kind)
			}
		}
		for _, event := range []string{"child.week", "anniversary", "member.updated"} {
			if s.has(t, "SELECT count(*) FROM interactions WHERE event = $1", event) < 5 {
				t.Errorf("the history has no %s", event)
			}
		}
		until := s.now().Add(time.Hour)
		r := s.simulate(t, nil, begin, until)
		if r.Astray != 0 || r.Touched != 0 || r.Interactions < 150 {
			t.Errorf("%+v", r)
		}
		s.compareWithBooks(t, r, begin, until)
		same := s.simulate(t, &programme.Candidate{Version: 1}, begin.AddDate(0, 0, 30), until)
		if same.Astray != 0 || same.Touched != 0 || len(same.Refused) != 0 || same.Actual != same.Draft {
			t.Errorf("%+v", same)
		}
	})
}
