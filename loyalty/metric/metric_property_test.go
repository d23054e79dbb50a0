package metric_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
)

var rome, _ = time.LoadLocation("Europe/Rome")

// everything are metrics of every take, over all time, rolling and by the calendar.
func everything(t testing.TB) []*metric.Metric {
	specs := map[string]metric.Spec{}
	for i, over := range []string{"", "week", "month", "3 days", "40 days", "2 months"} {
		for _, x := range []struct {
			take metric.Take
			of   string
		}{
			{metric.Count, ""}, {metric.Sum, "value"}, {metric.Sum, "properties.pieces"}, {metric.First, "time"}, {metric.Last, "time"}, {metric.Last, "value"},
			{metric.First, "properties.shop"}, {metric.Last, "properties.shop"}, {metric.Last, "properties.gift"}, {metric.Most, "value"}, {metric.Least, "properties.pieces"},
			{metric.Distinct, "day"}, {metric.Distinct, "touchpoint"}, {metric.Distinct, "properties.shop"}, {metric.Interval, ""},
		} {
			name := fmt.Sprintf("m%d_%s_%d", i, x.take, len(specs))
			when := ""
			if len(specs)%3 == 1 {
				when = "event.value >= 300"
			}
			specs[name] = metric.Spec{Name: fact.Text{"en": name}, On: []string{"purchase"}, Take: x.take, Of: x.of, Over: over, When: when}
		}
	}
	return compiled(t, specs)
}

func compiled(t testing.TB, specs map[string]metric.Spec) []*metric.Metric {
	properties := map[string]expr.Type{"shop": expr.String, "pieces": expr.Int, "gift": expr.Bool}
	events := map[string]metric.Event{"purchase": {Valued: true, Properties: properties}}
	words := expr.Vocabulary{Events: map[string]map[string]expr.Type{"purchase": properties}, Metrics: map[string]expr.Metric{}}
	r := fact.NewReport()
	all := metric.Compile(specs, events, fact.Setting{Zone: rome, Languages: []string{"en"}}, expr.NewLanguage(words), words.Metrics, r)
	if problems := r.Problems(); len(problems) > 0 {
		t.Fatal(problems)
	}
	return all
}

var someDay = time.Date(2026, time.March, 20, 8, 0, 0, 0, time.UTC)

// purchases draws what happened, in the order in which it was heard of.
func purchases(t *rapid.T) []fact.Interaction {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fact.Interaction {
		i := fact.Interaction{ID: fact.NewID(fact.KindInteraction), Event: "purchase", Touchpoint: rapid.SampledFrom([]string{"till", "web"}).Draw(t, "touchpoint"), Properties: map[string]any{}}
		i.Occurred = someDay.Add(time.Duration(rapid.IntRange(0, 24*rapid.SampledFrom([]int{3, 60, 400}).Draw(t, "span")).Draw(t, "hours")) * time.Hour)
		i.Value = &fact.Money{Minor: rapid.Int64Range(0, 900).Draw(t, "value")}
		if rapid.Bool().Draw(t, "has pieces") {
			i.Properties["pieces"] = rapid.Int64Range(-3, 9).Draw(t, "pieces")
		}
		if rapid.Bool().Draw(t, "has shop") {
			i.Properties["shop"] = rapid.SampledFrom([]string{"Roma", "Milano", "Bari"}).Draw(t, "shop")
		}
		i.Properties["gift"] = rapid.Bool().Draw(t, "gift")
		return i
	}), 0, 25).Draw(t, "purchases")
}

func TestWhateverIsTakenInAndOutItComesToAFoldOfWhatIsLeft(t *testing.T) {
	all := everything(t)
	rapid.Check(t, func(t *rapid.T) {
		heard := purchases(t)
		states, scope := make([]*metric.State, len(all)), expr.Scope{}
		var left []fact.Interaction
		for _, i := range heard {
			left = append(left, i)
			for n, m := range all {
				states[n] = m.With(states[n], &i, &scope)
			}
			if rapid.IntRange(0, 3).Draw(t, "return") > 0 {
				continue
			}
			at := rapid.IntRange(0, len(left)-1).Draw(t, "which")
			was, less := left[at], (*fact.Interaction)(nil)
			if others := slices.Delete(slices.Clone(left), at, at+1); rapid.Bool().Draw(t, "in part") {
				part := was
				part.Value = &fact.Money{Minor: rapid.Int64Range(0, was.Value.Minor).Draw(t, "left")}
				less, left = &part, append(others, part)
			} else {
				left = others
			}
			for n, m := range all {
				next, told := m.Replace(states[n], &was, less, &scope)
				if !told {
					next = m.Fold(left)
				}
				states[n] = next
			}
		}
		for n, m := range all {
			anew := m.Fold(left)
			if !states[n].Equal(anew) {
				t.Fatalf("%s of %s over %q: kept %+v, anew %+v", m.Take, m.Of, m.Over, states[n], anew)
			}
			text, err := json.Marshal(anew)
			if err != nil {
				t.Fatal(err)
			}
			var read metric.State
			if err := json.Unmarshal(text, &read); err != nil || !read.Equal(anew) {
				t.Fatalf("%s is read as %+v: %v", text, read, err)
			}
			for _, hours := range []int{0, 5, 24 * 30, 24 * 200, 24 * 500} {
				now := someDay.Add(time.Duration(hours) * time.Hour)
				if last := latest(left); now.Before(last) {
					now = last // of days long before the latest not all is known
				}
				day := fact.DayOf(now, rome)
				if got, want := m.Value(states[n], day), naive(m, left, day); got.Unknown || fmt.Sprint(got.Of) != fmt.Sprint(want) {
					t.Fatalf("%s of %s over %q at %s of %d: %v, want %v", m.Take, m.Of, m.Over, now, len(left), got, want)
				}
			}
		}
	})
}

func latest(all []fact.Interaction) (last time.Time) {
	for _, i := range all {
		if i.Occurred.After(last) {
			last = i.Occurred
		}
	}
	return last
}

// naive works a metric out as its definition says it, in as simple a way as can be.
func naive(m *metric.Metric, all []fact.Interaction, day fact.Day) any {
	y, month, d := day.Date()
	midnight := time.Date(y, month, d, 0, 0, 0, 0, rome)
	from, until := time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, rome)
	tomorrow := midnight.AddDate(0, 0, 1)
	switch m.Over {
	case "week":
		from = midnight.AddDate(0, 0, -(int(midnight.Weekday())+6)%7)
		until = from.AddDate(0, 0, 7)
	case "month":
		from = time.Date(y, month, 1, 0, 0, 0, 0, rome)
		until = from.AddDate(0, 1, 0)
	case "3 days":
		from, until = midnight.AddDate(0, 0, -2), tomorrow
	case "40 days":
		from, until = midnight.AddDate(0, 0, -39), tomorrow
	case "2 months":
		first := time.Date(y, month-2, 1, 0, 0, 0, 0, rome)
		from, until = time.Date(y, month-2, min(d, first.AddDate(0, 1, -1).Day())+1, 0, 0, 0, 0, rome), tomorrow
	}
	var in []fact.Interaction
	for _, i := range all {
		if !i.Occurred.Before(from) && i.Occurred.Before(until) && (m.When() == "" || i.Value.Minor >= 300) && taken(m, i) != nil {
			in = append(in, i)
		}
	}
	slices.SortFunc(in, func(a, b fact.Interaction) int {
		if c := a.Occurred.Compare(b.Occurred); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	var sum, most, least int64
	different := map[any]bool{}
	for n, i := range in {
		v := taken(m, i)
		different[v] = true
		if number, ok := v.(int64); ok {
			if sum += number; n == 0 || number > most {
				most = number
			}
			if n == 0 || number < least {
				least = number
			}
		}
	}
	switch {
	case m.Take == metric.Count:
		return int64(len(in))
	case m.Take == metric.Sum:
		return sum
	case m.Take == metric.Distinct:
		return int64(len(different))
	case len(in) == 0 || m.Take == metric.Interval && len(in) < 2:
		return nil
	case m.Take == metric.First:
		return taken(m, in[0])
	case m.Take == metric.Last:
		return taken(m, in[len(in)-1])
	case m.Take == metric.Most:
		return most
	case m.Take == metric.Least:
		return least
	}
	average := in[len(in)-1].Occurred.Sub(in[0].Occurred).Seconds() / float64(len(in)-1)
	return int64(average + 0.5)
}

func taken(m *metric.Metric, i fact.Interaction) any {
	switch m.Of {
	case "value":
		return i.Value.Minor
	case "", "time":
		return i.Occurred
	case "touchpoint":
		return i.Touchpoint
	case "day":
		return i.Occurred.In(rome).Format(time.DateOnly)
	}
	return i.Properties[m.Of[len("properties."):]]
}
