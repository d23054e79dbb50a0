package why

import "granaio/loyalty/fact"

// The sources: what caused a movement.
const (
	SourceRule       = "rule"       // a rule's award, by amount (Per and Rate) or fixed
	SourceMultiplier = "multiplier" // a rule that multiplies: Base × (Factor − 1) points more
	SourceMission    = "mission"    // a mission that was completed
	SourceReward     = "reward"     // a reward that was paid for
	SourceMaturity   = "maturity"   // pending points that became available
	SourceExpiry     = "expiry"     // points that were not spent in time
)

// The roundings: how a fraction became whole.
const (
	RoundDown     = "down"
	RoundUp       = "up"
	RoundHalfUp   = "half_up"
	RoundHalfEven = "half_even"
)

// Explanation is the figures behind one movement: keys and numbers, never personal data. It is stored with the movement and never changes.
// Fields that do not apply are empty.
type Explanation struct {
	// Source is what caused the movement: SourceRule, SourceMultiplier, …
	Source string `json:"source"`
	// Key is the key of the rule, mission or reward.
	Key string `json:"key,omitempty"`
	// Revision is the number of its revision.
	Revision int `json:"revision,omitempty"`
	// Event is the name of the interaction's event.
	Event string `json:"event,omitempty"`
	// Value is the interaction's value in minor units, and Currency its ISO 4217 code.
	Value    int64  `json:"value,omitempty"`
	Currency string `json:"currency,omitempty"`
	// Per and Rate: Rate points for each Per minor units.
	Per  int64       `json:"per,omitempty"`
	Rate fact.Points `json:"rate,omitempty"`
	// Rounding is how a fraction became whole: RoundDown, RoundUp, RoundHalfUp, RoundHalfEven.
	Rounding string `json:"rounding,omitempty"`
	// Factor is a multiplier's, as a decimal ("1.5"); Base is the points it was applied to.
	Factor string      `json:"factor,omitempty"`
	Base   fact.Points `json:"base,omitempty"`
	// Count and Target are a mission's, Period its recurrence ("2026-05" for a month).
	Count  int64  `json:"count,omitempty"`
	Target int64  `json:"target,omitempty"`
	Period string `json:"period,omitempty"`
	// Price is a reward's.
	Price fact.Points `json:"price,omitempty"`
	// Repaid is how many of the movement's points settled a debt as they became available. The ledger sets it.
	Repaid fact.Points `json:"repaid,omitempty"`
	// Lots are those that were spent, matured or expired, each with how many points. The ledger sets them. An earning has none: its lot has its name.
	Lots []Slice `json:"lots,omitempty"`
}

// Slice is a part of a lot.
type Slice struct {
	Lot    fact.ID     `json:"lot"`
	Points fact.Points `json:"points"`
}
