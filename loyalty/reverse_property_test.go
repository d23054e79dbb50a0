package loyalty_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
	"granaio/loyalty/tier"
)

// sale is a purchase as the naive model has it.
type sale struct {
	id        fact.ID
	day       int // of May 2026
	cents     int64
	left      int64
	gone      bool // nothing is left of it
	lines     []fact.Line
	linesLeft []int64
}

// earns is what a purchase gives that was only ever of what is left of it, computed by someone who never saw a return.
func (s *sale) earns(rules []plainRule) (sum fact.Points) {
	if s.gone {
		return 0
	}
	for _, p := range model(rules, s.day, s.left) {
		sum += p
	}
	return sum
}

// However a purchase is returned, in whatever parts and order, by value or by lines, and whatever happens to the member between, it comes to what it would
// have come to had it only ever been of what is left.
func TestReturnsComeToWhatTheRestIsWorth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rules := somePlainRules(rt)
		spec := bakery()
		spec.Rules, spec.Missions = nil, []mission.Spec{{Key: "three", Name: both("x", "x"), On: []string{"purchase"}, Target: 3, Award: mission.AwardSpec{Points: 1000}}}
		spec.Tiers = []tier.Spec{{Key: "low", Name: both("x", "x"), At: 500}, {Key: "high", Name: both("x", "x"), At: 3000}}
		spec.Programme.Points.Returns = loyalty.ReturnsSpec{Debt: fact.MaxPoints}
		for _, r := range rules {
			spec.Rules = append(spec.Rules, r.spec())
		}
		c := serve(t, spec)
		var sales []*sale
		const now = "2026-06-01 00:00"
		returned := func(s *sale, r loyalty.Return) {
			e, refusal := c.asks(s.id, r, now)
			if refusal != nil {
				rt.Fatalf("%+v of %+v: %v", r, s, refusal)
			}
			c.reversals[s.id] = append(c.reversals[s.id], *e.Reversal)
			c.stores(e)
			s.left -= e.Reversal.Value
			if s.gone = e.Reversal.Whole; s.gone != (s.left == 0) && s.cents > 0 {
				rt.Fatalf("%d are left, and the whole is returned: %t", s.left, s.gone)
			}
		}
		for range rapid.IntRange(1, 14).Draw(rt, "steps") {
			var open []*sale
			for _, s := range sales {
				if !s.gone {
					open = append(open, s)
				}
			}
			what := rapid.SampledFrom([]string{"buy", "buy", "whole", "value", "lines"}).Draw(rt, "what")
			if len(open) == 0 || what == "buy" {
				sales = append(sales, c.somePurchase(rt, now))
			} else {
				s := rapid.SampledFrom(open).Draw(rt, "which")
				switch {
				case what == "whole" || s.left == 0:
					returned(s, loyalty.Return{})
				case what == "value":
					cents := rapid.Int64Range(1, s.left).Draw(rt, "cents")
					returned(s, loyalty.Return{Value: &fact.Money{Minor: cents, Currency: c.p.Currency()}})
				default:
					if r := s.someLines(rt); len(r.Lines) > 0 {
						returned(s, r)
					}
				}
			}
			c.agrees(rt, rules, sales)
		}
		for _, s := range sales { // and nothing is left over
			if !s.gone {
				returned(s, loyalty.Return{})
			}
		}
		c.agrees(rt, rules, sales)
		if a := c.state.Account; a.Available != 0 || a.Debt != 0 || c.state.Doc.Qualifying.Sum != 0 || c.state.Doc.Qualifying.Count != 0 {
			rt.Fatalf("all is returned, and left are %+v, %+v", a, c.state.Doc.Qualifying)
		}
	})
}

func (c *customer) somePurchase(t *rapid.T, now string) *sale {
	s := &sale{day: rapid.IntRange(1, 28).Draw(t, "day"), cents: rapid.Int64Range(0, 100_000).Draw(t, "cents")}
	i := c.interaction("purchase", fmt.Sprintf("2026-05-%02d 12:00", s.day))
	rest := s.cents
	for n := range rapid.IntRange(0, 3).Draw(t, "lines") {
		l := fact.Line{Reference: fmt.Sprint(n), Quantity: rapid.Int64Range(1, 7).Draw(t, "quantity"), Amount: rapid.Int64Range(0, rest).Draw(t, "amount")}
		i.Lines, rest, s.linesLeft = append(i.Lines, l), rest-l.Amount, append(s.linesLeft, l.Quantity)
	}
	i.Value, s.left, s.lines = &fact.Money{Minor: s.cents, Currency: c.p.Currency()}, s.cents, i.Lines
	s.id = c.does(i, now)
	return s
}

// someLines are lines to return, as long as they come to no more than is left after returns by value.
func (s *sale) someLines(t *rapid.T) (r loyalty.Return) {
	worth := int64(0)
	for n, l := range s.lines {
		if s.linesLeft[n] == 0 {
			continue
		}
		quantity := rapid.Int64Range(1, s.linesLeft[n]).Draw(t, "quantity")
		before := l.Quantity - s.linesLeft[n]
		cents := l.Amount*(before+quantity)/l.Quantity - l.Amount*before/l.Quantity
		if worth+cents > s.left {
			continue
		}
		worth += cents
		s.linesLeft[n] -= quantity
		r.Lines = append(r.Lines, loyalty.ReturnedLine{Reference: l.Reference, Quantity: quantity})
	}
	return r
}

// agrees finds out whether the member stands where it would stand had its purchases only ever been of what is left of them.
func (c *customer) agrees(t *rapid.T, rules []plainRule, sales []*sale) {
	var count, sum int64
	var first, last int
	points := fact.Points(0)
	for _, s := range sales {
		points += s.earns(rules)
		if s.gone {
			continue
		}
		count, sum = count+1, sum+s.left
		if first == 0 || s.day < first {
			first = s.day
		}
		last = max(last, s.day)
	}
	if count >= 3 {
		points += 1000
	}
	a, doc := c.state.Account, c.state.Doc
	if a.Available-a.Debt != points || doc.Qualifying.Sum != int64(points) {
		t.Fatalf("there are %d points, %d owed, %d qualify; what is left is worth %d", a.Available, a.Debt, doc.Qualifying.Sum, points)
	}
	e := doc.Events["purchase"]
	if e.Count != count || e.Sum != sum || count > 0 && (e.First.Day() != first || e.Last.Day() != last) {
		t.Fatalf("%+v, where %d purchases of %d are left, from day %d to %d", e, count, sum, first, last)
	}
	want := ""
	for _, x := range c.p.Tiers() {
		if points >= x.At {
			want = x.Key
		}
	}
	if c.state.Member.Tier != want {
		t.Fatalf("the tier is %q, not %q, with %d points", c.state.Member.Tier, want, points)
	}
	if m := doc.Missions["three"]; m.Count != count || m.Completed.IsZero() != (count < 3) {
		t.Fatalf("%+v, where %d purchases are left", m, count)
	}
}
