package schedule

// Spec is one opening as data. What is absent does not narrow it; of what is there, one must fit.
type Spec struct {
	Months   []string `yaml:"months,omitempty" json:"months,omitempty"`     // january … december
	Days     []int    `yaml:"days,omitempty" json:"days,omitempty"`         // of the month: 1 to 31; -1 is the last, -2 the one before it
	Weekdays []string `yaml:"weekdays,omitempty" json:"weekdays,omitempty"` // monday … sunday
	Hours    []string `yaml:"hours,omitempty" json:"hours,omitempty"`       // "07:00-09:00": from the first minute, before the last; 24:00 is midnight
}

var (
	months = []string{
		"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
	}
	weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
)
