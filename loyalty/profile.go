package loyalty

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Profile is what is known of a member, beside what it did. It is stored apart from the rest of the working document, since most of what happens leaves it as it is, and read
// when something first asks for it. It never changes: who learns something makes another. The nil profile knows nothing. It may be used by any number of goroutines.
type Profile struct {
	text  []byte
	once  sync.Once
	known Known
	err   error
}

// Known is what a profile knows. It is not to be changed.
type Known struct {
	Attributes map[string]Attribute `json:"attributes,omitempty"` // by name; one without a value was removed
	Aside      map[string]Attribute `json:"aside,omitempty"`      // those that the programme does not declare: nothing reads them
	Dependents []Dependent          `json:"dependents,omitempty"` // in the order in which they were added
}

// Attribute is a value that is known of a member or a dependent, and where it comes from.
type Attribute struct {
	Value       any        `json:"value"` // string, bool, int64, or a slice of strings, as the programme declares it; nil if it was removed
	Touchpoint  string     `json:"touchpoint,omitempty"`
	Party       fact.Party `json:"party,omitempty"`
	At          time.Time  `json:"at"`                   // when it was said or observed
	Interaction fact.ID    `json:"interaction,omitzero"` // by which it became known
	Consent     fact.ID    `json:"consent,omitzero"`     // the decision that held about its purpose when it was taken; zero if it has none, or nothing was decided
	Removed     time.Time  `json:"removed,omitzero"`     // when one before it was removed: nothing from before then is taken any more; zero if none was
}

// gone is when the last value was removed; zero if none was.
func (a *Attribute) gone() time.Time {
	if a.Value == nil {
		return a.At
	}
	return a.Removed
}

// Dependent is somebody or something that a member looks after.
type Dependent struct {
	ID         fact.ID              `json:"id"`
	Kind       string               `json:"kind"` // as the programme declares it
	Added      time.Time            `json:"added"`
	Attributes map[string]Attribute `json:"attributes,omitempty"` // by name; one without a value was removed
}

// maxProfile is how many bytes a profile has at most, as it is stored; maxAside how many attributes are kept aside.
const (
	maxProfile = 64 << 10
	maxAside   = 100
)

// NewProfile is a profile that knows so much; nil if that is nothing.
func NewProfile(k Known) *Profile {
	if len(k.Attributes) == 0 && len(k.Aside) == 0 && len(k.Dependents) == 0 {
		return nil
	}
	p := &Profile{known: k}
	p.once.Do(func() {})
	return p
}

// StoredProfile is a profile as Encode wrote it, which it keeps; nil for no text.
func StoredProfile(text []byte) *Profile {
	if len(text) == 0 {
		return nil
	}
	return &Profile{text: text}
}

// Encode writes the profile as JSON. The same profile is written the same way, to the byte.
func (p *Profile) Encode() ([]byte, error) {
	if p == nil {
		return nil, nil
	}
	if p.text != nil {
		return p.text, nil
	}
	return json.Marshal(p.known)
}

// Known is what the profile knows. A profile that cannot be read knows nothing: see Err.
func (p *Profile) Known() Known {
	if p == nil {
		return Known{}
	}
	p.once.Do(p.read)
	return p.known
}

// Err tells why the profile cannot be read; nil if it can.
func (p *Profile) Err() error {
	if p == nil {
		return nil
	}
	p.once.Do(p.read)
	return p.err
}

func (p *Profile) read() {
	var k Known
	if p.err = json.Unmarshal(p.text, &k); p.err == nil {
		p.err = restore(k.Attributes) // what is kept aside stays as JSON has it
		for i := range k.Dependents {
			if p.err == nil {
				p.err = restore(k.Dependents[i].Attributes)
			}
		}
	}
	if p.err != nil {
		p.err = fmt.Errorf("loyalty: a member's profile: %w", p.err)
		return
	}
	p.known = k
}

// restore gives values the forms that State has: string, bool, int64 or []string.
func restore(all map[string]Attribute) error {
	for name, a := range all {
		switch v := a.Value.(type) {
		case nil, string, bool:
			continue
		case float64:
			if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
				return fmt.Errorf("an attribute cannot have the value %v", v)
			}
			a.Value = int64(v)
		default:
			texts, ok := expr.Strings.Accept(v)
			if !ok {
				return fmt.Errorf("an attribute cannot have a value of type %T", v)
			}
			a.Value = texts
		}
		all[name] = a
	}
	return nil
}

// Dependent is the one of the id; false if there is none.
func (k Known) Dependent(id fact.ID) (Dependent, bool) {
	if i := slices.IndexFunc(k.Dependents, func(d Dependent) bool { return d.ID == id }); i >= 0 {
		return k.Dependents[i], true
	}
	return Dependent{}, false
}

// clone is a copy whose attributes, kept ones and dependents can be set; those of a dependent are shared.
func (k Known) clone() Known {
	return Known{maps.Clone(k.Attributes), maps.Clone(k.Aside), slices.Clone(k.Dependents)}
}

// valueOf is the value of an attribute, false if there is none.
func valueOf(all map[string]Attribute, name string) (any, bool) {
	a := all[name]
	return a.Value, a.Value != nil
}

// dependent is a dependent as expressions read it.
type dependent struct{ Dependent }

// ID is the dependent's, as interactions name it.
func (d dependent) ID() string { return d.Dependent.ID.String() }

// Kind is its kind's key.
func (d dependent) Kind() string { return d.Dependent.Kind }

// Attribute is the value of one of its attributes.
func (d dependent) Attribute(name string) (any, bool) { return valueOf(d.Attributes, name) }
