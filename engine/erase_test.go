package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"granaio/dossier"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/proof"
	"granaio/store"
	"granaio/store/storetest"
)

// documents is where a member's documents can have a word of its own.
const documents = "doc.contact.timeZone doc.metrics.of.*.t doc.metrics.of.*.v profile.aside profile.aside.adalovelace.value profile.aside.note.value profile.attributes.answer.value " +
	"profile.attributes.born.value profile.attributes.diet.value profile.attributes.income.value profile.attributes.likes.value profile.dependents.attributes.born.value " +
	"profile.dependents.attributes.name.value"

// Of who was erased not a word is left, in no row and in no file, and the books are right.
func TestNothingIsLeftOfWhoWasErased(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		s := started(t, db, imported(t, db, "testdata/person.yaml", "shop"))
		member, who := s.lives(t)
		ben := granted(t)(s.Enrol(t.Context(), s.enrolment("ben@example.com"))).Member
		if missing := s.unplanted(t); len(missing) > 0 {
			t.Fatalf("nothing was planted in %v", missing)
		}
		if got := strings.Join(s.places(t), " "); got != documents {
			t.Fatalf("documents have it in %s", got)
		}
		if len(s.inFiles(t, url)) == 0 {
			t.Fatal("the files are not searched")
		}
		if missing := s.unexported(t, member); len(missing) > 0 {
			t.Errorf("the member's file lacks %v", missing)
		}
		if err := erased(t, s, who); err != nil {
			t.Fatal(err)
		}
		if found := s.found(t); len(found) != 0 {
			t.Errorf("rows hold what was planted: %v", found)
		}
		v := s.view(t, member)
		if b := v.Balances(); b.Pending+b.Available+b.Held+b.Debt != 0 || v.State.Member.Status != loyalty.Erased {
			t.Errorf("%+v", v.State)
		}
		if o := granted(t)(s.Erase(t.Context(), engine.Erase{Origin: s.origin("again"), Member: who, Cause: dossier.ByOperator})); o.Member != member || len(o.Movements) != 0 {
			t.Errorf("%+v", o)
		}
		s.set(s.now().Add(2 * time.Hour)) // what was due is due no more
		if _, err := s.Settle(t.Context(), 100); err != nil {
			t.Error(err)
		}
		if findings, err := proof.Check(t.Context(), db); err != nil || !proof.Holds(findings) {
			t.Errorf("%v, %v", findings, err)
		}
		granted(t)(s.Track(t.Context(), s.purchase("ben's", "ben@example.com", "5.00")))
		if n, err := dossier.Sweep(t.Context(), db, true, time.Now().Add(time.Hour)); n != 4 || err != nil { // the member, and those that it had absorbed
			t.Errorf("%d swept, %v", n, err)
		}
		left := s.inFiles(t, url)
		for range 20 { // what somebody may still see who began to read before, such as a vacuum that the database runs by itself, goes at the next turn
			if len(left) == 0 {
				break
			}
			time.Sleep(200 * time.Millisecond)
			if _, err := dossier.Sweep(t.Context(), db, true, time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			left = s.inFiles(t, url)
		}
		if len(left) > 0 {
			t.Errorf("the word is still in %v", left)
		}
		if s.view(t, ben).State.Member.Status != loyalty.Registered {
			t.Error("somebody else was erased too")
		}
	})
}

func erased(t *testing.T, s *shop, who engine.Ref) error {
	t.Helper()
	granted(t)(s.Erase(t.Context(), engine.Erase{Origin: s.origin("erase " + who.ID.String()), Member: who, Cause: dossier.ByOperator}))
	refused(t, fact.CodeUnknownMember)(s.Track(t.Context(), s.purchase("after", planted+"@example.com", "1.00")))
	after := s.purchase("after it", "x@example.com", "1.00")
	after.Member = who
	refused(t, fact.CodeMemberErased)(s.Track(t.Context(), after))
	return nil
}

// Two processes that remember a member learn that it was erased by the next thing that it does.
func TestOthersForgetWhoWasErased(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, _ := s.given(t, planted+"@example.com")
		who := engine.Ref{ID: member}
		other := s.another(1)
		defer other.Close()
		for i := range 3 { // it remembers
			granted(t)(other.Track(t.Context(), s.purchase(fmt.Sprint("elsewhere ", i), planted+"@example.com", "1.00")))
		}
		if err := erased(t, s, who); err != nil {
			t.Fatal(err)
		}
		refused(t, fact.CodeUnknownMember)(other.Track(t.Context(), s.purchase("elsewhere", planted+"@example.com", "1.00")))
		if len(s.found(t)) != 0 {
			t.Error("something was written of who was erased")
		}
	})
}
