package engine_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/prometheus/client_golang/prometheus"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store/storetest"
)

// counting is a further engine on the shop's database, and how often its memory was kept or lost.
func (s *shop) counting(t *testing.T) (*engine.Engine, func(result string) float64) {
	e, count := s.counted(t)
	return e, func(result string) float64 { return count("granaio_engine_recalls_total", result) }
}

// counted is a further engine on the shop's database, and what its counters say, by their names and labels.
func (s *shop) counted(t *testing.T) (*engine.Engine, func(name string, labels ...string) float64) {
	t.Helper()
	r := prometheus.NewRegistry()
	e := engine.New(s.store, shelf{programme.NewLibrary(s.store)}, s, engine.Options{Now: s.now, Metrics: r})
	t.Cleanup(e.Close)
	return e, func(name string, labels ...string) float64 {
		found, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			for _, m := range f.GetMetric() {
				var has []string
				for _, l := range m.GetLabel() {
					has = append(has, l.GetValue())
				}
				if f.GetName() == name && slices.Equal(has, labels) {
					return m.GetCounter().GetValue()
				}
			}
		}
		return 0
	}
}

// A batch that has the same request twice answers it once, and the second time with the first answer; nothing has to be done again for it.
func TestABatchKnowsWhatItAnswered(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		e, count := s.counted(t)
		granted(t)(e.Enrol(t.Context(), s.enrolment("ada@example.com")))
		p := s.purchase("one", "ada@example.com", "1.00")
		for i, r := range e.TrackBatch(t.Context(), []engine.Track{p, p, p}) {
			if o := granted(t)(r.Outcome, r.Err); o.Duplicate != (i > 0) {
				t.Errorf("answer %d: %+v", i, o)
			}
		}
		if n := count("granaio_engine_retries_total") + count("granaio_engine_recalls_total", "lost"); n != 0 {
			t.Errorf("it was done again %v times", n)
		}
	})
}

// What an engine remembers of its members is what is stored of them, whatever happened to them.
func TestWhatIsRememberedIsWhatIsStored(t *testing.T) {
	s := open(t, storetest.On(t, dialect.Postgres))
	e, recalls := s.counting(t)
	for m := range 4 {
		granted(t)(e.Enrol(t.Context(), s.enrolment(fmt.Sprintf("m%d@example.com", m))))
	}
	mug := s.reward(t, "mug")
	for round := range 6 {
		for m := range 4 {
			address := fmt.Sprintf("m%d@example.com", m)
			who := engine.Ref{Identity: email(address)}
			granted(t)(e.Track(t.Context(), s.purchase(fmt.Sprint("p", round, m), address, "33.33")))
			if _, err := e.Track(t.Context(), engine.Track{Origin: s.origin(fmt.Sprint("x", round, m)), Member: who, Event: "nonsense", Touchpoint: "web"}); err != nil {
				t.Fatal(err)
			}
			if round == 3 {
				if _, err := e.Redeem(t.Context(), engine.Redeem{Origin: s.origin(fmt.Sprint("r", m)), Member: who, Reward: mug}); err != nil { // for as long as there are pieces
					t.Fatal(err)
				}
			}
			if round == 4 {
				granted(t)(e.Operate(t.Context(), s.operation(fmt.Sprint("t", m), loyalty.Transfer{Points: 5}, who,
					engine.Ref{Identity: email(fmt.Sprintf("m%d@example.com", (m+1)%4))})))
			}
		}
	}
	if recalls("kept") == 0 || recalls("lost") != 0 {
		t.Errorf("of the batches on remembered members %v were kept and %v lost", recalls("kept"), recalls("lost"))
	}
	all := e.Remembered()
	if len(all) != 4 {
		t.Fatalf("%d members are remembered", len(all))
	}
	for id, r := range all {
		doc, err := r.Doc.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var same bool
		if err := s.store.DB().QueryRowContext(t.Context(), `SELECT w.version = $2 AND w.doc::text = $3 AND a.sequence = $4 AND a.pending = $5 AND a.available = $6 AND a.held = $7
AND a.debt = $8 AND a.last_moved_at IS NOT DISTINCT FROM $9 AND a.next_due_at IS NOT DISTINCT FROM $10 AND a.active_at IS NOT DISTINCT FROM $11
AND coalesce(m.tier, '') = $12 AND m.tier_since IS NOT DISTINCT FROM $13 AND coalesce(m.persona, '') = $14 AND m.status = $15 AND m.enrolled_at = $16 AND m.due_at IS NOT DISTINCT FROM $17
FROM members m JOIN working_states w ON w.id = m.id JOIN accounts a ON a.id = m.account_id WHERE m.id = $1`,
			id, r.Version, string(doc), r.Account.Sequence, int64(r.Account.Pending), int64(r.Account.Available), int64(r.Account.Held), int64(r.Account.Debt),
			sql.NullTime{Time: r.Account.LastMoved, Valid: !r.Account.LastMoved.IsZero()}, sql.NullTime{Time: r.Account.NextDue, Valid: !r.Account.NextDue.IsZero()},
			sql.NullTime{Time: r.Account.Active, Valid: !r.Account.Active.IsZero()}, r.Member.Tier,
			sql.NullTime{Time: r.Member.TierSince, Valid: !r.Member.TierSince.IsZero()}, r.Member.Persona, string(r.Member.Status), r.Member.Enrolled,
			sql.NullTime{Time: r.Due, Valid: !r.Due.IsZero()}).Scan(&same); err != nil {
			t.Fatal(err)
		}
		if !same {
			t.Errorf("%s is remembered as it is not: %+v %s", id, r, doc)
		}
	}
}

// What another process did is never overlooked, however sure an engine was of what it remembers; after a while it does not rely on it any more.
func TestWhatAnotherProcessDidIsNeverOverlooked(t *testing.T) {
	s := open(t, storetest.On(t, dialect.Postgres))
	one, recalls := s.counting(t)
	other, _ := s.counting(t)
	member := granted(t)(one.Enrol(t.Context(), s.enrolment("ada@example.com"))).Member
	sequence := s.view(t, member).State.Account.Sequence
	track := func(e *engine.Engine, key string) {
		t.Helper()
		o := granted(t)(e.Track(context.WithoutCancel(t.Context()), s.purchase(key, "ada@example.com", "1.00")))
		for _, m := range o.Movements {
			if sequence++; m.Number != sequence {
				t.Fatalf("%s made movement %d after %d", key, m.Number, sequence-1)
			}
		}
	}
	const rounds = 40
	for i := range rounds {
		track(one, fmt.Sprint("one ", i))
		track(other, fmt.Sprint("other ", i))
	}
	if lost := recalls("lost"); lost == 0 || lost > rounds/4 {
		t.Errorf("memory was wrong %v times in %d rounds", lost, rounds)
	}
	s.sound(t)
}

// A version that another process publishes is in force for the next transaction of an engine that remembers both the member and the version before.
func TestARememberedVersionIsNotTrusted(t *testing.T) {
	s := open(t, storetest.On(t, dialect.Postgres))
	e, recalls := s.counting(t)
	granted(t)(e.Enrol(t.Context(), s.enrolment("ada@example.com")))
	earned := func(key string) fact.Points {
		t.Helper()
		return granted(t)(e.Track(t.Context(), s.purchase(key, "ada@example.com", "10.00"))).Movements[0].Points
	}
	if earned("one") != 10 || earned("two") != 10 || recalls("kept") == 0 {
		t.Fatalf("it remembered %v times", recalls("kept"))
	}
	src, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, problems := programme.Parse("shop.yaml", bytes.Replace(src, []byte(`per: "1.00", points: 1, rounding: down`), []byte(`per: "1.00", points: 3, rounding: down`), 1))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, problems, err := programme.Import(t.Context(), s.store, file, "test", time.Now()); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	p := s.purchase("three", "ada@example.com", "10.00")
	p.Occurred = time.Now()
	if got := granted(t)(e.Track(t.Context(), p)).Movements[0].Points; got != 30 {
		t.Errorf("after another version was published 10.00 gave %d points", got)
	}
}
