package loyalty_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// told are verdicts in short, with the tier that each granted.
func told(s *someone, past loyalty.Decided, q loyalty.Question, now string) (all []string) {
	for v := range s.p.Hindsight(s.state, past, q, at(now)) {
		all = append(all, fmt.Sprint(v.Rule, " ", v.Obstacle, v.Tier, " ", v.Basis))
	}
	return all
}

// A rule that grants a tier is told as it was, also when the tier is long over.
func TestWhatGrantedATierIsTold(t *testing.T) {
	s := meet(t, obstructed())
	with := func(gift bool) (loyalty.Decided, *loyalty.Effects) {
		i := purchase(s, "2026-05-04 10:00", 1000)
		i.Properties = map[string]any{"gift": gift}
		_, tried, _, err := loyalty.Try(s.p, s.state, i, loyalty.Question{Rules: []string{"gift"}}, i.Occurred)
		e := s.takes(i)
		if len(tried) != 1 || err != nil || tried[0].Tier != "" != gift {
			t.Errorf("it is tried %+v, %v", tried, err)
		}
		return loyalty.Decided{Interaction: i, Withheld: e.Withheld, Granted: e.Granted, Held: e.Held()}, e
	}
	without, _ := with(false)
	granted, e := with(true)
	if until := e.Granted[0].Until; len(e.Granted) != 1 || !until.Equal(at("2026-05-15 00:00").Add(-2*time.Hour)) && !until.Equal(at("2026-05-15 00:00")) || s.state.Member.Tier != "silver" {
		t.Errorf("%+v, and the member is %q", e.Granted, s.state.Member.Tier)
	}
	s.buys("2026-06-20 10:00", 1000)
	q := loyalty.Question{Rules: []string{"gift"}}
	if got, want := slices.Concat(told(s, without, q, "2026-06-21 00:00"), told(s, granted, q, "2026-06-21 00:00")), []string{"gift condition stored", "gift silver stored"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What a fall that was due left is what the purchase was decided with, and not what the member had before.
func TestTheTierAfterAFallIsTheOneThatWasDecidedWith(t *testing.T) {
	spec := obstructed()
	spec.Programme.Tiers = loyalty.TierPolicy{Period: "calendar_month", Fall: "straight"}
	for _, key := range []string{"gold", "silver", ""} {
		spec.Rules = append(spec.Rules, rule.Spec{
			Key: "was-" + key, Name: both("x", "x"), On: []string{"purchase"}, When: fmt.Sprintf("member.tier != %q", key), Award: &rule.AwardSpec{Points: 1},
		})
		if key == "" {
			spec.Rules[len(spec.Rules)-1].Key = "was-none"
		}
	}
	s := meet(t, spec)
	s.buys("2026-01-04 10:00", 60_000)
	s.buys("2026-02-10 10:00", 12_000)
	had := s.state.Member.Tier
	i := purchase(s, "2026-03-10 10:00", 100)
	e := s.takes(i)
	if had != "gold" || s.state.Member.Tier != "silver" || *e.Held() != "silver" {
		t.Fatalf("from %q to %q, decided with %v", had, s.state.Member.Tier, e.Held())
	}
	past := loyalty.Decided{Interaction: i, Withheld: e.Withheld, Held: e.Held()}
	if got := told(s, past, loyalty.Question{Rules: []string{"was-silver"}}, "2026-03-10 10:00"); !slices.Equal(got, []string{"was-silver condition present"}) {
		t.Errorf("%v", got)
	}
}

// Who does not run the programme is not told of what rests or is to come, by its key neither; and nobody of more than was asked for.
func TestWhatIsToComeIsNotToldOutside(t *testing.T) {
	s := meet(t, obstructed())
	i := purchase(s, "2026-05-04 10:00", 1000)
	e := s.takes(i)
	past := loyalty.Decided{Interaction: i, Withheld: e.Withheld}
	for _, c := range []struct {
		now  string
		q    loyalty.Question
		want []string
	}{
		{"2026-05-04 10:00", loyalty.Question{Rules: []string{"resting", "may", "stars", "large"}, Outside: true}, []string{"stars other_event stored", "large condition stored"}},
		{"2026-05-11 10:00", loyalty.Question{Rules: []string{"resting", "may"}, Outside: true}, []string{"may not_yet stored"}},
		{"2026-05-04 10:00", loyalty.Question{Rules: []string{"resting", "may", "large"}, First: 2}, []string{"resting paused stored", "may not_yet stored"}},
		{"2026-05-04 10:00", loyalty.Question{Rules: []string{"resting", "may", "large"}, First: 1, Outside: true}, []string{"large condition stored"}},
	} {
		if got := told(s, past, c.q, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, not %v", c.q, got, c.want)
		}
		_, verdicts, _, _ := loyalty.Try(s.p, s.state, i, c.q, at("2026-05-04 10:00"))
		for _, v := range verdicts {
			if c.q.Outside && (v.Obstacle == why.Paused || v.Obstacle == why.NotYet) {
				t.Errorf("%+v", v)
			}
		}
	}
}

// When the member was erased, the properties of what happened are gone: what they are read from is no record of what was decided.
func TestWhatErasureTookIsNotToldAsStored(t *testing.T) {
	s := meet(t, obstructed())
	i := purchase(s, "2026-05-04 10:00", 1000)
	i.Properties = map[string]any{"items": int64(1), "gift": false, "channel": "shop"}
	e := s.takes(i)
	past := loyalty.Decided{Interaction: i, Withheld: e.Withheld, Earnings: e.Movements}
	q := loyalty.Question{Rules: []string{"double", "large"}}
	before := told(s, past, q, "2026-05-05 10:00")
	if before[0] != "double condition stored" {
		t.Errorf("before %v", before)
	}
	s.state.Member.Status, past.Interaction.Properties = loyalty.Erased, nil
	if after := told(s, past, q, "2026-05-05 10:00"); !slices.Equal(after, []string{"double condition present", "large condition stored"}) {
		t.Errorf("after %v", after)
	}
}
