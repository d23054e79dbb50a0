package why

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"granaio/loyalty/fact"
)

// TestEveryLanguageIsWhole guards the table: whoever adds a language learns here what it lacks.
func TestEveryLanguageIsWhole(t *testing.T) {
	full := Explanation{
		Key: "k", Event: "e", Value: 1, Currency: "EUR", Per: 1, Rate: 1, Rounding: RoundDown, Band: 1, Withheld: 1, Factor: "2", Base: 1,
		Count: 1, Target: 1, Period: "2026-05", Price: 1, Repaid: 1, Owed: 1, Expired: 1, Forgiven: 1, LostOn: "2026-03-31",
	}
	value := regexp.MustCompile(`\{[^}]*\}`)
	sources := []string{
		SourceRule, SourceMultiplier, SourceTier, SourceMission, SourceReward, SourceMaturity, SourceExpiry, SourceArrival, SourceUnmatured, SourceInactivity, SourceHold, SourceCapture, SourceRelease, SourceLapse,
		SourceReturn, SourceTierReturn, SourceRevocation, SourceRefund, SourceGiven, SourceReceived, SourceCredit, SourceDebit, SourceMergedAway, SourceMerged, SourceDebtMergedAway,
		SourceDebtMerged, SourceErasure,
	}
	roundings := []string{RoundDown, RoundUp, RoundHalfUp, RoundHalfEven}
	for tag, l := range languages {
		if !slices.Equal(slices.Sorted(maps.Keys(l.sentences)), slices.Sorted(slices.Values(sources))) {
			t.Errorf("%s: sentences for %v, want %v", tag, slices.Sorted(maps.Keys(l.sentences)), sources)
		}
		if !slices.Equal(slices.Sorted(maps.Keys(l.rounding)), slices.Sorted(slices.Values(roundings))) {
			t.Errorf("%s: roundings %v, want %v", tag, slices.Sorted(maps.Keys(l.rounding)), roundings)
		}
		if slices.Contains(l.months[:], "") || slices.Contains([]string{l.decimal, l.group, l.one, l.many, l.open, l.close, l.other}, "") {
			t.Errorf("%s: a word or mark is missing", tag)
		}
		if _, ok := fill(l.other, full.values(1, Names{}, nil, l)); !ok {
			t.Errorf("%s: no other sentence", tag)
		}
		known := full.values(fact.Points(1), Names{}, nil, l)
		for source, template := range l.sentences {
			for _, v := range value.FindAllString(template, -1) {
				if known[strings.Trim(v, "{}")] == "" {
					t.Errorf("%s, %s: %s is no value", tag, source, v)
				}
			}
			s, ok := fill(template, known)
			if !ok || strings.ContainsAny(s, "{}[]") {
				t.Errorf("%s, %s: got %q, %t", tag, source, s, ok)
			}
		}
	}
}
