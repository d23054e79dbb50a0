package graph_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// dairy is a house whose programme is the dairy, with a member and an operator.
type dairy struct {
	*house
	rome *time.Location
	who  fact.ID
	ask  *client
	keys int
}

func newDairy(t *testing.T, h *house) *dairy {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	d := &dairy{house: h, rome: rome}
	h.id = h.publishes(t, "dairy", "")
	o, err := h.engine.Enrol(t.Context(), engine.Enrol{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "enrol"}, Touchpoint: "shop", Identities: []engine.Identity{{Kind: fact.Card, Value: "4711"}},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	d.who, d.ask = o.Member, h.operator(t)
	return d
}

// noon lets time pass until noon of the local day that comes so many months and days after today.
func (d *dairy) noon(months, days int) {
	y, m, day := d.now().In(d.rome).Date()
	d.passes(time.Date(y, m+time.Month(months), day+days, 12, 0, 0, 0, d.rome).Sub(d.now()))
}

// tracks sends an interaction through the API; more is fields of its input.
func (d *dairy) tracks(t *testing.T, event, more string) answer {
	t.Helper()
	d.keys++
	return d.ask.ask(t, fmt.Sprintf(`mutation { interactionTrack(input: {idempotencyKey: "key %d", member: {id: %q}, event: %q, touchpoint: "shop" %s}) {
		interaction { occurredAt receivedAt }
		outcome { movements { kind points occurredAt bookedAt why { source sentence key revision } } }
		userErrors { code field } } }`, d.keys, d.who, event, more), nil).sound(t)
}

func (d *dairy) settles(t *testing.T) {
	t.Helper()
	for {
		if n, err := d.engine.Settle(t.Context(), 500); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			return
		}
	}
}

func (d *dairy) balances(t *testing.T) balances {
	t.Helper()
	return read[balances](t, d.ask.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { account { %s } } } } }`, d.who, buckets), nil).sound(t), account)
}

func (d *dairy) rows(t *testing.T) (all string) {
	t.Helper()
	for _, table := range []string{"interactions", "commands", "movements", "lots", "members"} {
		var n int
		if err := d.store.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all += fmt.Sprint(table, " ", n, "; ")
	}
	return all
}

// What cannot have happened, happened before there was a programme, or too long ago, has a code of its own, and nothing is written.
func TestTimesThatAreNotTaken(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDairy(t, h)
		before := d.rows(t)
		y, m, day := d.now().In(d.rome).Date()
		midnight := time.Date(y, m, day, 0, 0, 0, 0, d.rome)
		for name, c := range map[string]struct {
			occurred time.Time
			code     string
		}{
			"in an hour":                     {d.now().Add(time.Hour), "IN_FUTURE"},
			"before the programme":           {time.Date(2024, 12, 31, 22, 59, 59, 0, time.UTC), "BEFORE_PROGRAMME"},
			"in the programme's first hours": {time.Date(2024, 12, 31, 23, 0, 0, 0, time.UTC), "TOO_LATE"},
			"31 days ago":                    {midnight.AddDate(0, 0, -30).Add(-time.Second), "TOO_LATE"},
		} {
			a := d.tracks(t, "visit", fmt.Sprintf(", occurredAt: %s", stamp(c.occurred)))
			a.is(t, "interactionTrack.userErrors", fmt.Sprintf(`[{"code":%q,"field":["occurredAt"]}]`, c.code))
			a.is(t, "interactionTrack.outcome", "null")
			a = d.ask.ask(t, fmt.Sprintf(`mutation { memberEnrol(input: {idempotencyKey: %q, identities: [{kind: CARD, value: "4712"}], touchpoint: "shop", occurredAt: %s}) {
				member { id } userErrors { code field } } }`, name, stamp(c.occurred)), nil).sound(t)
			a.is(t, "memberEnrol.userErrors", fmt.Sprintf(`[{"code":%q,"field":["occurredAt"]}]`, c.code))
		}
		if after := d.rows(t); after != before {
			t.Errorf("there were %s now there are %s", before, after)
		}
		a := d.tracks(t, "visit", fmt.Sprintf(", occurredAt: %s", stamp(midnight.AddDate(0, 0, -30).Add(time.Second))))
		a.is(t, "interactionTrack.userErrors", "[]")
	})
}

// What is heard of late is decided by what was in force then, also if more was published meanwhile; when it occurred, was received and was booked are told
// apart; and points that have expired meanwhile are earned and lost at once, and say so.
func TestWhatIsHeardOfLate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDairy(t, h)
		d.noon(0, 2)
		occurred := d.now()
		d.noon(0, 1)
		src, err := os.ReadFile("testdata/dairy.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range [][2]string{{"on: [visit], award: {points: 1}, expire: 10 days", "on: [visit], award: {points: 7}"}, {"backdating: 30 days", "backdating: 20 days"}} {
			src = bytes.Replace(src, []byte(change[0]), []byte(change[1]), 1)
		}
		file, problems := programme.Parse("dairy.yaml", src)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if _, problems, err := programme.Import(t.Context(), h.store, file, "test", h.now()); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		d.noon(0, 1)
		a := d.tracks(t, "visit", "")
		a.is(t, "interactionTrack.outcome.movements.0.points", "7")
		a = d.tracks(t, "visit", fmt.Sprintf(", occurredAt: %s", stamp(occurred)))
		a.is(t, "interactionTrack.outcome.movements.0.points", "1")
		a.is(t, "interactionTrack.outcome.movements.0.why.revision", "1")

		d.noon(0, 13)
		a = d.tracks(t, "visit", fmt.Sprintf(", occurredAt: %s", stamp(occurred)))
		a.is(t, "interactionTrack.outcome.movements.0.kind", `"EXPIRE"`) // of the point before
		a.is(t, "interactionTrack.outcome.movements.1.kind", `"EARN"`)
		a.is(t, "interactionTrack.outcome.movements.2.kind", `"EXPIRE"`)
		lost := occurred.In(d.rome).AddDate(0, 0, 10)
		months := [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}
		it := fmt.Sprintf(`"1 Goccia per una visita (regola «Visita»); ultimo giorno utile: %d %s %d."`, lost.Day(), months[lost.Month()-1], lost.Year())
		a.is(t, "interactionTrack.outcome.movements.1.why.sentence", it)
		times := read[struct {
			Interaction struct{ OccurredAt, ReceivedAt time.Time }
			Outcome     struct {
				Movements []struct{ OccurredAt, BookedAt time.Time }
			}
		}](t, a, "interactionTrack")
		earn, expire := times.Outcome.Movements[1], times.Outcome.Movements[2]
		ends := time.Date(lost.Year(), lost.Month(), lost.Day()+1, 0, 0, 0, 0, d.rome)
		if !times.Interaction.OccurredAt.Equal(occurred.Truncate(time.Microsecond)) || !times.Interaction.ReceivedAt.After(ends) ||
			!earn.OccurredAt.Equal(times.Interaction.OccurredAt) || earn.BookedAt.Before(times.Interaction.ReceivedAt) ||
			!expire.OccurredAt.Equal(ends) || !expire.BookedAt.Equal(earn.BookedAt) {
			t.Errorf("%+v; it occurred at %s and expired at %s", times, occurred, ends)
		}
		d.noon(0, 6)
		a = d.tracks(t, "visit", fmt.Sprintf(", occurredAt: %s", stamp(occurred))) // the window that is in force now decides
		a.is(t, "interactionTrack.userErrors.0.code", `"TOO_LATE"`)
	})
}

// Points wait for the delivery of their order; heard of in either order it comes to the same.
func TestPointsWaitForTheirDelivery(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDairy(t, h)
		order := func(number string) answer {
			return d.tracks(t, "purchase", fmt.Sprintf(`, value: {amount: "20.00"}, properties: {order: %q}`, number))
		}
		delivered := func(number string) answer {
			return d.tracks(t, "order.delivered", fmt.Sprintf(`, properties: {order: %q}`, number))
		}
		order("personal 1")
		order("personal 2")
		if b := d.balances(t); b.Pending != 40 || b.Available != 100 {
			t.Errorf("ordered: %+v", b)
		}
		a := delivered("personal 2")
		a.is(t, "interactionTrack.outcome.movements.0.kind", `"MATURE"`)
		a.is(t, "interactionTrack.outcome.movements.0.why.sentence", `"Maturazione di 20 Gocce dopo la consegna."`)
		delivered("personal 3")
		order("personal 3")
		if b := d.balances(t); b.Pending != 20 || b.Available != 140 {
			t.Errorf("two delivered: %+v", b)
		}
		// Both in one batch, of which none was known before.
		for _, r := range d.engine.All(t.Context(), []engine.Request{d.track("purchase", "4", "20.00"), d.track("order.delivered", "4", "")}) {
			if r.Err != nil || r.Outcome.Refusal != nil {
				t.Error(r.Outcome.Refusal, r.Err)
			}
		}
		if b := d.balances(t); b.Pending != 20 || b.Available != 160 {
			t.Errorf("three delivered: %+v", b)
		}
		d.noon(0, 61)
		if b := d.balances(t); b.Pending != 0 || b.Available != 160 {
			t.Errorf("one never was: %+v", b)
		}
		a = delivered("personal 1")
		a.is(t, "interactionTrack.outcome.movements.0.kind", `"EXPIRE"`)
		a.is(t, "interactionTrack.outcome.movements.0.why.sentence", `"Mancata maturazione di 20 Gocce: l'evento atteso non è arrivato in tempo."`)

		var n int
		for _, query := range []string{`SELECT count(*) FROM lots WHERE CAST(ageing AS text) LIKE '%personal%'`, `SELECT count(*) FROM working_states WHERE CAST(doc AS text) LIKE '%personal%'`,
			`SELECT count(*) FROM movements WHERE CAST(explanation AS text) LIKE '%personal%'`, `SELECT count(*) FROM commands WHERE CAST(answer AS text) LIKE '%personal%'`} {
			if err := h.store.DB().QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", query, n, err)
			}
		}
	})
}

func (d *dairy) track(event, order, amount string) *engine.Track {
	d.keys++
	r := &engine.Track{
		Origin: engine.Origin{Programme: d.id, Caller: "operator:anna", Key: fmt.Sprint("key ", d.keys)}, Member: engine.Ref{ID: d.who},
		Event: event, Touchpoint: "shop", Properties: map[string]any{"order": order},
	}
	if amount != "" {
		r.Value = &engine.MoneyIn{Amount: decimal.RequireFromString(amount)}
	}
	return r
}

const expiring = `{ viewer { operator { member(ref: {id: %q}) { account { expiring(days: 366) { lastDay points inactivity } } } } } }`

// What will be lost is told with its last day; a warning comes once, in time, and is an interaction to which a mission listens.
func TestWhatWillBeLostByInactivity(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := newDairy(t, h)
		a := d.ask.ask(t, fmt.Sprintf(expiring, d.who), nil).sound(t)
		last := read[string](t, a, account+".expiring.0.lastDay")
		a.is(t, account+".expiring", fmt.Sprintf(`[{"inactivity":true,"lastDay":%q,"points":100}]`, last))

		day, err := time.ParseInLocation(time.DateOnly, last, d.rome)
		if err != nil {
			t.Fatal(err)
		}
		d.passes(day.AddDate(0, 0, -31).Add(12 * time.Hour).Sub(d.now()))
		d.settles(t)
		warned := func() (n int) {
			a := d.ask.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { interactions(first: 20) { edges { node { event touchpoint { key } properties } } } } } } }`, d.who), nil).sound(t)
			for _, e := range read[[]struct {
				Node struct {
					Event      string
					Properties map[string]any
				}
			}](t, a, "viewer.operator.member.interactions.edges") {
				if e.Node.Event != "points.expiring" {
					continue
				}
				n++
				if p := e.Node.Properties; n == 1 && (p["points"] != 100.0 || p["last_day"] != last || p["inactivity"] != true) {
					t.Errorf("warned of %v", p)
				}
			}
			return n
		}
		if n := warned(); n != 0 {
			t.Errorf("31 days before it was warned %d times", n)
		}
		d.noon(0, 2)
		d.settles(t)
		d.settles(t)
		if n := warned(); n != 1 {
			t.Errorf("in time it was warned %d times", n)
		}
		if b := d.balances(t); b.Available != 105 {
			t.Errorf("the mission gave: %+v", b)
		}
		d.passes(day.Add(23 * time.Hour).Sub(d.now()))
		d.tracks(t, "visit", "") // just in time
		d.noon(0, 3)
		d.settles(t)
		if b := d.balances(t); b.Available != 106 {
			t.Errorf("after activity: %+v", b)
		}
		d.noon(8, 0)
		if b := d.balances(t); b.Available != 5 {
			t.Errorf("after eight months without any: %+v", b)
		}
		a = d.tracks(t, "visit", "")
		sources := map[string]bool{}
		for _, m := range read[[]struct{ Why struct{ Source string } }](t, a, "interactionTrack.outcome.movements") {
			sources[m.Why.Source] = true
		}
		if !sources["inactivity"] || !sources["expiry"] {
			t.Errorf("what was lost is explained by %v", sources)
		}
	})
}
