package ledger_test

import (
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// check holds all that is stored against the invariants, and against the model.
func (w *world) check(t *rapid.T) {
	var all []ledger.Posting
	var kept fact.Points
	gained := map[fact.ID]fact.Points{} // by transfers and merges, of each command
	for _, p := range w.accounts {
		all = append(all, p.check(t)...)
		p.recall(t)
		kept += net(p.account.Balances)
		var before ledger.Balances
		for _, m := range p.movements {
			if m.Kind == ledger.Transfer || m.Kind == ledger.Merge {
				gained[m.ID.At(0)] += net(m.After) - net(before)
			}
			before = m.After
		}
	}
	sum := fold(all)
	if got, want := -sum[ledger.Issued]-sum[ledger.Reversed], sum[ledger.Redeemed]+sum[ledger.Expired]+kept; got != want || sum[ledger.Moved] != 0 {
		t.Fatalf("issued − reversed is %d, want %d; %d are on their way", got, want, sum[ledger.Moved])
	}
	for command, points := range gained {
		if points != 0 {
			t.Fatalf("transfer %s gives %d points", command, points)
		}
	}
}

// net is what an account has, less what it owes.
func net(b ledger.Balances) fact.Points { return b.Pending + b.Available + b.Held - b.Debt }

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

// check tells the account's postings.
func (p *pair) check(t *rapid.T) []ledger.Posting {
	a := p.account
	all := p.checkMovements(t)
	if got := balancesOf(fold(all)); got != a.Balances {
		t.Fatalf("the account has %+v, its postings make %+v", a.Balances, got)
	}
	if want := p.model.balances(); a.Balances != want {
		t.Fatalf("the account has %+v, want %+v", a.Balances, want)
	}
	p.checkLots(t, all)
	p.checkHolds(t)
	p.checkReversals(t)
	next, happen := p.model.next()
	if happen == nil {
		next = time.Time{}
	}
	for _, w := range p.model.warnings() {
		if next.IsZero() || w.due.Before(next) {
			next = w.due
		}
	}
	early := p.vague && !a.NextDue.IsZero() && (next.IsZero() || a.NextDue.Before(next) || !a.NextDue.After(p.touched))
	if !a.NextDue.Equal(next) && !early {
		t.Fatalf("next due %s, want %s", a.NextDue, next)
	}
	return all
}

// checkMovements tells all postings.
func (p *pair) checkMovements(t *rapid.T) []ledger.Posting {
	var all []ledger.Posting
	seen := map[fact.ID]bool{}
	sum := map[ledger.Bucket]fact.Points{}
	var booked time.Time
	for i, m := range p.movements {
		if m.Number != int64(i+1) || seen[m.ID] || m.Booked.Before(booked) || m.Account != p.account.ID {
			t.Fatalf("movement %d is %+v", i+1, m)
		}
		seen[m.ID], booked = true, m.Booked
		moved := fact.Points(0)
		for _, q := range m.Postings {
			if q.Points <= 0 || q.Movement != m.ID || seen[q.ID] || q.Source == q.Target {
				t.Fatalf("posting %+v of movement %+v", q, m)
			}
			touched := q.Target == ledger.Held && m.Kind != ledger.Hold ||
				q.Source == ledger.Held && m.Kind != ledger.Capture && m.Kind != ledger.Release
			if touched {
				t.Fatalf("posting %+v of movement %+v touches what is held", q, m)
			}
			seen[q.ID] = true
			sum[q.Source] -= q.Points
			sum[q.Target] += q.Points
			if q.Target != ledger.Debt {
				moved += q.Points
			}
		}
		if moved != m.Points || m.Points == 0 && m.Kind != ledger.ReverseEarn {
			t.Fatalf("movement %+v moves %d points", m, moved)
		}
		all = append(all, m.Postings...)
		a := m.After
		if got := balancesOf(sum); got != a {
			t.Fatalf("after movement %d there are %+v, its postings make %+v", m.Number, a, got)
		}
		if min(a.Pending, a.Available, a.Held, a.Debt) < 0 || a.Debt > 0 && a.Available > 0 {
			t.Fatalf("balances out of bounds after movement %+v", m)
		}
	}
	if p.account.Sequence != int64(len(p.movements)) || !p.account.LastMoved.Equal(booked) || !booked.Equal(p.model.latest) {
		t.Fatalf("account %+v after %d movements, last booked at %s, want %s", p.account, len(p.movements), booked, p.model.latest)
	}
	return all
}

func (p *pair) checkLots(t *rapid.T, all []ledger.Posting) {
	byLot := map[fact.ID]*ledger.Lot{}
	for _, q := range all {
		if q.Lot.IsZero() {
			continue
		}
		l := byLot[q.Lot]
		if l == nil {
			l = &ledger.Lot{}
			byLot[q.Lot] = l
		}
		for bucket, points := range map[ledger.Bucket]fact.Points{q.Source: -q.Points, q.Target: q.Points} {
			switch bucket {
			case ledger.Issued:
				l.Amount -= points
			case ledger.Moved:
				l.Moved += max(0, points)
				l.Amount += max(0, -points)
			case ledger.Pending:
				l.Pending += points
			case ledger.Available:
				l.Available += points
			case ledger.Held:
				l.Held += points
			case ledger.Redeemed:
				l.Spent += points
			case ledger.Expired:
				l.Expired += points
			case ledger.Reversed, ledger.Debt:
				l.Reversed += points
			}
		}
	}
	if len(p.lots) != len(p.model.lots) || len(p.lots) != len(byLot) {
		t.Fatalf("%d lots, %d by their postings, want %d", len(p.lots), len(byLot), len(p.model.lots))
	}
	var sum ledger.Balances
	for _, m := range p.model.lots {
		l := p.lots[m.id]
		made := *byLot[m.id]
		want := ledger.Lot{
			Amount: fact.Points(len(m.points)), Pending: m.count(ledger.Pending), Available: m.count(ledger.Available), Held: m.count(ledger.Held),
			Spent: m.count(ledger.Redeemed), Expired: m.count(ledger.Expired), Reversed: m.count(ledger.Reversed), Moved: m.count(ledger.Moved),
		}
		for _, x := range []*ledger.Lot{&made, &want} {
			x.ID, x.Account, x.Earned, x.Activates, x.Expires = m.id, p.account.ID, m.earned, m.activates, m.expires
			x.Waits, x.Validity, x.Warns = l.Waits, l.Validity, l.Warns
		}
		if l != want || l != made {
			t.Fatalf("lot %+v, want %+v; its postings make %+v", l, want, made)
		}
		if l.Amount != l.Pending+l.Available+l.Held+l.Spent+l.Expired+l.Reversed+l.Moved {
			t.Fatalf("lot %+v does not add up", l)
		}
		sum.Pending, sum.Available, sum.Held = sum.Pending+l.Pending, sum.Available+l.Available, sum.Held+l.Held
	}
	if sum.Debt = p.account.Debt; sum != p.account.Balances {
		t.Fatalf("the account has %+v, its lots make %+v", p.account.Balances, sum)
	}
}

func (p *pair) checkHolds(t *rapid.T) {
	if len(p.holds) != len(p.model.holds) {
		t.Fatalf("%d holds, want %d", len(p.holds), len(p.model.holds))
	}
	held := fact.Points(0)
	pinned := map[fact.ID]fact.Points{}
	for _, m := range p.model.holds {
		h := p.holds[m.id]
		if h.IsOpen() != m.open || h.Points != fact.Points(len(m.points)) || !h.Expires.Equal(m.expires) || h.Captured+h.Released > h.Points {
			t.Fatalf("hold %+v, want %+v", h, m)
		}
		if !h.IsOpen() {
			if h.Captured+h.Released != h.Points || min(h.Captured, h.Released) < 0 {
				t.Fatalf("hold %+v has not ended as a whole", h)
			}
			continue
		}
		held += h.Points
		for _, s := range h.Slices {
			pinned[s.Lot] += s.Points
		}
	}
	if held != p.account.Held {
		t.Fatalf("%d points are held, the holds are of %d", p.account.Held, held)
	}
	for id, l := range p.lots {
		if l.Held != pinned[id] {
			t.Fatalf("lot %+v, of which holds pin %d", l, pinned[id])
		}
	}
}

// checkReversals: no more is taken back than was earned, no more given back than was spent.
func (p *pair) checkReversals(t *rapid.T) {
	for _, e := range p.earnings {
		back := fact.Points(0)
		for _, m := range e.before {
			back += m.Points + m.Reason.Explanation.Expired + m.Reason.Explanation.Forgiven
		}
		if back > e.movement.Points {
			t.Fatalf("%d points of earning %+v were taken back", back, e.movement)
		}
	}
	for _, s := range p.spends {
		back := fact.Points(0)
		for _, m := range s.before {
			back += m.Points
		}
		if back+fact.Points(len(s.model.points)) != s.movement.Points {
			t.Fatalf("%d points of spend %+v were given back, %d were not", back, s.movement, len(s.model.points))
		}
	}
}
