package engine_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/proof"
)

// Two processes book what is due at once, beside purchases of the same members: each expiry is booked once, and whoever watches is told.
func TestWhatIsDueIsBookedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const members = 12
		s.set(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))
		ids := make([]fact.ID, members)
		for m := range members {
			ids[m] = granted(t)(s.Enrol(t.Context(), s.enrolment(fmt.Sprintf("m%d@example.com", m)))).Member
		}
		idle := granted(t)(s.Enrol(t.Context(), s.enrolment("idle@example.com"))).Member
		s.set(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
		other := s.another(1)
		defer other.Close()
		var all sync.WaitGroup
		for _, e := range []*engine.Engine{s.Engine, other} {
			all.Go(func() {
				for {
					n, err := e.Settle(t.Context(), 5)
					if err != nil {
						t.Error(err)
					}
					if n == 0 {
						return
					}
				}
			})
		}
		all.Go(func() {
			for m := range members {
				if o, err := s.Track(t.Context(), s.purchase(fmt.Sprint(m), fmt.Sprintf("m%d@example.com", m), "5.00")); err != nil || o.Refusal != nil {
					t.Error(err, o)
				}
			}
		})
		all.Wait()
		for _, id := range ids {
			v := s.view(t, id)
			if a := v.State.Account; a.Available != 5 || a.Sequence != 3 || a.IsDue(s.now()) {
				t.Errorf("the account is booked as %+v", a)
			}
		}
		if a := s.view(t, idle).State.Account; a.Available != 0 || a.Sequence != 2 || a.IsDue(s.now()) {
			t.Errorf("the account of a member who does nothing is booked as %+v", a)
		}
		findings, err := proof.Check(t.Context(), s.store)
		if err != nil || !proof.Holds(findings) {
			t.Errorf("%v %v", findings, err)
		}
	})
}
