package rule

import (
	"granaio/loyalty/fact"
	"granaio/loyalty/schedule"
)

// Spec is a rule as data. It has an award, a multiply or a grant.
type Spec struct {
	Key  string    `yaml:"key" json:"key"`
	Name fact.Text `yaml:"name" json:"name"`
	On   []string  `yaml:"on" json:"on"`                         // the events it listens to
	When string    `yaml:"when,omitempty" json:"when,omitempty"` // an expression over the event and the member; empty: always

	Award    *AwardSpec `yaml:"award,omitempty" json:"award,omitempty"`
	Multiply string     `yaml:"multiply,omitempty" json:"multiply,omitempty"` // a decimal above 1, at most 100
	Of       []string   `yaml:"of,omitempty" json:"of,omitempty"`             // of a multiply: the rules whose points it multiplies; empty: those with an award per amount

	Grant *GrantSpec `yaml:"grant,omitempty" json:"grant,omitempty"` // of a tier, whatever counts towards tiers

	From       string          `yaml:"from,omitempty" json:"from,omitempty"`
	Until      string          `yaml:"until,omitempty" json:"until,omitempty"`
	Schedule   []schedule.Spec `yaml:"schedule,omitempty" json:"schedule,omitempty"`     // when it is open, of the time between; absent: always
	Limits     []LimitSpec     `yaml:"limits,omitempty" json:"limits,omitempty"`         // for each member
	Cooldown   string          `yaml:"cooldown,omitempty" json:"cooldown,omitempty"`     // that must lie between two awards to a member: "24 hours", "7 days"
	Beyond     Beyond          `yaml:"beyond,omitempty" json:"beyond,omitempty"`         // cut (the default) or skip: what becomes of points beyond a limit or budget
	Group      string          `yaml:"group,omitempty" json:"group,omitempty"`           // of the rules of a group only one gives, as the programme's groups say
	Budget     string          `yaml:"budget,omitempty" json:"budget,omitempty"`         // the key of the budget that its points are drawn from
	Priority   int             `yaml:"priority,omitempty" json:"priority,omitempty"`     // higher comes first; then by key
	Expire     string          `yaml:"expire,omitempty" json:"expire,omitempty"`         // empty: as the programme's points do; "never" for never
	Warn       string          `yaml:"warn,omitempty" json:"warn,omitempty"`             // empty: as the programme's points do; "never" for never
	Mature     fact.MatureSpec `yaml:"mature,omitempty" json:"mature,omitzero"`          // empty: as the programme's points do; "at once" for at once
	OnReturn   fact.OnReturn   `yaml:"on_return,omitempty" json:"on_return,omitempty"`   // what becomes of its points when what they were given for is returned
	Qualifying *bool           `yaml:"qualifying,omitempty" json:"qualifying,omitempty"` // whether its points count towards tiers; absent: they do
}

// AwardSpec is how many points: a fixed number (Points alone), so many for each amount spent (Points, Per, Rounding), what the band says in which the
// amount lies (Bands), or what an Expression says.
type AwardSpec struct {
	Points     fact.Points `yaml:"points,omitempty" json:"points,omitempty"`         // 1 to MaxPoints
	Per        string      `yaml:"per,omitempty" json:"per,omitempty"`               // a decimal in the programme's currency
	Rounding   Rounding    `yaml:"rounding,omitempty" json:"rounding,omitempty"`     // of a Per; empty: down
	Bands      []BandSpec  `yaml:"bands,omitempty" json:"bands,omitempty"`           // rising; below the first, nothing
	Expression string      `yaml:"expression,omitempty" json:"expression,omitempty"` // of type int
}

// BandSpec is what an award gives for amounts from one on, up to the next band's: a fixed number, or so many for each part of the whole amount.
type BandSpec struct {
	From     string      `yaml:"from" json:"from"` // a decimal in the programme's currency
	Points   fact.Points `yaml:"points" json:"points"`
	Per      string      `yaml:"per,omitempty" json:"per,omitempty"`
	Rounding Rounding    `yaml:"rounding,omitempty" json:"rounding,omitempty"`
}

// GrantSpec is a tier that a rule gives a member, from when the interaction occurred.
type GrantSpec struct {
	Tier string `yaml:"tier" json:"tier"`                   // the key
	For  string `yaml:"for,omitempty" json:"for,omitempty"` // a term (ledger.ParseTerm): "6 months"; empty for ever
}

// MaxBands is how many bands an award has at most.
const MaxBands = 50

// MaxPoints is the most that one award may give at a time: by a fixed number, for one amount, or by an expression.
const MaxPoints fact.Points = 1_000_000

// Rounding is how a fraction of a point becomes whole.
type Rounding string

// The roundings.
const (
	Down     Rounding = "down"
	Up       Rounding = "up"
	HalfUp   Rounding = "half_up"
	HalfEven Rounding = "half_even"
)

// Roundings are all of them.
var Roundings = []Rounding{Down, Up, HalfUp, HalfEven}
