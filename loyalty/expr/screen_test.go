package expr

import (
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"pgregory.net/rapid"

	"granaio/loyalty/fact"
)

// What is told of a condition without CEL is what CEL tells of it.
func TestConditionsAreScreenedAsCELDecides(t *testing.T) {
	properties := map[string]Type{"items": Int, "channel": String, "gift": Bool, "rating": Double}
	l := NewLanguage(Vocabulary{Events: map[string]map[string]Type{"purchase": properties}, Attributes: map[string]Type{}})
	conjuncts := []string{
		`event.properties.items > 3`, `3 > event.properties.items`, `event.properties.items == -1`, `event.properties.items != 3`, `event.value >= 500`, `event.value == 0`, `500 <= event.value`,
		`event.properties.channel == "app"`, `"app" != event.properties.channel`, `event.properties.channel in ["app", "web"]`, `event.properties.channel in []`, `event.properties.gift`,
		`!event.properties.gift`, `event.touchpoint == "till"`, `event.touchpoint in ["till"]`, `event.properties.rating > 1.5`, `has(event.properties.items)`, `1 / event.properties.items > 0`,
		`(event.properties.gift || event.properties.items > 1)`, `(event.properties.gift && event.properties.items < 9)`, `event.properties.gift == true`, `"a" == "a"`, `true`,
	}
	told, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(conjuncts), 1, 4).Draw(t, "conjuncts"), " && ")
		r := fact.NewReport()
		c := l.Condition(source, []string{"purchase"}, r)
		if c == nil {
			t.Fatal(source, r.Problems())
		}
		i := fact.Interaction{Event: "purchase", Touchpoint: rapid.SampledFrom([]string{"till", "app"}).Draw(t, "touchpoint"), Properties: map[string]any{}}
		if rapid.Bool().Draw(t, "paid") {
			i.Value = &fact.Money{Minor: rapid.SampledFrom([]int64{0, 499, 500, 1 << 60}).Draw(t, "value")}
		}
		for name, values := range map[string][]any{
			"items":   {int64(0), int64(3), int64(4), 3.0, 2.5, int64(-1), "3", int64(1) << 60},
			"channel": {"app", "shop", "", true}, "gift": {true, false, "yes"}, "rating": {1.0, 2.0, int64(2)},
		} {
			if rapid.IntRange(0, 4).Draw(t, name+" is set") > 0 {
				i.Properties[name] = rapid.SampledFrom(values).Draw(t, name)
			}
		}
		var s Scope
		s.Set(&Member{}, &i, time.Now(), time.UTC)
		holds, known := c.screen.test(&s)
		if asked++; !known {
			return
		}
		told++
		v, _, err := c.program.Eval(&s)
		if err == nil && (v == types.True) != holds || err != nil && holds {
			t.Fatalf("%s of %v: %t without CEL, with it %v %v", source, i, holds, v, err)
		}
	})
	if told < asked/4 || told == asked {
		t.Errorf("%d of %d were told without CEL: that tells little", told, asked)
	}
}
