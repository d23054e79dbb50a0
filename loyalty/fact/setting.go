package fact

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The longest texts of a programme, in characters.
const (
	MaxName = 200
	MaxText = 4000
)

// Setting is what all definitions of a programme share.
type Setting struct {
	Zone      *time.Location
	Languages []string // BCP 47; the first is the default
}

// Text reports a text that lacks a language or has another one, or is longer than max characters. It may be absent if optional.
func (s Setting) Text(t Text, optional bool, max int, r Report) {
	if len(t) == 0 {
		if !optional {
			r.Say("a text is missing: it needs %s", strings.Join(s.Languages, ", "))
		}
		return
	}
	for _, l := range s.Languages {
		switch text := t[l]; {
		case strings.TrimSpace(text) == "":
			r.Say("the text in “%s” is missing", l)
		case utf8.RuneCountInString(text) > max:
			r.In(l).Say("a text of %d characters: at most %d are taken", utf8.RuneCountInString(text), max)
		case !utf8.ValidString(text):
			r.In(l).Say("it is not valid UTF-8")
		}
	}
	for _, l := range t.Tags() {
		if !slices.Contains(s.Languages, l) {
			r.In(l).Say("“%s” is none of the programme's languages: %s", clip(l), strings.Join(s.Languages, ", "))
		}
	}
}

// Span reads the ends of a span, as ParseSpan does.
func (s Setting) Span(from, until string, r Report) Span { return ParseSpan(from, until, s.Zone, r) }
