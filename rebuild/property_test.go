package rebuild_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"granaio/dossier"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/rebuild"
)

// TestMain has fewer runs of a property, each of which is many requests, unless -rapid.checks says otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	checks, said := "8", false
	if _, more := os.LookupEnv("RAPID_CHECKS"); more {
		checks = "20"
	}
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		_ = flag.Set("rapid.checks", checks)
	}
	os.Exit(m.Run())
}

// asking is what a programme that asks for consent has besides.
const asking = `  consents:
    - {key: profile, allows: profiling, name: {en: Profile}, texts: [{version: "1", text: {en: May we?}}]}
`

// done is something that a member did, as far as nothing of it was returned.
type done struct {
	id     fact.ID
	shop   string // empty for a review
	days   int    // ago
	second int    // of that day: no two are at one instant
	cents  int64
	pieces int
	stars  int
}

// person is all that the ids of one person did.
type person struct {
	ids  []fact.ID
	done []done
}

// figures are what the metrics should say, worked out by looking through all that was done. Nobody buys between 301 and 379 days ago, so that a window of
// twelve months has one meaning.
func (p *person) figures() map[string]string {
	var count, spent, stars, dearest int64
	var last *done
	var shops []string
	for i, d := range p.done {
		if d.shop == "" {
			stars += int64(d.stars)
			continue
		}
		if count++; d.days <= 300 {
			spent += d.cents
		}
		if d.pieces > 0 {
			dearest = max(dearest, d.cents)
		}
		if last == nil || d.days < last.days || d.days == last.days && d.second > last.second {
			last = &p.done[i]
		}
		if !slices.Contains(shops, d.shop) {
			shops = append(shops, d.shop)
		}
	}
	all := map[string]string{
		"bought": fmt.Sprint(count), "spent": fmt.Sprint(spent), "stars": fmt.Sprint(stars), "shops": fmt.Sprint(len(shops)), "last_shop": "<nil>", "dearest": "<nil>",
	}
	if last != nil {
		all["last_shop"] = last.shop
	}
	if dearest > 0 {
		all["dearest"] = fmt.Sprint(dearest)
	}
	return all
}

// past is a run: who there is, and what each did.
type past struct {
	*shop
	t       *testing.T
	persons []*person
	second  int
	more    bool // the version in force has all metrics
}

// compare finds metrics that say something else than what was done; or nothing, though all were rebuilt.
func (x *past) compare(rt *rapid.T, what string, rebuilt bool) {
	for _, p := range x.persons {
		want := p.figures()
		for _, id := range p.ids {
			for _, said := range strings.Fields(x.says(x.t, id)) {
				name, value, _ := strings.Cut(said, "=")
				if value != want[name] && (value != "?" || rebuilt || name == "bought") {
					rt.Fatalf("after %s %s is %s, not %s, of what was done: %+v", what, name, value, want[name], p.done)
				}
			}
		}
	}
}

// some is a person, by any of its ids.
func (x *past) some(rt *rapid.T) (*person, fact.ID) {
	p := rapid.SampledFrom(x.persons).Draw(rt, "person")
	return p, rapid.SampledFrom(p.ids).Draw(rt, "id")
}

// acts has somebody buy something, or review it.
func (x *past) acts(rt *rapid.T) {
	p, id := x.some(rt)
	x.second++
	d := done{days: rapid.OneOf(rapid.IntRange(1, 300), rapid.IntRange(380, 450)).Draw(rt, "days"), second: x.second}
	request := engine.Track{Origin: x.origin(), Member: engine.Ref{ID: id}, Event: "review", Touchpoint: "till"}
	request.Occurred = time.Now().Truncate(24*time.Hour).AddDate(0, 0, -d.days).Add(12*time.Hour + time.Duration(d.second)*time.Second)
	if rapid.IntRange(0, 3).Draw(rt, "reviews") == 0 {
		d.stars = rapid.IntRange(1, 5).Draw(rt, "stars")
		request.Properties = map[string]any{"stars": float64(d.stars)}
	} else {
		d.shop, d.cents = rapid.SampledFrom([]string{"north", "south", "east"}).Draw(rt, "shop"), rapid.Int64Range(1, 900).Draw(rt, "cents")
		d.pieces = rapid.IntRange(0, 2).Draw(rt, "pieces")
		request.Event, request.Value = "purchase", &engine.MoneyIn{Amount: decimal.New(d.cents, -2)}
		request.Properties = map[string]any{"shop": d.shop, "pieces": float64(d.pieces)}
	}
	d.id = granted(x.t)(x.engine.Track(x.t.Context(), request)).Interaction
	p.done = append(p.done, d)
}

// undoes has somebody return something, as a whole or in part.
func (x *past) undoes(rt *rapid.T) {
	p, _ := x.some(rt)
	if len(p.done) == 0 {
		return
	}
	i := rapid.IntRange(0, len(p.done)-1).Draw(rt, "what")
	d := &p.done[i]
	if cents := rapid.Int64Range(0, max(d.cents-1, 0)).Draw(rt, "cents"); cents > 0 {
		x.returns(x.t, d.id, decimal.New(cents, -2).String())
		d.cents -= cents
		return
	}
	x.returns(x.t, d.id, "")
	p.done = slices.Delete(p.done, i, i+1)
}

// joins makes one of two.
func (x *past) joins(rt *rapid.T) {
	from, a := x.some(rt)
	into, b := x.some(rt)
	if from == into {
		return
	}
	r := engine.Merge{Origin: x.origin(), From: engine.Ref{ID: from.ids[len(from.ids)-1]}, Into: engine.Ref{ID: b}, Reason: "one person"}
	o, err := x.engine.Merge(x.t.Context(), r)
	if err != nil || o.Refusal != nil {
		rt.Fatal(a, o, err)
	}
	into.ids, into.done = append(slices.Clone(from.ids), into.ids...), append(into.done, from.done...)
	x.persons = slices.DeleteFunc(x.persons, func(p *person) bool { return p == from })
}

// Whatever happens, to whichever id of a person (it buys, also of late, returns, turns out to be somebody else, agrees and no longer agrees to be profiled; others are
// forgotten; metrics come, go and are worked out anew), the metrics say what a look through all that was done says, or that they do not know yet; and nothing but that
// after all were worked out anew.
func TestMetricsSayWhatWasDone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		rapid.Check(t, func(rt *rapid.T) {
			x := &past{shop: s, t: t, more: true}
			s.publish(t, more+asking)
			for range 3 {
				s.sent++
				x.persons = append(x.persons, &person{ids: []fact.ID{s.enrol(t, fmt.Sprint("somebody ", s.sent))}})
			}
			steps := map[string]func(*rapid.T){
				"it acts": x.acts, "it acts again": x.acts, "it acts once more": x.acts, "it returns": x.undoes, "it returns again": x.undoes, "two are one": x.joins,
				"it decides": func(rt *rapid.T) {
					_, id := x.some(rt)
					choice := loyalty.Choice{Purpose: "profile", State: rapid.SampledFrom(consent.Decisions).Draw(rt, "decision")}
					granted(t)(s.engine.Consent(t.Context(), engine.Consent{Origin: s.origin(), Member: engine.Ref{ID: id}, Touchpoint: "till", Choices: []loyalty.Choice{choice}}))
				},
				"one is forgotten": func(rt *rapid.T) {
					if p, id := x.some(rt); len(x.persons) > 1 {
						granted(t)(s.engine.Erase(t.Context(), engine.Erase{Origin: s.origin(), Member: engine.Ref{ID: id}, Cause: dossier.ByOperator}))
						x.persons = slices.DeleteFunc(x.persons, func(o *person) bool { return o == p })
					}
				},
				"a new version": func(*rapid.T) {
					x.more = !x.more
					s.publish(t, strings.Repeat(more, map[bool]int{true: 1}[x.more])+asking)
				},
				"they are rebuilt": func(rt *rapid.T) { x.rebuild(rt, rebuild.Plan{Caller: "operator:anna"}) },
			}
			names := slices.Sorted(maps.Keys(steps))
			for range rapid.IntRange(1, 20).Draw(rt, "steps") {
				name := rapid.SampledFrom(names).Draw(rt, "step")
				steps[name](rt)
				x.compare(rt, name, name == "they are rebuilt")
			}
			x.rebuild(rt, rebuild.Plan{Caller: "operator:anna"})
			x.compare(rt, "all was rebuilt", true)
			if r := x.rebuild(rt, rebuild.Plan{Caller: "operator:anna", Dry: true}); r.Changed != 0 {
				rt.Fatalf("what was worked out anew is different of %d members", r.Changed)
			}
		})
	})
}

func (x *past) rebuild(rt *rapid.T, p rebuild.Plan) *rebuild.Report {
	r, err := x.Run(x.t.Context(), x.id, p, func(int64, int64) {})
	if err != nil {
		rt.Fatal(err)
	}
	return r
}
