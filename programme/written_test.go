package programme

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

// Whatever text a programme holds, it is written so that it is read as the same again.
func TestEveryTextIsReadAsItWasWritten(t *testing.T) {
	anything := rapid.OneOf(rapid.String().Filter(func(s string) bool { return !strings.ContainsFunc(s, isControl) }), rapid.SampledFrom([]string{
		"", "~", "null", "yes", "on", "12", "0x10", "2025-01-01", "- a", "a: b", "# a", " a ", "a\n", "\n a\n\n", "a\tb", "*a", "&a", "!a", "<<", "%a", "@", "'", `"`,
		"\u2028", "\ufeff", "\u00a0", "\U0001f33e", "\ufffe",
	}))
	rapid.Check(t, func(t *rapid.T) {
		spec := loyalty.Spec{
			Programme: loyalty.Settings{Key: anything.Draw(t, "key"), Languages: []string{anything.Draw(t, "language")}},
			Rules:     []rule.Spec{{When: anything.Draw(t, "when"), Name: fact.Text{"it": anything.Draw(t, "name"), anything.Draw(t, "tag"): "x"}}},
		}
		text, err := write(&spec)
		if err != nil {
			t.Fatal(err)
		}
		d := open("x.yaml", text)
		if d.root == nil {
			t.Fatalf("%s: %v", text, d.problems)
		}
		var again loyalty.Spec
		d.decode(d.root, "", reflect.ValueOf(&again).Elem())
		one, _, err := asJSON(&spec)
		if err != nil {
			t.Fatal(err)
		}
		two, _, err := asJSON(&again)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.problems) > 0 || !reflect.DeepEqual(one, two) {
			t.Fatalf("%s was read as %v, not %v: %v", text, two, one, d.problems)
		}
	})
}
