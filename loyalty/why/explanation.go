// Package why explains movements: the figures that went into one, as data, and as a sentence in the member's language.
package why

import "granaio/loyalty/fact"

// Explanation is the figures behind one movement: keys and numbers, never personal data. It is stored with the movement and never changes.
// Fields that do not apply are empty.
type Explanation struct {
	// Source is what caused the movement: "rule", "multiplier", "mission", "reward", "maturity", "expiry", …
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
	// Rounding is how a fraction became whole: "down", "up", "half_up", "half_even".
	Rounding string `json:"rounding,omitempty"`
	// Factor is a multiplier's, as a decimal; Base is the points it was applied to.
	Factor string      `json:"factor,omitempty"`
	Base   fact.Points `json:"base,omitempty"`
	// Count and Target are a mission's, Period its recurrence ("2026-05").
	Count  int64  `json:"count,omitempty"`
	Target int64  `json:"target,omitempty"`
	Period string `json:"period,omitempty"`
	// Price is a reward's.
	Price fact.Points `json:"price,omitempty"`
	// Lots are those that were touched, each with how many points.
	Lots []Slice `json:"lots,omitempty"`
}

// Slice is a part of a lot.
type Slice struct {
	Lot    fact.ID     `json:"lot"`
	Points fact.Points `json:"points"`
}
