package loyalty_test

import (
	"encoding/json"
	"testing"

	"granaio/loyalty"
)

// FuzzCompile: no spec whatever makes Compile panic, and what it says is wrong has a place and a reason.
func FuzzCompile(f *testing.F) {
	add := func(s *loyalty.Spec) {
		text, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "event.value > 1")
	}
	add(bakery())
	for _, m := range mistakes {
		s := bakery()
		m.alter(s)
		add(s)
	}
	for _, when := range []string{"", "((((((((((", "member.count(", `member.count("purchase", "30d") > `, "event.properties.tags.all(x, x == x)", "[1,2,3].map(x, x*x)[9]", "\x00\xff", "a.b.c.d.e.f", `"\u{`, "has(has(x))", "event{}", "1 ? 2 : 3", "!!!!!!!!true", "-9223372036854775808", "{1:2}[3]"} {
		f.Add("{}", when)
	}
	f.Fuzz(func(t *testing.T, text, when string) {
		var s loyalty.Spec
		if json.Unmarshal([]byte(text), &s) != nil {
			return // not a spec at all
		}
		if len(s.Rules) == 0 {
			s = *bakery()
		}
		s.Rules[0].When = when
		p, problems := loyalty.Compile(&s, loyalty.Identity{}, nil)
		if (p == nil) != (len(problems) > 0) {
			t.Fatalf("%v with %v", p, problems)
		}
		for _, x := range problems {
			if x.Path == "" || x.Message == "" || x.Line < 0 || (x.Line == 0) != (x.Column == 0) {
				t.Fatalf("a problem without place or reason: %+v", x)
			}
		}
	})
}
