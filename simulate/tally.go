package simulate

import (
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// tally is what one worker counted.
type tally struct {
	from, until time.Time
	zone        *time.Location

	interactions, replayed int64
	figures                [2]Figures
	rows                   map[key]*row
	days                   map[fact.Day]*row
	refused                map[refusedKey]*Refused
}

// key is what a row is about.
type key struct {
	what      byte
	kind, key string
}

// What rows are about.
const (
	byRule byte = iota
	byTier
	byTouchpoint
)

type row struct {
	points  [2]fact.Points
	differs int64
}

type refusedKey struct {
	operation string
	code      fact.Code
}

func newTally(o *Options, zone *time.Location) *tally {
	return &tally{from: o.From, until: o.Until, zone: zone, rows: map[key]*row{}, days: map[fact.Day]*row{}, refused: map[refusedKey]*Refused{}}
}

// within tells whether something that happened then is of the period.
func (t *tally) within(at time.Time) bool { return !at.Before(t.from) && at.Before(t.until) }

func (t *tally) row(k key) *row {
	r := t.rows[k]
	if r == nil {
		r = &row{}
		t.rows[k] = r
	}
	return r
}

// count counts what followed from an item in one world, for a member in a tier. It answers how many points were awarded for the interaction of an item
// of the period.
func (t *tally) count(i *item, world int, tier string, e *loyalty.Effects) (awarded fact.Points) {
	p, f := i.person, &t.figures[world]
	if p.erased {
		return 0
	}
	for n := range e.Movements {
		m := &e.Movements[n]
		switch m.Kind {
		case ledger.Earn:
			if !t.within(m.Occurred) {
				continue
			}
			x := &m.Reason.Explanation
			f.Awarded += m.Points
			awarded += m.Points
			p.add(t.row(key{byRule, x.Source, x.Key}), world, m.Points)
			p.add(t.row(key{what: byTier, key: tier}), world, m.Points)
			place := ""
			if i.interaction != nil {
				place = i.interaction.Touchpoint
			}
			p.add(t.row(key{what: byTouchpoint, key: place}), world, m.Points)
			day := fact.DayOf(m.Occurred, t.zone)
			r := t.days[day]
			if r == nil {
				r = &row{}
				t.days[day] = r
			}
			r.points[world] += m.Points
		case ledger.Expire:
			if t.within(m.Occurred) {
				f.Expired += m.Points
			}
		case ledger.ReverseEarn:
			if t.within(i.now) {
				f.TakenBack += m.Points
			}
		case ledger.Spend, ledger.Capture:
			if t.within(i.now) {
				f.Spent += m.Points
			}
		case ledger.ReverseSpend:
			if t.within(i.now) {
				f.Spent -= m.Points
			}
		}
	}
	return awarded
}

// counts counts what followed for all members of an item.
func (t *tally) counts(i *item, world int, tier string, o outcome) (awarded fact.Points) {
	for n, e := range o.effects {
		if n > 0 && i.other != nil { // who receives a transfer
			awarded += t.count(&item{person: i.other, now: i.now}, world, tier, e)
			continue
		}
		awarded += t.count(i, world, tier, e)
	}
	return awarded
}

// refuse counts what the draft refuses.
func (t *tally) refuse(i *item, r *fact.Refusal) {
	if i.person.erased {
		return
	}
	k := refusedKey{i.operation, r.Code}
	x := t.refused[k]
	if x == nil {
		x = &Refused{Operation: i.operation, Code: r.Code}
		t.refused[k] = x
	}
	x.Count++
	if len(i.movements) > 0 {
		x.Points += i.movements[0].points
	}
}

// collect makes the report of what all workers counted.
func collect(r *Report, tallies []*tally, all map[fact.ID]*person, draft *loyalty.Programme) {
	rows, days, refused := map[key]*row{}, map[fact.Day]*row{}, map[refusedKey]*Refused{}
	moves := map[[2]string]int64{}
	for _, p := range all {
		if p.erased {
			continue
		}
		touched := p.tiers[real] != p.tiers[tried]
		if touched {
			moves[p.tiers]++
		}
		for _, s := range p.sums {
			if s.points[real] != s.points[tried] {
				s.row.differs++
				touched = true
			}
		}
		if touched {
			r.Touched++
		}
	}
	for _, t := range tallies {
		r.Interactions, r.Replayed = r.Interactions+t.interactions, r.Replayed+t.replayed
		r.Actual, r.Draft = r.Actual.plus(t.figures[real]), r.Draft.plus(t.figures[tried])
		gather(rows, t.rows)
		gather(days, t.days)
		for k, x := range t.refused {
			if refused[k] == nil {
				refused[k] = &Refused{Operation: x.Operation, Code: x.Code}
			}
			refused[k].Count, refused[k].Points = refused[k].Count+x.Count, refused[k].Points+x.Points
		}
	}
	lists := []*[]Row{byRule: &r.Rules, byTier: &r.Tiers, byTouchpoint: &r.Touchpoints}
	for k, x := range rows {
		*lists[k.what] = append(*lists[k.what], Row{Kind: k.kind, Key: k.key, Actual: x.points[real], Draft: x.points[tried], Members: x.differs})
	}
	for day, x := range days {
		r.Days = append(r.Days, Row{Key: day.Start(time.UTC).Format(time.DateOnly), Actual: x.points[real], Draft: x.points[tried], Members: x.differs})
	}
	for k, n := range moves {
		r.Moves = append(r.Moves, Move{Actual: k[real], Draft: k[tried], Rises: place(draft, k[tried]) > place(draft, k[real]), Members: n})
	}
	for _, x := range refused {
		r.Refused = append(r.Refused, *x)
	}
	r.arrange()
}

func gather[K comparable](into, from map[K]*row) {
	for k, x := range from {
		if into[k] == nil {
			into[k] = &row{}
		}
		into[k].points[real] += x.points[real]
		into[k].points[tried] += x.points[tried]
		into[k].differs += x.differs
	}
}

func (f Figures) plus(o Figures) Figures {
	return Figures{Awarded: f.Awarded + o.Awarded, TakenBack: f.TakenBack + o.TakenBack, Spent: f.Spent + o.Spent, Expired: f.Expired + o.Expired}
}

// place is where a tier stands in a programme's ladder; -1 below the first.
func place(p *loyalty.Programme, key string) int {
	for at, t := range p.Tiers() {
		if t.Key == key {
			return at
		}
	}
	return -1
}
