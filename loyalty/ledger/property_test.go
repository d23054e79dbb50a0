package ledger_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// TestTheLedgerIsWhatTheModelSays runs random commands on an account, opened each time with the fewest lots that are allowed, and on the model.
func TestTheLedgerIsWhatTheModelSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{shelf: newShelf(), now: at("2026-01-01")}
		t.Repeat(map[string]func(*rapid.T){
			"":              p.check,
			"time passes":   p.pass,
			"a command":     p.command,
			"a sweep":       func(t *rapid.T) { p.open(t, true, func(*ledger.Book) {}) },
			"a debt":        p.owe,
			"missing lots":  p.missing,
			"a few at once": func(t *rapid.T) { p.several(t, rapid.IntRange(2, 5).Draw(t, "how many")) },
		})
	})
}

// pair is an account and the model of it, under one clock.
type pair struct {
	*shelf
	model model
	now   time.Time
}

// The clock moves by half days, so that instants often coincide, and sometimes lags.
func (p *pair) pass(t *rapid.T) {
	p.now = p.now.Add(12 * time.Hour * time.Duration(rapid.IntRange(-2, 30).Draw(t, "half days")))
}

func (p *pair) command(t *rapid.T) { p.several(t, 1) }

// several runs commands on one book.
func (p *pair) several(t *rapid.T, n int) {
	spends := make([]bool, n)
	earning := true
	for i := range spends {
		spends[i] = rapid.Bool().Draw(t, "spend")
		earning = earning && !spends[i]
	}
	p.open(t, earning, func(b *ledger.Book) {
		for _, spend := range spends {
			if spend {
				p.trySpend(t, b)
			} else {
				p.tryEarn(t, b)
			}
			if got, want := b.Account().Balances, p.model.balances(); got != want {
				t.Fatalf("balances within the book are %+v, want %+v", got, want)
			}
		}
	})
}

func (p *pair) tryEarn(t *rapid.T, b *ledger.Book) {
	day := func(name string, from, to int) time.Time {
		return p.now.AddDate(0, 0, rapid.IntRange(from, to).Draw(t, name))
	}
	e := ledger.Earning{
		Points:   fact.Points(rapid.IntRange(1, 40).Draw(t, "points")),
		Occurred: day("occurred", -20, 0), Activates: day("activates", -20, 10), Expires: day("expires", -5, 30),
	}
	if rapid.IntRange(0, 3).Draw(t, "for ever") == 0 {
		e.Expires = time.Time{}
	}
	m, err := b.Earn(e)
	if err != nil {
		t.Fatalf("earn: %v", err)
	}
	p.model.earn(m.ID.As(fact.KindLot), p.now, e)
}

func (p *pair) trySpend(t *rapid.T, b *ledger.Book) {
	points := fact.Points(rapid.IntRange(1, 60).Draw(t, "points"))
	granted := p.model.spend(p.now, points)
	_, err := b.Spend(points, p.now, ledger.Reason{})
	var refusal *fact.Refusal
	switch {
	case granted && err != nil:
		t.Fatalf("spend: %v", err)
	case !granted && (!errors.As(err, &refusal) || refusal.Code != fact.CodeInsufficientPoints):
		t.Fatalf("a spend of more than there is: %v", err)
	}
}

// open opens a book as the contract allows, with lots in any order, and saves what came of it.
func (p *pair) open(t *rapid.T, earning bool, commands func(*ledger.Book)) {
	command := fact.NewID(fact.KindCommand)
	command[0] = rapid.Byte().Draw(t, "id") // ids need not follow time
	lots := p.needed(earning, p.now)
	var due []ledger.Lot
	for _, l := range p.openLots() {
		if l.Pending > 0 && !l.Activates.After(p.model.present(p.now)) || !l.Expires.IsZero() && !l.Expires.After(p.model.present(p.now)) {
			due = append(due, l)
		}
	}
	seen := ledger.AsOf(p.account, due, p.now)
	b, err := ledger.Open(p.account, lots, command, p.now)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	p.model.settle(p.now)
	if got := b.Account().Balances; seen != got || got != p.model.balances() {
		t.Fatalf("seen before %+v, opened %+v, want %+v", seen, got, p.model.balances())
	}
	commands(b)
	p.save(b.Changes())
}

// owe leaves a debt, if nothing is available.
func (p *pair) owe(t *rapid.T) {
	p.open(t, true, func(*ledger.Book) {})
	if p.account.Available > 0 {
		return
	}
	points := fact.Points(rapid.IntRange(1, 30).Draw(t, "points"))
	now := p.model.present(p.now)
	p.shelf.owe(now, points)
	p.model.debt, p.model.latest = p.model.debt+points, now
}

// missing opens a book without one of the open lots: that is found out whenever something is due, and allowed when nothing is.
func (p *pair) missing(t *rapid.T) {
	lots := p.openLots()
	if len(lots) == 0 {
		return
	}
	_, err := ledger.Open(p.account, lots[1:], fact.NewID(fact.KindCommand), p.now)
	at, next, _ := p.model.next()
	due := next != nil && !at.After(p.model.present(p.now))
	if due != errors.Is(err, ledger.ErrLotsMissing) || !due && err != nil {
		t.Fatalf("without a lot: %v; something is due: %t", err, due)
	}
}

// fold sums postings by their bucket.
func fold(postings []ledger.Posting) map[ledger.Bucket]fact.Points {
	sum := map[ledger.Bucket]fact.Points{}
	for _, p := range postings {
		sum[p.Source] -= p.Points
		sum[p.Target] += p.Points
	}
	return sum
}

func balancesOf(sum map[ledger.Bucket]fact.Points) ledger.Balances {
	return ledger.Balances{
		Pending: sum[ledger.Pending], Available: sum[ledger.Available], Held: sum[ledger.Held], Debt: -sum[ledger.Debt],
	}
}

// check holds what is stored against the invariants, and against the model.
func (p *pair) check(t *rapid.T) {
	a := p.account
	if a.Pending < 0 || a.Available < 0 || a.Held < 0 || a.Debt < 0 || a.Debt > 0 && a.Available > 0 {
		t.Fatalf("balances out of bounds: %+v", a.Balances)
	}
	all := p.checkMovements(t)
	sum := fold(all)
	if got := balancesOf(sum); got != a.Balances {
		t.Fatalf("the account has %+v, its postings make %+v", a.Balances, got)
	}
	if got, want := -sum[ledger.Issued]-sum[ledger.Reversed], sum[ledger.Redeemed]+sum[ledger.Expired]+a.Pending+a.Available+a.Held-a.Debt; got != want {
		t.Fatalf("issued − reversed is %d, want %d", got, want)
	}
	p.checkLots(t, all)
	at, next, _ := p.model.next()
	if next == nil {
		at = time.Time{}
	}
	if !a.NextDue.Equal(at) {
		t.Fatalf("next due %s, want %s", a.NextDue, at)
	}
}

// checkMovements tells all postings.
func (p *pair) checkMovements(t *rapid.T) []ledger.Posting {
	var all []ledger.Posting
	seen := map[fact.ID]bool{}
	var booked time.Time
	for i, m := range p.movements {
		if m.Number != int64(i+1) || seen[m.ID] || m.Booked.Before(booked) || m.Points <= 0 || m.Account != p.account.ID {
			t.Fatalf("movement %d is %+v", i+1, m)
		}
		seen[m.ID], booked = true, m.Booked
		for _, q := range m.Postings {
			if q.Points <= 0 || q.Movement != m.ID || seen[q.ID] {
				t.Fatalf("posting %+v of movement %+v", q, m)
			}
			seen[q.ID] = true
		}
		all = append(all, m.Postings...)
		if got := balancesOf(fold(all)); got != m.After {
			t.Fatalf("after movement %d there are %+v, its postings make %+v", m.Number, m.After, got)
		}
	}
	if p.account.Sequence != int64(len(p.movements)) || !p.account.LastMoved.Equal(booked) || !booked.Equal(p.model.latest) {
		t.Fatalf("account %+v after %d movements, last booked at %s, want %s", p.account, len(p.movements), booked, p.model.latest)
	}
	return all
}

func (p *pair) checkLots(t *rapid.T, all []ledger.Posting) {
	byLot := map[fact.ID][]ledger.Posting{}
	for _, q := range all {
		byLot[q.Lot] = append(byLot[q.Lot], q)
	}
	if len(p.lots) != len(p.model.lots) {
		t.Fatalf("%d lots, want %d", len(p.lots), len(p.model.lots))
	}
	var sum ledger.Balances
	for _, want := range p.model.lots {
		l := p.lots[want.id]
		pending, available := want.left, fact.Points(0)
		if !want.pending {
			pending, available = 0, want.left
		}
		if l.Pending != pending || l.Available != available {
			t.Fatalf("lot %+v, want %d pending, %d available", l, pending, available)
		}
		f := fold(byLot[l.ID])
		made := l
		made.Amount, made.Pending, made.Available, made.Held = -f[ledger.Issued], f[ledger.Pending], f[ledger.Available], f[ledger.Held]
		made.Spent, made.Expired, made.Reversed = f[ledger.Redeemed], f[ledger.Expired], f[ledger.Reversed]+f[ledger.Debt]
		if l != made {
			t.Fatalf("lot %+v, its postings make %+v", l, made)
		}
		if l.Amount != l.Pending+l.Available+l.Held+l.Spent+l.Expired+l.Reversed+l.Moved || min(l.Held, l.Spent, l.Expired, l.Reversed, l.Moved) < 0 {
			t.Fatalf("lot %+v does not add up", l)
		}
		sum.Pending, sum.Available, sum.Held = sum.Pending+l.Pending, sum.Available+l.Available, sum.Held+l.Held
	}
	if sum.Debt = p.account.Debt; sum != p.account.Balances {
		t.Fatalf("the account has %+v, its lots make %+v", p.account.Balances, sum)
	}
}
