package fact

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// IsText tells whether both databases take a text as it is: it is UTF-8 and holds no U+0000.
func IsText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// Text is a text of a programme in its languages, by BCP 47 tag ("it", "en").
type Text map[string]string

// In is the text in the first of the languages that it has ("it-CH" is served by "it"); else in the language whose tag sorts first; empty
// if there is none.
func (t Text) In(languages ...string) string {
	for _, l := range languages {
		for {
			if s, ok := t[l]; ok {
				return s
			}
			cut := strings.LastIndexByte(l, '-')
			if cut < 0 {
				break
			}
			l = l[:cut]
		}
	}
	least, found := "", ""
	for l, s := range t {
		if least == "" || l < least {
			least, found = l, s
		}
	}
	return found
}

// Tags are the languages that the text has, sorted.
func (t Text) Tags() []string { return slices.Sorted(maps.Keys(t)) }
