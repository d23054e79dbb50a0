package loyalty

import (
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
	// Progress that changed.
	Progress []Progress
	// Drawn are the points that budgets have fewer (or more, below zero), each budget once.
	Drawn []Draw
	// Withheld tells of rules that would have given, or given more, but for a limit, a cool-down, a budget, another rule of their group, or a fault: at most 20.
	Withheld []why.Verdict
	// Faults are what went wrong with expressions.
	Faults []Fault
	// Beyond are the keys of the missions in which an interaction counted although they were completed, so that their progress did not change.
	Beyond []string
	// Tier, if it changed.
	Tier *TierChange
	// Redemption, of a Redeem.
	Redemption *Redemption
	// Cancelled is the redemption that a refund ended.
	Cancelled *Redemption
	// Reversal, of a Reverse.
	Reversal *Reversal
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

// Redemption is a reward taken.
type Redemption struct {
	ID       fact.ID
	Reward   fact.ID
	Revision fact.ID
	Movement fact.ID // the spend
	Points   fact.Points
}
