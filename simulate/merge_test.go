package simulate_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// A history in which visitors come, say who they are, are merged, suspended and let in again, and in which what the absorbed did is returned and given back, is replayed to the point.
func TestMergesAreReplayed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db, source(t, "  events:\n", "  members: {anonymous: {earn: pending, within: 20 days}, unknown_devices: welcome, merges: take_back}\n  events:\n"))
		s.live(t, 10, 10)
		did := map[string]int{}
		count := func(what string) func(*engine.Outcome, error) {
			return func(o *engine.Outcome, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				if o.Refusal == nil {
					did[what]++
					did["absorbed"] += len(o.Absorbed)
				}
			}
		}
		for round := range 14 {
			device := engine.Identity{Kind: fact.Device, Value: fmt.Sprint("phone ", round)}
			visitor := engine.Ref{Identity: device}
			for range 2 {
				o, err := s.Track(t.Context(), engine.Track{Origin: s.origin(), Member: visitor, Event: "visit", Touchpoint: "web"})
				count("visit")(o, err)
			}
			s.live(t, 2, 10)
			switch round % 3 {
			case 0:
				count("identify")(s.Identify(t.Context(), engine.Identify{Origin: s.origin(), Member: visitor, Identities: []engine.Identity{email(s.members[round%len(s.members)])}}))
			case 1:
				count("register")(s.Register(t.Context(), engine.Register{Origin: s.origin(), Member: visitor, Touchpoint: "web"}))
			default:
				count("suspend")(s.Operate(t.Context(), engine.Operate{Origin: s.origin(), Members: []engine.Ref{visitor}, Operation: loyalty.Suspend{Reason: "x"}}))
				s.live(t, 1, 5)
				count("reinstate")(s.Operate(t.Context(), engine.Operate{Origin: s.origin(), Members: []engine.Ref{visitor}, Operation: loyalty.Reinstate{Reason: "x"}}))
			}
			from, into := s.members[s.chance.IntN(len(s.members))], s.members[s.chance.IntN(len(s.members))]
			count("merge")(s.Merge(t.Context(), engine.Merge{
				Origin: s.origin(), From: engine.Ref{Identity: email(from)}, Into: engine.Ref{Identity: email(into)}, Reason: "one person",
			}))
			s.live(t, 2, 10)
		}
		for _, what := range []string{"visit", "identify", "register", "suspend", "reinstate", "merge"} {
			if did[what] == 0 {
				t.Errorf("the history has no %s", what)
			}
		}
		until := s.now().Add(time.Hour)
		all := s.simulate(t, nil, begin, until)
		if all.Astray != 0 || all.Touched != 0 || did["absorbed"] < 5 {
			t.Errorf("%d of %d members differ after %v", all.Astray, all.Members, did)
		}
		s.compareWithBooks(t, all, begin, until)
		r := s.simulate(t, &programme.Candidate{Version: 1}, begin, until)
		if r.Astray != 0 || r.Touched != 0 || len(r.Refused) != 0 || r.Actual != r.Draft {
			t.Errorf("as a draft: %+v", r)
		}
	})
}
