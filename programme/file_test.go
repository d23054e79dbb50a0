package programme_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"granaio/programme"
)

// small is a little valid programme, which the tests spoil.
func small(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rules is a valid programme that uses all that rules have.
func rules(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// with is the text with each old part replaced by the new one that follows it. Every old part must be there once.
func with(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			t.Fatalf("%q is there %d times", pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func parse(t *testing.T, text string) *programme.File {
	t.Helper()
	f, problems := programme.Parse("small.yaml", []byte(text))
	if f == nil {
		t.Fatalf("not valid: %v", problems)
	}
	return f
}

// told compares problems with what is expected: each "line:column path: part of the message", in order.
func told(t *testing.T, problems []programme.Problem, want ...string) {
	t.Helper()
	for i := range max(len(problems), len(want)) {
		switch {
		case i >= len(want):
			t.Errorf("an unexpected problem: %v", problems[i])
		case i >= len(problems):
			t.Errorf("not told: %s", want[i])
		default:
			p := problems[i]
			place, message, _ := strings.Cut(want[i], ": ")
			if got := strings.TrimSpace(fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Path)); got != place || !strings.Contains(p.Message, message) {
				t.Errorf("told    %s: %s\nwanted  %s", got, p.Message, want[i])
			}
		}
	}
}

func TestAValidFileHasNoProblems(t *testing.T) {
	f := parse(t, small(t))
	if got := f.Spec.Rules[1].When; got != "member.attributes.children > 0" {
		t.Errorf("the second rule's condition is %q", got)
	}
	if got := f.Spec.Rewards[0].Stock; got == nil || *got != 10 {
		t.Errorf("the reward's stock is %v", got)
	}
	if got := f.Spec.Programme.Starts; got != "2025-01-01" {
		t.Errorf("it starts %q: a date needs no quotes", got)
	}
}

func TestEveryMistakeIsToldWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		want   []string
	}{
		"an unknown field, and which one was meant": {
			[]string{"    on: [purchase]\n    award: {per", "    on: [purchase]\n    awrad: {per"},
			[]string{`28:5 rules[0].awrad: no such field: did you mean “award”?`},
		},
		"an unknown field like no other": {
			[]string{"  currency: EUR\n", "  currency: EUR\n  zzzzzzzzzz: 1\n"},
			[]string{`6:3 programme.zzzzzzzzzz: no such field: there are key, name,`},
		},
		"an unknown part": {
			[]string{"rewards:\n", "rewords:\n"},
			[]string{`36:1 rewords: no such field: did you mean “rewards”?`},
		},
		"a key twice": {
			[]string{"  currency: EUR\n", "  currency: EUR\n  currency: USD\n"},
			[]string{`6:3 programme.currency: is given twice: first in line 5`},
		},
		"a name twice in a map": {
			[]string{"    idea.voted: {name: {en: vote}}\n", "    idea.voted: {name: {en: vote}}\n    idea.voted: {name: {en: vote}}\n"},
			[]string{`17:5 programme.events["idea.voted"]: is given twice: first in line 16`},
		},
		"a text for a number": {
			[]string{"target: 3", "target: three"},
			[]string{`35:63 missions[0].target: wants a whole number in plain digits, such as 50, not the text "three"`},
		},
		"a quoted number for a number": {
			[]string{"target: 3", `target: "3"`},
			[]string{`35:63 missions[0].target: wants a whole number in plain digits, such as 50, not the text "3"`},
		},
		"a fraction for a number": {
			[]string{"award: {points: 5}", "award: {points: 5.5}"},
			[]string{`33:21 rules[1].award.points: wants a whole number in plain digits, such as 50, not 5.5`},
		},
		"a number of the wrong base": {
			[]string{"stock: 10", "stock: 010"},
			[]string{`37:67 rewards[0].stock: wants a whole number in plain digits`},
		},
		"a number beyond all bounds": {
			[]string{"price: 500", "price: 99999999999999999999"},
			[]string{`37:55 rewards[0].price: 99999999999999999999 is too large a number`},
		},
		"a list for a text": {
			[]string{"  currency: EUR\n", "  currency: [EUR]\n"},
			[]string{`5:13 programme.currency: wants a text, not a list`},
		},
		"a text for a list": {
			[]string{"languages: [en]", "languages: en"},
			[]string{`7:14 programme.languages: wants a list, not the text "en"`},
		},
		"a text for a mapping": {
			[]string{"  name: {en: Small}\n", "  name: Small\n"},
			[]string{`4:9 programme.name: wants a mapping of keys to values, not the text "Small"`},
		},
		"a field without a value": {
			[]string{"    expire: 12 months\n", "    expire:\n"},
			[]string{`11:12 programme.points.expire: has no value: give it one, or leave it out`},
		},
		"a list as a key": {
			[]string{"  currency: EUR\n", "  currency: EUR\n  ? [a, b]\n  : c\n"},
			[]string{`6:5 programme: a key is a word, not a list`},
		},
		"a yes for true": {
			[]string{"award: {points: 5}", "award: {points: 5}\n    qualifying: yes"},
			[]string{`34:17 rules[1].qualifying: wants true or false, not the text "yes"`},
		},
		"a control character behind an escape": {
			[]string{"name: Tills", `name: "Ti\0lls"`, "idea.voted", `"idea\u0007"`},
			[]string{`16:5 programme.events: a key holds no control characters`, `20:23 partners[0].name: holds the control character U+0000`},
		},
		"an anchor and its alias": {
			[]string{"name: {en: Bronze}", "name: &b {en: Bronze}", "name: {en: Silver}", "name: *b"},
			[]string{`22:25: the anchor &b: anchors are not taken`, `23:25: the alias *b: write the value out`},
		},
		"a tag": {
			[]string{"currency: EUR", "currency: !!str EUR"},
			[]string{`5:13: the tag !!str: tags are not taken`},
		},
		"merged keys": {
			[]string{"  currency: EUR\n", "  <<: {currency: EUR}\n"},
			[]string{`5:3: the key <<: write the values out`},
		},
		"a second document": {
			[]string{"touchpoints:\n", "---\ntouchpoints:\n"},
			[]string{`17:1: a second document begins here`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, problems := programme.Parse("small.yaml", []byte(with(t, small(t), c.change...)))
			if f != nil {
				t.Fatal("the file was taken")
			}
			told(t, problems, c.want...)
		})
	}
}

func TestWhatIsNoTextIsToldAsSuch(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"nothing":                   {"", `0:0: is empty`},
		"comments alone":            {"# a programme\n", `0:0: is empty`},
		"UTF-16":                    {"\xff\xfeg\x00", `1:1: is UTF-16: save it as UTF-8`},
		"UTF-16 without a mark":     {"g\x00r\x00a\x00", `1:1: looks like UTF-16: save it as UTF-8`},
		"and the other way round":   {"\x00g\x00r\x00a", `1:1: looks like UTF-16: save it as UTF-8`},
		"a byte order mark":         {"\xef\xbb\xbfgranaio: 1\n", `1:1: begins with a byte order mark`},
		"Latin-1":                   {"granaio: 1\nname: caff\xe8\n", `2:11: the byte 0xE8 is not UTF-8 (is the file in Latin-1`},
		"a control character":       {"granaio: 1\nname: è\x00\n", `2:8: holds the control character U+0000`},
		"a text":                    {"hello", `1:1: wants a mapping of keys to values, not the text "hello"`},
		"a list":                    {"- a\n", `1:1: wants a mapping of keys to values, not a list`},
		"nothing at all":            {"~", `1:1: has no value`},
		"a bracket that stays open": {"granaio: 1\nprogramme:\n  languages: [en\n  starts: 2025-01-01\n", `4:9: not YAML: did not find expected ',' or ']'`},
		"a quote that stays open":   {"granaio: 1\nkey: \"a\n\n", `4:1: not YAML: found unexpected end of stream, while scanning a quoted scalar that begins at 2:6`},
		"a tab":                     {"programme:\n\tkey: a\n", `2:1: not YAML: found `},
		"an unknown alias":          {"a: *b\n", `1:4: not YAML: unknown anchor 'b' referenced`},
		"lists without end":         {strings.Repeat("[", 1000), `1:33: not YAML: exceeded max depth of 32`},
		"mappings without end":      {strings.Repeat("{a: ", 1000), `1:129: not YAML: exceeded max depth of 32`},
		"too much":                  {strings.Repeat("#", programme.MaxBytes+1), `0:0: is too long: more than 4194304 bytes`},
		"too many values":           {"a: [" + strings.Repeat("a,", 1<<20) + "]", `0:0: is too long: more than 400000 lines, commas, brackets and dashes`},
		"a billion laughs": {"a: &a [x, x]\nb: &b [*a, *a]\n",
			"1:4: the anchor &a|2:4: the anchor &b|2:8: the alias *a|2:12: the alias *a"},
	} {
		t.Run(name, func(t *testing.T) {
			f, problems := programme.Parse("x.yaml", []byte(c.src))
			if f != nil {
				t.Fatal("the file was taken")
			}
			told(t, problems, strings.Split(c.want, "|")...)
		})
	}
}

func TestAProblemIsALineThatEditorsUnderstand(t *testing.T) {
	for want, p := range map[string]programme.Problem{
		"a.yaml:41:12: rules[3].when: undeclared": {File: "a.yaml", Line: 41, Column: 12, Path: "rules[3].when", Message: "undeclared"},
		"a.yaml:41: not YAML":                     {File: "a.yaml", Line: 41, Message: "not YAML"},
		"a.yaml: is empty":                        {File: "a.yaml", Message: "is empty"},
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func FuzzParseNeverFails(f *testing.F) {
	text, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("rules: [{when: \"\\u0041 > \\\n  1\"}]"))
	f.Add([]byte("programme: {events: {\"a[\\\"]\": {value: 3}}}"))
	f.Add([]byte("rules:\n- when: |+2\n   1 ==\n\n    x\n  award: {expression: >-\n   é + 1}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, problems := programme.Parse("fuzz.yaml", src)
		if (file == nil) == (len(problems) == 0) {
			t.Fatalf("file %v with problems %v", file, problems)
		}
		for _, p := range problems {
			if p.Line < 0 || p.Column < 0 || p.Line > 2+strings.Count(string(src), "\n")+strings.Count(string(src), "\r") {
				t.Errorf("no such place: %v", p)
			}
		}
	})
}
