package ledger_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// TestTheLedgerIsWhatTheModelSays runs random commands on a few accounts, opened each time with the fewest lots and holds that are allowed, and on the
// model. After each, all that is stored is held against the invariants and the model.
func TestTheLedgerIsWhatTheModelSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{now: at("2026-01-01")}
		for range accounts {
			p := &pair{shelf: newShelf(), world: w}
			p.model.zone = zones[index(t, "zone", zones)]
			p.account.Zone = p.model.zone
			w.accounts = append(w.accounts, p)
		}
		t.Repeat(map[string]func(*rapid.T){
			"":              w.check,
			"time passes":   w.pass,
			"an earning":    func(t *rapid.T) { w.any(t).several(t, 1, (*pair).earn) },
			"a command":     func(t *rapid.T) { w.any(t).several(t, 1, commands...) },
			"reversals":     func(t *rapid.T) { w.any(t).several(t, 3, (*pair).earn, (*pair).takeBack, (*pair).giveBack) },
			"a few at once": func(t *rapid.T) { w.any(t).several(t, rapid.IntRange(2, 6).Draw(t, "how many"), commands...) },
			"as many more":  func(t *rapid.T) { w.any(t).several(t, rapid.IntRange(2, 6).Draw(t, "how many"), commands...) },
			"a sweep":       func(t *rapid.T) { w.any(t).several(t, 0) },
			"a warning":     func(t *rapid.T) { w.any(t).several(t, 2, (*pair).earn, (*pair).warn) },
			"activity":      func(t *rapid.T) { w.any(t).several(t, 1, (*pair).touch) },
			"an arrival":    func(t *rapid.T) { w.any(t).several(t, 2, (*pair).earn, (*pair).arrive) },
			"missing lots":  func(t *rapid.T) { w.any(t).missing(t) },
			"a transfer":    w.transfer,
			"a merge":       w.merge,
		})
	})
}

// accounts is how many there are.
const accounts = 3

// world is some accounts under one clock.
type world struct {
	accounts []*pair
	now      time.Time
}

// pair is an account and the model of it, and what an engine would know of it: what can be reversed.
type pair struct {
	*shelf
	model    model
	memory   memory
	world    *world
	earnings []*earned
	spends   []*spent
	atHand   map[fact.ID]bool // the holds that the book has
	all      bool             // the book has all open lots
	vague    bool             // what is due next may be later than the account says, since not all lots or holds were at hand
	touched  time.Time        // when there was activity: what is to be warned of again since then is due by then, or later
}

type earned struct {
	movement ledger.Movement
	before   []ledger.Movement
	model    *modelEarning
}

type spent struct {
	movement ledger.Movement
	before   []ledger.Movement
	model    *modelSpend
}

type action func(*pair, *rapid.T, *ledger.Book)

var commands = []action{
	(*pair).earn, (*pair).spend, (*pair).hold, (*pair).capture, (*pair).release, (*pair).takeBack, (*pair).giveBack, (*pair).credit, (*pair).debit,
	(*pair).touch, (*pair).arrive, (*pair).warn,
}

// The clock moves by half days, so that instants often coincide, and sometimes lags.
func (w *world) pass(t *rapid.T) {
	w.now = w.now.Add(12 * time.Hour * time.Duration(rapid.IntRange(-2, 30).Draw(t, "half days")))
}

func (w *world) any(t *rapid.T) *pair { return w.accounts[index(t, "account", w.accounts)] }

// index draws one of a list: a place says more in a report than all that is there.
func index[E any](t *rapid.T, name string, list []E) int {
	return rapid.IntRange(0, len(list)-1).Draw(t, name)
}

// several runs commands on one book. The first of them only earns.
func (p *pair) several(t *rapid.T, n int, actions ...action) {
	var chosen []int
	if n > 0 {
		chosen = rapid.SliceOfN(rapid.IntRange(0, len(actions)-1), n, n).Draw(t, "commands")
	}
	earning := !slices.ContainsFunc(chosen, func(i int) bool { return i > 0 })
	b := p.open(t, earning, nil)
	for _, i := range chosen {
		actions[i](p, t, b)
		if got, want := b.Account().Balances, p.model.balances(); got != want {
			t.Fatalf("balances within the book are %+v, want %+v", got, want)
		}
	}
	p.save(b.Changes())
}

// open opens a book as the contract allows, with lots in any order.
func (p *pair) open(t *rapid.T, earning bool, beside *ledger.Book) *ledger.Book {
	now := p.world.now
	var due []ledger.Lot
	for _, l := range p.openLots() {
		if l.Pending > 0 && !l.Activates.After(p.model.present(now)) || !l.Expires.IsZero() && !l.Expires.After(p.model.present(now)) || !l.Validity.Idle.IsZero() {
			due = append(due, l)
		}
	}
	var lapsing []ledger.Holding
	for _, h := range p.openHolds() {
		if !h.Expires.After(p.model.present(now)) {
			lapsing = append(lapsing, h)
			for _, s := range h.Slices {
				if !slices.ContainsFunc(due, func(l ledger.Lot) bool { return l.ID == s.Lot }) {
					due = append(due, p.lots[s.Lot])
				}
			}
		}
	}
	seen := ledger.AsOf(p.account, due, now, lapsing...)
	lots, holds := p.needed(earning, now), p.openHolds()
	p.all = lots != nil || len(p.openLots()) == 0
	switch {
	case !p.account.IsDue(now) && len(holds) > 1 && rapid.Bool().Draw(t, "only the hold that is concerned"):
		holds, p.vague = holds[:1], true
	case lots != nil:
		p.vague = false
	}
	p.atHand = map[fact.ID]bool{}
	for _, h := range holds {
		p.atHand[h.ID] = true
	}
	var b *ledger.Book
	var err error
	if beside != nil {
		b, err = beside.Beside(p.account, lots, holds...)
	} else {
		command := fact.NewID(fact.KindCommand)
		command[0] = rapid.Byte().Draw(t, "id") // ids need not follow time
		b, err = ledger.Open(p.account, lots, command, now, holds...)
	}
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	p.model.settle(now)
	if got := b.Account().Balances; seen != got || got != p.model.balances() {
		t.Fatalf("seen before %+v, opened %+v, want %+v", seen, got, p.model.balances())
	}
	return b
}

// missing opens a book without one of the open lots or holds: that is found out whenever something may be due, and allowed when nothing is.
func (p *pair) missing(t *rapid.T) {
	lots, holds := p.openLots(), p.openHolds()
	next, happen := p.model.next()
	due := happen != nil && !next.After(p.model.present(p.world.now)) || p.account.IsDue(p.world.now) // or to be warned of, or due before there was activity
	try := func(lots []ledger.Lot, holds []ledger.Holding, missing error) {
		_, err := ledger.Open(p.account, lots, fact.NewID(fact.KindCommand), p.world.now, holds...)
		if due != errors.Is(err, missing) || !due && err != nil {
			t.Fatalf("without one: %v; something is due: %t", err, due)
		}
	}
	if len(lots) > 0 {
		try(lots[1:], holds, ledger.ErrLotsMissing)
	}
	if len(holds) > 0 {
		try(lots, holds[1:], ledger.ErrHoldsMissing)
	}
}

func (p *pair) day(t *rapid.T, name string, from, to int) time.Time {
	return p.world.now.AddDate(0, 0, rapid.IntRange(from, to).Draw(t, name))
}

func points(t *rapid.T, most int) fact.Points {
	return fact.Points(rapid.IntRange(1, most).Draw(t, "points"))
}

// granted fails if a movement was refused that should not have been, or the reverse.
func granted(t *rapid.T, err error, ok bool, code fact.Code) bool {
	var refusal *fact.Refusal
	switch {
	case ok && err != nil:
		t.Fatalf("it was not granted: %v", err)
	case !ok && (!errors.As(err, &refusal) || refusal.Code != code):
		t.Fatalf("it should have been refused with %s: %v", code, err)
	}
	return ok
}

func (p *pair) earn(t *rapid.T, b *ledger.Book) {
	e := ledger.Earning{Points: points(t, 40)}
	age := p.ageing(t, &e)
	m, err := b.Earn(e)
	granted(t, err, true, "")
	id := m.ID.As(fact.KindLot)
	p.tells(t, m, p.model.earn(id, p.world.now, e.Points, age))
	lot := p.model.lots[len(p.model.lots)-1]
	p.earnings = append(p.earnings, &earned{movement: m, model: &modelEarning{lots: []*modelLot{lot}}})
}

func (p *pair) credit(t *rapid.T, b *ledger.Book) {
	var e ledger.Earning
	age := p.ageing(t, &e)
	if !age.waits.IsZero() {
		return
	}
	a := ledger.Adjustment{
		Points: points(t, 40), Occurred: e.Occurred, Activates: e.Activates, Expires: e.Expires, Validity: e.Validity, Warns: e.Warns,
	}
	m, err := b.Adjust(a)
	granted(t, err, true, "")
	p.tells(t, m, p.model.earn(m.ID.As(fact.KindLot), p.world.now, a.Points, age))
}

func (p *pair) debit(t *rapid.T, b *ledger.Book) {
	n, floor := points(t, 40), fact.Points(rapid.IntRange(0, 60).Draw(t, "floor"))
	have := p.model.balances()
	_, err := b.Adjust(ledger.Adjustment{Points: -n, Occurred: p.world.now, DebtFloor: floor})
	if granted(t, err, n <= have.Available+max(0, floor-have.Debt), fact.CodeInsufficientPoints) {
		p.model.latest = p.model.present(p.world.now)
		p.model.take(p.world.now, min(n, have.Available), ledger.Reversed)
		p.model.debt += max(0, n-have.Available)
	}
}

func (p *pair) spend(t *rapid.T, b *ledger.Book) {
	n := points(t, 60)
	taken := p.model.take(p.world.now, n, ledger.Redeemed)
	m, err := b.Spend(n, p.world.now, ledger.Reason{})
	if granted(t, err, taken != nil, fact.CodeInsufficientPoints) {
		p.spends = append(p.spends, &spent{movement: m, model: &modelSpend{taken}})
	}
}

func (p *pair) hold(t *rapid.T, b *ledger.Book) {
	n, lasts := points(t, 60), rapid.IntRange(1, 20).Draw(t, "half days")
	expires := p.model.present(p.world.now).Add(12 * time.Hour * time.Duration(lasts))
	taken := p.model.take(p.world.now, n, ledger.Held)
	m, err := b.Hold(n, expires, p.world.now, ledger.Reason{})
	if granted(t, err, taken != nil, fact.CodeInsufficientPoints) {
		id := m.ID.As(fact.KindHold)
		p.atHand[id] = true
		p.model.holds = append(p.model.holds, &modelHold{id, expires, taken, true})
	}
}

// held is one of the holds that there ever were, as it is stored, and the model's.
func (p *pair) held(t *rapid.T, b *ledger.Book) (ledger.Holding, *modelHold) {
	if len(p.model.holds) == 0 {
		return ledger.Holding{}, nil
	}
	m := p.model.holds[index(t, "hold", p.model.holds)]
	if m.open && !p.atHand[m.id] {
		return ledger.Holding{}, nil
	}
	if h, stored := p.holds[m.id]; stored {
		return h, m
	}
	i := slices.IndexFunc(b.Changes().Holds, func(h ledger.Holding) bool { return h.ID == m.id }) // made by this very command
	return b.Changes().Holds[i], m
}

// lot is a lot as it is stored, or the id of one that the present command made.
func (p *pair) lot(m *modelLot) ledger.Lot {
	for _, o := range p.world.accounts {
		if l, stored := o.lots[m.id]; stored {
			return l
		}
	}
	return ledger.Lot{ID: m.id, Account: p.account.ID}
}

func (p *pair) capture(t *rapid.T, b *ledger.Book) {
	h, m := p.held(t, b)
	if m == nil {
		return
	}
	n := points(t, len(m.points)+1)
	code := fact.CodeHoldEnded
	if m.open {
		code = fact.CodeMoreThanHeld
	}
	captured, err := b.Capture(h, n, p.world.now, ledger.Reason{})
	if granted(t, err, m.open && n <= fact.Points(len(m.points)), code) {
		p.spends = append(p.spends, &spent{movement: captured, model: p.model.capture(m, p.world.now, n)})
	}
}

func (p *pair) release(t *rapid.T, b *ledger.Book) {
	h, m := p.held(t, b)
	if m == nil {
		return
	}
	_, err := b.Release(h, p.world.now, ledger.Reason{})
	if granted(t, err, m.open, fact.CodeHoldEnded) {
		p.model.capture(m, p.world.now, 0)
	}
}

func (p *pair) takeBack(t *rapid.T, b *ledger.Book) {
	if len(p.earnings) == 0 {
		return
	}
	e := p.earnings[index(t, "earning", p.earnings)]
	last := len(e.model.lots) - 1
	r := ledger.Return{
		Earning: e.movement, Before: e.before, Lot: p.lot(e.model.lots[last]), Occurred: p.world.now, Target: points(t, int(e.movement.Points)+1),
		Recourse: ledger.Recourse{OtherLots: rapid.Bool().Draw(t, "other lots"), DebtFloor: fact.Points(rapid.IntRange(0, 1).Draw(t, "may owe") * 25)},
	}
	for _, l := range e.model.lots[:last] {
		r.Former = append(r.Former, p.lot(l))
	}
	before := e.model.taken + e.model.expired + e.model.forgone
	code := fact.CodeAlreadyReversed
	if r.Target > e.movement.Points {
		code = fact.CodeMoreThanEarned
	}
	m, err := b.ReverseEarn(r)
	if !granted(t, err, r.Target > before && r.Target <= e.movement.Points, code) {
		return
	}
	was := *e.model
	p.model.takeBack(e.model, p.world.now, r.Target, r.Recourse)
	e.before = append(e.before, m)
	x := m.Reason.Explanation
	if m.Points != e.model.taken-was.taken || x.Expired != e.model.expired-was.expired || x.Forgiven != e.model.forgone-was.forgone {
		t.Fatalf("took %d, %d had expired, forgave %d; want %+v after %+v", m.Points, x.Expired, x.Forgiven, *e.model, was)
	}
}

func (p *pair) giveBack(t *rapid.T, b *ledger.Book) {
	if len(p.spends) == 0 {
		return
	}
	s := p.spends[index(t, "spend", p.spends)]
	n, left := points(t, int(s.movement.Points)+1), fact.Points(len(s.model.points))
	var closed []ledger.Lot
	for _, slice := range s.movement.Reason.Explanation.Lots {
		if l, stored := p.lots[slice.Lot]; stored && !l.IsOpen() {
			closed = append(closed, l)
		}
	}
	code := fact.CodeMoreThanSpent
	if left == 0 {
		code = fact.CodeAlreadyReversed
	}
	m, err := b.ReverseSpend(ledger.Refund{Spend: s.movement, Before: s.before, Lots: closed, Points: n, Occurred: p.world.now})
	if granted(t, err, n <= left, code) {
		s.before = append(s.before, m)
		p.model.giveBack(s.model, p.world.now, n)
	}
}

// two opens two accounts under one command.
func (w *world) two(t *rapid.T, earning bool) (from, to *pair, here, there *ledger.Book) {
	order := rapid.Permutation([]int{0, 1, 2}).Draw(t, "accounts")
	from, to = w.accounts[order[0]], w.accounts[order[1]]
	here = from.open(t, false, nil)
	there = to.open(t, earning, here)
	return from, to, here, there
}

// ids are those of the lots that a movement tells of.
func ids(m ledger.Movement) (list []fact.ID) {
	for _, s := range m.Reason.Explanation.Lots {
		list = append(list, s.Lot)
	}
	return list
}

func (w *world) transfer(t *rapid.T) {
	from, to, here, there := w.two(t, true)
	n := points(t, 60)
	taken := from.model.take(w.now, n, ledger.Moved)
	_, received, err := here.Transfer(there, n, w.now, ledger.Reason{})
	if granted(t, err, taken != nil, fact.CodeInsufficientPoints) {
		to.model.receive(&from.model, w.now, taken, false, ids(received))
		to.model.settle(w.now)
	}
	from.save(here.Changes())
	to.save(there.Changes())
}

func (w *world) merge(t *rapid.T) {
	from, to, here, there := w.two(t, false)
	had := len(there.Changes().Movements)
	err := here.Merge(there, w.now, ledger.Reason{})
	if granted(t, err, from.model.balances().Held == 0, fact.CodeHoldOpen) {
		var lots []fact.ID
		if made := there.Changes().Movements[had:]; len(made) > 0 {
			lots = ids(made[0])
		}
		if last := from.model.lastActive(); !last.IsZero() {
			to.model.active = append(to.model.active, last)
		}
		to.model.warned = append(to.model.warned, from.model.warned...)
		w.mergeModels(from, to, lots)
	}
	from.save(here.Changes())
	to.save(there.Changes())
}

// mergeModels moves what is pending, in the order of the lots' ids, then what is available, as it would be spent; then the debt.
func (w *world) mergeModels(from, to *pair, ids []fact.ID) {
	var pending []*modelPoint
	for _, l := range slices.SortedFunc(slices.Values(from.model.lots), func(a, b *modelLot) int { return slices.Compare(a.id[:], b.id[:]) }) {
		for _, p := range l.points {
			if p.at == ledger.Pending {
				p.at = ledger.Moved
				pending = append(pending, p)
			}
		}
	}
	available := from.model.take(w.now, from.model.balances().Available, ledger.Moved)
	if len(pending)+len(available) > 0 {
		from.model.latest = from.model.present(w.now)
		became := to.model.receive(&from.model, w.now, pending, true, ids)
		for was, is := range to.model.receive(&from.model, w.now, available, false, ids[len(became):]) {
			became[was] = is
		}
		to.model.settle(w.now)
		from.follow(to, became)
	}
	if from.model.debt > 0 {
		from.model.latest, to.model.latest = from.model.present(w.now), to.model.present(w.now)
	}
	for ; from.model.debt > 0; from.model.debt-- {
		if p := to.model.burn(); p != nil {
			p.at = ledger.Moved
		} else {
			to.model.debt++
		}
	}
}

// follow lets earnings go where their lots went.
func (p *pair) follow(to *pair, became map[*modelLot]*modelLot) {
	var stay []*earned
	for _, e := range p.earnings {
		is := became[e.model.lots[len(e.model.lots)-1]]
		if is == nil {
			stay = append(stay, e)
			continue
		}
		e.model.lots = append(e.model.lots, is)
		to.earnings = append(to.earnings, e)
	}
	p.earnings = stay
}
