package engine_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/engine"
	"granaio/store/storetest"
)

// However long a merge or an erasure takes, everybody else is served meanwhile; and so are the members that it is about, once it is done. On SQLite there is one writer at a time, whatever it does.
func TestNobodyWaitsForAMergeOfOthers(t *testing.T) {
	s := open(t, storetest.On(t, dialect.Postgres))
	from, there := s.given(t, "from@example.com")
	_, here := s.given(t, "into@example.com")
	gone, away := s.given(t, "gone@example.com")
	_, known := s.given(t, "known@example.com")
	visit, visits := device("a phone"), []engine.Track{}
	for i := range 1100 {
		visits = append(visits, s.bought(fmt.Sprint("visit ", i), visit, "1"))
	}
	for _, r := range s.TrackBatch(t.Context(), visits) {
		granted(t)(r.Outcome, r.Err)
	}
	visitor := granted(t)(s.Track(t.Context(), s.bought("one visit more", visit, "1"))).Member
	holding, err := s.store.DB().BeginTx(t.Context(), &sql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holding.Rollback() }()
	if _, err := holding.ExecContext(t.Context(), `SELECT id FROM working_states WHERE id IN ($1, $2, $3) FOR UPDATE`, from, gone, visitor); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		o   *engine.Outcome
		err error
	}
	merged, erased, joined := make(chan answer, 1), make(chan answer, 1), make(chan answer, 1)
	go func() { o, err := s.Merge(t.Context(), s.merge("merge", there, here)); merged <- answer{o, err} }()
	go func() {
		o, err := s.Erase(t.Context(), engine.Erase{Origin: s.origin("erase"), Member: away})
		erased <- answer{o, err}
	}()
	go func() {
		o, err := s.Identify(t.Context(), s.identify("join", known, visit.Identity))
		joined <- answer{o, err}
	}()
	time.Sleep(200 * time.Millisecond) // both wait by now: none of what follows says so if they do not
	began := time.Now()
	for i := range 40 { // of whatever lane
		_, who := s.given(t, fmt.Sprint("other", i, "@example.com"))
		granted(t)(s.Track(t.Context(), s.bought(fmt.Sprint("purchase ", i), who, "10")))
	}
	t.Log(time.Since(began))
	select {
	case a := <-merged:
		t.Fatalf("the merge did not wait: %v, %v", a.o, a.err)
	case a := <-joined:
		t.Fatalf("the visitor with a long history was not waited for: %v, %v", a.o, a.err)
	case a := <-erased:
		t.Fatalf("the erasure did not wait: %v, %v", a.o, a.err)
	default:
	}
	if err := holding.Rollback(); err != nil {
		t.Fatal(err)
	}
	for _, done := range []chan answer{merged, erased, joined} {
		a := <-done
		granted(t)(a.o, a.err)
	}
	granted(t)(s.Track(t.Context(), s.bought("after", there, "10")))
	s.sound(t)
}
