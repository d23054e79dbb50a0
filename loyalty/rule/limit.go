package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// LimitSpec is how much a rule gives one member at most: so many times, or so many points.
type LimitSpec struct {
	Times  int64       `yaml:"times,omitempty" json:"times,omitempty"`
	Points fact.Points `yaml:"points,omitempty" json:"points,omitempty"`
	Per    string      `yaml:"per,omitempty" json:"per,omitempty"` // day, week, month, year, or so many days ("30d"); absent: for ever
}

// Beyond is what becomes of an award that goes beyond what limits and budgets leave.
type Beyond string

// The ways.
const (
	Cut  Beyond = "cut"  // what is left is given
	Skip Beyond = "skip" // nothing is given
)

// Limit is how much a rule gives one member at most in a window: exactly one of Times and Points is set.
type Limit struct {
	Times  int64
	Points fact.Points
	Per    expr.Window // calendar windows hold the interaction's day; so many days are any such stretch that holds it; empty: for ever
}

// Rolling is of how many days a window is that is no calendar's; 0 for a calendar's, and for ever.
func (l Limit) Rolling() int {
	if l.Per == "" || slices.Contains(calendar, l.Per) {
		return 0
	}
	days, _ := l.Per.Days()
	return days + 1
}

var calendar = []expr.Window{expr.Day, expr.Week, expr.Month, expr.Year}

const (
	// maxLimits is how many limits a rule has at most.
	maxLimits = 10
	// maxCooldown is the longest cool-down.
	maxCooldown = expr.MaxDays * 24 * time.Hour
)

// Rations are the limits of a rule for each member.
type Rations struct {
	Limits   []Limit
	Cooldown time.Duration // that must lie between two awards; 0 for none
	Beyond   Beyond
}

// Any tells whether there is anything to count.
func (r *Rations) Any() bool { return len(r.Limits) > 0 || r.Cooldown > 0 }

// Days is how many days before an award its counts reach; 0 if totals suffice.
func (r *Rations) Days() (most int) {
	for _, l := range r.Limits {
		if l.Per != "" {
			days, _ := l.Per.Days()
			most = max(most, days+1)
		}
	}
	return max(most, int((r.Cooldown+24*time.Hour-1)/(24*time.Hour)))
}

// Bucket is the day under which what is given on a day is counted: the first of its week, month or year, if nobody looks closer.
func (r *Rations) Bucket(day fact.Day) fact.Day {
	grain := expr.Window("")
	for _, l := range r.Limits {
		switch {
		case l.Per == "":
		case r.Cooldown > 0 || l.Rolling() > 0 || grain != "" && grain != l.Per:
			return day
		default:
			grain = l.Per
		}
	}
	if grain == "" {
		return day
	}
	first, _ := grain.Around(day)
	return first
}

func compileRations(spec *Spec, r fact.Report) Rations {
	all := Rations{Beyond: spec.Beyond}
	if len(spec.Limits) > maxLimits {
		r.In("limits").Say("a rule has at most %d limits", maxLimits)
		return all
	}
	for i, l := range spec.Limits {
		at := r.In("limits").At(i)
		_, window := expr.Window(l.Per).Days()
		switch {
		case (l.Times == 0) == (l.Points == 0):
			at.Say("a limit has either times or points")
		case l.Times < 0 || l.Times > 1_000_000:
			at.In("times").Say("a limit is 1 to 1,000,000 times, not %d", l.Times)
		case l.Points < 0 || l.Points > fact.MaxPoints:
			at.In("points").Say("a limit is 1 to %d points, not %d", fact.MaxPoints, l.Points)
		}
		if l.Per != "" && !window {
			at.In("per").Say("“%s” is not a period: those are day, week, month, year, and 1d to %dd; none is for ever%s", l.Per, expr.MaxDays,
				fact.Nearest(l.Per, fact.Strings(calendar)))
		}
		all.Limits = append(all.Limits, Limit{l.Times, l.Points, expr.Window(l.Per)})
	}
	switch all.Beyond {
	case "":
		all.Beyond = Cut
	case Cut, Skip:
	default:
		r.In("beyond").Say("“%s” is neither cut nor skip", spec.Beyond)
	}
	if spec.Cooldown != "" {
		var err error
		if all.Cooldown, err = parseCooldown(spec.Cooldown); err != nil {
			r.In("cooldown").Say("%s", err)
		}
	}
	return all
}

var cooldown = regexp.MustCompile(`^([1-9][0-9]{0,5}) (minute|hour|day)s?$`)

func parseCooldown(text string) (time.Duration, error) {
	m := cooldown.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("“%s” is not a cool-down, such as 90 minutes, 24 hours or 7 days", strings.TrimSpace(text))
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	d := time.Duration(n) * map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
	if d > maxCooldown {
		return 0, fmt.Errorf("a cool-down lasts at most %d days", expr.MaxDays)
	}
	return d, nil
}
