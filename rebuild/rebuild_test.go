package rebuild_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/rebuild"
	"granaio/store"
	"granaio/store/storetest"
)

const shopYAML = `granaio: 1
programme:
  key: shop
  name: {en: Shop}
  currency: EUR
  time_zone: Europe/Rome
  languages: [en]
  starts: 2025-01-01
  points: {name: {en: Points}}
  events:
    purchase: {name: {en: purchase}, value: required, properties: {shop: string, pieces: int}}
    review: {name: {en: review}, properties: {stars: int}}
  metrics:
    bought: {name: {en: Bought}, on: [purchase], take: count}
METRICS
touchpoints:
  - {key: till, kind: store, name: {en: Till}}
rules:
  - {key: loyal, name: {en: Loyal}, on: [purchase], when: member.metrics.bought >= 3, award: {points: 7}}
`

// more are metrics that a later version has.
const more = `    spent: {name: {en: Spent}, on: [purchase], take: sum, over: 12 months}
    last_shop: {name: {en: Last shop}, on: [purchase], take: last, of: properties.shop}
    shops: {name: {en: Shops}, on: [purchase], take: distinct, of: properties.shop}
    dearest: {name: {en: Dearest}, on: [purchase], take: most, when: event.properties.pieces > 0}
    stars: {name: {en: Stars}, on: [review], take: sum, of: properties.stars}
`

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// shop is a programme on a database, with an engine.
type shop struct {
	store  *store.Store
	engine *engine.Engine
	id     fact.ID
	rebuild.Rebuilder
	sent int
}

func (s *shop) publish(t *testing.T, metrics string) {
	t.Helper()
	file, problems := programme.Parse("shop.yaml", []byte(strings.Replace(shopYAML, "METRICS\n", metrics, 1)))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), s.store, file, "test", time.Now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	s.id = report.Programme
}

func each(t *testing.T, test func(*testing.T, *shop)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := &shop{store: db}
		s.publish(t, "")
		library := programme.NewLibrary(db)
		s.engine = engine.New(db, shelf{library}, engine.Nobody{}, engine.Options{})
		t.Cleanup(s.engine.Close)
		s.Rebuilder = rebuild.Rebuilder{Ent: db.Ent(), Engine: s.engine, Library: library, Page: 3, Weight: 5}
		test(t, s)
	})
}

func (s *shop) origin() engine.Origin {
	s.sent++
	return engine.Origin{Programme: s.id, Caller: "test", Key: fmt.Sprint(s.sent)}
}

func granted(t *testing.T) func(*engine.Outcome, error) *engine.Outcome {
	return func(o *engine.Outcome, err error) *engine.Outcome {
		t.Helper()
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		return o
	}
}

func (s *shop) enrol(t *testing.T, name string) fact.ID {
	t.Helper()
	return granted(t)(s.engine.Enrol(t.Context(), engine.Enrol{
		Origin: s.origin(), Identities: []engine.Identity{{Kind: fact.CRM, Value: name}}, Touchpoint: "till", Occurred: time.Now().AddDate(0, -3, 0),
	})).Member
}

// buys has a member buy something some days ago.
func (s *shop) buys(t *testing.T, member fact.ID, days int, amount, where string, pieces int) fact.ID {
	t.Helper()
	return granted(t)(s.engine.Track(t.Context(), engine.Track{
		Origin: s.origin(), Member: engine.Ref{ID: member}, Event: "purchase", Touchpoint: "till", Occurred: time.Now().AddDate(0, 0, -days),
		Value: &engine.MoneyIn{Amount: decimal.RequireFromString(amount)}, Properties: map[string]any{"shop": where, "pieces": float64(pieces)},
	})).Interaction
}

func (s *shop) returns(t *testing.T, interaction fact.ID, amount string) {
	t.Helper()
	r := engine.Reverse{Origin: s.origin(), Interaction: interaction}
	if amount != "" {
		r.Value = &engine.MoneyIn{Amount: decimal.RequireFromString(amount)}
	}
	granted(t)(s.engine.Reverse(t.Context(), r))
}

// says is what the metrics say of a member, by name; ? for what is still to be worked out.
func (s *shop) says(t *testing.T, member fact.ID) string {
	t.Helper()
	views, err := s.engine.Views(t.Context(), s.id, []fact.ID{member})
	if err != nil {
		t.Fatal(err)
	}
	v, all := views[member], []string{}
	for _, m := range v.Programme.Metrics() {
		value, known := v.Programme.Measure(v.State, m, v.Now)
		said := fmt.Sprint(value.Of)
		if !known {
			said = "?"
		}
		all = append(all, m.Name+"="+said)
	}
	return strings.Join(all, " ")
}

func (s *shop) is(t *testing.T, member fact.ID, want string) {
	t.Helper()
	if got := s.says(t, member); got != want {
		t.Errorf("the metrics say %s, not %s", got, want)
	}
}

func (s *shop) rebuilds(t *testing.T, p rebuild.Plan, members, changed int64) {
	t.Helper()
	p.Caller = "operator:anna"
	r, err := s.Run(t.Context(), s.id, p, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Members != members || r.Changed != changed {
		t.Errorf("of %d members %d changed, not of %d %d", r.Members, r.Changed, members, changed)
	}
}

// A metric that is new says nothing of who has a past, until that is worked out; of who has none it is right at once. Working it out again changes nothing.
func TestANewMetricStartsFromTheWholePast(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ada, ben := s.enrol(t, "ada"), s.enrol(t, "ben")
		s.buys(t, ada, 40, "30.00", "Roma", 2)
		bari := s.buys(t, ada, 3, "12.50", "Bari", 0)
		s.buys(t, ada, 20, "8.00", "Milano", 1) // heard of late
		s.returns(t, bari, "2.50")
		s.is(t, ada, "bought=3")
		s.publish(t, more)
		s.is(t, ada, "bought=3 dearest=? last_shop=? shops=? spent=? stars=0")
		s.is(t, ben, "bought=0 dearest=<nil> last_shop=<nil> shops=0 spent=0 stars=0")
		s.buys(t, ada, 0, "1.00", "Lecce", 1)
		s.buys(t, ben, 1, "5.00", "Lecce", 1)
		s.is(t, ada, "bought=4 dearest=? last_shop=? shops=? spent=? stars=0")
		s.is(t, ben, "bought=1 dearest=500 last_shop=Lecce shops=1 spent=500 stars=0")

		s.rebuilds(t, rebuild.Plan{Dry: true}, 2, 1)
		s.is(t, ada, "bought=4 dearest=? last_shop=? shops=? spent=? stars=0")
		s.rebuilds(t, rebuild.Plan{Metrics: []string{"spent"}}, 2, 1)
		s.is(t, ada, "bought=4 dearest=? last_shop=? shops=? spent=4900 stars=0")
		s.rebuilds(t, rebuild.Plan{}, 2, 1)
		s.is(t, ada, "bought=4 dearest=3000 last_shop=Lecce shops=4 spent=4900 stars=0")
		s.rebuilds(t, rebuild.Plan{}, 2, 0)

		s.returns(t, bari, "")
		s.is(t, ada, "bought=3 dearest=3000 last_shop=Lecce shops=3 spent=3900 stars=0")
		s.rebuilds(t, rebuild.Plan{Dry: true}, 2, 0)
	})
}

// What is returned is taken out even where only the past tells what is left: the latest, the greatest.
func TestTheLatestIsReturned(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.publish(t, more)
		ada := s.enrol(t, "ada")
		first, second, third := s.buys(t, ada, 9, "10.00", "Roma", 1), s.buys(t, ada, 5, "40.00", "Bari", 1), s.buys(t, ada, 7, "20.00", "Lecce", 1)
		s.is(t, ada, "bought=3 dearest=4000 last_shop=Bari shops=3 spent=7000 stars=0")
		s.returns(t, second, "25.00")
		s.is(t, ada, "bought=3 dearest=2000 last_shop=Bari shops=3 spent=4500 stars=0")
		s.returns(t, second, "")
		s.is(t, ada, "bought=2 dearest=2000 last_shop=Lecce shops=2 spent=3000 stars=0")
		s.returns(t, third, "")
		s.returns(t, first, "9.99")
		s.is(t, ada, "bought=1 dearest=1 last_shop=Roma shops=1 spent=1 stars=0")
		s.returns(t, first, "")
		s.is(t, ada, "bought=0 dearest=<nil> last_shop=<nil> shops=0 spent=0 stars=0")
		s.rebuilds(t, rebuild.Plan{Dry: true}, 1, 0)
	})
}

// What another version no longer has is not taken up where it was left, if something happened meanwhile.
func TestAMetricThatComesBackIsWorkedOutAnew(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.publish(t, more)
		ada, ben := s.enrol(t, "ada"), s.enrol(t, "ben")
		s.buys(t, ada, 9, "10.00", "Roma", 1)
		s.buys(t, ben, 9, "10.00", "Roma", 1)
		s.publish(t, "")
		s.buys(t, ada, 8, "10.00", "Bari", 1)
		s.publish(t, more)
		s.is(t, ada, "bought=2 dearest=? last_shop=? shops=? spent=? stars=0")
		s.is(t, ben, "bought=1 dearest=1000 last_shop=Roma shops=1 spent=1000 stars=0") // to whom nothing happened
		s.rebuilds(t, rebuild.Plan{}, 2, 1)
		s.is(t, ada, "bought=2 dearest=1000 last_shop=Bari shops=2 spent=2000 stars=0")
	})
}

// What is heard of late is decided by the version of then, which may have fewer metrics: those of now are kept all the same, whatever it is that is heard.
func TestWhatIsHeardOfLateLeavesNewMetricsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const asked = "  consents:\n    - {key: news, allows: marketing, name: {en: News}, texts: [{version: \"1\", text: {en: Fine?}}]}\n"
		s.publish(t, asked)
		then := time.Now()
		time.Sleep(time.Millisecond)
		s.publish(t, more+asked)
		const kept = "bought=1 dearest=500 last_shop=Lecce shops=1 spent=500 stars=0"
		ada, device := s.enrol(t, "ada"), engine.Ref{Identity: engine.Identity{Kind: fact.Device, Value: "phone 1"}}
		s.buys(t, ada, 0, "5.00", "Lecce", 1)
		granted(t)(s.engine.Update(t.Context(), engine.Update{
			Origin: s.origin(), Member: engine.Ref{ID: ada}, Occurred: then, Touchpoint: "till", Party: fact.ZeroParty, Locale: new("it"),
		}))
		s.is(t, ada, kept)
		granted(t)(s.engine.Consent(t.Context(), engine.Consent{
			Origin: s.origin(), Member: engine.Ref{ID: ada}, Occurred: then, Touchpoint: "till", Choices: []loyalty.Choice{{Purpose: "news", State: consent.Given}},
		}))
		s.is(t, ada, kept)
		ben := granted(t)(s.engine.Enrol(t.Context(), engine.Enrol{
			Origin: s.origin(), Identities: []engine.Identity{device.Identity}, Status: loyalty.Prospect, Touchpoint: "till", Occurred: then,
		})).Member
		s.buys(t, ben, 0, "5.00", "Lecce", 1)
		granted(t)(s.engine.Register(t.Context(), engine.Register{Origin: s.origin(), Member: device, Occurred: then, Touchpoint: "till"}))
		s.is(t, ben, kept)
	})
}

// A metric that is still to be worked out of one of two who turn out to be one is so of both, whichever joins the other.
func TestWhatLacksThePastOfOneIsNotKnownOfBoth(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var old, young [2]fact.ID
		for i := range 2 {
			old[i], young[i] = s.enrol(t, fmt.Sprint("old ", i)), s.enrol(t, fmt.Sprint("young ", i))
			s.buys(t, old[i], 20, "10.00", "north", 1)
		}
		s.publish(t, more)
		for i, id := range young {
			s.buys(t, id, 10, "5.00", "south", 2)
			s.is(t, id, "bought=1 dearest=500 last_shop=south shops=1 spent=500 stars=0")
			from, into := old[i], id
			if i == 1 {
				from, into = into, from
			}
			granted(t)(s.engine.Merge(t.Context(), engine.Merge{Origin: s.origin(), From: engine.Ref{ID: from}, Into: engine.Ref{ID: into}, Reason: "one person"}))
			s.is(t, id, "bought=2 dearest=? last_shop=? shops=? spent=? stars=0")
		}
		if r, err := s.Run(t.Context(), s.id, rebuild.Plan{Caller: "operator:anna"}, func(int64, int64) {}); err != nil || r.Changed != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		for _, id := range young {
			s.is(t, id, "bought=2 dearest=1000 last_shop=south shops=2 spent=1500 stars=0")
		}
	})
}

// While metrics are worked out, members go on buying, and nothing of it is lost.
func TestMetricsAreRebuiltBesideLiveTraffic(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var members []fact.ID
		for i := range 12 {
			members = append(members, s.enrol(t, fmt.Sprint("m", i)))
			for n := range 5 {
				s.buys(t, members[i], n+1, "2.00", fmt.Sprint("shop ", n), 1)
			}
		}
		s.publish(t, more)
		done := make(chan error)
		go func() {
			for range 3 {
				if _, err := s.Run(t.Context(), s.id, rebuild.Plan{Caller: "operator:anna"}, func(int64, int64) {}); err != nil {
					done <- err
				}
			}
			done <- nil
		}()
		const each = 6
		for range each {
			for _, m := range members {
				s.buys(t, m, 0, "3.00", "Lecce", 1)
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for _, m := range members {
			s.is(t, m, "bought=11 dearest=300 last_shop=Lecce shops=6 spent=2800 stars=0")
		}
		s.rebuilds(t, rebuild.Plan{Dry: true}, 12, 0)
	})
}

func TestAMetricThatIsNotDeclaredIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		refusal, err := s.Judge(t.Context(), s.id, rebuild.Plan{Metrics: []string{"bougt"}})
		if err != nil || refusal == nil || refusal.Code != fact.CodeUnknownMetric || !strings.Contains(refusal.Message, "did you mean “bought”?") {
			t.Errorf("%v, %v", refusal, err)
		}
	})
}
