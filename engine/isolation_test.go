package engine_test

import (
	"testing"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Who belongs to another programme is nobody here, by whatever name, for whatever is asked.
func TestAMemberOfAnotherProgrammeIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		here := s.id
		granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com")))
		s.id = published(t, s.store, "elsewhere")
		stranger := granted(t)(s.Enrol(t.Context(), s.enrolment("ben@example.com"))).Member
		s.id = here
		for _, who := range []engine.Ref{{ID: stranger}, {Identity: email("ben@example.com")}} {
			for range 2 {
				r := s.purchase("p "+who.ID.String()+who.Identity.Value, "", "10.00")
				r.Member = who
				refused(t, fact.CodeUnknownMember)(s.Track(t.Context(), r))
				refused(t, fact.CodeUnknownMember)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("r " + who.Identity.Value), Member: who, Reward: s.reward(t, "mug")}))
				refused(t, fact.CodeUnknownMember)(s.Operate(t.Context(), s.operation("a "+who.Identity.Value, loyalty.Adjust{Points: 5, Reason: "x"}, who)))
			}
		}
		s.id = published(t, s.store, "third")
		granted(t)(s.Enrol(t.Context(), s.enrolment("ben@example.com"))) // the address is free there
	})
}
