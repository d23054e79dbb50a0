package fact

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxKey is the longest key or event name, in bytes.
const MaxKey = 64

// IsKey tells whether a text may be the key of a definition: lower-case letters, digits and dashes, 1 to 64, not beginning with a dash.
func IsKey(s string) bool { return named(s, "-") }

// IsEventName tells whether a text may name an event: as a key, with dots and underscores too.
func IsEventName(s string) bool { return named(s, "-._") }

// IsFieldName tells whether a text may name an attribute or property that expressions read: a lower-case letter, then lower-case letters, digits and underscores.
func IsFieldName(s string) bool {
	return named(s, "_") && (s[0] < '0' || s[0] > '9')
}

func named(s, others string) bool {
	if s == "" || len(s) > MaxKey || strings.IndexByte(others, s[0]) >= 0 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

// Nearest is the name that a mistyped one probably means, as the end of a sentence: ": did you mean “purchase”?". It is empty if none is near.
func Nearest(name string, known []string) string {
	best, distance := "", 1+max(1, utf8.RuneCountInString(name)/3)
	for _, k := range slices.Sorted(slices.Values(known)) {
		if d := edits(name, k, distance); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean “" + best + "”?"
}

// edits is how many letters must be changed, added, left out or swapped with the next to make one name of the other; bound or more, if it is no less.
func edits(from, to string, bound int) int {
	a, b := []rune(from), []rune(to)
	if max(len(a)-len(b), len(b)-len(a)) >= bound || len(a) > 2*MaxKey {
		return bound
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// Keys are those that one kind of definition has used, with the place of each.
type Keys map[string]int

// Take takes a key for the definition at a place of its list, and reports one that is malformed or taken. It tells whether the key is good.
func (k Keys) Take(key string, place int, r Report) bool {
	first, taken := k[key]
	switch {
	case key == "":
		r.Say("a key is missing")
	case !IsKey(key):
		r.Say("“%s” is not a key: lower-case letters, digits and dashes, at most %d, not beginning with a dash", clip(key), MaxKey)
	case taken:
		r.Say("the key “%s” is taken already, by the one at place %d", key, first)
	default:
		k[key] = place
		return true
	}
	return false
}

// Strings are names as plain strings.
func Strings[S ~string](names []S) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return all
}
