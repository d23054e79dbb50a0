package engine_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/movement"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// Many returns of one member in one batch: whole and in part, of one purchase more than once, and something that happens between. Each sees what those before
// it have done.
func TestManyReturnsOfOneMember(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, _ := s.given(t, "ada@example.com")
		const purchases = 12
		var requests []engine.Request
		for i := range purchases {
			key := fmt.Sprint("p", i)
			bought := granted(t)(s.Track(t.Context(), s.purchase(key, "ada@example.com", "20.00"))).Interaction
			for part, amount := range []string{"5.00", "5.00", ""} {
				r := s.returned(fmt.Sprint(key, part), bought, amount)
				requests = append(requests, &r)
			}
		}
		visit := engine.Track{Origin: s.origin("visit"), Member: engine.Ref{ID: member}, Event: "visit", Touchpoint: "web"}
		requests = append(requests, &visit)
		one := s.another(1)
		defer one.Close()
		for i, r := range one.All(t.Context(), requests) {
			o := granted(t)(r.Outcome, r.Err)
			if (o.Reversal != nil) != (i < len(requests)-1) || o.Reversal != nil && o.Reversal.Whole != (i%3 == 2) {
				t.Errorf("%d: %+v", i, o.Reversal)
			}
		}
		v := s.view(t, member)
		if e := v.State.Doc.Events["purchase"]; v.Balances().Available != 50 || e.Count != 0 || e.Sum != 0 {
			t.Errorf("all is returned, and there are %+v and %+v", v.Balances(), e)
		}
		back := s.store.Ent().Movement.Query().Where(movement.MemberID(member), movement.KindEQ("reverse_earn"), movement.PointsEQ(5)).CountX(auth.System(t.Context(), s.id))
		if back != 2*purchases {
			t.Errorf("%d parts of five points were taken back", back)
		}
		s.sound(t)
	})
}

// A process whose clock is behind that of the one that took a purchase, or a spend, undoes it all the same: no sooner than it occurred.
func TestClocksThatDifferDoNotKeepFromUndoing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		_, ada := s.given(t, "ada@example.com")
		ahead := time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond)
		s.set(ahead)
		bought := granted(t)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "20.00")))
		spend := granted(t)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: ada, Reward: s.reward(t, "mug")})).MovementIDs[0]

		s.set(ahead.Add(-7 * time.Second))
		if p, err := s.PreviewReverse(t.Context(), s.returned("preview", bought.Interaction, "")); err != nil || p.Refusal != nil {
			t.Errorf("previewed: %+v, %v", p, err)
		}
		if o := granted(t)(s.Reverse(t.Context(), s.returned("return", bought.Interaction, "10.00"))); !o.Reversal.OccurredAt.Equal(ahead) {
			t.Errorf("it was returned at %s, before %s", o.Reversal.OccurredAt, ahead)
		}
		if o := granted(t)(s.Refund(t.Context(), s.refund("refund", spend))); !o.Movements[0].OccurredAt.Equal(ahead) {
			t.Errorf("it was given back at %s, before %s", o.Movements[0].OccurredAt, ahead)
		}
		early := s.returned("early", bought.Interaction, "")
		early.Occurred = ahead.Add(-time.Hour)
		refused(t, fact.CodeInvalid)(s.Reverse(t.Context(), early))
		future := s.returned("future", bought.Interaction, "")
		future.Occurred = ahead.Add(time.Hour)
		refused(t, fact.CodeInFuture)(s.Reverse(t.Context(), future))
		s.sound(t)
	})
}

// Points that are spent are not lost by inactivity. Given back, they live by activity as it is then: whoever was active within the term has them, for as long as any others; whoever was
// not loses them as they come.
func TestARefundLivesByActivityAsItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, rome(t))
		s, ids := ageing(t, db, start, 2)
		var spends []fact.ID
		for i, member := range ids {
			r := engine.Redeem{Origin: s.origin(fmt.Sprint("mug", i)), Member: engine.Ref{ID: member}, Reward: s.reward(t, "mug")}
			spends = append(spends, granted(t)(s.Redeem(t.Context(), r)).MovementIDs[0])
		}
		s.set(start.AddDate(0, 0, 60)) // the term is 40 days: what was not spent is lost
		s.settles(t)
		granted(t)(s.Track(t.Context(), engine.Track{Origin: s.origin("again"), Member: engine.Ref{ID: ids[0]}, Event: "delivery", Touchpoint: "web"}))
		for i, want := range []string{"reverse_spend 20", "reverse_spend 20, expire 20"} {
			if o := granted(t)(s.Refund(t.Context(), s.refund(fmt.Sprint("back", i), spends[i]))); moved(o) != want {
				t.Errorf("member %d: %s, not %s", i, moved(o), want)
			}
		}
		for _, c := range []struct {
			days      int
			available fact.Points
		}{{100, 20}, {101, 0}} {
			s.set(start.AddDate(0, 0, c.days))
			if b := s.view(t, ids[0]).Balances(); b.Available != c.available {
				t.Errorf("%d days after the spend there are %+v", c.days, b)
			}
		}
		s.settles(t)
		s.sound(t)
	})
}

// What points wait for and came first is forgotten once it is undone, however large the number it is known by: nothing that is heard of later becomes
// available by it. What became available by it before stays so, and goes with the purchase.
func TestAnEventThatIsUndoneMakesNothingAvailable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, rome(t))
		s, ids := ageing(t, db, start, 1)
		numbered := func(key, event string, number int64) fact.ID {
			t.Helper()
			s.set(s.now().Add(time.Minute))
			return granted(t)(s.Track(t.Context(), engine.Track{
				Origin: s.origin(key), Member: engine.Ref{ID: ids[0]}, Event: event, Touchpoint: "web", Properties: map[string]any{"number": number},
			})).Interaction
		}
		wants := func(what string, pending, available fact.Points) {
			t.Helper()
			if b := s.view(t, ids[0]).Balances(); b.Pending != pending || b.Available != available {
				t.Errorf("%s: %+v", what, b)
			}
		}
		const first, second, third = 12345678, 7, 9007199254740991
		undone := func(key string, interaction fact.ID) {
			t.Helper()
			granted(t)(s.Reverse(t.Context(), s.returned(key, interaction, "")))
		}
		undone("a", numbered("b", "delivery", first))
		numbered("c", "order", first)
		wants("ordered after its delivery was undone", 7, 50)
		numbered("d", "delivery", first)
		wants("delivered after all", 0, 57)

		one, other := numbered("e", "delivery", third), numbered("f", "delivery", third)
		undone("g", one)
		numbered("h", "order", third)
		wants("one of two deliveries was undone", 0, 64)
		undone("i", other)
		wants("what is available stays so", 0, 64)

		bought := numbered("j", "order", second)
		came := numbered("k", "delivery", second)
		undone("l", came)
		wants("undone after it made points available", 0, 71)
		undone("m", bought)
		wants("the purchase returned", 0, 64)
		s.sound(t)
	})
}
