package engine_test

import (
	"fmt"
	"sync"
	"testing"

	"granaio/engine"
	"granaio/loyalty/fact"
)

// Of three pieces that six members want through three processes at once, three go; given back, they go again.
func TestSeveralEnginesContendForTheLastPieces(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		engines := []*engine.Engine{s.Engine, s.another(2), s.another(1)}
		for _, e := range engines[1:] {
			defer e.Close()
		}
		var members [6]engine.Ref
		for i := range members {
			_, members[i] = s.given(t, fmt.Sprintf("m%d@example.com", i))
		}
		mug := s.reward(t, "mug")
		for round := range 8 {
			var all sync.WaitGroup
			var mu sync.Mutex
			var spends []fact.ID
			for i, m := range members {
				all.Go(func() {
					o, err := engines[i%3].Redeem(t.Context(), engine.Redeem{Origin: s.origin(fmt.Sprint("mug ", round, i)), Member: m, Reward: mug})
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err != nil:
						t.Error(err)
					case o.Refusal == nil:
						spends = append(spends, o.MovementIDs[0])
					case o.Refusal.Code != fact.CodeOutOfStock:
						t.Errorf("%+v", o.Refusal)
					}
				})
			}
			all.Wait()
			var taken int
			if err := s.store.DB().QueryRowContext(t.Context(), `SELECT sum(taken) FROM stocks`).Scan(&taken); err != nil || len(spends) != 3 || taken != 3 {
				t.Fatalf("round %d: %d pieces went of 3; stored are %d, %v", round, len(spends), taken, err)
			}
			for i, spend := range spends {
				granted(t)(s.Refund(t.Context(), s.refund(fmt.Sprint("back ", round, i), spend)))
			}
		}
		s.sound(t)
	})
}
