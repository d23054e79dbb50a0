package ledger_test

import (
	"reflect"
	"slices"
	"testing"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

func TestAsOfIsContentWithTheDueLots(t *testing.T) {
	s := lotsOf(
		ledger.Lot{Available: 1, Expires: at("2026-03-01")}, ledger.Lot{Pending: 2, Activates: at("2026-03-02")},
		ledger.Lot{Available: 4, Expires: at("2026-04-01")}, ledger.Lot{Pending: 8, Activates: at("2026-04-02")},
	)
	want := ledger.Balances{Pending: 8, Available: 6}
	wantBalances(t, ledger.AsOf(s.account, s.inOrder()[:2], at("2026-03-10")), want)
	wantBalances(t, ledger.AsOf(s.account, s.inOrder(), at("2026-03-10")), want)
	wantBalances(t, ledger.AsOf(s.account, nil, at("2026-02-28")), s.account.Balances)
}

func TestExpiring(t *testing.T) {
	now, until := at("2026-03-10"), at("2026-04-09")
	lots := []ledger.Lot{
		{Available: 1, Expires: until},                                                // the last instant that counts
		{Available: 2, Expires: at("2026-04-09T00:00:00.000001Z")},                    // too late
		{Available: 4, Expires: at("2026-03-20")},                                     // together with
		{Available: 8, Expires: at("2026-03-20")},                                     // this one
		{Available: 16, Expires: now},                                                 // gone
		{Available: 32},                                                               // for ever
		{Pending: 64, Activates: at("2026-03-12"), Expires: at("2026-03-20")},         // not to be spent yet
		{Pending: 128, Activates: at("2026-03-09"), Expires: at("2026-03-11")},        // matured, though it is not booked
		{Held: 256, Available: 512, Spent: 1024, Expires: at("2026-03-15T10:00:00Z")}, // what is left of it
	}
	s := lotsOf(lots...)
	got := ledger.Expiring(s.account, s.openLots(), now, until)
	want := []ledger.Expiry{
		{At: at("2026-03-11"), Points: 128}, {At: at("2026-03-15T10:00:00Z"), Points: 512}, {At: at("2026-03-20"), Points: 12}, {At: until, Points: 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	s = lotsOf(ledger.Lot{Pending: 10, Activates: at("2026-03-09"), Expires: at("2026-03-20")})
	s.account.Debt = 7
	got = ledger.Expiring(s.account, s.openLots(), now, until)
	if want := []ledger.Expiry{{At: at("2026-03-20"), Points: 3}}; !slices.Equal(got, want) {
		t.Errorf("what repays debt does not expire: got %v, want %v", got, want)
	}
	if got := ledger.Expiring(newShelf().account, nil, now, until); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestReadingChangesNothing(t *testing.T) {
	s := lotsOf(ledger.Lot{Available: 5, Expires: at("2026-03-01")}, ledger.Lot{Pending: 5, Activates: at("2026-03-01")})
	s.account.Debt = 3
	given, before, account := s.inOrder(), s.inOrder(), s.account
	ledger.AsOf(s.account, given, at("2026-03-10"))
	ledger.Expiring(s.account, given, at("2026-03-10"), at("2026-12-31"))
	if !slices.Equal(given, before) || !reflect.DeepEqual(s.account, account) {
		t.Errorf("lots are %+v", given)
	}
}

func BenchmarkEarn(b *testing.B) {
	account, now := ledger.Account{ID: fact.NewID(fact.KindAccount)}, at("2026-03-10")
	command := fact.NewID(fact.KindCommand)
	b.ReportAllocs()
	for b.Loop() {
		book, err := ledger.Open(account, nil, command, now)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := book.Earn(ledger.Earning{Points: 12, Occurred: now, Expires: at("2027-03-11")}); err != nil {
			b.Fatal(err)
		}
		book.Changes()
	}
}
