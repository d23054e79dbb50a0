package ledger_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/ledger"
)

func TestInEffect(t *testing.T) {
	s := newShelf()
	s.earn(t, at("2026-03-01"), ledger.Earning{Points: 10, Occurred: at("2026-02-01"), Activates: at("2026-03-03"), Expires: at("2026-03-10")})
	s.hold(t, at("2026-03-04"), 4, at("2026-03-05"))
	s.earn(t, at("2026-03-20"), ledger.Earning{Points: 5, Occurred: at("2026-01-10"), Expires: at("2026-02-10")}) // born expired
	// earn, mature (booked by the hold), hold; on the 20th lapse and expire are booked, then the late earning and its expiry.
	wantTale(t, s, 1, "mature pending>available:10", "hold available>held:4", "release held>available:4", "expire available>expired:10",
		"earn issued>available:5", "expire available>expired:5")
	for instant, want := range map[string]int{
		"2026-02-10": 0, "2026-02-28": 0, "2026-03-01": 1, "2026-03-02": 1, "2026-03-03": 2, "2026-03-04": 3,
		"2026-03-05": 4, "2026-03-09": 4, "2026-03-10": 5, "2026-03-19": 5, "2026-03-20": 7, "2026-04-01": 7,
	} {
		if got := ledger.InEffect(s.movements, at(instant)); got != want {
			t.Errorf("by %s, %d movements had taken effect, not %d", instant, got, want)
		}
	}
}

func TestFallen(t *testing.T) {
	s := lotsOf(ledger.Lot{Available: 5, Expires: at("2026-03-01")}, ledger.Lot{Pending: 7, Activates: at("2026-03-02"), Expires: at("2026-03-05")})
	s.account.Debt = 3
	want := []ledger.Fall{
		{Kind: ledger.Expire, At: at("2026-03-01"), Points: 5, Change: ledger.Balances{Available: -5}},
		{Kind: ledger.Mature, At: at("2026-03-02"), Points: 7, Change: ledger.Balances{Pending: -7, Available: 4, Debt: -3}},
		{Kind: ledger.Expire, At: at("2026-03-05"), Points: 4, Change: ledger.Balances{Available: -4}},
	}
	if got := ledger.Fallen(s.account, s.openLots(), at("2026-03-06")); !slices.Equal(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if got := ledger.Fallen(s.account, s.openLots(), at("2026-02-28")); got != nil {
		t.Errorf("before anything is due: %+v", got)
	}
}

// memory is what was seen of an account at the instants at which it was looked at.
type memory struct {
	seen  map[time.Time]ledger.Balances
	moved int // movements at the last look
}

// recall looks at the account as a reader does, and holds all that was seen before against what the movements tell now.
func (p *pair) recall(t *rapid.T) {
	if p.memory.seen == nil {
		p.memory.seen = map[time.Time]ledger.Balances{}
	}
	if len(p.movements) > p.memory.moved { // a clock that lags may have booked before, or at, instants at which somebody had looked
		first := p.movements[p.memory.moved].Booked
		for instant := range p.memory.seen {
			if !instant.Before(first) {
				delete(p.memory.seen, instant)
			}
		}
		p.memory.moved = len(p.movements)
	}
	for instant, want := range p.memory.seen {
		if got := p.balancesAt(instant); got != want {
			t.Fatalf("at %v the balances were %+v; now they are said to have been %+v", instant, want, got)
		}
	}
	now := p.model.present(p.world.now)
	p.memory.seen[now] = ledger.AsOf(p.account, p.openLots(), now, p.openHolds()...)
	projected := p.account.Balances
	for _, f := range ledger.Fallen(p.account, p.openLots(), now, p.openHolds()...) {
		projected = projected.Plus(f.Change)
	}
	if projected != p.memory.seen[now] {
		t.Fatalf("what has fallen comes to %+v, not to %+v", projected, p.memory.seen[now])
	}
}

// balancesAt is the balances of the past.
func (s *shelf) balancesAt(instant time.Time) ledger.Balances {
	switch n := ledger.InEffect(s.movements, instant); n {
	case 0:
		return ledger.Balances{}
	case len(s.movements):
		return ledger.AsOf(s.account, s.openLots(), instant, s.openHolds()...)
	default:
		return s.movements[n-1].After
	}
}
