package graph_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"granaio/auth"
	"granaio/clock"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// rollsUp works out what programmes owe, as the clock does.
func (h *house) rollsUp(t *testing.T) {
	t.Helper()
	l := clock.Liability{Store: h.store, Library: h.library, Margin: time.Millisecond, Chunk: 20}
	duty := clock.Duty{Name: clock.LiabilityDuty, Every: time.Hour, Most: time.Minute, Do: l.Refresh, Store: h.store}
	if err := duty.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

const owed = `{ viewer { programme { liability { asOf totals { issued redeemed expired reversed pending available held debt outstanding }
  outstanding { month funding pending available held points } months { month issued redeemed expired reversed debt } } } } }`

type liability struct {
	AsOf   time.Time
	Totals struct{ Issued, Redeemed, Expired, Reversed, Pending, Available, Held, Debt, Outstanding fact.Points }
	Months []ledger.Flow

	Outstanding []struct {
		Month, Funding                   string
		Pending, Available, Held, Points fact.Points
	}
}

// An operator sees what the programme owes: what all the postings and lots come to, at the moment that it says.
func TestLiability(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 3)
		m.ask.ask(t, owed, nil).sound(t).is(t, "viewer.programme.liability", "null")
		rome, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			for range 20 {
				m.happens(t)
			}
			before := time.Now()
			m.rollsUp(t)
			got := read[liability](t, m.ask.ask(t, owed, nil).sound(t), "viewer.programme.liability")
			if got.AsOf.Before(before.Truncate(time.Microsecond)) || got.AsOf.After(time.Now()) {
				t.Errorf("it is as of %v, not of %v", got.AsOf, before)
			}
			movements, lots := m.books(t)
			if want := ledger.Flows(movements, rome); !reflect.DeepEqual(got.Months, want) {
				t.Errorf("\n got %+v\nwant %+v", got.Months, want)
			}
			want := ledger.Liability(lots, rome)
			if len(got.Outstanding) != len(want) {
				t.Fatalf("\n got %+v\nwant %+v", got.Outstanding, want)
			}
			var sum fact.Points
			for i, o := range got.Outstanding {
				if w := want[i]; o.Month != w.Month || o.Funding != w.Funding || o.Pending != w.Pending || o.Available != w.Available || o.Held != w.Held || o.Points != w.Points() {
					t.Errorf("got %+v, want %+v", o, w)
				}
				sum += o.Points
			}
			x := got.Totals
			if x.Outstanding != sum || x.Pending+x.Available+x.Held != sum || x.Issued-x.Reversed != x.Redeemed+x.Expired+sum-x.Debt {
				t.Errorf("the totals do not add up: %+v", x)
			}
		}
		for who, code := range map[*client]string{h.member(t, m.members[0]): "FORBIDDEN", h.partner(t, "points:write"): "FORBIDDEN", h.anonymous(): ""} {
			if a := who.ask(t, owed, nil); a.code() != code || a.at("viewer.programme.liability") != nil {
				t.Errorf("it is answered with %v %v", a.Data, a.Errors)
			}
		}
		eve := h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eve", Programme: h.publish(t, "other")})
		m.rollsUp(t)
		eve.ask(t, owed, nil).sound(t).is(t, "viewer.programme.liability.months", "[]")
	})
}

// books are all the movements and lots of the market, as they are stored.
func (m *market) books(t *testing.T) (movements []ledger.Movement, lots []ledger.Lot) {
	t.Helper()
	ctx := auth.System(context.WithoutCancel(t.Context()), m.id)
	rows, err := m.store.Ent().Movement.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	postings, err := m.store.Ent().Posting.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	booked := map[fact.ID]time.Time{}
	for _, r := range rows {
		booked[r.ID] = r.BookedAt
	}
	for _, p := range postings {
		posting := ledger.Posting{Source: ledger.Bucket(p.Source), Target: ledger.Bucket(p.Target), Points: p.Points}
		movements = append(movements, ledger.Movement{Booked: booked[p.MovementID], Postings: []ledger.Posting{posting}})
	}
	stored, err := m.store.Ent().Lot.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range stored {
		l := ledger.Lot{Funding: r.Funding, Pending: r.Pending, Available: r.Available, Held: r.Held}
		if r.ExpiresAt != nil {
			l.Expires = *r.ExpiresAt
		}
		lots = append(lots, l)
	}
	return movements, lots
}
