package engine_test

import (
	"fmt"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/store/storetest"
)

// written is how many rows the transaction that last wrote a member's row has written, in every table that grows with what members do.
func (s *shop) written(t *testing.T, member fact.ID) (rows int) {
	t.Helper()
	for _, table := range []string{
		"interactions", "movements", "postings", "lots", "redemptions", "reversals", "progresses", "tier_changes", "commands", "notes", "consents", "identities", "members", "accounts",
		"working_states", "member_events", "holds",
	} {
		var n int
		if err := s.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table+` x WHERE x.xmin = (SELECT m.xmin FROM members m WHERE m.id = $1)`, member).Scan(&n); err != nil {
			t.Fatal(err)
		}
		rows += n
	}
	return rows
}

// What a merge writes does not grow with what the two have done.
func TestAMergeWritesWhatIsOpen(t *testing.T) {
	s := open(t, storetest.On(t, dialect.Postgres))
	wrote := map[int]int{}
	for _, visits := range []int{3, 400} {
		from, into := fmt.Sprint("from", visits, "@example.com"), fmt.Sprint("into", visits, "@example.com")
		old, there := s.given(t, from)
		stays, here := s.given(t, into)
		var all []engine.Track
		for i := range visits {
			for _, who := range []engine.Ref{there, here} {
				all = append(all, engine.Track{Origin: s.origin(fmt.Sprint(visits, " ", i, who)), Member: who, Event: "visit", Touchpoint: "web"})
			}
		}
		for _, r := range s.TrackBatch(t.Context(), all) {
			granted(t)(r.Outcome, r.Err)
		}
		granted(t)(s.Merge(t.Context(), s.merge(fmt.Sprint("merge ", visits), there, here)))
		wrote[visits] = s.written(t, old)
		if v := s.view(t, stays); v.State.Doc.Events["visit"].Count != int64(2*visits) || v.Balances().Available != 100 {
			t.Errorf("%+v", v.State.Doc.Events["visit"])
		}
	}
	if wrote[3] != wrote[400] || wrote[3] < 10 {
		t.Errorf("rows that were written, by how often each had visited: %v", wrote)
	}
	s.sound(t)
}
