package loyalty_test

import (
	"fmt"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
)

// benchDecide decides a purchase for which 5 rules hold: of some on its event, and others on another.
func benchDecide(b *testing.B, on, elsewhere int) {
	spec := bakery()
	spec.Rules = nil
	for n := range on + elsewhere {
		r := rule.Spec{Key: fmt.Sprintf("rule-%d", n), Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1, Per: "1.00"}}
		switch {
		case n >= on:
			r.On, r.Award = []string{"review"}, &rule.AwardSpec{Points: 5}
			r.When = fmt.Sprintf("event.properties.stars > %d", n)
		case n < 5:
			r.When = fmt.Sprintf(`event.value > %d && member.count("purchase", "month") > 0`, n)
		default:
			r.When = fmt.Sprintf(`event.value > 10000000%d && member.tier == "gold"`, n)
		}
		spec.Rules = append(spec.Rules, r)
	}
	p := compiled(b, spec)
	s := &loyalty.State{
		Member:  loyalty.Member{ID: id(fact.KindMember, 1), Status: loyalty.Registered},
		Account: ledger.Account{ID: id(fact.KindAccount, 1)},
	}
	i := fact.Interaction{
		ID: id(fact.KindInteraction, 1), Event: "purchase", Touchpoint: "app", Occurred: at("2026-05-04 10:00"), Value: &fact.Money{Minor: 1290, Currency: p.Currency()},
		Properties: map[string]any{"items": 3.0, "channel": "online"},
	}
	now := at("2026-05-04 10:01")
	e, _, _ := loyalty.Decide(p, s, i, now)
	s.Doc = e.State.Doc
	b.ReportAllocs()
	for b.Loop() {
		e, refusal, err := loyalty.Decide(p, s, i, now)
		if refusal != nil || err != nil || len(points(e)) < 5 {
			b.Fatal(refusal, err)
		}
	}
}

func BenchmarkDecide10(b *testing.B)          { benchDecide(b, 10, 0) }
func BenchmarkDecide1000Indexed(b *testing.B) { benchDecide(b, 10, 990) }
func BenchmarkDecide1000OnEvent(b *testing.B) { benchDecide(b, 1000, 0) }

func BenchmarkCompile1000(b *testing.B) {
	spec := bakery()
	for n := range 1000 {
		spec.Rules = append(spec.Rules, rule.Spec{
			Key: fmt.Sprintf("rule-%d", n), Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1},
			When: fmt.Sprintf(`event.value > %d && member.count("purchase", "month") == 3`, n),
		})
	}
	for b.Loop() {
		if _, problems := loyalty.Compile(spec, loyalty.Identity{}, nil); problems != nil {
			b.Fatal(problems)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	spec := bakery()
	spec.Rewards[0].When = `member.sum("purchase", "year") > 0`
	p := compiled(b, spec)
	s := &loyalty.State{Member: loyalty.Member{ID: id(fact.KindMember, 1), Status: loyalty.Registered}, Account: ledger.Account{ID: id(fact.KindAccount, 1)}}
	for n := range 100 {
		i := fact.Interaction{ID: id(fact.KindInteraction, n), Event: "purchase", Touchpoint: "app", Occurred: at("2026-01-04 10:00").AddDate(0, 0, 3*n), Value: &fact.Money{Minor: 1290, Currency: p.Currency()}}
		e, _, _ := loyalty.Decide(p, s, i, at("2028-01-01 00:00"))
		s.Doc = e.State.Doc
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			text, err := s.Doc.Encode()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
		}
	})
	text, _ := s.Doc.Encode()
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := loyalty.DecodeDoc(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
