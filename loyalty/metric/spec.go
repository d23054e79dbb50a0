package metric

import "granaio/loyalty/fact"

// Spec is a metric as data.
type Spec struct {
	Name fact.Text `yaml:"name" json:"name"`
	On   []string  `yaml:"on" json:"on"`     // the events whose interactions it is over
	Take Take      `yaml:"take" json:"take"` // what is made of them
	// Of is what of each interaction is taken: value, time, day (in the programme's zone), touchpoint, or properties.x. Of count and interval it is absent.
	Of   string `yaml:"of,omitempty" json:"of,omitempty"`
	When string `yaml:"when,omitempty" json:"when,omitempty"` // a condition over the event alone; empty: all count
	// Over is the window: day, week, month or year of the calendar, "30 days" or "3 months"; empty for all time.
	Over string `yaml:"over,omitempty" json:"over,omitempty"`
}

// Take is what is made of the interactions.
type Take string

// What can be made of them.
const (
	Count    Take = "count"
	Sum      Take = "sum"      // of value or of an int property
	First    Take = "first"    // of what it takes, at the earliest interaction
	Last     Take = "last"     // at the latest
	Most     Take = "most"     // the greatest value or int property
	Least    Take = "least"    // the smallest
	Distinct Take = "distinct" // how many different ones
	Interval Take = "interval" // the average time between one interaction and the next
)

// Takes are all of them.
var Takes = []Take{Count, Sum, First, Last, Most, Least, Distinct, Interval}

// What of an interaction is taken, besides properties.
const (
	ofValue      = "value"
	ofTime       = "time"
	ofDay        = "day"
	ofTouchpoint = "touchpoint"
	ofProperty   = "properties."
)

// The bounds.
const (
	MaxMetrics  = 100 // of a programme
	MaxDistinct = 256 // different values that are told apart
	MaxMonths   = 24  // of a window
	maxText     = 1000
	lateDays    = 92 // how many days before the latest are kept besides those of the window
)
