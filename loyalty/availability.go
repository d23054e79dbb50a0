package loyalty

import (
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/reward"
)

// Availability tells whether a member can have a reward.
type Availability struct {
	Available bool
	// Reason why not, the first that applies: the member is suspended, the reward is paused, has not begun or has ended, needs a higher tier or does not suit
	// the member, the member has had as many as it may, no piece is left, points are lacking.
	Reason *fact.Refusal
	// MissingPoints is how many the member lacks for the price, whatever else stands in the way.
	MissingPoints fact.Points
}

// Availability tells whether a member can have a reward now, by the tier that the state says (see AsOf). The state's lots are at least those that are due.
func (p *Programme) Availability(s *State, w *reward.Reward, now time.Time) Availability {
	now = fact.Instant(now)
	available := ledger.AsOf(p.Account(s), s.Lots, now, s.Holds...).Available
	a := Availability{MissingPoints: max(w.Price-available, 0)}
	a.Reason = p.obstacle(s, w, now)
	if a.Reason == nil && a.MissingPoints > 0 {
		a.Reason = fact.Refuse(fact.CodeInsufficientPoints, "reward", "it takes %d points: %d are available, %d are missing", w.Price, available, a.MissingPoints)
	}
	a.Available = a.Reason == nil
	return a
}

// obstacle is why a member cannot have a reward, points left aside.
func (p *Programme) obstacle(s *State, w *reward.Reward, now time.Time) *fact.Refusal {
	if r := p.admitSpender(&s.Member); r != nil {
		return r
	}
	switch {
	case p.Paused(fact.KindReward, w.Key):
		return fact.Refuse(fact.CodePaused, "reward", "it is paused for now")
	case now.Before(w.Span.From):
		return fact.Refuse(fact.CodeNotYetAvailable, "reward", "it can be had from %s", w.Span.From.Format(time.RFC3339))
	case !w.Span.Holds(now):
		return fact.Refuse(fact.CodeNoLongerAvailable, "reward", "it could be had until %s", w.Span.Until.Format(time.RFC3339))
	case !p.Admits(w.Tier, s.Member.Tier):
		return fact.Refuse(fact.CodeTierTooLow, "reward", "it is for members of the tier “%s” and above", w.Tier)
	}
	member := p.known(s)
	var scope expr.Scope
	scope.Set(&member, nil, now, p.zone)
	switch {
	case !w.Suits(&scope):
		return fact.Refuse(fact.CodeNotEligible, "reward", "it is not for this member")
	case w.PerMember > 0 && s.Doc.Redeemed[w.Key] >= w.PerMember:
		return fact.Refuse(fact.CodeLimitReached, "reward", "a member may have it %d times", w.PerMember)
	case !w.Left(s.Taken[w.Definition]):
		return fact.Refuse(fact.CodeOutOfStock, "reward", "no piece is left")
	}
	return nil
}
