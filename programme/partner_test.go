package programme_test

import (
	"testing"
	"time"

	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

func TestAPartnerThatTheProgrammeDroppedMayDoNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		till := "partners:\n  - {key: till, name: Tills, scopes: [interactions:write]}\n"
		first := take(t, s, small(t), noon)
		partner := first.Partners[0].ID
		asking, remembering := programme.NewPartners(s, 0), programme.NewPartners(s, time.Hour)
		may := func(p *programme.Partners, want int) {
			t.Helper()
			if got, err := p.Scopes(t.Context(), first.Programme, partner); err != nil || len(got) != want {
				t.Errorf("it may do %v, %v", got, err)
			}
		}
		may(asking, 1)
		may(remembering, 1)
		take(t, s, with(t, small(t), till, ""), noon.Add(time.Hour))
		may(asking, 0)
		may(remembering, 1)
		take(t, s, small(t), noon.Add(2*time.Hour))
		may(asking, 1)
	})
}
