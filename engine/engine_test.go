package engine_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty/fact"
)

func TestEnrolTrackAndSee(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		n := s.enrolment("Ada@Example.com")
		n.Attributes = map[string]any{"diet": "vegan"}
		member := granted(t)(s.Enrol(t.Context(), n)).Member
		for i := range 3 {
			o := granted(t)(s.Track(t.Context(), s.purchase(fmt.Sprint("p", i), "ada@example.com", "12.99")))
			if o.Member != member || len(o.Movements) == 0 || o.Movements[0].Points != 12 {
				t.Fatalf("purchase %d: %+v", i, o)
			}
			if i == 2 && (len(o.Movements) != 2 || o.Movements[1].Points != 20 || len(o.Progress) != 1 || o.Progress[0].Completed.IsZero() || o.Tier == nil) {
				t.Fatalf("the third purchase completes the mission and reaches the tier: %+v", o)
			}
		}
		v := s.view(t, member)
		if b := v.Balances(); b.Available != 50+3*12+20 {
			t.Errorf("available %d", b.Available)
		}
		if m := v.State.Member; m.Tier != "silver" || m.Persona != "shopper" || v.State.Doc.Profile.Known().Attributes["diet"].Value != "vegan" {
			t.Errorf("member %+v, %+v", m, v.State.Doc.Profile.Known())
		}
		if now, err := s.Tiers(t.Context(), []fact.ID{member, fact.NewID(fact.KindMember)}); err != nil || len(now) != 1 ||
			len(s.tiers) != 1 || s.tiers[0].Tier != "silver" || s.tiers[0].Version != now[member].Version || !s.tiers[0].Same(now[member]) {
			t.Errorf("of the tier it is announced %+v, and read %+v, %v", s.tiers, now, err)
		}
		last := s.news[len(s.news)-1]
		if last.Version != v.State.Account.Sequence || last.Available != 106 {
			t.Errorf("the last news is %+v", last)
		}
	})
}

func TestTheSameRequestIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member := granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com"))).Member
		if o := granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com"))); !o.Duplicate || o.Member != member {
			t.Fatalf("the enrolment again: %+v", o)
		}
		first := granted(t)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "10.00")))
		again := granted(t)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "10.00")))
		if !again.Duplicate || again.Interaction != first.Interaction || len(again.MovementIDs) != 1 || again.MovementIDs[0] != first.Movements[0].ID {
			t.Fatalf("again: %+v, first: %+v", again, first)
		}
		refused(t, fact.CodeKeyReused)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "11.00")))
		other := s.purchase("p", "ada@example.com", "11.00")
		other.Caller = "partner:till" // keys of different callers never meet
		granted(t)(s.Track(t.Context(), other))

		// All at once, also within one batch.
		requests := make([]engine.Track, 50)
		for i := range requests {
			requests[i] = s.purchase("same", "ada@example.com", "1.00")
		}
		fresh := 0
		for _, r := range s.TrackBatch(t.Context(), requests) {
			if o := granted(t)(r.Outcome, r.Err); !o.Duplicate {
				fresh++
			}
		}
		if fresh != 1 {
			t.Errorf("%d of the same requests were taken", fresh)
		}
		if b := s.view(t, member).Balances(); b.Available != 50+10+11+1+20 {
			t.Errorf("available %d", b.Available)
		}
	})
}

func TestEachItemFailsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com")))
		bad := func(change func(*engine.Track)) engine.Track {
			r := s.purchase(fmt.Sprint("bad ", time.Now().UnixNano()), "ada@example.com", "10.00")
			change(&r)
			return r
		}
		cases := []struct {
			code  fact.Code
			field string
			track engine.Track
		}{
			{fact.CodeUnknownMember, "member", bad(func(r *engine.Track) { r.Member.Identity.Value = "bob@example.com" })},
			{fact.CodeInvalid, "member.identity.value", bad(func(r *engine.Track) { r.Member.Identity.Value = "bob" })},
			{fact.CodeUnknownTouchpoint, "touchpoint", bad(func(r *engine.Track) { r.Touchpoint = "moon" })},
			{fact.CodeUnknownEvent, "event", bad(func(r *engine.Track) { r.Event = "purchse" })},
			{fact.CodeInFuture, "occurredAt", bad(func(r *engine.Track) { r.Occurred = time.Now().Add(time.Hour) })},
			{fact.CodeBeforeProgramme, "occurredAt", bad(func(r *engine.Track) { r.Occurred = time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC) })},
			{fact.CodeNegative, "value.amount", bad(func(r *engine.Track) { r.Value.Amount = decimal.RequireFromString("-1") })},
			{fact.CodeFractional, "value.amount", bad(func(r *engine.Track) { r.Value.Amount = decimal.RequireFromString("1.001") })},
			{fact.CodeCurrencyMismatch, "value.currency", bad(func(r *engine.Track) { r.Value.Currency = "USD" })},
			{fact.CodeRequired, "value", bad(func(r *engine.Track) { r.Value = nil })},
			{fact.CodeRequired, "idempotencyKey", bad(func(r *engine.Track) { r.Key = "" })},
			{fact.CodeInvalid, "properties.items", bad(func(r *engine.Track) { r.Properties = map[string]any{"items": "two"} })},
		}
		requests := []engine.Track{s.purchase("good 1", "ada@example.com", "1.00")}
		for _, c := range cases {
			requests = append(requests, c.track)
		}
		requests = append(requests, s.purchase("good 2", "ada@example.com", "1.00"))
		results := s.TrackBatch(t.Context(), requests)
		granted(t)(results[0].Outcome, results[0].Err)
		granted(t)(results[len(results)-1].Outcome, results[len(results)-1].Err)
		for i, c := range cases {
			r := results[i+1]
			if r.Err != nil || r.Outcome.Refusal == nil || r.Outcome.Refusal.Code != c.code || r.Outcome.Refusal.Field != c.field {
				t.Errorf("item %d: %+v %v, not %s at %s", i, r.Outcome.Refusal, r.Err, c.code, c.field)
			}
		}
		// What was wrong may be put right under the same key.
		mended := cases[2].track
		mended.Touchpoint = "web"
		granted(t)(s.Track(t.Context(), mended))
		n := s.enrolment("ada@example.com")
		n.Key = "another"
		refused(t, fact.CodeIdentityTaken)(s.Enrol(t.Context(), n))
	})
}

func TestABusinessRefusalIsTheAnswerForEver(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		member := granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com"))).Member
		trip := engine.Redeem{Origin: s.origin("trip"), Member: engine.Ref{ID: member}, Reward: s.reward(t, "trip")}
		refused(t, fact.CodeInsufficientPoints)(s.Redeem(t.Context(), trip))
		granted(t)(s.Track(t.Context(), s.purchase("big", "ada@example.com", "6000.00")))
		refused(t, fact.CodeInsufficientPoints)(s.Redeem(t.Context(), trip))
		trip.Key = "trip again"
		o := granted(t)(s.Redeem(t.Context(), trip))
		if o.Redemption == nil || o.Redemption.Points != 5000 || len(o.Movements) != 1 {
			t.Errorf("%+v", o)
		}
		if o := granted(t)(s.Redeem(t.Context(), trip)); !o.Duplicate || o.RedemptionID.IsZero() {
			t.Errorf("again: %+v", o)
		}
	})
}

// Several engines on one database, as several processes are, with the same requests at once: each counts once, points and pieces never run below zero.
func TestSeveralEnginesAgree(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const members, purchases = 6, 12
		engines := []*engine.Engine{s.Engine, s.another(2), s.another(1)}
		for _, e := range engines[1:] {
			defer e.Close()
		}
		ids := make([]fact.ID, members)
		for m := range members {
			ids[m] = granted(t)(s.Enrol(t.Context(), s.enrolment(fmt.Sprintf("m%d@example.com", m)))).Member
		}
		mug := s.reward(t, "mug")
		var all sync.WaitGroup
		var mu sync.Mutex
		got := map[fact.ID]bool{}
		for _, e := range engines {
			for m := range members {
				all.Go(func() {
					for p := range purchases {
						o, err := e.Track(t.Context(), s.purchase(fmt.Sprintf("%d-%d", m, p), fmt.Sprintf("m%d@example.com", m), "1.00"))
						if err != nil || o.Refusal != nil {
							t.Errorf("%v %+v", err, o)
						}
					}
					o, err := e.Redeem(t.Context(), engine.Redeem{Origin: s.origin(fmt.Sprint("mug ", m)), Member: engine.Ref{ID: ids[m]}, Reward: mug})
					if err != nil {
						t.Error(err)
						return
					}
					if o.Refusal == nil {
						mu.Lock()
						got[o.RedemptionID] = true
						mu.Unlock()
					}
				})
			}
		}
		all.Wait()
		if len(got) != 3 {
			t.Errorf("%d members got one of 3 mugs", len(got))
		}
		spent := 0
		for _, id := range ids {
			b := s.view(t, id).Balances()
			switch b.Available {
			case 50 + purchases + 20:
			case 50 + purchases + 20 - 30:
				spent++
			default:
				t.Errorf("available %d", b.Available)
			}
		}
		if spent != 3 {
			t.Errorf("%d members paid for 3 mugs", spent)
		}
	})
}

// A late sweep never leaves expired points spendable: whoever comes first books what is due.
func TestWhatIsDueIsBookedFirst(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.set(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))
		member := granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com"))).Member
		s.set(time.Date(2026, 2, 15, 12, 0, 0, 0, time.UTC))
		granted(t)(s.Track(t.Context(), s.purchase("p", "ada@example.com", "10.00")))
		s.set(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
		if b := s.view(t, member).Balances(); b.Available != 10 {
			t.Errorf("the view shows %d before anybody booked", b.Available)
		}
		news, err := s.Accounts(t.Context(), []fact.ID{member.As(fact.KindAccount)})
		if n := news[member.As(fact.KindAccount)]; err != nil || n.Available != 10 || !n.NextDue.After(s.now()) {
			t.Errorf("watchers are told %+v, %v", n, err)
		}
		refused(t, fact.CodeInsufficientPoints)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: engine.Ref{ID: member}, Reward: s.reward(t, "mug")}))
		o := granted(t)(s.Track(t.Context(), s.purchase("p2", "ada@example.com", "5.00")))
		if len(o.Movements) != 2 || o.Movements[0].Kind != "expire" || o.Movements[0].Points != 50 || o.Movements[1].AvailableAfter != 15 {
			t.Errorf("%+v", o.Movements)
		}
	})
}

// A caller's clock that is a little ahead is forgiven: what it says happened when it was received.
func TestAClockMayBeALittleAhead(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		s.set(now)
		n := s.enrolment("ada@example.com")
		n.Occurred = now.Add(5 * time.Second)
		if o := granted(t)(s.Enrol(t.Context(), n)); !o.Stored.OccurredAt.Equal(now) {
			t.Errorf("the enrolment occurred at %s", o.Stored.OccurredAt)
		}
		p := s.purchase("near", "ada@example.com", "10.00")
		p.Occurred = now.Add(5 * time.Second)
		if o := granted(t)(s.Track(t.Context(), p)); !o.Stored.OccurredAt.Equal(now) {
			t.Errorf("the purchase occurred at %s", o.Stored.OccurredAt)
		}
		p.Key, p.Occurred = "far", now.Add(time.Minute)
		refused(t, fact.CodeInFuture)(s.Track(t.Context(), p))
	})
}

// A member is named by id and by e-mail at once, in large and small batches of two engines: whatever order they are taken in, the tier is reached once.
func TestATierIsReachedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const members, purchases = 30, 8
		other := s.another(2)
		defer other.Close()
		ids := make([]fact.ID, members)
		for m := range members {
			ids[m] = granted(t)(s.Enrol(t.Context(), s.enrolment(fmt.Sprintf("m%d@example.com", m)))).Member
		}
		var mu sync.Mutex
		reached := map[fact.ID]int{}
		var all sync.WaitGroup
		for lane, e := range []*engine.Engine{s.Engine, other, s.Engine, other} {
			all.Go(func() {
				var batch []engine.Track
				for p := range purchases {
					for m := range members {
						r := s.purchase(fmt.Sprintf("%d-%d-%d", lane, m, p), fmt.Sprintf("m%d@example.com", m), "10.00")
						if lane%3 == 0 {
							r.Member = engine.Ref{ID: ids[m]}
						}
						batch = append(batch, r)
					}
				}
				for _, r := range e.TrackBatch(t.Context(), batch) {
					if r.Err != nil || r.Outcome.Refusal != nil {
						t.Errorf("%v %+v", r.Err, r.Outcome)
					} else if r.Outcome.Tier != nil {
						mu.Lock()
						reached[r.Outcome.Member]++
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		for _, id := range ids {
			if reached[id] != 1 {
				t.Errorf("the tier was reached %d times", reached[id])
			}
			if m := s.view(t, id).State.Member; m.Tier != "silver" || m.Persona != "shopper" {
				t.Errorf("the member is stored as %+v", m)
			}
		}
	})
}

// A member whose document cannot be read keeps nobody else from an answer who is in the same batch.
func TestAMemberWhoCannotBeReadFailsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com")))
		ben := granted(t)(s.Enrol(t.Context(), s.enrolment("ben@example.com"))).Member
		if _, err := s.store.DB().ExecContext(t.Context(), `UPDATE working_states SET doc = '[1]', version = version + 1 WHERE id = $1`, ben); err != nil {
			t.Fatal(err)
		}
		e := s.another(1)
		defer e.Close()
		results := e.TrackBatch(t.Context(), []engine.Track{
			s.purchase("one", "ada@example.com", "1.00"), s.purchase("two", "ben@example.com", "1.00"), s.purchase("three", "ada@example.com", "1.00"),
		})
		granted(t)(results[0].Outcome, results[0].Err)
		granted(t)(results[2].Outcome, results[2].Err)
		if results[1].Err == nil {
			t.Errorf("a member who cannot be read got %+v", results[1].Outcome)
		}
	})
}
