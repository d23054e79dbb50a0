package consent

import "granaio/loyalty/fact"

// Spec is a purpose as data: something that a member is asked to agree to.
type Spec struct {
	Key    string     `yaml:"key" json:"key"`
	Allows Use        `yaml:"allows" json:"allows"` // what a yes allows: profiling, marketing, third_party or other
	Name   fact.Text  `yaml:"name" json:"name"`
	Texts  []TextSpec `yaml:"texts" json:"texts"` // what the member agrees to, each version that was ever shown; the last is the present one
}

// TextSpec is one version of what a member is asked.
type TextSpec struct {
	Version string    `yaml:"version" json:"version"` // a key, such as 1 or 2026-05
	Text    fact.Text `yaml:"text" json:"text"`
}

// Use is what a purpose allows.
type Use string

// The uses.
const (
	Profiling  Use = "profiling"   // likening the member to personas, and reading what was learnt of it in conditions
	Marketing  Use = "marketing"   // writing to the member
	ThirdParty Use = "third_party" // showing the member to partners
	Other      Use = "other"       // whatever else; attributes may name it
)

// Uses are all of them.
var Uses = []Use{Profiling, Marketing, ThirdParty, Other}

// ContactSpec is how a programme writes to its members, as data.
type ContactSpec struct {
	Channels []string   `yaml:"channels,omitempty" json:"channels,omitempty"` // keys: email, sms, push …
	Caps     []CapSpec  `yaml:"caps,omitempty" json:"caps,omitempty"`         // how often at most; each of them holds
	Quiet    *QuietSpec `yaml:"quiet,omitempty" json:"quiet,omitempty"`       // when nobody is written to; absent: never
}

// CapSpec is how many messages a member gets at most.
type CapSpec struct {
	Channel  string `yaml:"channel,omitempty" json:"channel,omitempty"` // by one channel; empty: by all together
	Messages int    `yaml:"messages" json:"messages"`                   // 1 to 1000
	Per      string `yaml:"per" json:"per"`                             // day, week, month, year by the calendar, or 30d for any so many days
}

// QuietSpec is the hours in which nobody is written to.
type QuietSpec struct {
	From  string `yaml:"from" json:"from"`                     // 21:00
	Until string `yaml:"until" json:"until"`                   // 08:00, of the next day if it is not later
	Zone  string `yaml:"zone,omitempty" json:"zone,omitempty"` // member: by the clock where the member lives, if it said so; programme (the default)
}
