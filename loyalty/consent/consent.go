package consent

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// State is what a member has decided about a purpose. The values are stored: they are never changed.
type State string

// The states. A member that has not decided has none.
const (
	Unknown   State = ""
	Given     State = "given"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// Decisions are what a member can decide.
var Decisions = []State{Given, Refused, Withdrawn}

// Record is the decision about a purpose that holds.
type Record struct {
	State      State     `json:"state"`
	Since      time.Time `json:"since"`   // when it was made
	Version    string    `json:"version"` // of the text
	Touchpoint string    `json:"touchpoint,omitempty"`
	ID         fact.ID   `json:"id,omitzero"` // of the decision
}

// Set is what holds, by purpose. It is not changed where it lies: With makes another.
type Set map[string]Record

// With is the set after a decision; the same set if a later one holds already.
func (s Set) With(purpose string, r Record) Set {
	if known, ok := s[purpose]; ok && known.Since.After(r.Since) {
		return s
	}
	next := make(Set, len(s)+1)
	for key, known := range s {
		next[key] = known
	}
	next[purpose] = r
	return next
}

// Gives tells whether a purpose is agreed to.
func (s Set) Gives(purpose string) bool { return s[purpose].State == Given }

// Under is the decision that something is taken under which needs one of the purposes: the first that gives it; if none does, the latest about any of them, which says no. Zero if
// nothing was decided.
func (s Set) Under(purposes []string) fact.ID {
	var latest Record
	for _, key := range purposes {
		r := s[key]
		if r.State == Given {
			return r.ID
		}
		if r.State != Unknown && !r.Since.Before(latest.Since) {
			latest = r
		}
	}
	return latest.ID
}

// Purpose is a compiled purpose.
type Purpose struct {
	Key    string
	Allows Use
	Name   fact.Text
	Texts  []Text
}

// Text is one version of what a member is asked.
type Text struct {
	Version string
	Text    fact.Text
}

// Present is the version that is shown now.
func (p *Purpose) Present() Text { return p.Texts[len(p.Texts)-1] }

// Has tells whether there is such a version of the text.
func (p *Purpose) Has(version string) bool {
	return slices.ContainsFunc(p.Texts, func(t Text) bool { return t.Version == version })
}

// Purposes are those of a programme, in its order.
type Purposes []*Purpose

// Find is the one with the key, nil if there is none.
func (all Purposes) Find(key string) *Purpose {
	for _, p := range all {
		if p.Key == key {
			return p
		}
	}
	return nil
}

// Keys are those of the purposes that allow a use; of all purposes, if it is empty.
func (all Purposes) Keys(use Use) (keys []string) {
	for _, p := range all {
		if use == "" || p.Allows == use {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// Declare tells whether some purpose allows a use, so that it needs consent.
func (all Purposes) Declare(use Use) bool {
	return slices.ContainsFunc(all, func(p *Purpose) bool { return p.Allows == use })
}

// Allow tells whether a use is allowed: no purpose is declared for it, or one that is was agreed to.
func (all Purposes) Allow(use Use, s Set) bool {
	declared := false
	for _, p := range all {
		if p.Allows == use {
			if declared = true; s.Gives(p.Key) {
				return true
			}
		}
	}
	return !declared
}

// Compile compiles a programme's purposes and reports what is wrong with them.
func Compile(specs []Spec, s fact.Setting, r fact.Report) Purposes {
	keys, all := fact.Keys{}, make(Purposes, 0, len(specs))
	if len(specs) > maxPurposes {
		r.Say("a programme has at most %d purposes", maxPurposes)
	}
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		if !slices.Contains(Uses, spec.Allows) {
			at.In("allows").Say("“%s” is not what a purpose allows: that is profiling, marketing, third_party or other%s", spec.Allows,
				fact.Nearest(string(spec.Allows), fact.Strings(Uses)))
		}
		p := &Purpose{Key: spec.Key, Allows: spec.Allows, Name: spec.Name}
		if len(spec.Texts) == 0 {
			at.In("texts").Say("a purpose needs the text that members agree to")
		}
		for j, text := range spec.Texts {
			at := at.In("texts").At(j)
			s.Text(text.Text, false, maxText, at.In("text"))
			switch {
			case !fact.IsKey(text.Version):
				at.In("version").Say("“%s” is not a version: lower-case letters, digits and dashes, at most %d, such as 1 or 2026-05", text.Version, fact.MaxKey)
			case p.Has(text.Version):
				at.In("version").Say("“%s” is there already", text.Version)
			}
			p.Texts = append(p.Texts, Text(text))
		}
		all = append(all, p)
	}
	return all
}

const (
	maxPurposes = 50
	maxText     = 5000 // characters
)
