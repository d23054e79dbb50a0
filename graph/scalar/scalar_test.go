package scalar_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/fault"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
)

// written is what a value is as JSON.
func written(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

// malformed fails the test unless the error tells the caller that what it sent cannot be taken.
func malformed(t *testing.T, given any, err error) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != fault.BadRequest {
		t.Errorf("%#v: %v", given, err)
	}
}

func TestDateTime(t *testing.T) {
	for given, want := range map[string]string{
		"2026-05-01T09:30:00Z":           `"2026-05-01T09:30:00Z"`,
		"2026-05-01T11:30:00.5+02:00":    `"2026-05-01T09:30:00.5Z"`,
		"2026-05-01T09:30:00.123456789Z": `"2026-05-01T09:30:00.123456Z"`,
		"2026-12-31T23:30:00-01:00":      `"2027-01-01T00:30:00Z"`,
	} {
		got, err := scalar.UnmarshalDateTime(given)
		if text := written(scalar.MarshalDateTime(got)); err != nil || text != want || got.Location() != time.UTC {
			t.Errorf("%s is read as %s, %v", given, text, err)
		}
	}
	for _, given := range []any{
		"2026-05-01T09:30:00", "2026-05-01", "2026-13-01T00:00:00Z", "2026-05-01T9:30:00Z", "2026-05-01T09:30:00,5Z", "tomorrow", "", 1, nil, json.Number("5"),
		"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", strings.Repeat("9", 1<<20),
	} {
		_, err := scalar.UnmarshalDateTime(given)
		malformed(t, given, err)
	}
	if text := written(scalar.MarshalDateTime(time.Time{})); text != "null" {
		t.Errorf("the zero time is written as %s", text)
	}
}

func TestDecimal(t *testing.T) {
	for given, want := range map[string]string{"12.40": `"12.40"`, "0": `"0"`, "-3.5": `"-3.5"`, "007.10": `"7.10"`} {
		got, err := scalar.UnmarshalDecimal(given)
		if text := written(scalar.MarshalDecimal(got)); err != nil || text != want {
			t.Errorf("%s is read as %s, %v", given, text, err)
		}
	}
	for _, given := range []any{
		"1e999999999", "1E5", "0x10", "", "-", ".", "1.", ".5", "+1", "1,5", "1_000", "NaN", "Infinity", " 1", 1.5, 1, nil, "--1", strings.Repeat("9", 41),
	} {
		_, err := scalar.UnmarshalDecimal(given)
		malformed(t, given, err)
	}
}

func TestLocale(t *testing.T) {
	for given, want := range map[string]string{"it": "it", "EN-gb": "en-GB", "zh-hant-TW": "zh-Hant-TW", "sl-rozaj-biske": "sl-rozaj-biske", "es-419": "es-419"} {
		if got, err := scalar.UnmarshalLocale(given); err != nil || got != want {
			t.Errorf("%s is read as %s, %v", given, got, err)
		}
	}
	for _, given := range []any{"", "i", "it_IT", "it-", "-it", "it--IT", "1t", "italianissimo", "it-\x00", strings.Repeat("it-", 40), 1, nil} {
		_, err := scalar.UnmarshalLocale(given)
		malformed(t, given, err)
	}
	if text := written(scalar.MarshalLocale("")); text != "null" {
		t.Errorf("no locale is written as %s", text)
	}
}

func TestCursor(t *testing.T) {
	given := scalar.Cursor{Value: -5, ID: fact.NewID(fact.KindMovement)}
	var text string
	if err := json.Unmarshal([]byte(written(given)), &text); err != nil {
		t.Fatal(err)
	}
	var got scalar.Cursor
	if err := got.UnmarshalGQL(text); err != nil || got != given {
		t.Errorf("%v is read as %v, %v", given, got, err)
	}
	for _, odd := range []any{"", "x", text + "A", text[1:], text[:len(text)-1] + "=", strings.Repeat("A", 1<<20), 5, nil} {
		malformed(t, odd, got.UnmarshalGQL(odd))
	}
}

func TestObject(t *testing.T) {
	read := func(text string) scalar.Object {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		var o scalar.Object
		if err := o.UnmarshalGQL(v); err != nil {
			t.Fatal(err)
		}
		return o
	}
	got := read(`{"a": 1, "b": 9223372036854775807, "c": 1.5, "d": 2.0, "e": [true, null, {"f": "x"}], "g": 1e3, "h": 9223372036854775808}`)
	want := map[string]any{
		"a": int64(1), "b": int64(math.MaxInt64), "c": 1.5, "d": int64(2), "e": []any{true, nil, map[string]any{"f": "x"}}, "g": int64(1000), "h": 9223372036854775808.0,
	}
	if got.Refusal != nil || !reflect.DeepEqual(got.Values, want) {
		t.Errorf("it is read as %#v, %v", got.Values, got.Refusal)
	}
	for text, want := range map[string]fact.Code{
		`[1]`: fact.CodeInvalid, `"x"`: fact.CodeInvalid, `null`: fact.CodeInvalid, `{"a": [1e999]}`: fact.CodeTooLarge,
		strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50): fact.CodeTooLarge,
		`{"a": [` + strings.Repeat("1,", 5000) + `1]}`:              fact.CodeTooLarge,
	} {
		if o := read(text); o.Refusal == nil || o.Refusal.Code != want || o.Values != nil {
			t.Errorf("%.40s is read as %v, %v", text, o.Values, o.Refusal)
		}
	}
	if o := read(`{"a": [1e999]}`); o.Refusal.Field != "a.0" {
		t.Errorf("the place is %s", o.Refusal.Field)
	}
	if text := written(scalar.Object{Raw: json.RawMessage(`{"kept":9007199254740993}`)}); text != `{"kept":9007199254740993}` {
		t.Errorf("it is written as %s", text)
	}
}
