package loyalty_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
	"granaio/loyalty/rule"
)

func measured(on, take string, more ...string) metric.Spec {
	s := metric.Spec{Name: both("x", "x"), On: strings.Fields(on), Take: metric.Take(take)}
	for i := 0; i+1 < len(more); i += 2 {
		switch more[i] {
		case "of":
			s.Of = more[i+1]
		case "when":
			s.When = more[i+1]
		case "over":
			s.Over = more[i+1]
		}
	}
	return s
}

func withMetrics(metrics map[string]metric.Spec) *loyalty.Spec {
	s := bakery()
	s.Programme.Metrics = metrics
	return s
}

// Conditions read metrics with the present interaction in them, and what is unset neither holds nor fails.
func TestConditionsReadMetrics(t *testing.T) {
	s := withMetrics(map[string]metric.Spec{
		"spent": measured("purchase", "sum", "over", "30 days"), "channel": measured("purchase", "last", "of", "properties.channel"),
		"first": measured("purchase", "first"), "gifts": measured("purchase", "count", "when", "event.properties.gift"),
	})
	s.Missions, s.Tiers, s.Rules = nil, nil, []rule.Spec{
		{Key: "big", Name: both("x", "x"), On: []string{"purchase"}, When: `member.metrics.spent >= 3000`, Award: &rule.AwardSpec{Points: 1}},
		{Key: "app", Name: both("x", "x"), On: []string{"purchase"}, When: `member.metrics.channel == "app"`, Award: &rule.AwardSpec{Points: 10}},
		{Key: "other", Name: both("x", "x"), On: []string{"purchase"}, When: `!(member.metrics.channel == "app")`, Award: &rule.AwardSpec{Points: 100}},
		{Key: "new", Name: both("x", "x"), On: []string{"purchase"}, When: `member.metrics.first == event.occurred_at && member.metrics.gifts == 0`, Award: &rule.AwardSpec{Expression: "1000 + member.metrics.gifts"}},
	}
	c := serve(t, s)
	for _, x := range []struct {
		when, channel string
		cents         int64
		points        fact.Points
	}{
		{"2026-05-01 09:00", "", 2000, 1000},         // the channel is unset
		{"2026-05-02 09:00", "app", 1000, 11},        // 30.00 within 30 days
		{"2026-05-31 09:00", "web", 1500, 100},       // of which the first has left the window
		{"2026-04-30 09:00", "app", 100, 100 + 1000}, // heard of late: the earliest now; the latest is the web's
	} {
		i := c.interaction("purchase", x.when)
		i.Value = &fact.Money{Minor: x.cents, Currency: c.p.Currency()}
		if i.Properties = map[string]any{}; x.channel != "" {
			i.Properties["channel"] = x.channel
		}
		before := c.state.Account.Available
		c.does(i, "2026-06-01 00:00")
		if got := c.state.Account.Available - before; got != x.points {
			t.Errorf("%s gives %d points, not %d", x.when, got, x.points)
		}
	}
}

// What late interactions, returns and versions of the programme leave of the metrics is what working them out anew gives; or nothing, where the past is still to be looked at.
func TestMetricsAreWhatWorkingThemOutAnewGives(t *testing.T) {
	all := map[string]metric.Spec{
		"count": measured("purchase review", "count"), "sum": measured("purchase", "sum", "over", "month"), "last": measured("purchase", "last", "of", "properties.channel"),
		"first": measured("purchase", "first"), "most": measured("purchase", "most", "when", "event.value > 500"), "least": measured("purchase", "least", "of", "properties.items", "over", "2 months"),
		"distinct": measured("purchase review", "distinct", "of", "day"), "interval": measured("purchase", "interval", "over", "10 days"),
	}
	names := []string{"count", "sum", "last", "first", "most", "least", "distinct", "interval"}
	rapid.Check(t, func(rt *rapid.T) {
		some := func() map[string]metric.Spec {
			has := map[string]metric.Spec{}
			for _, name := range names {
				if rapid.IntRange(0, 3).Draw(rt, name) > 0 {
					has[name] = all[name]
				}
			}
			return has
		}
		c := serve(t, withMetrics(some()))
		for step := range rapid.IntRange(1, 15).Draw(rt, "steps") {
			switch when := fmt.Sprintf("2026-0%d-%02d 1%d:00", rapid.IntRange(2, 5).Draw(rt, "month"), rapid.IntRange(1, 28).Draw(rt, "day"), rapid.IntRange(0, 2).Draw(rt, "hour")); rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				spec := withMetrics(some())
				c.p, _ = loyalty.Compile(spec, loyalty.Identity{Programme: c.p.ID(), Number: c.p.Number() + 1, From: c.p.From()}, named(spec))
			case 1:
				c.does(c.interaction("review", when), "2026-06-01 00:00")
			case 2:
				var open []fact.ID
				for id, i := range c.interactions {
					if r := c.reversals[id]; i.Value != nil && (len(r) == 0 || !r[len(r)-1].Whole) {
						open = append(open, id)
					}
				}
				if len(open) == 0 {
					continue
				}
				id := open[0]
				for _, other := range open { // the same, whatever the map's order
					if string(other[:]) < string(id[:]) {
						id = other
					}
				}
				left := c.interactions[id].Value.Minor
				for _, r := range c.reversals[id] {
					left -= r.Value
				}
				cents := rapid.Int64Range(0, left).Draw(rt, "cents")
				past := c.past(id)
				for _, event := range c.p.Recalls(c.state, past) {
					for other, i := range c.left() {
						if other != id && i.Event == event {
							past.History = append(past.History, i)
						}
					}
				}
				r := loyalty.Return{Occurred: at("2026-06-01 00:00")}
				if cents > 0 {
					r.Value = &fact.Money{Minor: cents, Currency: c.p.Currency()}
				}
				e, refusal, err := loyalty.Reverse(c.p, c.p, c.state, past, r, c.interaction("x", when).ID.As(fact.KindCommand), at("2026-06-01 00:00"))
				if err != nil || refusal != nil {
					rt.Fatal(refusal, err)
				}
				c.reversals[id] = append(c.reversals[id], *e.Reversal)
				c.stores(e)
			default:
				i := c.interaction("purchase", when)
				i.Value = &fact.Money{Minor: rapid.Int64Range(1, 900).Draw(rt, "value"), Currency: c.p.Currency()}
				i.Properties = map[string]any{"items": rapid.Int64Range(1, 5).Draw(rt, "items"), "channel": rapid.SampledFrom([]string{"app", "web"}).Draw(rt, "channel")}
				c.does(i, "2026-06-01 00:00")
			}
			var history []fact.Interaction
			for _, i := range c.left() {
				history = append(history, i)
			}
			anew, _ := c.p.Remeasure(c.state, history)
			for _, m := range c.p.Metrics() {
				now := at("2026-06-01 00:00")
				is, known := c.p.Measure(c.state, m, now)
				want, certain := c.p.Measure(anew, m, now)
				if !certain || known && is != want {
					rt.Fatalf("step %d: %s is %v, and anew %v", step, m.Name, is, want)
				}
			}
			if again, forms := c.p.Remeasure(anew, history); again != anew || forms != nil {
				rt.Fatal("working them out twice changes something")
			}
		}
	})
}

// left are a customer's interactions, as far as they were not returned.
func (c *customer) left() map[fact.ID]fact.Interaction {
	all := map[fact.ID]fact.Interaction{}
	for id, i := range c.interactions {
		whole := false
		if i.Value != nil {
			left := *i.Value
			for _, r := range c.reversals[id] {
				left.Minor, whole = left.Minor-r.Value, whole || r.Whole
			}
			i.Value = &left
		}
		if !whole {
			all[id] = i
		}
	}
	return all
}

func TestMistakesInMetricsAreTold(t *testing.T) {
	for mistake, x := range map[string]struct {
		path    string
		metrics map[string]metric.Spec
	}{
		`unknown event “purchse”: did you mean “purchase”?`:                     {"m.on[0]", map[string]metric.Spec{"m": measured("purchse", "count")}},
		`at least one event is needed`:                                          {"m.on", map[string]metric.Spec{"m": measured("", "count")}},
		`“average” is not what a metric takes`:                                  {"m.take", map[string]metric.Spec{"m": measured("purchase", "average")}},
		`“review” carries no value`:                                             {"m.on[0]", map[string]metric.Spec{"m": measured("review", "sum")}},
		`“purchase” declares no property “item”: did you mean “items”?`:         {"m.of", map[string]metric.Spec{"m": measured("purchase", "sum", "of", "properties.item")}},
		`“channel” is of type string in purchase: sum takes a property of type`: {"m.of", map[string]metric.Spec{"m": measured("purchase", "sum", "of", "properties.channel")}},
		`“rating” is of type double in purchase: last takes`:                    {"m.of", map[string]metric.Spec{"m": measured("purchase", "last", "of", "properties.rating")}},
		`did you mean “properties.channel”?`:                                    {"m.of", map[string]metric.Spec{"m": measured("purchase", "last", "of", "channel")}},
		`count is of the interactions themselves`:                               {"m.of", map[string]metric.Spec{"m": measured("purchase", "count", "of", "value")}},
		`how many different what?`:                                              {"m", map[string]metric.Spec{"m": measured("purchase", "distinct")}},
		`a window has an end`:                                                   {"m.over", map[string]metric.Spec{"m": measured("purchase", "count", "over", "2026-05-01")}},
		`“moth” is not a window: those are day, week`:                           {"m.over", map[string]metric.Spec{"m": measured("purchase", "count", "over", "moth")}},
		`a window has 1 to 731 days, not 900`:                                   {"m.over", map[string]metric.Spec{"m": measured("purchase", "count", "over", "900 days")}},
		`a window has 1 to 24 months, not 0`:                                    {"m.over", map[string]metric.Spec{"m": measured("purchase", "count", "over", "0 months")}},
		`a metric's condition is about the event alone`:                         {"m.when", map[string]metric.Spec{"m": measured("purchase", "count", "when", "member.tier == 'gold'")}},
		`event has no “valu”: did you mean “value”?`:                            {"m.when", map[string]metric.Spec{"m": measured("purchase", "count", "when", "event.valu > 1")}},
		`a name that expressions can read`:                                      {"total-spend", map[string]metric.Spec{"total-spend": measured("purchase", "count")}},
		`a programme has at most 100 metrics, not 101`:                          {"", many(101)},
		`a text is missing`:                                                     {"m.name", map[string]metric.Spec{"m": {On: []string{"purchase"}, Take: metric.Count}}},
	} {
		_, problems := loyalty.Compile(withMetrics(x.metrics), loyalty.Identity{}, nil)
		want := strings.TrimSuffix("programme.metrics."+x.path, ".")
		found := false
		for _, p := range problems {
			found = found || strings.Contains(p.Message, mistake) && p.Path == want
		}
		if !found {
			t.Errorf("%s at %s is not told, but %v", mistake, want, problems)
		}
	}
	s := withMetrics(map[string]metric.Spec{"spent": measured("purchase", "sum")})
	s.Rules[0].When = `member.metrics.spend > 1`
	if _, problems := loyalty.Compile(s, loyalty.Identity{}, nil); len(problems) != 1 || !strings.Contains(problems[0].Message, "the programme declares no metric “spend”: did you mean “spent”?") {
		t.Error(problems)
	}
	s.Rules[0].When = `member.spent > 1`
	if _, problems := loyalty.Compile(s, loyalty.Identity{}, nil); len(problems) != 1 || !strings.Contains(problems[0].Message, "did you mean “member.metrics.spent”?") {
		t.Error(problems)
	}
}

func many(n int) map[string]metric.Spec {
	all := map[string]metric.Spec{}
	for i := range n {
		all[fmt.Sprint("m", i)] = measured("purchase", "count")
	}
	return all
}
