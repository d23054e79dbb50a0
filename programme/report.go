package programme

import (
	"fmt"
	"strings"
	"time"

	"granaio/ent/definition"
	"granaio/loyalty/fact"
)

// Report is what an import did.
type Report struct {
	Programme fact.ID
	Key       string
	// Version is the number of the version that says what the file says.
	Version int
	// Published is true if this import published that version; false if what the file says was in force already.
	Published bool
	// At is when a version that was published comes into force, if that is later; else zero.
	At time.Time
	// DryRun is true if all this was only tried out, and nothing was changed.
	DryRun bool
	// Changes are what differs from what was in force.
	Changes []Difference
	// Definitions are the counts by kind, in the order of Kinds.
	Definitions []Count
	// Partners are those of the file, in its order, then those that it no longer has.
	Partners []PartnerReport
}

// Count is how many definitions of a kind an import touched, and how many it left as they were.
type Count struct {
	Kind      string // one of Kinds
	Created   int    // new
	Changed   int    // with another revision
	Restored  int    // not in force before, and back
	Retired   int    // no longer in the file
	Unchanged int
	Paused    int // of all these, those that rest from now on
	Resumed   int // and those that rest no longer
}

// PartnerReport is what an import did to a partner.
type PartnerReport struct {
	ID     fact.ID
	Key    string
	Change Change
}

// Change is what became of a row.
type Change string

// The changes.
const (
	Created   Change = "created"
	Changed   Change = "changed"
	Retired   Change = "retired" // of a partner: it may do nothing any more
	Unchanged Change = "unchanged"
)

// Unchanged tells whether the import wrote nothing.
func (r *Report) Unchanged() bool {
	for _, p := range r.Partners {
		if p.Change != Unchanged {
			return false
		}
	}
	return !r.Published
}

// String is the report in a few lines for a terminal.
func (r *Report) String() string {
	var b strings.Builder
	switch {
	case r.Published && r.DryRun:
		fmt.Fprintf(&b, "%s: would publish version %d%s", r.Key, r.Version, r.when())
	case r.Published:
		fmt.Fprintf(&b, "%s: published version %d%s", r.Key, r.Version, r.when())
	default:
		fmt.Fprintf(&b, "%s: version %d, unchanged", r.Key, r.Version)
	}
	for _, c := range r.Definitions {
		if c == (Count{Kind: c.Kind}) {
			continue
		}
		fmt.Fprintf(&b, "\n  %-11s", kindOf(definition.Kind(c.Kind)).plural())
		for _, part := range []struct {
			n    int
			word string
		}{{c.Created, "created"}, {c.Changed, "changed"}, {c.Restored, "restored"}, {c.Retired, "retired"}, {c.Unchanged, "unchanged"}, {c.Paused, "paused"}, {c.Resumed, "resumed"}} {
			if part.n > 0 {
				fmt.Fprintf(&b, " %d %s", part.n, part.word)
			}
		}
	}
	for _, p := range r.Partners {
		fmt.Fprintf(&b, "\n  partner %s %s %s", p.Key, p.ID, p.Change)
	}
	return b.String()
}

// when says from when on a version is in force, unless it is so at once.
func (r *Report) when() string {
	if r.At.IsZero() {
		return ""
	}
	return ", in force from " + r.At.Format(time.RFC3339)
}
