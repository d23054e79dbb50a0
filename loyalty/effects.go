package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// Effects is what follows from an interaction or a command.
type Effects struct {
	// State is the member as it now is. The state that was handed in is unchanged.
	State *State
	// Movements in the order they were booked, what was due first. Lots are the new and the changed ones.
	Movements []ledger.Movement
	Lots      []ledger.Lot
	// Holds are the new and the ended ones.
	Holds []ledger.Holding
	// Movement is the one that an Operation or a Refund asked for, the first if there are more. Those before it had fallen due.
	Movement fact.ID
	// Attributes are the values that were given for attributes of the member and its dependents, in order.
	Attributes []AttributeChange
	// Progress that changed.
	Progress []Progress
	// Drawn are the points that budgets have fewer (or more, below zero), each budget once.
	Drawn []Draw
	// Withheld tells of rules that would have given, or given more, but for a limit, a cool-down, a budget, another rule of their group, or a fault: at most 20.
	Withheld []why.Verdict
	// Granted tells of the rules that granted a tier.
	Granted []why.Verdict
	// Faults are what went wrong with expressions.
	Faults []Fault
	// Beyond are the keys of the missions in which an interaction counted although they were completed, so that their progress did not change.
	Beyond []string
	// Tier, if it changed: from what was stored to what it is now.
	Tier *TierChange
	// Tiers are the changes of it, in their order: falls that were due, then what followed.
	Tiers []TierStep
	// Redemption, of a Redeem.
	Redemption *Redemption
	// Cancelled is the redemption that a refund ended.
	Cancelled *Redemption
	// Choices, of a Consent or an Enrol.
	Choices []Choice
	// Reversal, of a Reverse.
	Reversal *Reversal
	// Life are the steps that it takes in the member's life.
	Life []Step
	// Rehung are the holds that a merge has set aside anew, by what they were.
	Rehung map[fact.ID]fact.ID
}

// Fault is an expression that could not be computed for an interaction, which therefore gave or counted nothing.
type Fault struct {
	Kind     fact.Kind // KindRule or KindMission
	Key      string
	Revision int
	In       why.Place
	Cause    expr.Fault
}

// Draw is how many points of a budget an interaction takes.
type Draw struct {
	Budget fact.ID
	Points fact.Points
}

// Progress is how far a member is in one period of a mission.
type Progress struct {
	Mission   fact.ID
	Key       string
	Period    string // "2026-05" for a monthly mission; empty for one without periods
	Count     int64  // never above Target
	Target    int64
	Completed time.Time // zero until it is
}

// TierChange is a member's rise or fall. An empty key is below the first tier.
type TierChange struct{ From, To string }

// TierStep is one change of a member's tier.
type TierStep struct {
	TierChange
	Since  time.Time // when it was so, whenever it was booked
	Reason TierReason
}

// TierReason is why a tier changed. The values are stored: they are never changed.
type TierReason string

// The reasons.
const (
	Qualified TierReason = "qualified" // what counts reaches it
	Bestowed  TierReason = "granted"   // a rule granted it
	Fell      TierReason = "fell"      // what counts no longer held the one before
	Withdrawn TierReason = "reversed"  // what held the one before was returned
	Replaced  TierReason = "replaced"  // the programme has the one before no longer
	Inherited TierReason = "merged"    // a member that was merged into this one had it
)

// step takes note of a change of tier.
func (e *Effects) step(s TierStep) {
	e.Tiers = append(e.Tiers, s)
	change := TierChange{From: e.Tiers[0].From, To: s.To}
	if e.Tier = &change; change.From == change.To {
		e.Tier = nil
	}
}

// Held is the tier that it was decided with, if the tier changed: after the falls that were due, before what followed. Nil if it did not change.
func (e *Effects) Held() *string {
	if len(e.Tiers) == 0 {
		return nil
	}
	last := e.Tiers[len(e.Tiers)-1]
	if last.Reason == Fell {
		return &last.To
	}
	return &last.From
}

// Before puts falls first that were due before (Programme.AsOf) and are in the state that was decided about.
func (e *Effects) Before(fallen []TierStep) {
	if e == nil || len(fallen) == 0 {
		return
	}
	since := e.Tiers
	e.Tiers, e.Tier = nil, nil
	for _, s := range append(slices.Clone(fallen), since...) {
		e.step(s)
	}
}

// Redemption is a reward taken.
type Redemption struct {
	ID       fact.ID
	Reward   fact.ID
	Revision fact.ID
	Movement fact.ID // the spend
	Points   fact.Points
}
