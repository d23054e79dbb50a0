package touchpoint

import (
	"regexp"
	"slices"
	"strings"

	"granaio/loyalty/fact"
)

// Touchpoint is a compiled touchpoint.
type Touchpoint struct {
	fact.Ref
	Key      string
	Name     fact.Text
	Kind     Kind
	Physical bool
	Place    *PlaceSpec // nil if it was not said
	Hours    *Hours     // nil if nothing is known of them
	Owner    string     // the key of the partner whose it is; empty for the brand's
}

// maxAddress is the longest address, in characters.
const maxAddress = 300

// Compile compiles a programme's touchpoints and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, r fact.Report) []*Touchpoint {
	keys, all := fact.Keys{}, make([]*Touchpoint, 0, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		if !slices.Contains(Kinds, spec.Kind) {
			at.In("kind").Say("“%s” is not a kind of touchpoint: those are %s%s", spec.Kind, strings.Join(fact.Strings(Kinds), ", "), fact.Nearest(string(spec.Kind), fact.Strings(Kinds)))
		}
		t := &Touchpoint{
			Ref: refs[spec.Key], Key: spec.Key, Name: spec.Name, Kind: spec.Kind, Physical: slices.Contains(physical, spec.Kind), Place: spec.Place, Owner: spec.Owner,
		}
		if spec.Physical != nil {
			t.Physical = *spec.Physical
		}
		spec.Place.check(at.In("place"))
		if spec.Hours != nil {
			t.Hours = compileHours(spec.Hours, s.Zone, at.In("hours"))
		}
		if spec.Owner != "" && !fact.IsKey(spec.Owner) {
			at.In("owner").Say("“%s” is not a partner's key", spec.Owner)
		}
		all = append(all, t)
	}
	return all
}

var degrees = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$`)

// check reports a place that is none.
func (p *PlaceSpec) check(r fact.Report) {
	if p == nil {
		return
	}
	if len([]rune(p.Address)) > maxAddress || !fact.IsText(p.Address) {
		r.In("address").Say("an address is text of at most %d characters", maxAddress)
	}
	if (p.Latitude == "") != (p.Longitude == "") {
		r.Say("a place has a latitude and a longitude, or neither")
	}
	if p.Address == "" && p.Latitude == "" && p.Longitude == "" {
		r.Say("a place has an address, coordinates or both")
	}
	for _, x := range []struct {
		field, text string
		most        string
	}{{"latitude", p.Latitude, "90"}, {"longitude", p.Longitude, "180"}} {
		if x.text != "" && (!degrees.MatchString(x.text) || beyond(x.text, x.most)) {
			r.In(x.field).Say("“%s” is not a %s: decimal degrees from -%s to %s, with at most 6 digits after the point", x.text, x.field, x.most, x.most)
		}
	}
}

// beyond tells whether a plain decimal number is more than another, whatever its sign.
func beyond(text, most string) bool {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(whole) != len(most) {
		return len(whole) > len(most)
	}
	return whole > most || whole == most && strings.Trim(fraction, "0") != ""
}
