package simulate_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
	"granaio/store/storetest"
)

// people is a shop whose visitors say who they are, are merged, tell of themselves and of their children, and agree to things or do not.
type people struct {
	*shop
	children map[string][]fact.ID
	did      map[string]int
	round    int
}

func (p *people) done(t *testing.T, what string) func(*engine.Outcome, error) *engine.Outcome {
	return func(o *engine.Outcome, err error) *engine.Outcome {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if o.Refusal == nil {
			p.did[what]++
			p.did["absorbed"] += len(o.Absorbed)
		}
		return o
	}
}

// meet has visitors come who say who they are, enrol or are suspended, and two members merged.
func (p *people) meet(t *testing.T, days int) {
	t.Helper()
	device := engine.Identity{Kind: fact.Device, Value: fmt.Sprint("phone ", p.round)}
	visitor := engine.Ref{Identity: device}
	for range 2 {
		p.done(t, "visit")(p.Track(t.Context(), engine.Track{
			Origin: p.origin(), Member: visitor, Event: "visit", Touchpoint: pick(p.shop, []string{"web", "totem"}), Properties: map[string]any{"product": "bread"},
		}))
	}
	p.live(t, days, 10)
	switch p.round++; p.round % 3 {
	case 0:
		p.done(t, "identify")(p.Identify(t.Context(), engine.Identify{Origin: p.origin(), Member: visitor, Identities: []engine.Identity{email(p.members[p.round%len(p.members)])}}))
	case 1:
		p.done(t, "register")(p.Register(t.Context(), engine.Register{Origin: p.origin(), Member: visitor, Touchpoint: "web", Locale: "it"}))
		p.done(t, "identify")(p.Identify(t.Context(), engine.Identify{Origin: p.origin(), Member: visitor, Identities: []engine.Identity{email(fmt.Sprintf("v%d@example.com", p.round))}}))
		p.members = append(p.members, fmt.Sprintf("v%d@example.com", p.round))
	default:
		p.done(t, "suspend")(p.Operate(t.Context(), engine.Operate{Origin: p.origin(), Members: []engine.Ref{visitor}, Operation: loyalty.Suspend{Reason: "x"}}))
		p.live(t, 1, 5)
		p.done(t, "reinstate")(p.Operate(t.Context(), engine.Operate{Origin: p.origin(), Members: []engine.Ref{visitor}, Operation: loyalty.Reinstate{Reason: "x"}}))
	}
	p.done(t, "merge")(p.Merge(t.Context(), engine.Merge{Origin: p.origin(), From: p.somebody(), Into: p.somebody(), Reason: "one person"}))
}

// tell has members say things of themselves and their children, answer surveys, and decide about purposes.
func (p *people) tell(t *testing.T) {
	t.Helper()
	for range 6 {
		p.pass(time.Duration(1+p.chance.IntN(100)) * time.Minute)
		who := pick(p.shop, p.members)
		u := p.says(p.children, who)
		u.Touchpoint = pick(p.shop, []string{"web", "till", "totem"})
		switch o := p.done(t, event(u))(p.Update(t.Context(), u)); {
		case u.Dependent == nil || o.Refusal != nil:
		case u.Dependent.Event == loyalty.EventDependentAdded:
			p.children[who] = append(p.children[who], o.Interaction.As(fact.KindDependent))
		case u.Dependent.Event == loyalty.EventDependentRemoved:
			p.children[who] = slices.DeleteFunc(p.children[who], func(id fact.ID) bool { return id == u.Dependent.ID })
		}
	}
	for range 4 {
		answers := engine.Track{
			Origin: p.origin(), Member: p.somebody(), Event: "survey", Touchpoint: "totem",
			Properties: map[string]any{"diet": pick(p.shop, []any{"vegan", "any", "cake"}), "product": pick(p.shop, []any{"bread", "salt"})},
		}
		if p.chance.IntN(3) == 0 {
			answers.Occurred = p.now().Add(-time.Duration(p.chance.IntN(5*24)) * time.Hour)
		}
		p.done(t, "survey")(p.Track(t.Context(), answers))
		p.done(t, "visit")(p.Track(t.Context(), engine.Track{
			Origin: p.origin(), Member: p.somebody(), Event: "visit", Touchpoint: "till", Properties: map[string]any{"product": pick(p.shop, []any{"bread", "salt", nil})},
		}))
		decided := engine.Consent{Origin: p.origin(), Member: p.somebody(), Touchpoint: "web", Choices: []loyalty.Choice{
			{Purpose: "profile", State: pick(p.shop, consent.Decisions[:2])}, {Purpose: "news", State: pick(p.shop, consent.Decisions)},
		}}
		if p.chance.IntN(3) == 0 {
			decided.Occurred = p.now().Add(-time.Duration(p.chance.IntN(3*24)) * time.Hour)
		}
		p.done(t, "consent")(p.Consent(t.Context(), decided))
	}
}

func opensPeople(t *testing.T, db *store.Store, change ...string) *people {
	t.Helper()
	p := &people{shop: open(t, db, text(t, "people.yaml", change...)), children: map[string][]fact.ID{}, did: map[string]int{}}
	p.live(t, 10, 10)
	return p
}

// exact is that the replay gives what the books say, and so does the last version as a draft, from when it is in force.
func (p *people) exact(t *testing.T, version int, since time.Time) {
	t.Helper()
	until := p.now().Add(time.Hour)
	all := p.simulate(t, nil, begin, until)
	if all.Astray != 0 || all.Touched != 0 {
		t.Errorf("%d of %d members differ after %v", all.Astray, all.Members, p.did)
	}
	p.compareWithBooks(t, all, begin, until)
	r := p.simulate(t, &programme.Candidate{Version: version}, since, until)
	if r.Astray != 0 || r.Touched != 0 || len(r.Refused) != 0 || r.Actual != r.Draft {
		t.Errorf("version %d as a draft: %+v", version, r)
	}
}

// A history in which visitors come, say who they are, are merged, suspended and let in again, and in which what the absorbed did is returned and given back, is replayed to the
// point; and so are the rules that read what is known of them, of their children, what they agreed to and what they do.
func TestPeopleAreReplayed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		p := opensPeople(t, db)
		for range 9 {
			p.meet(t, 2)
			p.tell(t)
			p.live(t, 2, 10)
		}
		for _, what := range []string{
			"visit", "identify", "register", "suspend", "reinstate", "merge", "survey", "consent", loyalty.EventUpdated, loyalty.EventDependentAdded, loyalty.EventDependentUpdated, loyalty.EventDependentRemoved,
		} {
			if p.did[what] == 0 {
				t.Errorf("the history has no %s", what)
			}
		}
		for _, rule := range []string{"green", "wish", "italian", "baby", "week", "told", "thanks", "third", "away"} {
			if p.awarded(t, rule) == 0 {
				t.Errorf("the rule %s gave nothing", rule)
			}
		}
		if p.did["absorbed"] < 5 {
			t.Errorf("%d members were merged", p.did["absorbed"])
		}
		p.exact(t, 1, begin)

		// Those who were erased are left out, and said to be; what they drew on budgets the others do not have.
		erased := 0
		for n, who := range p.members {
			if n%4 == 1 {
				o, err := p.Erase(t.Context(), engine.Erase{Origin: p.origin(), Member: engine.Ref{Identity: email(who)}, Cause: "operator"})
				if err != nil {
					t.Fatal(err)
				}
				if o.Refusal == nil {
					erased++
				}
			}
		}
		for _, r := range []*simulate.Report{p.simulate(t, nil, begin, p.now().Add(time.Hour)), p.simulate(t, &programme.Candidate{Version: 1}, begin, p.now().Add(time.Hour))} {
			gone := p.has(t, "SELECT count(*) FROM members WHERE status = 'erased'")
			if r.Astray != 0 || erased < 3 || r.Erased != int64(gone) || r.Members != int64(p.has(t, "SELECT count(*) FROM members WHERE status <> 'erased'")) || r.Actual != r.Draft || r.Touched != 0 {
				t.Errorf("%d were erased: %+v", gone, r)
			}
			p.compareWithBooks(t, r, begin, p.now())
		}
	})
}

func event(u engine.Update) string {
	if u.Dependent != nil {
		return u.Dependent.Event
	}
	return loyalty.EventUpdated
}
