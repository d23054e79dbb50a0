package why

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestVerdictsSpeakEveryLanguage guards the table, as TestEveryLanguageIsWhole does.
func TestVerdictsSpeakEveryLanguage(t *testing.T) {
	value := regexp.MustCompile(`\{[^}]*\}`)
	for tag := range languages {
		w, spoken := tongueOf(tag), tongues[tag].part != ""
		if len(w.causes) != 7 || len(w.what) != 3 || len(w.plain) != 2 || slices.Contains([]string{w.grants, w.either, w.any, w.place, w.of, w.present, w.spans[3][1], w.unconsented, w.or}, "") {
			t.Errorf("%s: words for what fails are missing", tag)
		}
		if !spoken || len(w.verdicts) != len(Obstacles)+1 || len(w.cut) != 2 || len(w.truth) != 2 || len(w.windows) != 5 || slices.Contains(w.weekdays[:], "") ||
			slices.Contains([]string{w.part, w.broken, w.unset, w.once, w.often, w.days, w.at}, "") {
			t.Errorf("%s: words for verdicts are missing, or too many", tag)
		}
		known := Verdict{
			Rule: "r", Points: 1, Full: 2, Times: 1, Again: time.Now(), Budget: "b", By: "o", Missing: 1, Parts: []Part{{Expression: "x", Readings: []Reading{{"x", true, ""}}}},
		}.values(Words{Currency: "EUR"}, nil, w)
		known["cause"] = Verdict{Cause: "overflow"}.values(Words{}, nil, w)["cause"]
		for _, o := range append(Obstacles, "") {
			if w.verdicts[o] == "" {
				t.Errorf("%s: no sentence for %q", tag, o)
			}
			for _, v := range value.FindAllString(w.verdicts[o]+w.cut[o], -1) {
				if known[strings.Trim(v, "{}")] == "" {
					t.Errorf("%s, %s: %s is no value", tag, o, v)
				}
			}
		}
	}
}
