package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Settle books what has fallen due in a member's account, and nothing else: what any other command would book first. The state's lots are all the open
// ones. An error is a fault of the call, as Decide's.
func Settle(s *State, command fact.ID, now time.Time) (*Effects, error) {
	book, err := ledger.Open(s.Account, s.Lots, command, fact.Instant(now), s.Holds...)
	if err != nil {
		return nil, err
	}
	e := &Effects{State: s.clone()}
	e.take(book.Changes())
	return e, nil
}
