package engine_test

import (
	"testing"

	"granaio/engine"
	"granaio/loyalty/fact"
)

// What a member says of itself nobody has made sure of: it joins the visitor of its device, and nobody who is known, whatever device they came by; and it says nothing
// that the programme does not let it.
func TestWhatAMemberSaysOfItself(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ada, adas := s.given(t, "ada@example.com")
		bea, beas := s.given(t, "bea@example.com")
		claims := func(key string, identity engine.Identity) engine.Identify {
			n := s.identify(key, adas, identity)
			n.Claimed = true
			return n
		}
		granted(t)(s.Identify(t.Context(), s.identify("hers", beas, device("hers").Identity)))
		visitor := granted(t)(s.Track(t.Context(), s.bought("b", device("nobody's"), "10.00"))).Member
		refused(t, fact.CodeIdentityTaken)(s.Identify(t.Context(), claims("another's", device("hers").Identity)))
		refused(t, fact.CodeNotAllowed)(s.Identify(t.Context(), claims("an address", email("bea@example.com"))))
		refused(t, fact.CodeNotAllowed)(s.Identify(t.Context(), claims("a card", engine.Identity{Kind: fact.Card, Value: "77"})))
		if o := granted(t)(s.Identify(t.Context(), claims("own", device("nobody's").Identity))); o.Member != ada || len(o.Absorbed) != 1 || o.Absorbed[0] != visitor {
			t.Errorf("%+v", o)
		}
		if id, err := s.Resolve(t.Context(), s.id, device("hers")); id != bea || err != nil {
			t.Errorf("her device is %s's, %v", id, err)
		}
		s.sound(t)
	})
}
