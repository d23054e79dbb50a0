package engine_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/proof"
)

func (s *shop) operation(key string, op loyalty.Operation, members ...engine.Ref) engine.Operate {
	return engine.Operate{Origin: s.origin(key), Members: members, Operation: op}
}

func (s *shop) sound(t *testing.T) {
	t.Helper()
	findings, err := proof.Check(t.Context(), s.store)
	if err != nil || !proof.Holds(findings) {
		t.Errorf("%v %v", findings, err)
	}
}

// given is a member with 50 points of its enrolment.
func (s *shop) given(t *testing.T, address string) (fact.ID, engine.Ref) {
	t.Helper()
	return granted(t)(s.Enrol(t.Context(), s.enrolment(address))).Member, engine.Ref{Identity: email(address)}
}

func held(o *engine.Outcome) fact.ID { return o.Own[0].As(fact.KindHold) }

func TestOperatorsAdjust(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member, ada := s.given(t, "ada@example.com")
		gift := s.operation("gift", loyalty.Adjust{Points: 25, Reason: "sorry for the cold soup", ExpireAfter: "30 days"}, ada)
		o := granted(t)(s.Operate(t.Context(), gift))
		if len(o.Movements) != 1 || o.Movements[0].Kind != "adjust" || o.Movements[0].AvailableAfter != 75 || o.Own[0] != o.Movements[0].ID || o.Member != member {
			t.Fatalf("%+v", o)
		}
		if strings.Contains(string(o.Movements[0].Explanation), "soup") {
			t.Errorf("a movement holds free text: %s", o.Movements[0].Explanation)
		}
		note, err := s.store.Ent().Note.Get(auth.System(t.Context(), s.id), o.Movements[0].CommandID)
		if err != nil || note.Text != "sorry for the cold soup" || note.Caller != "operator:anna" || note.MemberID != member {
			t.Errorf("the note is %+v, %v", note, err)
		}
		if again := granted(t)(s.Operate(t.Context(), gift)); !again.Duplicate || again.Own[0] != o.Own[0] || again.Member != member {
			t.Errorf("again: %+v", again)
		}
		refused(t, fact.CodeKeyReused)(s.Operate(t.Context(), s.operation("gift", loyalty.Adjust{Points: 25, Reason: "something else"}, ada)))
		if e := s.view(t, member).State.Lots; len(e) != 1 || e[0].Amount != 25 {
			t.Errorf("those that expire within a month are %+v", e)
		}
		o = granted(t)(s.Operate(t.Context(), s.operation("take", loyalty.Adjust{Points: -70, Reason: "a mistake"}, ada)))
		if o.Movements[0].AvailableAfter != 5 {
			t.Errorf("after taking 70 of 75: %+v", o.Movements[0])
		}
		for i, c := range []struct {
			code  fact.Code
			field string
			op    loyalty.Adjust
		}{
			{fact.CodeZero, "points", loyalty.Adjust{Reason: "x"}},
			{fact.CodeRequired, "reason", loyalty.Adjust{Points: 1}},
			{fact.CodeTooLong, "reason", loyalty.Adjust{Points: 1, Reason: strings.Repeat("x", 501)}},
			{fact.CodeInvalid, "reason", loyalty.Adjust{Points: 1, Reason: "a\x00b"}},
			{fact.CodeInvalid, "expireAfter", loyalty.Adjust{Points: 1, Reason: "x", ExpireAfter: "soon"}},
			{fact.CodeInvalid, "expireAfter", loyalty.Adjust{Points: -1, Reason: "x", ExpireAfter: "1 day"}},
			{fact.CodeInsufficientPoints, "points", loyalty.Adjust{Points: -6, Reason: "x"}},
			{fact.CodeBalanceOutOfBounds, "points", loyalty.Adjust{Points: fact.MaxPoints, Reason: "x"}},
		} {
			o, err := s.Operate(t.Context(), s.operation(fmt.Sprint("bad ", i), c.op, ada))
			if err != nil || o.Refusal == nil || o.Refusal.Code != c.code || o.Refusal.Field != c.field {
				t.Errorf("%+v is answered with %+v, %v", c.op, o.Refusal, err)
			}
		}
		// Points that were lacking are the answer for ever; what was malformed may be put right.
		granted(t)(s.Operate(t.Context(), s.operation("more", loyalty.Adjust{Points: 100, Reason: "x"}, ada)))
		refused(t, fact.CodeInsufficientPoints)(s.Operate(t.Context(), s.operation("bad 6", loyalty.Adjust{Points: -6, Reason: "x"}, ada)))
		granted(t)(s.Operate(t.Context(), s.operation("bad 0", loyalty.Adjust{Points: 1, Reason: "x"}, ada)))
		refused(t, fact.CodeUnknownMember)(s.Operate(t.Context(), s.operation("n", loyalty.Adjust{Points: 1, Reason: "x"}, engine.Ref{Identity: email("n@example.com")})))
		s.sound(t)
	})
}

func TestAHoldEndsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s.set(start)
		member, ada := s.given(t, "ada@example.com")
		set := func(key string, points fact.Points) engine.Ref {
			o := granted(t)(s.Operate(t.Context(), s.operation(key, loyalty.Hold{Points: points, ExpiresIn: time.Minute, Purpose: "checkout"}, ada)))
			return engine.Ref{Hold: held(o)}
		}
		first, second, third := set("1", 20), set("2", 10), set("3", 15)
		refused(t, fact.CodeInsufficientPoints)(s.Operate(t.Context(), s.operation("4", loyalty.Hold{Points: 6, ExpiresIn: time.Minute}, ada)))
		if b := s.view(t, member).Balances(); b.Available != 5 || b.Held != 45 {
			t.Errorf("%+v", b)
		}

		twelve, many, none := fact.Points(12), fact.Points(21), fact.Points(0)
		capture := func(key string, hold engine.Ref, points *fact.Points) engine.Operate {
			return s.operation(key, loyalty.Capture{Hold: hold.Hold, Points: points}, hold)
		}
		refused(t, fact.CodeMoreThanHeld)(s.Operate(t.Context(), capture("many", first, &many)))
		refused(t, fact.CodeZero)(s.Operate(t.Context(), capture("none", first, &none)))
		o := granted(t)(s.Operate(t.Context(), capture("c", first, &twelve)))
		if len(o.Movements) != 2 || o.Movements[0].Kind != "capture" || o.Movements[1].Kind != "release" || o.Movements[1].AvailableAfter != 13 {
			t.Errorf("%+v", o.Movements)
		}
		if again := granted(t)(s.Operate(t.Context(), capture("c", first, &twelve))); !again.Duplicate || again.Own[0] != o.Own[0] {
			t.Errorf("again: %+v", again)
		}
		refused(t, fact.CodeHoldEnded)(s.Operate(t.Context(), capture("c2", first, nil)))
		granted(t)(s.Operate(t.Context(), s.operation("r", loyalty.Release{Hold: second.Hold}, second)))
		refused(t, fact.CodeHoldEnded)(s.Operate(t.Context(), capture("c3", second, nil)))
		nobodys := engine.Ref{Hold: fact.NewID(fact.KindHold)}
		refused(t, fact.CodeUnknownHold)(s.Operate(t.Context(), capture("c4", nobodys, nil)))
		foreign := capture("c5", third, nil)
		foreign.Programme = fact.NewID(fact.KindProgramme)
		if o, err := s.Operate(t.Context(), foreign); err == nil && o.Refusal == nil {
			t.Errorf("another programme's hold is captured: %+v", o)
		}

		// The third lapses: reading counts it at once, and nobody can capture it.
		s.set(start.Add(time.Minute))
		v := s.view(t, member)
		if b := v.Balances(); b.Available != 38 || b.Held != 0 || v.State.Account.Held != 15 {
			t.Errorf("after the lapse: %+v, booked %+v", b, v.State.Account)
		}
		news, err := s.Accounts(t.Context(), []fact.ID{member.As(fact.KindAccount)})
		if n := news[member.As(fact.KindAccount)]; err != nil || n.Available != 38 || n.Held != 0 {
			t.Errorf("watchers are told %+v, %v", n, err)
		}
		refused(t, fact.CodeHoldEnded)(s.Operate(t.Context(), capture("c6", third, nil)))
		s.sound(t)
		if n, err := s.Settle(t.Context(), 10); n != 1 || err != nil {
			t.Errorf("the clock settled %d accounts: %v", n, err)
		}
		if a := s.view(t, member).State.Account; a.Available != 38 || a.Held != 0 || a.IsDue(s.now()) {
			t.Errorf("the clock booked %+v", a)
		}
		for i, h := range []loyalty.Hold{{Points: 1}, {Points: 1, ExpiresIn: 25 * time.Hour}, {Points: 1, ExpiresIn: time.Second, Purpose: "For Ada"}} {
			refused(t, fact.CodeInvalid)(s.Operate(t.Context(), s.operation(fmt.Sprint("bad ", i), h, ada)))
		}
		s.sound(t)
	})
}

// A hold outlives its lot: what comes back of it has expired by then, whoever books it.
func TestWhatIsReleasedLateExpires(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.set(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))
		member, ada := s.given(t, "ada@example.com")
		s.set(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) // the 50 expire at the end of the day
		hold := held(granted(t)(s.Operate(t.Context(), s.operation("h", loyalty.Hold{Points: 30, ExpiresIn: 24 * time.Hour}, ada))))
		s.set(time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC))
		if b := s.view(t, member).Balances(); b.Available != 0 || b.Held != 30 {
			t.Errorf("the next morning: %+v", b)
		}
		ten := fact.Points(10)
		o := granted(t)(s.Operate(t.Context(), s.operation("c", loyalty.Capture{Hold: hold, Points: &ten}, engine.Ref{Hold: hold})))
		var kinds []string
		for _, m := range o.Movements {
			kinds = append(kinds, fmt.Sprint(m.Kind, " ", m.Points))
		}
		if got := strings.Join(kinds, ", "); got != "expire 20, capture 10, release 20, expire 20" || o.Own[0] != o.Movements[1].ID {
			t.Errorf("booked are %s", got)
		}
		s.sound(t)
	})
}

func TestATransferMovesPointsAndTheirAge(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.set(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))
		a, ada := s.given(t, "ada@example.com")
		s.set(time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC))
		b, ben := s.given(t, "ben@example.com")
		transfer := s.operation("t", loyalty.Transfer{Points: 30}, ada, ben)
		o := granted(t)(s.Operate(t.Context(), transfer))
		if len(o.Movements) != 2 || len(o.Own) != 2 || o.Movements[0].MemberID != a || o.Movements[1].MemberID != b || o.Movements[1].AvailableAfter != 80 {
			t.Fatalf("%+v", o)
		}
		if again := granted(t)(s.Operate(t.Context(), transfer)); !again.Duplicate || again.Own[1] != o.Own[1] {
			t.Errorf("again: %+v", again)
		}
		if told := s.news[len(s.news)-2:]; told[0].Account == told[1].Account || told[0].Available+told[1].Available != 100 {
			t.Errorf("told are %+v", told)
		}
		refused(t, fact.CodeInsufficientPoints)(s.Operate(t.Context(), s.operation("t2", loyalty.Transfer{Points: 21}, ada, ben)))
		refused(t, fact.CodeNegative)(s.Operate(t.Context(), s.operation("t3", loyalty.Transfer{Points: -1}, ada, ben)))
		refused(t, fact.CodeSameAccount)(s.Operate(t.Context(), s.operation("t4", loyalty.Transfer{Points: 1}, ada, engine.Ref{ID: a})))
		o, err := s.Operate(t.Context(), s.operation("t5", loyalty.Transfer{Points: 1}, ada, engine.Ref{Identity: email("c@example.com")}))
		if err != nil || o.Refusal == nil || o.Refusal.Code != fact.CodeUnknownMember || o.Refusal.Field != "to" {
			t.Errorf("%+v %v", o, err)
		}
		s.set(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)) // what ada earned has expired, with both
		if got := s.view(t, b).Balances().Available; got != 50 {
			t.Errorf("of 50 of its own and 30 that expired, %d are left", got)
		}
		granted(t)(s.Operate(t.Context(), s.operation("t6", loyalty.Transfer{Points: 50}, ben, ada))) // both have something due
		if x, y := s.view(t, a).Balances().Available, s.view(t, b).Balances().Available; x != 50 || y != 0 {
			t.Errorf("%d and %d", x, y)
		}
		s.sound(t)
	})
}

// Several engines on one database want the same points: none is held twice, each hold ends once, and transfers both ways come to an end.
func TestSeveralEnginesContendForPoints(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		engines := []*engine.Engine{s.Engine, s.another(2), s.another(1)}
		for _, e := range engines[1:] {
			defer e.Close()
		}
		a, ada := s.given(t, "ada@example.com")
		b, ben := s.given(t, "ben@example.com")
		var all sync.WaitGroup
		var mu sync.Mutex
		var holds []fact.ID
		answer := func(e *engine.Engine, o engine.Operate, codes ...fact.Code) *engine.Outcome {
			out, err := e.Operate(t.Context(), o)
			if err != nil {
				t.Error(err)
				return nil
			}
			if out.Refusal == nil {
				return out
			}
			for _, c := range codes {
				if out.Refusal.Code == c {
					return nil
				}
			}
			t.Errorf("%s is refused with %+v", o.Key, out.Refusal)
			return nil
		}
		for n, e := range engines {
			all.Go(func() { // each wants 10 of 50 points, 4 times
				for i := range 4 {
					hold := loyalty.Hold{Points: 10, ExpiresIn: time.Hour}
					if o := answer(e, s.operation(fmt.Sprint("hold ", n, i), hold, ada), fact.CodeInsufficientPoints); o != nil {
						mu.Lock()
						holds = append(holds, held(o))
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		if v := s.view(t, a).Balances(); len(holds) != 5 || v.Held != 50 || v.Available != 0 {
			t.Fatalf("%d holds of 10 points, %+v", len(holds), v)
		}
		var captured, released int
		for n, e := range engines {
			all.Go(func() { // each ends them all, in one way or the other
				for i, h := range holds {
					var op loyalty.Operation = loyalty.Capture{Hold: h}
					if (n+i)%2 == 0 {
						op = loyalty.Release{Hold: h}
					}
					if o := answer(e, s.operation(fmt.Sprint("end ", n, i), op, engine.Ref{Hold: h}), fact.CodeHoldEnded); o != nil {
						mu.Lock()
						if op.Name() == "pointsCapture" {
							captured++
						} else {
							released++
						}
						mu.Unlock()
					}
				}
			})
			all.Go(func() { // and points go to and fro
				for i := range 6 {
					from, to := ada, ben
					if (n+i)%2 == 0 {
						from, to = ben, ada
					}
					answer(e, s.operation(fmt.Sprint("give ", n, i), loyalty.Transfer{Points: 5}, from, to), fact.CodeInsufficientPoints)
				}
			})
		}
		all.Wait()
		x, y := s.view(t, a).Balances(), s.view(t, b).Balances()
		if captured+released != 5 || x.Held != 0 || int(x.Available+y.Available) != 100-10*captured {
			t.Errorf("%d captured, %d released, %+v, %+v", captured, released, x, y)
		}
		s.sound(t)
	})
}
