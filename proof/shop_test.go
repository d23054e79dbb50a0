package proof

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// Six members with a past.
var (
	ada  = engine.Identity{Kind: fact.CRM, Value: "ada"}
	ben  = engine.Identity{Kind: fact.CRM, Value: "ben"}
	cleo = engine.Identity{Kind: fact.CRM, Value: "cleo"}
	dora = engine.Identity{Kind: fact.CRM, Value: "dora"}
	eve  = engine.Identity{Kind: fact.CRM, Value: "eve"}
	emma = engine.Identity{Kind: fact.CRM, Value: "emma"}
)

// lived fills a database with the past of six members: they earn, complete a mission, spend, are refused, see points mature and lose some; are given
// points and have some taken, set some aside, and give some to another; return purchases, in part and as a whole, and have a
// reward refunded. It answers with their ids.
func lived(t *testing.T, db *store.Store) map[engine.Identity]fact.ID {
	t.Helper()
	src, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, problems := programme.Parse("shop.yaml", src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	now := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	imported, problems, err := programme.Import(t.Context(), db, file, "test", now)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	library := programme.NewLibrary(db)
	current, err := library.Current(t.Context(), imported.Programme)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(db, shelf{library}, engine.Nobody{}, engine.Options{Workers: 1, Now: func() time.Time { return now }})
	defer e.Close()

	keys := 0
	origin := func() engine.Origin {
		keys++
		return engine.Origin{Programme: imported.Programme, Caller: "operator:anna", Key: string(rune('a' + keys))}
	}
	members := map[engine.Identity]fact.ID{}
	enrol := func(who engine.Identity) {
		o, err := e.Enrol(t.Context(), engine.Enrol{Origin: origin(), Identities: []engine.Identity{who}, Touchpoint: "till"})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		members[who] = o.Member
	}
	buy := func(who engine.Identity, amount string) fact.ID {
		o, err := e.Track(t.Context(), engine.Track{
			Origin: origin(), Member: engine.Ref{Identity: who}, Event: "purchase", Touchpoint: "till",
			Value: &engine.MoneyIn{Amount: decimal.RequireFromString(amount)},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		return o.Interaction
	}
	of := func(who engine.Identity, event, number string) {
		o, err := e.Track(t.Context(), engine.Track{
			Origin: origin(), Member: engine.Ref{Identity: who}, Event: event, Touchpoint: "till", Properties: map[string]any{"number": number},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
	}
	redeem := func(who engine.Identity, reward string, refusal fact.Code) {
		o, err := e.Redeem(t.Context(), engine.Redeem{
			Origin: origin(), Member: engine.Ref{Identity: who}, Reward: current.RewardByKey(reward).Definition,
		})
		if err != nil || (o.Refusal == nil) != (refusal == "") || o.Refusal != nil && o.Refusal.Code != refusal {
			t.Fatalf("%+v %v", o, err)
		}
	}
	enrol(ada)
	enrol(ben)
	buy(ada, "12.40")
	buy(ben, "30.00")
	buy(ada, "7.00")
	buy(ada, "60.10")
	redeem(ada, "mug", "")
	redeem(ben, "oven", fact.CodeInsufficientPoints)
	enrol(emma)
	of(emma, "order", "4711")   // is delivered
	of(emma, "order", "4712")   // never is
	now = now.AddDate(0, 0, 20) // by now welcome points have expired, and points of purchases have matured
	buy(ada, "5.00")
	of(emma, "delivery", "4711")
	now = now.AddDate(0, 0, 60) // and now those have expired too
	redeem(ada, "mug", "")
	buy(ben, "1.00")

	operate := func(op loyalty.Operation, refs ...engine.Ref) fact.ID {
		o, err := e.Operate(t.Context(), engine.Operate{Origin: origin(), Members: refs, Operation: op})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		return o.Own[0].As(fact.KindHold)
	}
	enrol(cleo)
	enrol(dora)
	hers := engine.Ref{Identity: cleo}
	operate(loyalty.Adjust{Points: 100, Reason: "welcome back", ExpireAfter: "1 year"}, hers)
	half, none := loyalty.Hold{Points: 30, ExpiresIn: time.Hour, Purpose: "checkout"}, loyalty.Hold{Points: 20, ExpiresIn: time.Hour}
	first, second := operate(half, hers), operate(none, hers)
	twenty := fact.Points(20)
	operate(loyalty.Capture{Hold: first, Points: &twenty}, engine.Ref{Hold: first})
	operate(loyalty.Release{Hold: second}, engine.Ref{Hold: second})
	operate(loyalty.Hold{Points: 5, ExpiresIn: time.Minute}, hers)
	operate(loyalty.Hold{Points: 15, ExpiresIn: 2 * time.Hour}, hers)
	now = now.Add(time.Hour) // the hold of a minute has lapsed
	operate(loyalty.Adjust{Points: -3, Reason: "a mistake"}, hers)
	operate(loyalty.Transfer{Points: 12}, hers, engine.Ref{Identity: dora})

	enrol(eve)
	reverse := func(bought fact.ID, amount string) {
		r := engine.Reverse{Origin: origin(), Interaction: bought, Note: "stale"}
		if amount != "" {
			r.Value = &engine.MoneyIn{Amount: decimal.RequireFromString(amount)}
		}
		if o, err := e.Reverse(t.Context(), r); err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
	}
	bread, cake, tea := buy(eve, "40.00"), buy(eve, "20.00"), buy(eve, "5.00")
	reverse(bread, "10.50")
	redeem(eve, "mug", "")
	o, err := e.Redeem(t.Context(), engine.Redeem{Origin: origin(), Member: engine.Ref{Identity: eve}, Reward: current.RewardByKey("mug").Definition})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	for _, points := range []fact.Points{20, 30} {
		if o, err := e.Refund(t.Context(), engine.Refund{Origin: origin(), Movement: o.MovementIDs[0], Points: &points}); err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
	}
	reverse(cake, "")
	reverse(bread, "")
	reverse(tea, "1.00")
	if _, err := e.Settle(t.Context(), 10); err != nil { // which warns of what inactivity will take
		t.Fatal(err)
	}
	return members
}

// each runs a test on both databases, each with the same past.
func each(t *testing.T, test func(*testing.T, *store.Store, map[engine.Identity]fact.ID)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) { test(t, db, lived(t, db)) })
}
