package engine_test

import (
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Whoever names a hold that had ended when its member was absorbed, or could not be set aside anew, is told that it is over, as before.
func TestAHoldOfAnAbsorbedMemberIsOver(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ada, adas := s.given(t, "ada@example.com")
		_, beas := s.given(t, "bea@example.com")
		over := held(granted(t)(s.Operate(t.Context(), s.operation("hold", loyalty.Hold{Points: 10, ExpiresIn: time.Hour}, adas))))
		granted(t)(s.Operate(t.Context(), s.operation("release", loyalty.Release{Hold: over}, engine.Ref{Hold: over})))
		granted(t)(s.Merge(t.Context(), s.merge("merge", engine.Ref{ID: ada}, beas)))
		for i, op := range []loyalty.Operation{loyalty.Capture{Hold: over}, loyalty.Release{Hold: over}} {
			refused(t, fact.CodeHoldEnded)(s.Operate(t.Context(), s.operation([]string{"capture", "once more"}[i], op, engine.Ref{Hold: over})))
		}
		s.sound(t)
	})
}
