package expr_test

import (
	"testing"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

type known map[string]any

func (known) Dependents() []expr.Dependent        { return nil }
func (k known) Attribute(name string) (any, bool) { v, ok := k[name]; return v, ok }
func (known) Metric(string, fact.Day) (any, bool) { return nil, false }
func (known) Total(string) expr.Total             { return expr.Total{Count: 2} }
func (known) Within(string, fact.Day, fact.Day) (int64, int64, bool) {
	return 0, 0, true
}
func (known) Since(string, fact.Day, *time.Location) (int64, int64, bool) { return 0, 0, true }

// What may not be read is unknown: neither it nor its negation holds, and the rest decides where it can. That it is set at all is as unknown.
func TestWhatNeedsConsentIsNeitherTrueNorFalse(t *testing.T) {
	l := expr.NewLanguage(expr.Vocabulary{
		Events:     map[string]map[string]expr.Type{"purchase": nil},
		Attributes: map[string]expr.Type{"diet": expr.String, "town": expr.String},
		Guarded:    map[string][]string{"diet": {"profiling"}},
	})
	const diet, none, count = `member.attributes.diet == "vegan"`, `has(member.attributes.diet)`, `member.count("purchase") == 2`
	for source, want := range map[string]struct{ closed, open bool }{
		diet:                           {false, true},
		"!(" + diet + ")":              {false, false},
		none:                           {false, true},
		"!" + none:                     {false, false},
		diet + " || " + count:          {true, true},
		count + " || " + diet:          {true, true},
		none + " || " + count:          {true, true},
		"!" + none + " || " + count:    {true, true},
		diet + " && " + count:          {false, true},
		"!(" + diet + " && false)":     {true, true},
		"!(false && " + none + ")":     {true, true},
		"!(" + none + " && false)":     {true, true},
		none + ` ? true : true`:        {false, true},
		`member.attributes.town == ""`: {false, false},
		`!has(member.attributes.town)`: {true, true},
	} {
		r := fact.NewReport()
		c := l.Condition(source, nil, r)
		if len(r.Problems()) > 0 {
			t.Fatal(source, r.Problems())
		}
		for guardian, holds := range map[expr.Guardian]bool{nil: want.open, &guards{}: want.closed} {
			var s expr.Scope
			s.Set(&expr.Member{Record: known{"diet": "vegan"}, Guardian: guardian}, nil, time.Now(), time.UTC)
			if got, fault := c.Test(&s); got != holds || fault != "" {
				t.Errorf("%s with %v: %v (%s)", source, guardian, got, fault)
			}
			for _, p := range c.Explain(&s) {
				if p.Fault == expr.Unconsented && (len(p.Lacking) != 1 || p.Lacking[0][0] != "profiling") {
					t.Errorf("%s: %+v", p.Source, p.Lacking)
				}
				if guardian != nil && p.Source == diet && p.Fault != expr.Unconsented {
					t.Errorf("%s: %q", p.Source, p.Fault)
				}
			}
		}
	}
}

// guards lacks the consent for the diet.
type guards struct{}

func (*guards) Lacking(attribute string) []string {
	if attribute != "diet" {
		return nil
	}
	return []string{"profiling"}
}

// An award that reads what may not be read gives nothing, and says why.
func TestAnAmountThatNeedsConsentHasNone(t *testing.T) {
	l := expr.NewLanguage(expr.Vocabulary{Attributes: map[string]expr.Type{"children": expr.Int}, Guarded: map[string][]string{"children": {"family"}}})
	r := fact.NewReport()
	a := l.Amount("member.attributes.children * 10", nil, r)
	if len(r.Problems()) > 0 {
		t.Fatal(r.Problems())
	}
	var s expr.Scope
	s.Set(&expr.Member{Record: known{"children": int64(3)}, Guardian: keeps{}}, nil, time.Now(), time.UTC)
	if n, fault := a.Of(&s); n != 0 || fault != expr.Unconsented {
		t.Errorf("%d, %q", n, fault)
	}
	s.Set(&expr.Member{Record: known{"children": int64(3)}}, nil, time.Now(), time.UTC)
	if n, fault := a.Of(&s); n != 30 || fault != "" {
		t.Errorf("%d, %q", n, fault)
	}
}

type keeps struct{}

func (keeps) Lacking(string) []string { return []string{"family"} }
