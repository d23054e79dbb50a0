package expr_test

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

var words = expr.Vocabulary{
	Events: map[string]map[string]expr.Type{
		"purchase":   {"items": expr.Int, "channel": expr.String, "tags": expr.Strings, "rating": expr.Double, "gift": expr.Bool},
		"review":     {"items": expr.String, "stars": expr.Int},
		"idea.voted": {},
	},
	Attributes: map[string]expr.Type{"diet": expr.String, "children": expr.Int, "likes": expr.Strings, "newsletter": expr.Bool},
}

// record is what the tests' member did: purchases on some days, each of 10 euros.
type record struct {
	attributes map[string]any
	metrics    map[string]any
	purchases  []fact.Day
	dependents []expr.Dependent
	known      fact.Day // days before it are not known
}

func (r record) Attribute(name string) (any, bool) {
	v, ok := r.attributes[name]
	return v, ok
}

func (r record) Dependents() []expr.Dependent { return r.dependents }

func (r record) Metric(name string, day fact.Day) (any, bool) {
	v, ok := r.metrics[name]
	return v, ok
}

func (r record) Total(event string) expr.Total {
	if event != "purchase" || len(r.purchases) == 0 {
		return expr.Total{}
	}
	n := int64(len(r.purchases))
	return expr.Total{Count: n, Sum: 1000 * n, First: r.purchases[0].Start(time.UTC), Last: r.purchases[n-1].Start(time.UTC)}
}

func (r record) Within(event string, first, last fact.Day) (count, sum int64, known bool) {
	for _, d := range r.purchases {
		if event == "purchase" && d >= first && d <= last {
			count, sum = count+1, sum+1000
		}
	}
	return count, sum, first >= r.known
}

func (r record) Since(event string, first fact.Day, _ *time.Location) (count, sum int64, known bool) {
	return r.Within(event, first, 1<<30)
}

func day(text string) fact.Day {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return fact.DayOf(t, time.UTC)
}

// scope is a purchase of 12.40 € on Wednesday, 20 May 2026, at 23:30 in Rome, by a member who bought on three days before.
func scope() *expr.Scope {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	occurred := time.Date(2026, 5, 20, 21, 30, 0, 0, time.UTC)
	s := &expr.Scope{}
	s.Set(&expr.Member{
		Status: "registered", Tier: "silver", Language: "it", Enrolled: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
		Record: record{
			attributes: map[string]any{"diet": "vegan", "children": int64(2), "likes": []string{"bread", "cake"}, "newsletter": "yes"},
			purchases:  []fact.Day{day("2025-12-31"), day("2026-05-01"), day("2026-05-18"), day("2026-05-20")},
			known:      day("2025-12-01"),
		},
	}, &fact.Interaction{
		Event: "purchase", Touchpoint: "app", Occurred: occurred, Value: &fact.Money{Minor: 1240, Currency: fact.Currency{Code: "EUR", Digits: 2}},
		Properties: map[string]any{"items": 3.0, "channel": "online", "tags": []any{"new", "sale"}, "rating": int64(4), "undeclared": "x"},
	}, occurred, rome)
	return s
}

func TestConditions(t *testing.T) {
	s := scope()
	for source, want := range map[string]bool{
		`event.name == "purchase" && event.touchpoint == "app"`:                          true,
		`event.value == 1240 && has(event.value)`:                                        true,
		`event.occurred_at < timestamp("2026-05-20T21:30:01Z")`:                          true,
		`event.occurred_at.getDayOfWeek("Europe/Rome") == 3`:                             true,
		`event.properties.items == 3 && event.properties.rating > 3.5`:                   true,
		`event.properties.tags.exists(t, t == "sale") && "new" in event.properties.tags`: true,
		`has(event.properties.gift)`:                                                     false,
		`event.properties.gift`:                                                          false,
		`!event.properties.gift`:                                                         false, // unset: neither it nor its negation
		`event.properties.gift || event.value > 0`:                                       true,  // the rest decides it
		`!has(event.properties.gift)`:                                                    true,
		`member.status == "registered" && member.tier in ["silver", "gold"]`:             true,
		`member.language == "it" && member.enrolled_at < event.occurred_at`:              true,
		`member.attributes.diet == "vegan" && member.attributes.children >= 2`:           true,
		`size(member.attributes.likes) == 2`:                                             true,
		`member.attributes.newsletter`:                                                   false, // known, but not of the declared type: as if unset
		`!member.attributes.newsletter`:                                                  false,
		`has(member.attributes.newsletter)`:                                              false,
		`member.count("purchase") == 4 && member.sum("purchase") == 4000`:                true,
		`member.count("purchase", "day") == 1`:                                           true,
		`member.count("purchase", "week") == 2`:                                          true,
		`member.count("purchase", "month") == 3`:                                         true,
		`member.count("purchase", "year") == 3`:                                          true,
		`member.count("purchase", "1d") == 1`:                                            true,
		`member.count("purchase", "20d") == 3 && member.sum("purchase", "20d") == 3000`:  true,
		`member.count("purchase", "19d") == 2`:                                           true,
		`member.count("purchase", "2026-05-01") == 3`:                                    true,
		`member.sum("purchase", "2026-05-20") == 1000`:                                   true,
		`member.count("purchase", "2026-05-21") == 0`:                                    true,  // later than the event
		`member.count("purchase", "2025-11-30") >= 0`:                                    false, // not known
		`member.count("purchase", "200d") >= 0`:                                          false, // reaches back to days that are not known
		`!(member.count("purchase", "200d") >= 0)`:                                       false,
		`member.count("idea.voted") == 0 && member.count("idea.voted", "week") == 0`:     true,
		`member.first("purchase") < member.last("purchase")`:                             true,
		`member.last("idea.voted") < event.occurred_at`:                                  false,
		`!(member.last("idea.voted") < event.occurred_at)`:                               false,
		`event.value / (event.value - 1240) == 0`:                                        false,
		`event.value * 9223372036854775807 > 0`:                                          false,
	} {
		r := fact.NewReport()
		c := expr.NewLanguage(words).Condition(source, []string{"purchase"}, r)
		if c == nil {
			t.Errorf("%s does not compile: %v", source, r.Problems())
			continue
		}
		if got := c.Holds(s); got != want {
			t.Errorf("%s is %t", source, got)
		}
	}
}

func TestConditionOverTheMemberAloneIsOfTheDayItIsAskedAbout(t *testing.T) {
	c := expr.NewLanguage(words).Condition(`member.count("purchase", "month") == 3`, nil, fact.NewReport())
	s := scope()
	for text, want := range map[string]bool{"2026-05-31T21:59:59Z": true, "2026-05-31T22:00:00Z": false} { // midnight in Rome
		at, _ := time.Parse(time.RFC3339, text)
		rome, _ := time.LoadLocation("Europe/Rome")
		m := expr.Member{Record: record{purchases: []fact.Day{day("2026-05-01"), day("2026-05-18"), day("2026-05-20")}}}
		s.Set(&m, nil, at, rome)
		if c.Holds(s) != want {
			t.Errorf("at %s it is %t", text, !want)
		}
	}
	var always *expr.Condition
	if !always.Holds(s) || len(always.Needs().Events) != 0 {
		t.Error("no condition does not hold")
	}
}

func TestEventWithoutValueHasNone(t *testing.T) {
	s := scope()
	s.Set(&expr.Member{Record: record{}}, &fact.Interaction{Event: "purchase"}, time.Now(), time.UTC)
	l := expr.NewLanguage(words)
	if c := l.Condition(`event.value == 0 && !has(event.value) && !has(event.properties.items)`, []string{"purchase"}, fact.NewReport()); !c.Holds(s) {
		t.Error("a value is seen")
	}
}

func TestAmounts(t *testing.T) {
	s := scope()
	for source, want := range map[string]int64{`event.value / 100 * 2`: 24, `member.count("purchase") > 3 ? 10 : 5`: 10, `size(event.properties.tags)`: 2, `-5`: -5} {
		a := expr.NewLanguage(words).Amount(source, []string{"purchase"}, fact.NewReport())
		if got, fault := a.Of(s); fault != "" || got != want {
			t.Errorf("%s is %d, %s", source, got, fault)
		}
	}
	for _, source := range []string{`event.value / 0`, `int(event.properties.channel)`, `9223372036854775807 + event.value`} {
		a := expr.NewLanguage(words).Amount(source, []string{"purchase"}, fact.NewReport())
		if got, fault := a.Of(s); fault == "" {
			t.Errorf("%s is %d", source, got)
		}
	}
}

func TestMistakesInExpressions(t *testing.T) {
	for _, c := range []struct {
		source       string
		line, column int
		says         string
	}{
		{`evnt.value > 1`, 1, 1, "unknown name “evnt”: did you mean “event”?"},
		{`event.vlaue > 1`, 1, 6, "event has no “vlaue”: did you mean “value”?"},
		{`event.items > 1`, 1, 6, "event has no “items”: did you mean “event.properties.items”?"},
		{`event.properties.itms > 1`, 1, 17, "purchase declares no property “itms”: did you mean “items”?"},
		{`member.diet == "vegan"`, 1, 7, "member has no “diet”: did you mean “member.attributes.diet”?"},
		{`member.attributes.diett == "x"`, 1, 18, "the programme declares no attribute “diett”: did you mean “diet”?"},
		{`member.cuont("purchase") > 1`, 1, 13, "member has no figure “cuont”: did you mean “count”?"},
		{`member.count("purchse") > 1`, 1, 14, "unknown event “purchse”: did you mean “purchase”?"},
		{"event.value > 1 &&\n member.count('purchase', 'moth') > 1", 2, 27, "“moth” is not a window: those are day, week, month, year, 1d to 731d, and a date such as 2026-05-01: did you mean “month”?"},
		{`member.count("purchase", "732d") > 1`, 1, 26, "not a window"},
		{`member.count("purchase", "2026-02-30") > 1`, 1, 26, "not a window"},
		{`[1,2,3,4,5].all(a,[1,2,3,4,5].all(b,[1,2,3,4,5].all(c,[1,2,3,4,5].all(d,[1,2,3,4,5].all(e,[1,2,3,4,5].all(f, member.sum("purchase", "731d") > 0))))))`, 0, 0, "cost too much"},
		{`member.count(member.tier) > 1`, 1, 20, "the event's name must be written out"},
		{`member.count("purchase", member.tier) > 1`, 1, 32, "the window must be written out"},
		{`member.count() > 1`, 1, 13, "member.count takes an event's name"},
		{`member.last("purchase", "week") > member.enrolled_at`, 1, 12, "member.last takes an event's name"},
		{`sizee(event.name) > 1`, 1, 6, "unknown function “sizee”: did you mean “size”?"},
		{`event.value == "a"`, 1, 13, "“==” does not take int, string"},
		{`event.value > 1.5`, 1, 13, "“>” does not take int, double"},
		{`event.value`, 1, 1, "a condition is true or false, of type bool: this is of type int"},
		{`event{} == event`, 1, 6, "an object cannot be made in an expression"},
		{`event.value >`, 1, 14, "the expression ends where something should follow"},
		{`event.value ) 1`, 1, 13, "“)” cannot stand here"},
		{`event.name == "a`, 1, 15, "is a quote missing?"},
		{`perché`, 1, 6, "cannot be read"},
		{`now() > event.occurred_at`, 1, 4, "unknown function “now”"},
		{``, 0, 0, "an expression is missing"},
		{strings.Repeat("true && ", 250) + "true", 1, 1, "at most 2,000 characters"},
		{strings.Repeat("(", 60) + "true" + strings.Repeat(")", 60), 1, 1, "too many parts, or is nested too deeply"},
		{`[1,1,1,1].all(a,[1,1,1,1].all(b,[1,1,1,1].all(c,[1,1,1,1].all(d,[1,1,1,1].all(e,[1,1,1,1].all(f,[1,1,1,1].all(g,[1,1,1,1].all(h,[1,1,1,1].all(i,[1,1,1,1].all(j,a>0))))))))))`, 0, 0, "cost too much"},
	} {
		r := fact.NewReport()
		x := expr.NewLanguage(words).Condition(c.source, []string{"purchase"}, r.In("when"))
		if p := r.Problems(); x != nil || len(p) == 0 || p[0].Line != c.line || p[0].Column != c.column || !strings.Contains(p[0].Message, c.says) || p[0].Path != "when" {
			t.Errorf("%.80s: told %v", c.source, p)
		}
	}
}

func TestPropertyThatEventsDeclareDifferentlyCannotBeReadOverBoth(t *testing.T) {
	r := fact.NewReport()
	l := expr.NewLanguage(words)
	if l.Condition(`event.properties.items == 1`, []string{"review", "purchase"}, r) != nil || !strings.Contains(r.Problems()[0].Message, "int in purchase and string in review") {
		t.Errorf("told %v", r.Problems())
	}
	if l.Condition(`event.properties.stars == 1 || event.properties.channel == "x"`, []string{"review", "purchase"}, fact.NewReport()) == nil {
		t.Error("what they do not declare differently cannot be read either")
	}
}

func TestNeeds(t *testing.T) {
	c := expr.NewLanguage(words).Condition(`member.count("purchase", "month") > 1 && member.sum("purchase", "90d") > 1 && member.count("purchase", "2026-05-01") > 1 && member.sum("purchase", "2026-05-01") > 1 && member.tier == "gold" && [1].all(x, member.first("review") < event.occurred_at)`,
		[]string{"purchase"}, fact.NewReport())
	n := c.Needs()
	if len(n.Events) != 2 || !reflect.DeepEqual(n.Events["purchase"], expr.Figures{Windows: true, Days: 89, Since: []fact.Day{day("2026-05-01")}}) || !reflect.DeepEqual(n.Events["review"], expr.Figures{}) || !n.Member["tier"] || n.Member["attributes"] || !n.Windowed() {
		t.Errorf("%+v", n)
	}
}

func TestCostIsBoundedWhenEvaluatedToo(t *testing.T) {
	c := expr.NewLanguage(words).Condition(`!event.properties.tags.exists(x, x.contains("needle in a haystack"))`, []string{"purchase"}, fact.NewReport())
	s := scope()
	for size, want := range map[int]bool{10: true, 16_000: false} {
		tags := make([]any, expr.MaxStrings)
		for i := range tags {
			tags[i] = strings.Repeat("x", size)
		}
		s.Set(&expr.Member{Record: record{}}, &fact.Interaction{Event: "purchase", Properties: map[string]any{"tags": tags}}, time.Now(), time.UTC)
		if c.Holds(s) != want {
			t.Errorf("with texts of %d characters it is %t", size, !want)
		}
	}
}

// What is written without malice stays far below the bounds; what asks for a figure again and again does not get far.
func TestFiguresOfWindowsCost(t *testing.T) {
	loop := func(depth int) string {
		source := `member.count("purchase", "week") > 0`
		for i := range depth {
			source = "[1,2,3,4,5].all(x" + strconv.Itoa(i) + ", " + source + ")"
		}
		return source
	}
	for depth, want := range map[int]bool{0: true, 3: true, 4: true, 5: false} {
		c := expr.NewLanguage(words).Condition(loop(depth), []string{"purchase"}, fact.NewReport())
		if c == nil || c.Holds(scope()) != want {
			t.Errorf("asked 5^%d times: holds %t", depth, !want)
		}
	}
}

func TestExpressionsServeManyAtOnce(t *testing.T) {
	c := expr.NewLanguage(words).Condition(`member.last("idea.voted") < event.occurred_at || event.value == 1240 && member.count("purchase", "week") == 2`, []string{"purchase"}, fact.NewReport())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s := scope()
			for range 200 {
				if !c.Holds(s) {
					t.Error("it does not hold")
					return
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkCondition(b *testing.B) {
	s := scope()
	for name, source := range map[string]string{"value": `event.value >= 1000`, "window": `event.value >= 1000 && member.count("purchase", "month") == 3`, "list": `"sale" in event.properties.tags`, "unset": `event.properties.gift`} {
		c := expr.NewLanguage(words).Condition(source, []string{"purchase"}, fact.NewReport())
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Holds(s)
			}
		})
	}
}
