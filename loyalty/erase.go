package loyalty

import (
	"time"

	"granaio/loyalty/fact"
)

// Erase forgets a member: its points lapse, a debt is let go, holds end, and of its row and its document nothing is left but that it was erased. What is stored of it elsewhere whoever
// calls this clears. Who was erased before is erased still: then nothing changes, and there are no effects. The state's lots and holds are all the open ones.
func Erase(p *Programme, s *State, command fact.ID, now time.Time) (*Effects, error) {
	if s.Member.Status == Erased {
		return nil, nil
	}
	now = fact.Instant(now)
	book, err := p.open(s, command, now)
	if err != nil {
		return nil, err
	}
	if err := book.Forfeit(s.Member.ID, now); err != nil {
		return nil, err
	}
	e := &Effects{State: s.clone()}
	e.take(book.Changes())
	m := &e.State.Member
	*m = Member{ID: m.ID, Account: m.Account, Status: Erased, Enrolled: m.Enrolled}
	e.State.Doc = Doc{Version: s.Doc.Version, Absorbed: s.Doc.Absorbed}
	e.State.Account.NextDue, e.State.Account.Active, e.State.Account.Warned = time.Time{}, time.Time{}, nil
	return e, nil
}
