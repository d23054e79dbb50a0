package why

import (
	"slices"

	"granaio/loyalty/fact"
)

// The sources: what caused a movement.
const (
	SourceRule       = "rule"       // a rule's award, by amount (Per and Rate) or fixed
	SourceMultiplier = "multiplier" // a rule that multiplies: Base × (Factor − 1) points more
	SourceTier       = "tier"       // what a member's tier adds to the points for an amount: Base × (Factor − 1) points more
	SourceMission    = "mission"    // a mission that was completed
	SourceReward     = "reward"     // a reward that was paid for
	SourceMaturity   = "maturity"   // pending points that became available
	SourceExpiry     = "expiry"     // points that were not spent in time
	SourceArrival    = "arrival"    // pending points that became available, since what they waited for came
	SourceUnmatured  = "unmatured"  // pending points that were lost, since what they waited for did not come in time
	SourceInactivity = "inactivity" // points that were lost, since there was no activity for too long

	SourceHold           = "hold"             // points set aside for a checkout
	SourceCapture        = "capture"          // points set aside that were spent
	SourceRelease        = "release"          // points set aside that are no longer
	SourceLapse          = "lapse"            // points set aside that were not spent in time
	SourceReturn         = "return"           // an earning that was taken back
	SourceTierReturn     = "tier_return"      // what a tier added that was taken back
	SourceRevocation     = "revocation"       // a mission's award that was taken back, since it is no longer completed
	SourceRefund         = "refund"           // a spend that was given back
	SourceGiven          = "given"            // points that went to another account
	SourceReceived       = "received"         // points that came from another account
	SourceCredit         = "credit"           // points that an operator gave
	SourceDebit          = "debit"            // points that an operator took
	SourceMergedAway     = "merged_away"      // points that went to the account with which this one was merged
	SourceMerged         = "merged"           // points that came from an account that was merged with this one
	SourceDebtMergedAway = "debt_merged_away" // a debt that went to the account with which this one was merged
	SourceDebtMerged     = "debt_merged"      // a debt that came from an account that was merged with this one
	SourceErasure        = "erasure"          // what was left, or owed, when the member was erased
)

// ByTime tells whether time alone brings about what the source causes: nobody did anything, something fell due.
func ByTime(source string) bool { return slices.Contains(byTime, source) }

// TimeSources are the sources that ByTime tells of.
func TimeSources() []string { return slices.Clone(byTime) }

var byTime = []string{SourceMaturity, SourceExpiry, SourceUnmatured, SourceInactivity, SourceLapse}

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
	// Key is the key of the rule, tier, mission, reward or reason.
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
	// Band is where the band begins in which the value lay, in minor units.
	Band int64 `json:"band,omitempty"`
	// Factor is a multiplier's, as a decimal ("1.5"); Base is the points it was applied to.
	Factor string      `json:"factor,omitempty"`
	Base   fact.Points `json:"base,omitempty"`
	// Rules are the keys of the rules that gave those, of what a tier adds; empty for all that gave points for the amount.
	Rules []string `json:"rules,omitempty"`
	// Budget is the key of the budget that the points were drawn from.
	Budget string `json:"budget,omitempty"`
	// Withheld is how many points more the rule says, which a limit or budget held back.
	Withheld fact.Points `json:"withheld,omitempty"`
	// Count and Target are a mission's, Period its recurrence ("2026-05" for a month).
	Count  int64  `json:"count,omitempty"`
	Target int64  `json:"target,omitempty"`
	Period string `json:"period,omitempty"`
	// Price is a reward's.
	Price fact.Points `json:"price,omitempty"`
	// Unqualified is whether the points of an earning do not count towards tiers, and Kept whether they stay though what they were given for is returned.
	Unqualified bool `json:"unqualified,omitempty"`
	Kept        bool `json:"kept,omitempty"`
	// Repaid is how many of the movement's points settled a debt as they became available. The ledger sets it.
	Repaid fact.Points `json:"repaid,omitempty"`
	// Owed is how many of the movement's points became a debt, since they were spent already. The ledger sets it.
	Owed fact.Points `json:"owed,omitempty"`
	// Expired and Forgiven are, of a return, how many points were not taken back besides: those that had expired already, and those that the
	// programme lets go. The ledger sets them.
	Expired  fact.Points `json:"expired,omitempty"`
	Forgiven fact.Points `json:"forgiven,omitempty"`
	// LostOn is, of points that had expired already when they were earned, the last day on which they could have been spent: "2026-03-31". The ledger sets
	// it.
	LostOn string `json:"lostOn,omitempty"`
	// Of is the movement that this one captures, releases, takes back or gives back. The ledger sets it.
	Of fact.ID `json:"of,omitzero"`
	// Account is the other account of a transfer or merge. The ledger sets it.
	Account fact.ID `json:"account,omitzero"`
	// Lots are those that were concerned, in the order in which they were, each with how many points. The ledger sets them. An earning has none: its
	// lot has its name.
	Lots []Slice `json:"lots,omitempty"`
}

// Slice is a part of a lot.
type Slice struct {
	Lot    fact.ID     `json:"lot"`
	Points fact.Points `json:"points"`
}
