package mission

import "granaio/loyalty/fact"

// Spec is a mission as data.
type Spec struct {
	Key         string          `yaml:"key" json:"key"`
	Name        fact.Text       `yaml:"name" json:"name"`
	Description fact.Text       `yaml:"description,omitempty" json:"description,omitempty"`
	On          []string        `yaml:"on" json:"on"`                         // the events that count
	When        string          `yaml:"when,omitempty" json:"when,omitempty"` // an expression over the event and the member; empty: always
	Target      int64           `yaml:"target" json:"target"`                 // how many complete it
	Every       Every           `yaml:"every,omitempty" json:"every,omitempty"`
	Award       AwardSpec       `yaml:"award,omitempty" json:"award,omitzero"`
	Tier        string          `yaml:"tier,omitempty" json:"tier,omitempty"` // the key of the lowest tier that it is for; empty: everyone
	From        string          `yaml:"from,omitempty" json:"from,omitempty"`
	Until       string          `yaml:"until,omitempty" json:"until,omitempty"`
	Expire      string          `yaml:"expire,omitempty" json:"expire,omitempty"`         // empty: as the programme's points do; "never" for never
	Warn        string          `yaml:"warn,omitempty" json:"warn,omitempty"`             // empty: as the programme's points do; "never" for never
	Mature      fact.MatureSpec `yaml:"mature,omitempty" json:"mature,omitzero"`          // empty: as the programme's points do; "at once" for at once
	OnReturn    fact.OnReturn   `yaml:"on_return,omitempty" json:"on_return,omitempty"`   // what becomes of its award when a return undoes what completed it
	Qualifying  *bool           `yaml:"qualifying,omitempty" json:"qualifying,omitempty"` // whether its points count towards tiers; absent: they do
}

// AwardSpec is what completing a mission gives.
type AwardSpec struct {
	Points fact.Points `yaml:"points" json:"points"` // 1 to 1,000,000
}

// Every is how often a mission begins anew, in the programme's zone. The zero value is once.
type Every string

// The recurrences.
const (
	Once  Every = ""
	Day   Every = "day"
	Week  Every = "week" // ISO 8601: from Monday
	Month Every = "month"
	Year  Every = "year"
)

// Recurrences are all but Once.
var Recurrences = []Every{Day, Week, Month, Year}
