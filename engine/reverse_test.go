package engine_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/reversal"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func (s *shop) returned(key string, interaction fact.ID, amount string) engine.Reverse {
	r := engine.Reverse{Origin: s.origin(key), Interaction: interaction}
	if amount != "" {
		r.Value = &engine.MoneyIn{Amount: decimal.RequireFromString(amount)}
	}
	return r
}

func (s *shop) refund(key string, movement fact.ID, points ...fact.Points) engine.Refund {
	r := engine.Refund{Origin: s.origin(key), Movement: movement}
	if len(points) > 0 {
		r.Points = &points[0]
	}
	return r
}

func (s *shop) occurred(t *testing.T, interaction fact.ID) time.Time {
	t.Helper()
	row, err := s.store.Ent().Interaction.Get(auth.System(t.Context(), s.id), interaction)
	if err != nil {
		t.Fatal(err)
	}
	return row.OccurredAt
}

// moved is what an outcome's movements did: "reverse_earn 12".
func moved(o *engine.Outcome) string {
	var all []string
	for _, m := range o.Movements {
		all = append(all, fmt.Sprint(m.Kind, " ", m.Points))
	}
	return strings.Join(all, ", ")
}

func TestAReturnUndoesWhatAPurchaseCaused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, _ := s.given(t, "ada@example.com")
		var bought []fact.ID
		for i, amount := range []string{"30.00", "12.50", "20.00"} {
			bought = append(bought, granted(t)(s.Track(t.Context(), s.purchase(fmt.Sprint("p", i), "ada@example.com", amount))).Interaction)
		}
		if v := s.view(t, member); v.Balances().Available != 50+62+20 || v.State.Member.Tier != "silver" || v.State.Member.Persona != "shopper" {
			t.Fatalf("%+v %+v", v.State.Account, v.State.Member)
		}
		part := s.returned("part", bought[1], "2.51")
		part.Note = "the cake was stale, says Ada"
		o := granted(t)(s.Reverse(t.Context(), part))
		if moved(o) != "reverse_earn 3" || o.Reversal == nil || o.Reversal.Value != 251 || o.Reversal.Whole || o.Member != member || *o.Movements[0].ReversesID != bought[1].At(1).As(fact.KindMovement) {
			t.Errorf("a part: %s, %+v", moved(o), o.Reversal)
		}
		again := granted(t)(s.Reverse(t.Context(), part))
		if !again.Duplicate || again.ReversalID != o.ReversalID || len(again.MovementIDs) != 1 || again.MovementIDs[0] != o.MovementIDs[0] {
			t.Errorf("again: %+v", again)
		}
		note, err := s.store.Ent().Note.Get(auth.System(t.Context(), s.id), o.ReversalID.As(fact.KindCommand))
		if err != nil || note.Text != part.Note || note.MemberID != member {
			t.Errorf("the note is %+v, %v", note, err)
		}
		part.Note = "something else"
		refused(t, fact.CodeKeyReused)(s.Reverse(t.Context(), part))

		// The award of the mission was earned by the third purchase, and goes with the first.
		whole := s.returned("whole", bought[0], "")
		o = granted(t)(s.Reverse(t.Context(), whole))
		if moved(o) != "reverse_earn 30, reverse_earn 20" || !o.Reversal.Whole || o.Reversal.Value != 3000 {
			t.Errorf("the whole: %s, %+v", moved(o), o.Reversal)
		}
		if o.Tier == nil || *o.Tier != (loyalty.TierChange{From: "silver"}) || len(o.Progress) != 1 || o.Progress[0].Count != 2 || !o.Progress[0].Completed.IsZero() {
			t.Errorf("%+v %+v", o.Tier, o.Progress)
		}
		if again := granted(t)(s.Reverse(t.Context(), whole)); !again.Duplicate || !reflect.DeepEqual(again.Tier, o.Tier) || !reflect.DeepEqual(again.Progress, o.Progress) {
			t.Errorf("again: %+v", again)
		}
		v := s.view(t, member)
		e := v.State.Doc.Events["purchase"]
		if v.Balances().Available != 50+9+20 || v.State.Member.Tier != "" || e.Count != 2 || e.Sum != 2999 || !e.First.Equal(s.occurred(t, bought[1])) || !e.Last.Equal(s.occurred(t, bought[2])) {
			t.Errorf("%+v %+v %+v", v.Balances(), v.State.Member, e)
		}
		row := s.store.Ent().Progress.Query().OnlyX(auth.System(t.Context(), s.id))
		if row.Count != 2 || row.CompletedAt != nil {
			t.Errorf("the progress is stored as %+v", row)
		}
		last := s.news[len(s.news)-1]
		if last.Available != 79 || last.Version != v.State.Account.Sequence {
			t.Errorf("told are %+v", last)
		}
		granted(t)(s.Reverse(t.Context(), s.returned("rest", bought[1], "9.99")))
		granted(t)(s.Reverse(t.Context(), s.returned("third", bought[2], "")))
		v = s.view(t, member)
		if b := v.Balances(); b.Available != 50 || v.State.Doc.Qualifying.Sum != 50 || v.State.Doc.Events["purchase"].Count != 0 || v.State.Member.Persona != "" {
			t.Errorf("all is returned: %+v %+v %+v", b, v.State.Doc, v.State.Member)
		}
		s.sound(t)
	})
}

func TestLinesAreStoredAndReturned(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, _ := s.given(t, "ada@example.com")
		p := s.purchase("p", "ada@example.com", "1")
		line := func(reference string, quantity int64, amount string) engine.LineIn {
			return engine.LineIn{Reference: reference, Quantity: quantity, Amount: decimal.RequireFromString(amount)}
		}
		p.Value, p.Lines = nil, []engine.LineIn{line("bread", 3, "10.00"), line("cake", 1, "20")}
		o := granted(t)(s.Track(t.Context(), p))
		if moved(o) != "earn 30" || *o.Stored.Value != 3000 || string(o.Stored.Lines) != `[{"reference":"bread","quantity":3,"amount":1000},{"reference":"cake","quantity":1,"amount":2000}]` {
			t.Fatalf("%s, %+v", moved(o), o.Stored)
		}
		returns := func(key string, lines ...loyalty.ReturnedLine) engine.Reverse {
			return engine.Reverse{Origin: s.origin(key), Interaction: o.Interaction, Lines: lines}
		}
		first := granted(t)(s.Reverse(t.Context(), returns("a", loyalty.ReturnedLine{Reference: "bread", Quantity: 2})))
		if moved(first) != "reverse_earn 7" || first.Reversal.Value != 666 || string(first.Reversal.Lines) != `[{"reference":"bread","quantity":2,"amount":666}]` {
			t.Errorf("%s, %+v", moved(first), first.Reversal)
		}
		refused(t, fact.CodeMoreThanLeft)(s.Reverse(t.Context(), returns("b", loyalty.ReturnedLine{Reference: "bread", Quantity: 2})))
		refused(t, fact.CodeUnknownLine)(s.Reverse(t.Context(), returns("c", loyalty.ReturnedLine{Reference: "tea", Quantity: 1})))
		last := granted(t)(s.Reverse(t.Context(), returns("d", loyalty.ReturnedLine{Reference: "bread", Quantity: 1}, loyalty.ReturnedLine{Reference: "cake", Quantity: 1})))
		if last.Reversal.Value != 2334 || !last.Reversal.Whole || s.view(t, member).Balances().Available != 50 {
			t.Errorf("%+v", last.Reversal)
		}
		p.Key, p.Lines[1].Amount = "q", decimal.RequireFromString("1.001")
		refused(t, fact.CodeFractional)(s.Track(t.Context(), p))
		s.sound(t)
	})
}

// What is malformed, unknown or somebody else's changes nothing, and each says what it is.
func TestWhatCannotBeReturned(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, ada := s.given(t, "ada@example.com")
		enrolled := s.store.Ent().Interaction.Query().OnlyX(auth.System(t.Context(), s.id)).ID
		p := s.purchase("p", "ada@example.com", "30.00")
		p.Partner = fact.NewID(fact.KindPartner)
		bought := granted(t)(s.Track(t.Context(), p)).Interaction
		visited := granted(t)(s.Track(t.Context(), engine.Track{Origin: s.origin("v"), Member: ada, Event: "visit", Touchpoint: "web"})).Interaction
		part := granted(t)(s.Reverse(t.Context(), s.returned("part", bought, "10.00")))
		spend := granted(t)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: ada, Reward: s.reward(t, "mug")})).MovementIDs[0]
		back := granted(t)(s.Refund(t.Context(), s.refund("back", spend, 10)))
		before := s.view(t, member)
		other := published(t, s.store, "other")
		foreign := func(o engine.Origin) engine.Origin { o.Programme = other; return o }
		partner := func(o engine.Origin) engine.Origin { o.Partner = fact.NewID(fact.KindPartner); return o }
		same := func(o engine.Origin) engine.Origin { return o }
		for i, c := range []struct {
			code   fact.Code
			field  string
			of     fact.ID
			amount string
			who    func(engine.Origin) engine.Origin
		}{
			{fact.CodeUnknownInteraction, "interaction", fact.NewID(fact.KindInteraction), "", same},
			{fact.CodeUnknownInteraction, "interaction", member, "", same},
			{fact.CodeUnknownInteraction, "interaction", bought, "", foreign},
			{fact.CodeUnknownInteraction, "interaction", bought, "", partner},
			{fact.CodeReversalOfReversal, "interaction", part.ReversalID, "", same},
			{fact.CodeNotReversible, "interaction", enrolled, "", same},
			{fact.CodeZero, "value.amount", bought, "0", same},
			{fact.CodeNegative, "value.amount", bought, "-1", same},
			{fact.CodeFractional, "value.amount", bought, "1.001", same},
			{fact.CodeTooLarge, "value.amount", bought, "1000000000000000000", same},
			{fact.CodeMoreThanLeft, "value.amount", bought, "20.01", same},
			{fact.CodeInvalid, "value", visited, "1", same},
		} {
			r := s.returned(fmt.Sprint("bad ", i), c.of, c.amount)
			r.Origin = c.who(r.Origin)
			o, err := s.Reverse(t.Context(), r)
			if err != nil || o.Refusal == nil || o.Refusal.Code != c.code || o.Refusal.Field != c.field {
				t.Errorf("%d: %+v %v, not %s at %s", i, o, err, c.code, c.field)
			}
		}
		for i, c := range []struct {
			code   fact.Code
			field  string
			of     fact.ID
			points fact.Points
			who    func(engine.Origin) engine.Origin
		}{
			{fact.CodeUnknownMovement, "movement", fact.NewID(fact.KindMovement), 1, same},
			{fact.CodeUnknownMovement, "movement", bought, 1, same},
			{fact.CodeUnknownMovement, "movement", spend, 1, foreign},
			{fact.CodeReversalOfReversal, "movement", back.Own[0], 1, same},
			{fact.CodeReversalOfReversal, "movement", part.MovementIDs[0], 1, same},
			{fact.CodeNotReversible, "movement", bought.At(1).As(fact.KindMovement), 1, same},
			{fact.CodeZero, "points", spend, 0, same},
			{fact.CodeNegative, "points", spend, -1, same},
			{fact.CodeTooLarge, "points", spend, fact.MaxPoints + 1, same},
			{fact.CodeMoreThanSpent, "points", spend, 21, same},
		} {
			r := s.refund(fmt.Sprint("bad ", i), c.of, c.points)
			r.Origin = c.who(r.Origin)
			o, err := s.Refund(t.Context(), r)
			if err != nil || o.Refusal == nil || o.Refusal.Code != c.code || o.Refusal.Field != c.field {
				t.Errorf("%d: %+v %v, not %s at %s", i, o, err, c.code, c.field)
			}
		}
		if after := s.view(t, member); !reflect.DeepEqual(after.State.Account, before.State.Account) || !reflect.DeepEqual(after.State.Doc, before.State.Doc) {
			t.Errorf("%+v has become %+v", before.State, after.State)
		}
		sent := s.returned("own", bought, "20.00")
		sent.Partner = p.Partner
		granted(t)(s.Reverse(t.Context(), sent))
		refused(t, fact.CodeAlreadyReversed)(s.Reverse(t.Context(), s.returned("late", bought, "")))
		refused(t, fact.CodeAlreadyReversed)(s.Reverse(t.Context(), s.returned("late", bought, "")))
		s.sound(t)
	})
}

// Several engines return the same purchases, in part and as a whole, at once and in batches: whatever the order, no more is returned than was bought.
func TestReturnsRace(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		engines := []*engine.Engine{s.Engine, s.another(2), s.another(1)}
		for _, e := range engines[1:] {
			defer e.Close()
		}
		member, ada := s.given(t, "ada@example.com")
		const purchases = 5
		var bought [purchases]fact.ID
		for i := range bought {
			bought[i] = granted(t)(s.Track(t.Context(), s.purchase(fmt.Sprint("p", i), "ada@example.com", "10.00"))).Interaction
		}
		spend := granted(t)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: ada, Reward: s.reward(t, "mug")})).MovementIDs[0]
		var all sync.WaitGroup
		var mu sync.Mutex
		rests, sums, cancelled := map[fact.ID]int{}, map[fact.ID]int64{}, 0
		for n, e := range engines {
			all.Go(func() {
				var requests []engine.Request
				for i, id := range bought {
					part, whole := s.returned(fmt.Sprint("part ", n, i), id, "4.00"), s.returned(fmt.Sprint("whole ", n, i), id, "")
					track, refund := s.purchase(fmt.Sprint("more ", n, i), "ada@example.com", "1.00"), s.refund(fmt.Sprint("refund ", n, i), spend)
					requests = append(requests, &part, &track, &refund, &whole)
				}
				for i, r := range e.All(t.Context(), requests) {
					switch {
					case r.Err != nil:
						t.Error(r.Err)
					case r.Outcome.Refusal != nil:
						if c := r.Outcome.Refusal.Code; c != fact.CodeAlreadyReversed && c != fact.CodeMoreThanLeft {
							t.Errorf("%+v", r.Outcome.Refusal)
						}
					case r.Outcome.Reversal != nil:
						mu.Lock()
						id := bought[i/4]
						if sums[id] += r.Outcome.Reversal.Value; r.Outcome.Reversal.Whole {
							rests[id]++
						}
						mu.Unlock()
					case !r.Outcome.RedemptionID.IsZero():
						mu.Lock()
						cancelled++
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		for _, id := range bought {
			if rests[id] != 1 || sums[id] != 1000 {
				t.Errorf("of 10.00, %d cents were returned, and %d times the rest", sums[id], rests[id])
			}
		}
		if v := s.view(t, member); cancelled != 1 || v.Balances().Available != 50+20+3*purchases || v.State.Doc.Events["purchase"].Count != 3*purchases {
			t.Errorf("cancelled %d times, %+v, %+v", cancelled, v.Balances(), v.State.Doc.Events["purchase"])
		}
		s.sound(t)
	})
}

// key is one for each member.
func key(of engine.Ref) string { return "key of " + of.Identity.Value }

func TestAReturnTakesPointsWhereverTheyAre(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		name, event string
		// what happens to the 30 points of the purchase before it is returned
		between func(*testing.T, *shop, engine.Ref)
		moved   string
		is      [4]fact.Points // available, pending, held, debt
		after   fact.Points    // available, once 60 more are earned
	}{
		{"at once", "purchase", nil, "reverse_earn 30", [4]fact.Points{50}, 110},
		{"before they have matured", "order", nil, "reverse_earn 30", [4]fact.Points{50}, 110},
		{"after they have expired", "purchase", func(_ *testing.T, s *shop, _ engine.Ref) { s.set(start.AddDate(1, 1, 0)) },
			"expire 30, expire 50, reverse_earn 0", [4]fact.Points{}, 60},
		{"after they were spent", "purchase", func(t *testing.T, s *shop, ada engine.Ref) {
			granted(t)(s.Operate(t.Context(), s.operation(key(ada), loyalty.Adjust{Points: -80, Reason: "x"}, ada)))
		}, "reverse_earn 30", [4]fact.Points{0, 0, 0, 30}, 30},
		{"after some were spent", "purchase", func(t *testing.T, s *shop, ada engine.Ref) {
			granted(t)(s.Operate(t.Context(), s.operation(key(ada), loyalty.Adjust{Points: -60, Reason: "x"}, ada)))
		}, "reverse_earn 30", [4]fact.Points{0, 0, 0, 10}, 50},
		{"while they are held", "purchase", func(t *testing.T, s *shop, ada engine.Ref) {
			granted(t)(s.Operate(t.Context(), s.operation(key(ada), loyalty.Hold{Points: 80, ExpiresIn: time.Hour}, ada)))
		}, "reverse_earn 30", [4]fact.Points{0, 0, 80, 30}, 30},
	}
	each(t, func(t *testing.T, s *shop) {
		for i, c := range cases {
			t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
				address := fmt.Sprintf("m%d@example.com", i)
				s.set(start)
				member, ada := s.given(t, address)
				p := s.purchase("p "+address, address, "30.00")
				p.Event = c.event
				bought := granted(t)(s.Track(t.Context(), p)).Interaction
				if c.between != nil {
					c.between(t, s, ada)
				}
				o := granted(t)(s.Reverse(t.Context(), s.returned("r "+address, bought, "")))
				b := s.view(t, member).Balances()
				if got := [4]fact.Points{b.Available, b.Pending, b.Held, b.Debt}; moved(o) != c.moved && moved(o) != "expire 50, expire 30, reverse_earn 0" || got != c.is {
					t.Errorf("%s: then %v", moved(o), got)
				}
				s.sound(t)
				if o := granted(t)(s.Track(t.Context(), s.purchase("q "+address, address, "60.00"))); moved(o) != "earn 60" {
					t.Errorf("then %s", moved(o))
				}
				if got := s.view(t, member).Balances().Available; got != c.after {
					t.Errorf("then %d are available", got)
				}
				s.sound(t)
			})
		}
	})
}

func TestARefundCancelsWhatItPaidFor(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, ada := s.given(t, "ada@example.com")
		granted(t)(s.Operate(t.Context(), s.operation("gift", loyalty.Adjust{Points: 200, Reason: "x"}, ada)))
		redeem := func(key string) engine.Redeem {
			return engine.Redeem{Origin: s.origin(key), Member: ada, Reward: s.reward(t, "mug")}
		}
		var last *engine.Outcome
		for i := range 3 {
			last = granted(t)(s.Redeem(t.Context(), redeem(fmt.Sprint("mug ", i))))
		}
		refused(t, fact.CodeOutOfStock)(s.Redeem(t.Context(), redeem("mug 3")))
		spend := last.MovementIDs[0]
		o := granted(t)(s.Refund(t.Context(), s.refund("a", spend, 10)))
		if moved(o) != "reverse_spend 10" || !o.RedemptionID.IsZero() || o.Own[0] != o.Movements[0].ID {
			t.Errorf("a part: %s %+v", moved(o), o)
		}
		refused(t, fact.CodeOutOfStock)(s.Redeem(t.Context(), redeem("mug 4")))
		r := s.refund("b", spend)
		r.Note = "it came broken"
		o = granted(t)(s.Refund(t.Context(), r))
		if moved(o) != "reverse_spend 20" || o.RedemptionID != last.RedemptionID {
			t.Errorf("the rest: %s %+v", moved(o), o)
		}
		if again := granted(t)(s.Refund(t.Context(), r)); !again.Duplicate || again.RedemptionID != last.RedemptionID || again.Own[0] != o.Own[0] {
			t.Errorf("again: %+v", again)
		}
		refused(t, fact.CodeAlreadyReversed)(s.Refund(t.Context(), s.refund("c", spend)))
		row := s.store.Ent().Redemption.GetX(auth.System(t.Context(), s.id), last.RedemptionID)
		if v := s.view(t, member); row.State != "cancelled" || v.State.Doc.Redeemed["mug"] != 2 || v.Balances().Available != 190 {
			t.Errorf("%+v, %v, %+v", row, v.State.Doc.Redeemed, v.Balances())
		}
		granted(t)(s.Redeem(t.Context(), redeem("mug 5")))
		refused(t, fact.CodeOutOfStock)(s.Redeem(t.Context(), redeem("mug 6")))

		hold := granted(t)(s.Operate(t.Context(), s.operation("h", loyalty.Hold{Points: 160, ExpiresIn: time.Hour}, ada))).Own[0].As(fact.KindHold)
		capture := granted(t)(s.Operate(t.Context(), s.operation("cap", loyalty.Capture{Hold: hold}, engine.Ref{Hold: hold})))
		if o := granted(t)(s.Refund(t.Context(), s.refund("d", capture.Own[0]))); moved(o) != "reverse_spend 160" || s.view(t, member).Balances().Available != 160 {
			t.Errorf("a capture: %s", moved(o))
		}
		s.sound(t)
	})
}

// A preview says what a return then does, and does nothing.
func TestAPreviewIsWhatThenHappens(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, _ := s.given(t, "ada@example.com")
		var bought fact.ID
		for i := range 3 {
			bought = granted(t)(s.Track(t.Context(), s.purchase(fmt.Sprint("p", i), "ada@example.com", "20.00"))).Interaction
		}
		before := s.view(t, member)
		r := s.returned("r", bought, "")
		p, err := s.PreviewReverse(t.Context(), r)
		if err != nil || p.Refusal != nil {
			t.Fatal(p, err)
		}
		if after := s.view(t, member); !reflect.DeepEqual(after.State, before.State) {
			t.Errorf("%+v has become %+v", before.State, after.State)
		}
		o := granted(t)(s.Reverse(t.Context(), r))
		var foreseen []string
		for _, m := range p.Effects.Movements {
			foreseen = append(foreseen, fmt.Sprint(m.Kind, " ", m.Points))
		}
		v := s.view(t, member)
		if strings.Join(foreseen, ", ") != moved(o) || p.Before != before.Balances() || p.Effects.State.Account.Balances != v.Balances() ||
			!reflect.DeepEqual(p.Effects.Tier, o.Tier) || !reflect.DeepEqual(p.Effects.Progress, o.Progress) || !reflect.DeepEqual(p.Effects.State.Doc, v.State.Doc) {
			t.Errorf("foreseen: %v %+v, and then %s", foreseen, p.Effects, moved(o))
		}
		for code, of := range map[fact.Code]fact.ID{fact.CodeAlreadyReversed: bought, fact.CodeUnknownInteraction: fact.NewID(fact.KindInteraction), fact.CodeReversalOfReversal: o.ReversalID} {
			if p, err := s.PreviewReverse(t.Context(), s.returned("", of, "")); err != nil || p.Refusal == nil || p.Refusal.Code != code {
				t.Errorf("%+v %v, not %s", p, err, code)
			}
		}
		s.sound(t)
	})
}

// Returns of many members at once are one batch, and each is its own.
func TestManyReturnsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const members = 12
		ids, requests := make([]fact.ID, members), make([]engine.Request, members)
		for i := range members {
			address := fmt.Sprintf("m%d@example.com", i)
			ids[i], _ = s.given(t, address)
			amount := ""
			if i%2 == 0 {
				amount = "5.00"
			}
			r := s.returned(address, granted(t)(s.Track(t.Context(), s.purchase(address, address, "20.00"))).Interaction, amount)
			requests[i] = &r
		}
		for i, r := range s.All(t.Context(), requests) {
			if o := granted(t)(r.Outcome, r.Err); o.Reversal.Whole != (i%2 == 1) {
				t.Errorf("%d: %+v", i, o.Reversal)
			}
		}
		for i, id := range ids {
			row := s.store.Ent().Reversal.Query().Where(reversal.MemberID(id)).OnlyX(auth.System(t.Context(), s.id))
			if left := s.view(t, id).Balances().Available; row.Whole != (i%2 == 1) || left != 65 && left != 50 || row.Whole != (left == 50) {
				t.Errorf("%d: %+v, with %d points", i, row, left)
			}
		}
		s.sound(t)
	})
}
