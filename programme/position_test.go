package programme

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// at is the character at a line and column of a text.
func at(text string, line, column int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	characters := []rune(lines[line-1])
	if column < 1 || column > len(characters) {
		return ""
	}
	return string(characters[column-1])
}

// An expression's mistake is at a line and column of the expression; the file shows the character that stands there, however the expression is written.
func TestPlacesWithinAnExpressionAreFoundInTheFile(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                   "when: a + ( Ω\n",
		"plain on two lines":      "when: a\n  + ( Ω\n",
		"after a wide character":  "{è: x, when: a + ( Ω}\n",
		"single quotes":           "when: 'a + ''('' Ω'\n",
		"double quotes":           "when: \"a + \\\"\\u0028\\\" Ω\"\n",
		"double quotes, joined":   "when: \"a + \\\n    ( \\\n  \\tΩ\"\n",
		"literal block":           "when: |\n  a +\n  ( Ω\n",
		"literal block, indented": "when: |2-\n   a +\n    ( Ω\n",
		"literal with a comment":  "when: | # why\n\n  a +\n\n  ( Ω\n",
		"folded block":            "when: >-\n  a +\n  ( Ω\n",
		"folded with empty lines": "when: >+\n\n\n  a +\n\n  ( Ω\n\n",
		"Windows lines":           "when: |\r\n  a +\r\n  ( Ω\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			d := open("x.yaml", []byte(text))
			if d.root == nil {
				t.Fatal(d.problems)
			}
			_, value := d.find("when")
			line, column := 1, 1
			for _, r := range value.Value {
				if strings.ContainsRune("a+Ω", r) {
					if l, c := d.within(value, line, column); at(text, l, c) != string(r) {
						t.Errorf("%q of the expression, %d:%d, is said to be at %d:%d: %q", r, line, column, l, c, at(text, l, c))
					}
				}
				if column++; r == '\n' {
					line, column = line+1, 1
				}
			}
		})
	}
}

func TestThePlaceAfterTheEndIsAfterTheEnd(t *testing.T) {
	d := open("x.yaml", []byte("when: a +\n"))
	_, value := d.find("when")
	if line, column := d.within(value, 1, 4); line != 1 || column != 10 {
		t.Errorf("the end is said to be at %d:%d", line, column)
	}
}

// Whatever an expression holds and however it is quoted, each of its characters is found again.
func TestEveryCharacterOfAQuotedTextIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune(`abè"'\(){}[]#:,|>&*!%@`)), 1, 5, -1), 1, 6).Draw(t, "words")
		space := rapid.SampledFrom([]string{" ", "  ", "\n  ", "\n\n  "}).Draw(t, "space")
		text := strings.Join(words, space)
		if rapid.Bool().Draw(t, "double") {
			text = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
		} else {
			text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
		}
		text = "a: 1\nwhen: " + text + "\n"
		d := open("x.yaml", []byte(text))
		if d.root == nil {
			t.Fatalf("%q: %v", text, d.problems)
		}
		_, value := d.find("when")
		places := d.places(value)
		for i, r := range []rune(value.Value) {
			got := at(text, places[i].line, places[i].column)
			if !unicode.IsSpace(r) && got != string(r) && !(got == `\` && strings.ContainsRune(`\"`, r)) {
				t.Fatalf("%q: character %d, %q, is said to be at %v: %q", text, i, r, places[i], got)
			}
		}
	})
}

func TestAPathLeadsToItsValue(t *testing.T) {
	d := open("x.yaml", []byte("a:\n  b.c: [1, {d: 2}]\n  b:\n    c: 3\n'': {e: 4}\n"))
	if d.root == nil {
		t.Fatal(d.problems)
	}
	for path, want := range map[string]string{
		`a["b.c"][0]`:   "2:9",
		`a["b.c"][1].d`: "2:16",
		`a["b.c"][1]`:   "2:12",
		`a["b.c"]`:      "2:3", // what is more than a scalar is shown at its key
		`a.b.c`:         "4:8",
		`a.b.missing`:   "3:3", // what is missing is missing in what should hold it
		`a["b.c"][7].d`: "2:3",
		`[""].e`:        "5:9",
		``:              "1:1",
		`zzz`:           "1:1",
		`[`:             "1:1",
		`a[x]["`:        "1:1",
	} {
		line, column := d.place(path)
		if got := (Problem{Line: line, Column: column}).String(); got != want {
			t.Errorf("%s is said to be at %s, not at %s", path, got, want)
		}
	}
}
