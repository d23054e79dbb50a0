package why

import (
	"time"

	"granaio/loyalty/fact"
)

// Obstacle is what kept a rule from giving what it says.
type Obstacle string

// The obstacles. They are stored: they are never changed.
const (
	Paused     Obstacle = "paused"      // it rests
	OtherEvent Obstacle = "other_event" // it does not listen to the event
	NotYet     Obstacle = "not_yet"     // it had not begun
	Ended      Obstacle = "ended"       // it had ended
	Closed     Obstacle = "closed"      // its schedule was not open
	Condition  Obstacle = "condition"   // its condition did not hold
	Nothing    Obstacle = "nothing"     // the award comes to nothing
	NoBase     Obstacle = "no_base"     // there were no points to multiply
	Fault      Obstacle = "fault"       // its condition or award could not be computed
	TooMuch    Obstacle = "too_much"    // the award is beyond what a rule may give
	Excluded   Obstacle = "excluded"    // another rule of its group gave
	Limited    Obstacle = "limited"     // the member has had as much as the rule gives
	Spent      Obstacle = "spent"       // the budget is spent, or nearly
	Cooling    Obstacle = "cooling"     // an award to the member was too short a time away
	// Unregistered is that the programme gives nothing to somebody who is not registered yet.
	Unregistered Obstacle = "unregistered"
	NotKept      Obstacle = "not_kept" // it gave nothing, and why is not kept: by what is known now it would have given
)

// Obstacles are all of them.
var Obstacles = []Obstacle{Paused, OtherEvent, NotYet, Ended, Closed, Condition, Nothing, NoBase, Fault, TooMuch, Excluded, Limited, Spent, Cooling, Unregistered, NotKept}

// Basis is what a verdict is known from.
type Basis string

// The bases.
const (
	// Stored is what was stored when it was decided, or what never changes: the interaction and the definitions that were in force.
	Stored Basis = "stored"
	// Present is what is known of the member now, since what was known then is not kept.
	Present Basis = "present"
)

// Place is which expression of a rule something is about.
type Place string

// The places.
const (
	InCondition Place = "when"
	InAward     Place = "award"
)

// Verdict is what became of a rule for an interaction: keys and figures. It is stored where the rule would have given but for a limit, a budget, a group or
// a fault; then it has no Parts, which may hold personal data.
type Verdict struct {
	// Rule is the rule's key, and Revision the number of its revision.
	Rule     string `json:"rule"`
	Revision int    `json:"revision,omitempty"`
	// Obstacle is what kept it from giving all that it says; empty if nothing did.
	Obstacle Obstacle `json:"obstacle,omitempty"`
	// Points is how many it gave, and Full how many it would have given but for the obstacle, as far as that is known.
	Points fact.Points `json:"points,omitempty"`
	Full   fact.Points `json:"full,omitempty"`
	// Times or Limit is the limit that was met, Per its window ("month", "30d"; empty for ever), and Used how much of it was used before.
	Times int64       `json:"times,omitempty"`
	Limit fact.Points `json:"limit,omitempty"`
	Per   string      `json:"per,omitempty"`
	Used  int64       `json:"used,omitempty"`
	// Again is when the obstacle is next out of the way: when it begins, opens, or the limit or cool-down leaves room; zero if that is never or not known.
	Again time.Time `json:"again,omitzero"`
	// Budget is the key of the budget that was spent.
	Budget string `json:"budget,omitempty"`
	// Tier is the key of the tier that it granted, and Until until when; zero for ever.
	Tier  string    `json:"tier,omitempty"`
	Until time.Time `json:"until,omitzero"`
	// By is the rule that gave in its stead.
	By string `json:"by,omitempty"`
	// In is the expression that could not be computed (InCondition, InAward), Line and Column where the part of it begins that could not, and Cause why.
	In     Place  `json:"in,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Cause  string `json:"cause,omitempty"`
	// Missing is by how much the interaction's value falls short of a point, in minor units; 0 where that is not what is missing.
	Missing int64 `json:"-"`
	// Parts are those of the condition that did not hold, or what could not be computed.
	Parts []Part `json:"-"`
	// Figures are those that went into what it gave; nil if it gave nothing.
	Figures *Explanation `json:"-"`
	// Basis is what the verdict is known from.
	Basis Basis `json:"-"`
}

// Part is a part of a condition that did not hold, or of what could not be computed.
type Part struct {
	// Expression is the part as it is written, empty where that is not to be told, and Line and Column where it begins in the whole, from 1, in characters.
	Expression   string
	Line, Column int
	// Fault says why it could not be told: Unset, or what went wrong. Empty if it could.
	Fault string
	// Member tells whether it reads something of the member, and not of the interaction alone.
	Member bool
	// Readings are what it read.
	Readings []Reading
	// Lacking are the purposes to which the member would have to agree before it can be told, of each of the lists one: of an Unconsented part.
	Lacking [][]string
	// Missing is how much was missing, or too much, of what it compares, and Unit what that counts; 0 where it compares neither numbers nor times. Places of its
	// digits are after the point.
	Missing int64
	Places  int
	Excess  bool // it was too much
	Unit    Unit
	// Wanted is what would have done, as Missing is written; only where something is missing.
	Wanted int64
	// Alternatives are those of which one would have done, and Parts, of one that asks for several things, those that did not hold.
	Alternatives []Part
	Parts        []Part
}

// Reading is what an expression read, and what it found.
type Reading struct {
	Expression string
	Value      any // string, int64, bool, float64, []string or time.Time; nil if it is unset
	Unit       Unit
}

// Unit is what a number counts.
type Unit string

// The units.
const (
	Plain   Unit = ""
	Money   Unit = "money" // minor units
	Times   Unit = "times" // how often an event happened
	Seconds Unit = "seconds"
)

// Unset is the Fault of a part that reads something which is unset.
const Unset = "unset"

// Unconsented is the Fault of a part that reads something which the member did not agree to have read.
const Unconsented = "unconsented"
