package ledger_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// zones are those of the accounts: one without summer time, one with.
var zones = func() []*time.Location {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return []*time.Location{time.UTC, rome}
}()

// keys are what points may wait for.
var keys = []fact.ID{fact.NewID(0), fact.NewID(0), fact.NewID(0)}

// midnight is the beginning of the local day that comes so many days after that of an instant.
func (m *model) midnight(t time.Time, days int) time.Time {
	y, month, d := t.In(m.zone).Date()
	return time.Date(y, month, d+days, 0, 0, 0, 0, m.zone).UTC()
}

// lastActive is the first that was heard of the latest local day with any activity.
func (m *model) lastActive() (last time.Time) {
	for _, t := range m.active {
		if last.IsZero() || m.midnight(t, 0).After(m.midnight(last, 0)) {
			last = t
		}
	}
	return last
}

// ends is when the lot expires, as things are.
func (m *model) ends(l *modelLot) time.Time {
	if l.idle == 0 || !l.waits.IsZero() {
		return l.expires
	}
	from := l.activates
	if last := m.lastActive(); last.After(from) {
		from = last
	}
	return m.midnight(from, l.idle+1)
}

// modelWarning is points that will expire at an instant.
type modelWarning struct {
	due, ends time.Time
	points    fact.Points
	idle      bool
}

// warnings are all that there will be, as things are, the first to fall due first.
func (m *model) warnings() (all []modelWarning) {
	for _, l := range m.lots {
		ends := m.ends(l)
		if l.warn == 0 || l.first(ledger.Available) == nil || ends.IsZero() || slices.ContainsFunc(m.warned, ends.Equal) {
			continue
		}
		due := m.midnight(ends.Add(-time.Second), -l.warn)
		if due.Before(l.activates) {
			due = l.activates
		}
		i := slices.IndexFunc(all, func(w modelWarning) bool { return w.ends.Equal(ends) })
		if i < 0 {
			w := modelWarning{due: due, ends: ends, idle: true}
			for _, o := range m.lots {
				if n := o.count(ledger.Available); n > 0 && m.ends(o).Equal(ends) {
					w.points, w.idle = w.points+n, w.idle && o.idle > 0
				}
			}
			all = append(all, w)
		} else if due.Before(all[i].due) {
			all[i].due = due
		}
	}
	slices.SortFunc(all, func(a, b modelWarning) int {
		if c := a.due.Compare(b.due); c != 0 {
			return c
		}
		return a.ends.Compare(b.ends)
	})
	return all
}

// arrival lets happen what points wait for.
func (m *model) arrival(key fact.ID, now, occurred time.Time) {
	for _, l := range slices.SortedFunc(slices.Values(m.lots), func(a, b *modelLot) int { return slices.Compare(a.id[:], b.id[:]) }) {
		if l.waits != key || l.first(ledger.Pending) == nil {
			continue
		}
		m.latest = m.present(now)
		l.waits, l.activates = fact.ID{}, occurred
		if l.earned.After(occurred) {
			l.activates = l.earned
		}
		l.expires = time.Time{}
		if l.days > 0 {
			l.expires = m.midnight(l.activates, l.days+1)
		}
		m.mature(l)
	}
	m.settle(now)
}

// ageing draws how points age: by instants, by activity, or from when what they wait for has come; and whether that is warned of.
func (p *pair) ageing(t *rapid.T, e *ledger.Earning) modelAge {
	age := modelAge{earned: p.day(t, "occurred", -20, 0), warn: rapid.IntRange(-8, 8).Draw(t, "warned of before")}
	age.warn = max(age.warn, 0)
	e.Occurred, e.Warns = age.earned, ledger.Term{Days: age.warn}
	days := rapid.IntRange(1, 20).Draw(t, "days")
	byActivity := ledger.Ageing{Expires: ledger.Validity{Idle: ledger.Term{Days: days}}, Warns: e.Warns}
	switch rapid.IntRange(0, 5).Draw(t, "how points age") {
	case 0:
		age.activates, age.idle = p.day(t, "activates", -20, 10), days
		e.Begin(age.activates, byActivity, p.model.zone)
	case 1:
		age.waits, age.days = keys[index(t, "what points wait for", keys)], days
		a := ledger.Ageing{Matures: ledger.Maturity{Within: ledger.Term{Days: 9}}, Expires: ledger.Validity{Term: ledger.Term{Days: days}}, Warns: e.Warns}
		if rapid.Bool().Draw(t, "then by activity") {
			a, age.days, age.idle = ledger.Ageing{Matures: a.Matures, Expires: byActivity.Expires, Warns: e.Warns}, 0, days
		}
		age.expires = p.model.midnight(age.earned, 10)
		e.Wait(age.waits, a, p.model.zone)
	default:
		age.activates, age.expires = p.day(t, "activates", -20, 10), p.day(t, "expires", -5, 30)
		if rapid.IntRange(0, 3).Draw(t, "for ever") == 0 {
			age.expires = time.Time{}
		}
		e.Activates, e.Expires = age.activates, age.expires
	}
	return age
}

// tells fails unless a movement says of points that had expired already when they were earned that they had.
func (p *pair) tells(t *rapid.T, m ledger.Movement, l *modelLot) {
	want, ends := "", p.model.ends(l)
	if l.waits.IsZero() && !ends.IsZero() && !ends.After(p.model.present(p.world.now)) {
		want = ends.Add(-time.Second).In(p.model.zone).Format(time.DateOnly)
	}
	if m.Reason.Explanation.LostOn != want {
		t.Fatalf("it is said that they were lost on %q, want %q", m.Reason.Explanation.LostOn, want)
	}
}

// touch tells the account of activity, late and out of order.
func (p *pair) touch(t *rapid.T, b *ledger.Book) {
	when := p.day(t, "active", -20, 0)
	b.Touch(when)
	p.model.active = append(p.model.active, when)
	if !p.all {
		p.vague, p.touched = true, p.model.present(p.world.now)
	}
}

func (p *pair) arrive(t *rapid.T, b *ledger.Book) {
	key, occurred := keys[index(t, "what arrives", keys)], p.day(t, "occurred", -20, 0)
	if !p.all {
		return
	}
	if _, err := b.Mature(key, occurred, ledger.Reason{}); err != nil {
		t.Fatal(err)
	}
	p.model.arrival(key, p.world.now, occurred)
}

// warn takes note of the first warning that is due.
func (p *pair) warn(t *rapid.T, b *ledger.Book) {
	if !p.all {
		return
	}
	got, err := b.Warnings()
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(p.model.warnings(), func(w modelWarning) bool { return w.due.After(p.model.present(p.world.now)) })
	same := slices.EqualFunc(got, want, func(g ledger.Warning, w modelWarning) bool {
		return g.Due.Equal(w.due) && g.At.Equal(w.ends) && g.Points == w.points && g.Inactivity == w.idle
	})
	if !same {
		t.Fatalf("to be warned of: %+v, want %+v", got, want)
	}
	if len(got) > 0 {
		b.Warned(got[0].At)
		p.model.warned = append(p.model.warned, got[0].At)
	}
}
