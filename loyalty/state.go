package loyalty

import (
	"time"

	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// State is what is known of a member when something is decided: its row, its account and its working document.
type State struct {
	Member  Member
	Account ledger.Account
	// Lots are all the open lots of the account; or none, while nothing is due (ledger.Account.IsDue) and nothing is to be spent.
	Lots []ledger.Lot
	// Holds are all the open holds of the account, wherever Lots are all the open lots; and those that are to be ended, which may have ended.
	Holds []ledger.Holding
	// Taken is how many pieces of each reward are gone, by the reward's id; a reward that is not in it has all its pieces.
	Taken map[fact.ID]int64
	// Budgets is how many points each budget has left, by its id; a budget that is not in it has all its points.
	Budgets map[fact.ID]fact.Points
	// Kept are the metrics of the version in force now, where an older one decides; nil for those of the one that decides.
	Kept *Metrics
	Doc  Doc
}

// Member is a member's row.
type Member struct {
	ID        fact.ID
	Account   fact.ID
	Status    Status
	Locale    string // BCP 47; empty for the programme's first language
	Tier      string // the key of the tier it has reached; empty below the first
	TierSince time.Time
	Persona   string // the key of its primary persona; empty while nothing speaks for any
	Enrolled  time.Time
	Into      fact.ID // the member that it was merged into; zero for most. Whatever names this one names that one
}

// Status is where a member is in its life with the programme.
type Status string

// The statuses.
const (
	Anonymous  Status = "anonymous"
	Prospect   Status = "prospect"
	Registered Status = "registered"
	Suspended  Status = "suspended"
	Erased     Status = "erased"
)

// Doc is the working document: stored as JSON, loaded and saved whole. It holds personal data, in the profile, so erasure clears it.
type Doc struct {
	Version    int                     `json:"version,omitempty"`    // the latest version of the programme that decided something
	Profile    *Profile                `json:"-"`                    // what is known of the member; stored apart
	Events     map[string]*Series      `json:"events,omitempty"`     // by event name: what the member did
	Qualifying Series                  `json:"qualifying"`           // points that count towards tiers; spending never lowers them
	Standing   *Standing               `json:"standing,omitempty"`   // what holds the member's tier besides what counts; nil for nothing
	Missions   map[string]MissionState `json:"missions,omitempty"`   // by the mission's Counter
	Given      map[string]*Given       `json:"given,omitempty"`      // by rule key: what the rules gave that limit what they give
	Redeemed   map[string]int64        `json:"redeemed,omitempty"`   // by reward key: how many the member has had
	Affinities map[string]Affinity     `json:"affinities,omitempty"` // by persona key
	Waiting    []Waiting               `json:"waiting,omitempty"`    // the events that points wait for
	Arrived    []Arrival               `json:"arrived,omitempty"`    // those that came before any points waited for them, the oldest first
	Warned     []time.Time             `json:"warned,omitempty"`     // as ledger.Account has it
	Metrics    *Measured               `json:"metrics,omitempty"`    // what is kept of the metrics; nil for nothing
	Moment     *Moment                 `json:"moment,omitempty"`     // the last occasion that time brought; nil before the first
	Consents   consent.Set             `json:"consents,omitempty"`   // what was decided, by purpose
	Contact    *consent.Preferences    `json:"contact,omitempty"`    // how the member wants to be written to; nil while it has not said
	Was        Status                  `json:"was,omitempty"`        // of a member that is suspended: its status before
	Absorbed   []fact.ID               `json:"absorbed,omitempty"`   // the members that were merged into it, in their order
}

// Waiting is an event that points wait for.
type Waiting struct {
	Event string    `json:"event"`
	Same  string    `json:"same"`  // the property that tells which
	Until time.Time `json:"until"` // until when at the latest some do
}

// Arrival is an event for which points may come to wait that is heard of later.
type Arrival struct {
	Key   fact.ID   `json:"key"`   // what it is known by, as ledger.Lot.Waits
	At    time.Time `json:"at"`    // when it occurred
	Until time.Time `json:"until"` // how long it is remembered
}

// Series is what is kept of one kind of event: totals of all time, and days as far back as some expression looks.
type Series struct {
	Count int64     `json:"count"`
	Sum   int64     `json:"sum,omitempty"` // of values, in minor units (of qualifying points: in points)
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Days holds count and sum by day in the programme's zone; only where an expression or the tiers look at a window.
	Days Days `json:"days,omitempty"`
	// Keep is how many days before the latest are kept; 0 while none are.
	Keep int `json:"keep,omitempty"`
	// Since is the first day of which something is known by day; 0 if that is all days.
	Since fact.Day `json:"since,omitempty"`
	// Marks hold what happened before each of some days, since which an expression counts.
	Marks Days `json:"marks,omitempty"`
}

// Given is what a rule gave a member: how often, and how many points.
type Given struct {
	Series
	// Recent are when the latest of it occurred, in order, in microseconds since 1970; only where the rule has a cool-down.
	Recent []int64 `json:"recent,omitempty"`
	// Excess is how many points merges took back, since more had been given to several than one may have, that were not returned since.
	Excess int64 `json:"excess,omitempty"`
}

// Days are the days on which something happened, in order. As JSON they are one list of day, count, sum, day, count, sum …
type Days []Tally

// Tally is the count and sum of a day.
type Tally struct {
	Day        fact.Day
	Count, Sum int64
}

// MissionState is how far a member is in a mission's latest period, and was in earlier ones, which late interactions still count in.
type MissionState struct {
	MissionPeriod
	// Earlier periods, the oldest first, of the last 400 days before Latest.
	Earlier []MissionPeriod `json:"earlier,omitempty"`
	// Latest is the latest day that counted.
	Latest fact.Day `json:"latest,omitempty"`
}

// MissionPeriod is how far a member is in one period of a mission.
type MissionPeriod struct {
	Period    string    `json:"period,omitempty"`
	Count     int64     `json:"count"` // also beyond the target
	Completed time.Time `json:"completed,omitzero"`
	Award     fact.ID   `json:"award,omitzero"` // the movement that gave the award, once it is completed
}

// Affinity is how much a member resembles a persona, and why.
type Affinity struct {
	Percent  int      `json:"percent"`            // the weight of the traits that hold, of all its traits' weight: 0 to 100, rounded down
	Traits   []string `json:"traits,omitempty"`   // the keys of those that hold
	Revision int      `json:"revision,omitempty"` // the number of the persona's revision that says so
}
