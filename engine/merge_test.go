package engine_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/member"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/store/storetest"
)

func device(id string) engine.Ref {
	return engine.Ref{Identity: engine.Identity{Kind: fact.Device, Value: id}}
}

func (s *shop) bought(key string, who engine.Ref, amount string) engine.Track {
	return engine.Track{
		Origin: s.origin(key), Member: who, Event: "purchase", Touchpoint: "till", Value: &engine.MoneyIn{Amount: decimal.RequireFromString(amount)},
	}
}

func (s *shop) identify(key string, who engine.Ref, identities ...engine.Identity) engine.Identify {
	return engine.Identify{Origin: s.origin(key), Member: who, Identities: identities}
}

func (s *shop) merge(key string, from, into engine.Ref) engine.Merge {
	return engine.Merge{Origin: s.origin(key), From: from, Into: into, Reason: "the same person"}
}

// An interaction of a device that nobody knows makes an anonymous member, once; its points wait until it registers.
func TestADeviceBecomesAMember(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		phone := device("phone-1")
		first := granted(t)(s.Track(t.Context(), s.bought("1", phone, "10.00")))
		second := granted(t)(s.Track(t.Context(), s.bought("2", phone, "5.00")))
		if first.Member != second.Member || second.Movements[0].PendingAfter != 15 {
			t.Fatalf("%+v, %+v", first, second.Movements[0])
		}
		refused(t, fact.CodeNotRegistered)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: phone, Reward: s.reward(t, "mug")}))
		refused(t, fact.CodeUnknownMember)(s.Track(t.Context(), s.purchase("3", "nobody@example.com", "5.00")))
		o := granted(t)(s.Register(t.Context(), engine.Register{Origin: s.origin("register"), Member: phone, Touchpoint: "web"}))
		v := s.view(t, first.Member)
		if b := v.Balances(); b.Pending != 0 || b.Available != 65 || v.State.Member.Status != loyalty.Registered || o.Interaction.IsZero() {
			t.Errorf("%+v %+v", b, v.State.Member)
		}
		refused(t, fact.CodeUnchanged)(s.Register(t.Context(), engine.Register{Origin: s.origin("again"), Member: phone, Touchpoint: "web"}))
		s.sound(t)
	})
}

// An anonymous history joins the member who is known: its points, progress and figures, once, whichever of the two is named.
func TestAnAnonymousHistoryJoins(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ada, _ := s.given(t, "ada@example.com")
		granted(t)(s.Track(t.Context(), s.purchase("a", "ada@example.com", "20.00")))
		visitor := granted(t)(s.Track(t.Context(), s.bought("b", device("d1"), "10.00"))).Member
		join := s.identify("join", device("d1"), email("ada@example.com"), engine.Identity{Kind: fact.Phone, Value: "+39 06 1234567"})
		o := granted(t)(s.Identify(t.Context(), join))
		if o.Member != ada || len(o.Absorbed) != 1 || o.Absorbed[0] != visitor {
			t.Fatalf("%+v", o)
		}
		if again := granted(t)(s.Identify(t.Context(), join)); !again.Duplicate || again.Member != ada || again.Absorbed[0] != visitor {
			t.Errorf("again: %+v", again)
		}
		v := s.view(t, visitor) // by the old id
		if b := v.Balances(); v.State.Member.ID != ada || b.Available != 80 || b.Pending != 0 || v.State.Doc.Events["purchase"].Sum != 3000 {
			t.Errorf("%s: %+v, %+v", v.State.Member.ID, b, v.State.Doc.Events["purchase"])
		}
		third := granted(t)(s.Track(t.Context(), s.bought("c", engine.Ref{ID: visitor}, "30.00")))
		if third.Member != ada || len(third.Progress) != 1 || third.Progress[0].Completed.IsZero() {
			t.Errorf("the third purchase of both together completes the mission: %+v", third)
		}
		for _, who := range []engine.Ref{device("d1"), {Identity: engine.Identity{Kind: fact.Phone, Value: "0039 061234567"}}, {ID: visitor}} {
			if id, err := s.Resolve(t.Context(), s.id, who); id != ada || err != nil {
				t.Errorf("%+v is %s, %v", who, id, err)
			}
		}
		s.sound(t)
	})
}

// Two who are known are never joined silently. An operator merges them, and a third after that: every id of either stands for the last.
func TestMerges(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ada, adas := s.given(t, "ada@example.com")
		bea, beas := s.given(t, "bea@example.com")
		cia, cias := s.given(t, "cia@example.com")
		o, err := s.Identify(t.Context(), s.identify("conflict", adas, engine.Identity{Kind: fact.Card, Value: "12 34"}, email("bea@example.com")))
		if err != nil || o.Refusal == nil || o.Refusal.Code != fact.CodeIdentityConflict || o.Refusal.Field != "identities.1" {
			t.Fatalf("%+v, %v", o.Refusal, err)
		}
		if id, _ := s.Resolve(t.Context(), s.id, engine.Ref{Identity: engine.Identity{Kind: fact.Card, Value: "1234"}}); !id.IsZero() {
			t.Errorf("a half of what was refused was done")
		}
		for i := range 3 {
			granted(t)(s.Track(t.Context(), s.purchase(fmt.Sprint("a", i), "ada@example.com", "30.00")))
		}
		preview, err := s.PreviewMerge(t.Context(), s.merge("", adas, beas))
		if err != nil || preview.Refusal != nil || len(preview.Identities) != 2 || preview.Merged.Account.Available != 210 || preview.Merged.Member.Tier != "silver" {
			t.Fatalf("%+v, %v", preview, err)
		}
		merged := granted(t)(s.Merge(t.Context(), s.merge("one", adas, beas)))
		v := s.view(t, bea)
		if b := v.Balances(); merged.Member != bea || b.Available != 210 || v.State.Member.Tier != "silver" || len(merged.Movements) != 2 {
			t.Errorf("%+v, %+v %+v", merged, b, v.State.Member)
		}
		refused(t, fact.CodeSameMember)(s.Merge(t.Context(), s.merge("two", adas, beas)))
		refused(t, fact.CodeAlreadyMerged)(s.Merge(t.Context(), s.merge("three", engine.Ref{ID: ada}, cias)))
		refused(t, fact.CodeUnknownMember)(s.Merge(t.Context(), s.merge("four", engine.Ref{ID: fact.NewID(fact.KindMember)}, cias)))
		refused(t, fact.CodeRequired)(s.Merge(t.Context(), engine.Merge{Origin: s.origin("five"), From: beas, Into: cias}))
		granted(t)(s.Merge(t.Context(), s.merge("six", beas, cias)))
		if v := s.view(t, ada); v.State.Member.ID != cia || v.Balances().Available != 260 || len(v.State.Doc.Absorbed) != 2 {
			t.Errorf("%+v, %+v", v.State.Member, v.State.Doc.Absorbed)
		}
		into := s.store.Ent().Member.Query().Where(member.MergedInto(cia)).IDsX(auth.System(t.Context(), s.id))
		if len(into) != 2 {
			t.Errorf("%v were merged into the last", into)
		}
		s.sound(t)
	})
}

// What an absorbed member bought is returned, and what it spent is given back, exactly: from where its points are now.
func TestAnAbsorbedMembersPastIsUndone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ada, adas := s.given(t, "ada@example.com")
		bea, beas := s.given(t, "bea@example.com")
		_, cias := s.given(t, "cia@example.com")
		bought := granted(t)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "40.00"))).Interaction
		mug := granted(t)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: adas, Reward: s.reward(t, "mug")}))
		hold := held(granted(t)(s.Operate(t.Context(), s.operation("hold", loyalty.Hold{Points: 25, ExpiresIn: time.Hour}, adas))))
		granted(t)(s.Merge(t.Context(), s.merge("one", adas, beas)))
		if b := s.view(t, bea).Balances(); b.Available != 85 || b.Held != 25 {
			t.Fatalf("%+v", b)
		}
		granted(t)(s.Operate(t.Context(), s.operation("capture", loyalty.Capture{Hold: hold}, engine.Ref{Hold: hold})))
		granted(t)(s.Merge(t.Context(), s.merge("two", beas, cias)))
		o := granted(t)(s.Refund(t.Context(), engine.Refund{Origin: s.origin("refund"), Movement: mug.MovementIDs[0]}))
		if v := s.view(t, ada); v.Balances().Available != 165 || o.RedemptionID != mug.RedemptionID || v.State.Doc.Redeemed["mug"] != 0 {
			t.Errorf("%+v, %+v", v.Balances(), o)
		}
		granted(t)(s.Reverse(t.Context(), s.returned("part", bought, "15.00")))
		granted(t)(s.Reverse(t.Context(), s.returned("rest", bought, "")))
		v := s.view(t, ada)
		if v.Balances().Available != 125 || v.State.Doc.Events["purchase"].Count != 0 {
			t.Errorf("%+v, %+v", v.Balances(), v.State.Doc.Events["purchase"])
		}
		s.sound(t)
	})
}

func TestIdentitiesGo(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		_, ada := s.given(t, "ada@example.com")
		remove := func(key string, i engine.Identity) (*engine.Outcome, error) {
			return s.RemoveIdentity(t.Context(), engine.IdentityRemove{Origin: s.origin(key), Member: ada, Identity: i})
		}
		refused(t, fact.CodeLastIdentity)(remove("1", email("ada@example.com")))
		refused(t, fact.CodeUnknownIdentity)(remove("2", email("bea@example.com")))
		granted(t)(s.Identify(t.Context(), s.identify("card", ada, engine.Identity{Kind: fact.Card, Value: "99"})))
		o := granted(t)(remove("3", email("Ada@example.com")))
		refused(t, fact.CodeUnknownMember)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "1.00")))
		again := s.enrolment("ada@example.com")
		again.Key = "another"
		if other := granted(t)(s.Enrol(t.Context(), again)); other.Member == o.Member {
			t.Error("the address still stands for the member that it was taken from")
		}
		s.sound(t)
	})
}

func TestSuspended(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		id, ada := s.given(t, "ada@example.com")
		_, bea := s.given(t, "bea@example.com")
		granted(t)(s.Operate(t.Context(), s.operation("out", loyalty.Suspend{Reason: "fraud"}, ada)))
		refused(t, fact.CodeMemberSuspended)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "1.00")))
		refused(t, fact.CodeMemberSuspended)(s.Merge(t.Context(), s.merge("m", ada, bea)))
		refused(t, fact.CodeMemberSuspended)(s.Identify(t.Context(), s.identify("i", ada, engine.Identity{Kind: fact.Card, Value: "7"})))
		refused(t, fact.CodeUnchanged)(s.Operate(t.Context(), s.operation("twice", loyalty.Suspend{Reason: "fraud"}, ada)))
		refused(t, fact.CodeRequired)(s.Operate(t.Context(), s.operation("why", loyalty.Reinstate{}, ada)))
		granted(t)(s.Operate(t.Context(), s.operation("in", loyalty.Reinstate{Reason: "a mistake"}, ada)))
		granted(t)(s.Track(t.Context(), s.purchase("p2", "ada@example.com", "1.00")))
		events := s.store.Ent().MemberEvent.Query().AllX(auth.System(t.Context(), s.id))
		if len(events) != 2 || events[0].MemberID != id || events[1].Status != "registered" {
			t.Errorf("%+v", events)
		}
		s.sound(t)
	})
}

// Several processes hear at once that devices belong to one address, and that the members are one: in the end they are, and nothing is there twice.
func TestIdentifiesRace(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const devices = 6
		engines := []*engine.Engine{s.Engine, s.another(0), s.another(1)}
		for _, e := range engines[1:] {
			defer e.Close()
		}
		for i := range devices {
			granted(t)(s.Track(t.Context(), s.bought(fmt.Sprint("p", i), device(fmt.Sprint(i)), "10.00")))
		}
		granted(t)(s.Enrol(t.Context(), s.enrolment("known@example.com")))
		var all sync.WaitGroup
		for i := range devices {
			all.Go(func() {
				e := engines[i%len(engines)]
				granted(t)(e.Identify(t.Context(), s.identify(fmt.Sprint("i", i), device(fmt.Sprint(i)), email("one@example.com"))))
				granted(t)(e.Track(t.Context(), s.bought(fmt.Sprint("q", i), device(fmt.Sprint(i)), "1.00")))
				granted(t)(e.Identify(t.Context(), s.identify(fmt.Sprint("j", i), device(fmt.Sprint(i)), email("known@example.com"))))
			})
		}
		all.Wait()
		one, err := s.Resolve(t.Context(), s.id, engine.Ref{Identity: email("known@example.com")})
		if err != nil {
			t.Fatal(err)
		}
		for i := range devices {
			if id, err := s.Resolve(t.Context(), s.id, device(fmt.Sprint(i))); id != one || err != nil {
				t.Errorf("device %d is %s, %v", i, id, err)
			}
		}
		v := s.view(t, one)
		if sum := v.State.Doc.Events["purchase"].Sum; sum != devices*1100 {
			t.Errorf("purchases of %d", sum)
		}
		if b := v.Balances(); b.Pending != 0 || b.Available < 50+devices*11 {
			t.Errorf("%+v", b)
		}
		s.sound(t)
	})
}

// An engine that remembers members does not believe that a name stands for whom it stood for before another process has merged, or moved it.
func TestMemoryOfMergedMembersIsNotBelieved(t *testing.T) {
	s := open(t, storetest.On(t, dialect.Postgres))
	e, recalls := s.counting(t)
	ada, adas := s.given(t, "ada@example.com")
	bea, beas := s.given(t, "bea@example.com")
	card := engine.Identity{Kind: fact.Card, Value: "5"}
	granted(t)(s.Identify(t.Context(), s.identify("card", adas, card)))
	for i := range 3 { // the other engine remembers them, by every name
		for j, who := range []engine.Ref{adas, beas, {ID: ada}, {Identity: card}} {
			granted(t)(e.Track(t.Context(), s.bought(fmt.Sprint(i, j), who, "1.00")))
		}
	}
	if recalls("kept") == 0 {
		t.Fatal("nothing is remembered")
	}
	granted(t)(s.RemoveIdentity(t.Context(), engine.IdentityRemove{Origin: s.origin("gone"), Member: adas, Identity: card}))
	granted(t)(s.Identify(t.Context(), s.identify("moved", beas, card)))
	if o := granted(t)(e.Track(t.Context(), s.bought("moved", engine.Ref{Identity: card}, "1.00"))); o.Member != bea {
		t.Errorf("the card is still %s's", o.Member)
	}
	for i := range 40 { // until memory is believed again
		granted(t)(e.Track(t.Context(), s.bought(fmt.Sprint("more", i), adas, "1.00")))
	}
	granted(t)(s.Merge(t.Context(), s.merge("one", adas, beas)))
	for i, who := range []engine.Ref{adas, {ID: ada}, beas} {
		if o := granted(t)(e.Track(t.Context(), s.bought(fmt.Sprint("after", i), who, "1.00"))); o.Member != bea {
			t.Errorf("%+v is %s", who, o.Member)
		}
	}
	if recalls("lost") == 0 {
		t.Error("memory was never found to be wrong")
	}
	s.sound(t)
}
