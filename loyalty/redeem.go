package loyalty

import (
	"maps"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// Redeem takes a reward for a member: its price leaves the account, and a piece of it is gone. The state's lots are all the open ones. An error is a
// fault of the call, as Decide's.
func Redeem(p *Programme, s *State, rewardID, command fact.ID, now time.Time) (*Effects, *fact.Refusal, error) {
	now = fact.Instant(now)
	w := p.Reward(rewardID)
	if w == nil || rewardID.IsZero() {
		return nil, fact.Refuse(fact.CodeUnknownReward, "reward", "the programme has no such reward"), nil
	}
	e := &Effects{State: s.clone()}
	p.lapse(e, now)
	if a := p.Availability(e.State, w, now); !a.Available {
		return nil, a.Reason, nil
	}
	book, err := p.open(s, command, now)
	if err != nil {
		return refused(err)
	}
	p.touch(s, book, now)
	m, err := book.Spend(w.Price, now, ledger.Reason{Revision: w.Revision, Explanation: why.Explanation{
		Source: why.SourceReward, Key: w.Key, Revision: w.Number, Price: w.Price,
	}})
	if err != nil {
		return refused(err)
	}
	e.Redemption = &Redemption{
		ID: command.As(fact.KindRedemption), Reward: w.Definition, Revision: w.Revision, Movement: m.ID, Points: w.Price,
	}
	e.State.Doc.Redeemed = with(s.Doc.Redeemed, w.Key, s.Doc.Redeemed[w.Key]+1)
	if w.Limited() {
		e.State.Taken = maps.Clone(s.Taken)
		if e.State.Taken == nil {
			e.State.Taken = map[fact.ID]int64{}
		}
		e.State.Taken[w.Definition]++
	}
	e.take(book.Changes())
	return e, nil, nil
}
