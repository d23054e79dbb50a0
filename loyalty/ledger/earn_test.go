package ledger_test

import (
	"reflect"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

func TestEarn(t *testing.T) {
	now := at("2026-03-10T12:00:00Z")
	for _, c := range []struct {
		name  string
		debt  fact.Points
		e     ledger.Earning
		tale  []string
		after ledger.Balances
		lot   ledger.Lot
		due   time.Time
	}{
		{
			name: "available at once, for ever", e: ledger.Earning{Points: 12, Activates: now},
			tale: []string{"earn issued>available:12"}, after: ledger.Balances{Available: 12},
			lot: ledger.Lot{Amount: 12, Available: 12},
		},
		{
			name: "available at once, for a time", e: ledger.Earning{Points: 12, Expires: at("2027-03-11")},
			tale: []string{"earn issued>available:12"}, after: ledger.Balances{Available: 12},
			lot: ledger.Lot{Amount: 12, Available: 12}, due: at("2027-03-11"),
		},
		{
			name: "pending", e: ledger.Earning{Points: 12, Activates: at("2026-03-24"), Expires: at("2027-03-25")},
			tale: []string{"earn issued>pending:12"}, after: ledger.Balances{Pending: 12},
			lot: ledger.Lot{Amount: 12, Pending: 12}, due: at("2026-03-24"),
		},
		{
			name: "pending, to expire before it activates", e: ledger.Earning{Points: 12, Activates: at("2026-03-24"), Expires: at("2026-03-20")},
			tale: []string{"earn issued>pending:12"}, after: ledger.Balances{Pending: 12},
			lot: ledger.Lot{Amount: 12, Pending: 12}, due: at("2026-03-20"),
		},
		{
			name: "born expired", e: ledger.Earning{Points: 12, Occurred: at("2024-01-01"), Activates: at("2024-01-01"), Expires: at("2025-01-02")},
			tale: []string{"earn issued>available:12", "expire available>expired:12"},
			lot:  ledger.Lot{Amount: 12, Expired: 12},
		},
		{
			name: "expiring this very instant", e: ledger.Earning{Points: 12, Expires: now},
			tale: []string{"earn issued>available:12", "expire available>expired:12"},
			lot:  ledger.Lot{Amount: 12, Expired: 12},
		},
		{
			name: "pending and born expired", e: ledger.Earning{Points: 12, Activates: at("2026-03-24"), Expires: now},
			tale: []string{"earn issued>pending:12", "expire pending>expired:12"},
			lot:  ledger.Lot{Amount: 12, Expired: 12},
		},
		{
			name: "less than is owed", debt: 20, e: ledger.Earning{Points: 12, Expires: at("2027-03-11")},
			tale: []string{"earn issued>available:12 available>debt:12"}, after: ledger.Balances{Debt: 8},
			lot: ledger.Lot{Amount: 12, Reversed: 12},
		},
		{
			name: "more than is owed", debt: 5, e: ledger.Earning{Points: 12, Expires: at("2027-03-11")},
			tale: []string{"earn issued>available:12 available>debt:5"}, after: ledger.Balances{Available: 7},
			lot: ledger.Lot{Amount: 12, Available: 7, Reversed: 5}, due: at("2027-03-11"),
		},
		{
			name: "pending points repay nothing yet", debt: 5, e: ledger.Earning{Points: 12, Activates: at("2026-03-24")},
			tale: []string{"earn issued>pending:12"}, after: ledger.Balances{Pending: 12, Debt: 5},
			lot: ledger.Lot{Amount: 12, Pending: 12}, due: at("2026-03-24"),
		},
		{
			name: "born expired while points are owed", debt: 5, e: ledger.Earning{Points: 12, Expires: at("2026-01-01")},
			tale:  []string{"earn issued>available:12 available>debt:5", "expire available>expired:7"},
			after: ledger.Balances{}, lot: ledger.Lot{Amount: 12, Reversed: 5, Expired: 7},
		},
		{
			name: "born expired, all of it owed", debt: 12, e: ledger.Earning{Points: 12, Expires: at("2026-01-01")},
			tale:  []string{"earn issued>available:12 available>debt:12"},
			after: ledger.Balances{}, lot: ledger.Lot{Amount: 12, Reversed: 12},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf()
			if c.debt > 0 {
				s.owe(at("2026-01-01"), c.debt)
			}
			before := len(s.movements)
			m := s.earn(t, now, c.e)
			wantTale(t, s, before, c.tale...)
			wantBalances(t, s.account.Balances, c.after)
			if m.Points != c.e.Points || m.Number != int64(before+1) || !m.Booked.Equal(now) || m.Kind != ledger.Earn {
				t.Errorf("movement %+v", m)
			}
			got := s.lots[m.ID.As(fact.KindLot)]
			c.lot.ID, c.lot.Account = m.ID.As(fact.KindLot), s.account.ID
			c.lot.Earned, c.lot.Activates, c.lot.Expires = c.e.Occurred, c.e.Activates, c.e.Expires
			if got != c.lot {
				t.Errorf("lot\n got %+v\nwant %+v", got, c.lot)
			}
			if !s.account.NextDue.Equal(c.due) || !s.account.LastMoved.Equal(now) {
				t.Errorf("due %s, want %s; moved %s", s.account.NextDue, c.due, s.account.LastMoved)
			}
		})
	}
}

func TestAnEarningTellsWhatStandsBehindIt(t *testing.T) {
	s := newShelf()
	s.owe(at("2026-01-01"), 5)
	e := ledger.Earning{
		Points: 12, Occurred: at("2026-03-09"), Funding: "partner", Contributor: fact.NewID(fact.KindMember),
		Reason: ledger.Reason{
			Interaction: fact.NewID(fact.KindInteraction), Revision: fact.NewID(fact.KindRevision),
			Explanation: why.Explanation{Source: why.SourceRule, Key: "spesa"},
		},
	}
	m := s.earn(t, at("2026-03-10"), e)
	if m.Reason.Interaction != e.Reason.Interaction || m.Reason.Revision != e.Reason.Revision || m.Reason.Explanation.Key != "spesa" {
		t.Errorf("reason %+v, want that of %+v", m.Reason, e.Reason)
	}
	if m.Reason.Explanation.Repaid != 5 || !m.Occurred.Equal(e.Occurred) {
		t.Errorf("repaid %d, occurred %s", m.Reason.Explanation.Repaid, m.Occurred)
	}
	if l := s.lots[m.ID.As(fact.KindLot)]; l.Funding != e.Funding || l.Contributor != e.Contributor || !l.Earned.Equal(e.Occurred) {
		t.Errorf("lot %+v", l)
	}
}

func TestEarnRefuses(t *testing.T) {
	now := at("2026-03-10")
	for _, c := range []struct {
		name             string
		has, held, wants fact.Points
		code             fact.Code
		message          string
	}{
		{"nothing", 0, 0, 0, fact.CodeZero, "an earning is of 1 to 9007199254740991 points, not of 0"},
		{"less than nothing", 0, 0, -1, fact.CodeNegative, ""},
		{"too many at once", 0, 0, fact.MaxPoints + 1, fact.CodeTooLarge, ""},
		{"too many together", 1, 0, fact.MaxPoints, fact.CodeBalanceOutOfBounds, "with 9007199254740991 points more the account would have over 9007199254740991"},
		{"too many with those that are held", 0, 1, fact.MaxPoints, fact.CodeBalanceOutOfBounds, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			account := ledger.Account{ID: fact.NewID(fact.KindAccount), Balances: ledger.Balances{Pending: c.has, Held: c.held}}
			book, err := ledger.Open(account, nil, fact.NewID(fact.KindCommand), now)
			if err != nil {
				t.Fatal(err)
			}
			_, err = book.Earn(ledger.Earning{Points: c.wants})
			wantRefusal(t, err, c.code, c.message)
			if ch := book.Changes(); !reflect.DeepEqual(ch.Account, account) || ch.Movements != nil || ch.Lots != nil {
				t.Errorf("a refusal changed %+v", ch)
			}
		})
	}
	s := newShelf()
	s.earn(t, now, ledger.Earning{Points: fact.MaxPoints})
	wantBalances(t, s.account.Balances, ledger.Balances{Available: fact.MaxPoints})
}
