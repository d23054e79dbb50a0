package graph_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/movement"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// everything has every source cause a movement of the first member's account, or of the second's.
func (m *market) everything(t *testing.T) {
	t.Helper()
	first, second := m.members[0], m.members[1]
	a, b := engine.Ref{ID: first}, engine.Ref{ID: second}
	day := 24 * time.Hour
	granted := func(o *engine.Outcome) *engine.Outcome {
		t.Helper()
		if o.Refusal != nil {
			t.Fatal(o.Refusal)
		}
		return o
	}
	hold := func(points fact.Points) fact.ID {
		return granted(m.does(t, loyalty.Hold{Points: points, ExpiresIn: time.Hour, Purpose: "checkout"}, a)).Own[0].As(fact.KindHold)
	}
	m.orders(t, first, "order", 1)    // 7 that wait
	m.orders(t, first, "delivery", 1) // and have come
	m.orders(t, first, "order", 2)    // 7 that wait in vain
	m.tracks(t, second, "stay", 0, 0) // 6 until there was no activity for 4 days
	var last *engine.Outcome
	for range 3 {
		last = m.tracks(t, first, "purchase", 20, 0) // 20 pending, 20 more at once; with the third the mission's 15
	}
	granted(m.does(t, loyalty.Adjust{Points: 9, Reason: "because"}, a))
	granted(m.does(t, loyalty.Adjust{Points: -2, Reason: "because"}, a))
	spent := granted(m.redeems(t, first))
	points := fact.Points(5)
	granted(m.refunds(t, spent.MovementIDs[len(spent.MovementIDs)-1], points))
	whole, half := hold(3), hold(8)
	granted(m.does(t, loyalty.Release{Hold: whole}, engine.Ref{Hold: whole}))
	granted(m.does(t, loyalty.Capture{Hold: half, Points: &points}, engine.Ref{Hold: half}))
	hold(4)
	m.passes(2 * time.Hour) // it lapses
	granted(m.does(t, loyalty.Transfer{Points: 6}, a, b))
	granted(m.returns(t, last.Interaction))
	m.passes(12 * day) // what is pending matures, what waits does so in vain, what was welcome expires, and nobody was active
	m.settles(t)
	m.merges(t, first)
}

// orders or delivers under a number.
func (m *market) orders(t *testing.T, who fact.ID, event string, number int64) {
	t.Helper()
	r := engine.Track{Origin: m.origin(), Member: engine.Ref{ID: who}, Event: event, Touchpoint: "app", Properties: map[string]any{"number": number}}
	if event == "order" {
		r.Value = &engine.MoneyIn{}
	}
	if o, err := m.engine.Track(t.Context(), r); err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
}

// merges writes the movements of a merge as the ledger books them: nothing asks for one yet.
func (m *market) merges(t *testing.T, who fact.ID) {
	t.Helper()
	ctx := auth.System(context.WithoutCancel(t.Context()), m.id)
	last := m.store.Ent().Movement.Query().Where(movement.MemberID(who)).Order(movement.ByNumber()).AllX(ctx)
	base := last[len(last)-1]
	for i, e := range []string{
		`{"source":"merged","repaid":2,"account":"` + m.members[1].As(fact.KindAccount).String() + `"}`, `{"source":"merged_away"}`,
		`{"source":"debt_merged","owed":5}`, `{"source":"debt_merged_away","repaid":12}`,
	} {
		m.store.Ent().Movement.Create().SetID(base.ID.At(100 + i)).SetProgrammeID(m.id).SetAccountID(base.AccountID).SetMemberID(who).SetNumber(base.Number + int64(i) + 1).
			SetKind(movement.KindMerge).SetPoints(12).SetOccurredAt(base.OccurredAt).SetBookedAt(base.BookedAt).SetCommandID(base.CommandID).
			SetExplanation([]byte(e)).SaveX(ctx)
	}
}

// told is one movement as it explains itself.
type told struct {
	Kind   string
	Points fact.Points
	Why    struct {
		Sentence, Source, Key string
		Revision              int
		Interaction           *struct{ Event string }
		Figures               map[string]any
		Of                    *struct{ Kind string }
		Lots                  []struct {
			Points fact.Points
			Lot    struct {
				Amount, Pending, Available, Held, Spent, Expired, Reversed, Moved fact.Points
				Earning                                                           *struct{ Why struct{ Source string } }
			}
		}
	}
}

const explained = `movements(first: 100) { edges { node { kind points why { sentence source key revision interaction { event } figures of { kind }
  lots { points lot { amount pending available held spent expired reversed moved earning { why { source } } } } } } } }`

// tells reads how the two members' movements explain themselves in a language, by source.
func (m *market) tells(t *testing.T, language string) map[string][]told {
	t.Helper()
	m.ask.header.Set("Accept-Language", language)
	all := map[string][]told{}
	for _, who := range m.members {
		a := m.ask.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { %s } } } }`, who, explained), nil).sound(t)
		for _, e := range read[[]struct{ Node told }](t, a, "viewer.operator.member.movements.edges") {
			all[e.Node.Why.Source] = append(all[e.Node.Why.Source], e.Node)
		}
	}
	return all
}

// reasons are what the API says of one movement of each source.
var reasons = []struct {
	source, kind, key, event, of string
	en, it                       string
}{
	{"rule", "EARN", "spend", "purchase", "", "20 Points for a purchase of 20.00 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”).",
		"20 Punti per un acquisto di 20,00 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»)."},
	{"rule", "EARN", "welcome", "member.enrolled", "", "10 Points for enrolment (rule “Welcome”).", "10 Punti per iscrizione (regola «Benvenuto»)."},
	{"multiplier", "EARN", "double", "purchase", "", "20 more Points: ×2 on 20 Points for a purchase of 20.00 EUR, rounded down (rule “Double”).",
		"20 Punti in più: ×2 su 20 Punti per un acquisto di 20,00 EUR, arrotondando per difetto (regola «Doppi»)."},
	{"mission", "EARN", "regular", "purchase", "", "15 Points for completing the mission “Regular” (3 of 3, {month}).",
		"15 Punti per aver completato la missione «Cliente fisso» (3 su 3, {mese})."},
	{"reward", "SPEND", "basket", "", "", "12 Points for the reward “Basket”.", "12 Punti per il premio «Cestino»."},
	{"refund", "REVERSE_SPEND", "basket", "", "SPEND", "5 Points given back for “Basket”.", "Restituzione di 5 Punti per «Cestino»."},
	{"maturity", "MATURE", "", "", "", "20 Points became available.", "Maturazione di 20 Punti."},
	{"arrival", "MATURE", "", "delivery", "", "7 Points became available after the delivery.", "Maturazione di 7 Punti dopo la consegna."},
	{"unmatured", "EXPIRE", "", "", "", "7 Points never became available: what they waited for did not come in time.",
		"Mancata maturazione di 7 Punti: l'evento atteso non è arrivato in tempo."},
	{"expiry", "EXPIRE", "", "", "", "10 Points expired.", "Scadenza di 10 Punti."},
	{"inactivity", "EXPIRE", "", "", "", "6 Points expired, since there was no activity for too long.", "Scadenza di 6 Punti per inattività."},
	{"hold", "HOLD", "checkout", "", "", "8 Points set aside for “checkout”.", "Accantonamento di 8 Punti per «checkout»."},
	{"capture", "CAPTURE", "", "", "HOLD", "5 Points spent, as set aside.", "Utilizzo di 5 Punti da un accantonamento."},
	{"release", "RELEASE", "", "", "HOLD", "3 Points no longer set aside.", "Fine dell'accantonamento di 3 Punti."},
	{"lapse", "RELEASE", "", "", "HOLD", "4 Points no longer set aside: the time to spend them was over.", "Fine dell'accantonamento di 4 Punti per tempo scaduto."},
	{"return", "REVERSE_EARN", "spend", "purchase", "EARN", "20 Points taken back, given before for a purchase of 20.00 EUR (rule “Shopping”).",
		"Storno di 20 Punti, in origine per un acquisto di 20,00 EUR (regola «Spesa»)."},
	{"revocation", "REVERSE_EARN", "regular", "purchase", "EARN", "15 Points taken back: the mission “Regular” is no longer completed (2 of 3, {month}).",
		"Storno di 15 Punti: missione «Cliente fisso» non più completata (2 su 3, {mese})."},
	{"given", "TRANSFER", "", "", "", "6 Points given to another account.", "Trasferimento di 6 Punti a un altro conto."},
	{"received", "TRANSFER", "", "", "", "6 Points received from another account.", "Trasferimento di 6 Punti da un altro conto."},
	{"credit", "ADJUST", "", "", "", "9 Points credited.", "Accredito di 9 Punti."},
	{"debit", "ADJUST", "", "", "", "2 Points debited.", "Addebito di 2 Punti."},
	{"merged", "MERGE", "", "", "", "Accounts were merged: 12 Points came from the other one, of which 2 settled a debt.",
		"Unione di conti: 12 Punti dall'altro conto, di cui 2 a saldo di un debito."},
	{"merged_away", "MERGE", "", "", "", "Accounts were merged: 12 Points went to the other one.", "Unione di conti: 12 Punti all'altro conto."},
	{"debt_merged", "MERGE", "", "", "", "Accounts were merged: a debt of 12 Points came from the other one, of which 5 are owed still.",
		"Unione di conti: un debito di 12 Punti dall'altro conto, di cui 5 ancora a debito."},
	{"debt_merged_away", "MERGE", "", "", "", "Accounts were merged: a debt of 12 Points went to the other one.",
		"Unione di conti: un debito di 12 Punti all'altro conto."},
}

// months are what a month is called in Italian.
var months = strings.Fields("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")

// Every movement explains itself, whatever caused it: in a sentence, in the language that is asked for, and as data, down to the lots that it touched.
func TestEverySourceExplainsItself(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 2)
		rome, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatal(err)
		}
		now := m.now().In(rome)
		m.everything(t)
		en, it := m.tells(t, "en"), m.tells(t, "it-CH")
		for _, r := range reasons {
			month := strings.NewReplacer("{month}", now.Format("January 2006"), "{mese}", months[now.Month()-1]+now.Format(" 2006"))
			place := slices.IndexFunc(en[r.source], func(x told) bool { return x.Why.Sentence == month.Replace(r.en) })
			if place < 0 {
				t.Errorf("nothing says %q; of this source there is %+v", month.Replace(r.en), en[r.source])
				continue
			}
			x := en[r.source][place]
			if got := it[r.source][place].Why.Sentence; got != month.Replace(r.it) {
				t.Errorf("in Italian it says\n %s, not\n %s", got, month.Replace(r.it))
			}
			if x.Kind != r.kind || x.Why.Key != r.key || (x.Why.Revision == 1) != (r.key != "" && r.key != "checkout") {
				t.Errorf("%+v, not %+v", x, r)
			}
			if event := x.Why.Interaction; event == nil && r.event != "" || event != nil && event.Event != r.event {
				t.Errorf("behind %s is %v, not %s", r.source, event, r.event)
			}
			if of := x.Why.Of; of == nil && r.of != "" || of != nil && of.Kind != r.of {
				t.Errorf("%s is of %v, not of %s", r.source, of, r.of)
			}
			x.checkLots(t)
		}
		spend := en["rule"][slices.IndexFunc(en["rule"], func(x told) bool { return x.Why.Key == "spend" })].Why.Figures
		if want := (map[string]any{"value": 2000.0, "currency": "EUR", "per": 100.0, "rate": 1.0, "rounding": "down"}); !maps.Equal(spend, want) {
			t.Errorf("the figures are %v, not %v", spend, want)
		}
		if len(en) != 24 {
			t.Errorf("there are %d sources: each needs a line here", len(en))
		}
	})
}

// checkLots finds out whether the lots are those that the movement touched, each with what became of it.
func (x told) checkLots(t *testing.T) {
	t.Helper()
	var sum fact.Points
	for _, s := range x.Why.Lots {
		sum += s.Points
		l := s.Lot
		if l.Amount != l.Pending+l.Available+l.Held+l.Spent+l.Expired+l.Reversed+l.Moved || s.Points > l.Amount {
			t.Errorf("%s: %d points of %+v", x.Why.Source, s.Points, l)
		}
		switch {
		case x.Kind == "EARN" && (l.Earning == nil || l.Earning.Why.Source != x.Why.Source):
			t.Errorf("%s: its lot was made by %+v", x.Why.Source, l.Earning)
		case x.Why.Source == "received" && l.Earning != nil:
			t.Errorf("what came from another account was earned by %+v", l.Earning)
		}
	}
	if sum != x.Points && x.Kind != "MERGE" { // whose rows here have no lots
		t.Errorf("%s: %d points of %d are of lots", x.Why.Source, sum, x.Points)
	}
}

// A rule that the programme has dropped is still called by its name.
func TestWhyOfWhatWasDropped(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 1)
		m.tracks(t, m.members[0], "visit", 0, 0)
		src, err := os.ReadFile("testdata/market.yaml")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
		lines := slices.DeleteFunc(strings.SplitAfter(string(src), "\n"), func(line string) bool {
			return strings.Contains(line, "key: call") || strings.Contains(line, "visit:")
		})
		h.publishText(t, []byte(strings.Join(lines, "")))
		m.ask.header.Set("Accept-Language", "it")
		m.account(t, m.members[0], `movements(first: 1) { edges { node { why { sentence } } } }`).sound(t).
			is(t, account+".movements.edges.0.node.why.sentence", `"4 Punti per una visita (regola «Visita»)."`)
	})
}

// A lot has an id, by which those find it that may see its account.
func TestLotsByTheirIDs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 2)
		a := m.account(t, m.members[0], `movements(first: 1) { edges { node { why { lots { lot { id } } } } } }`).sound(t)
		node := fmt.Sprintf(`{ node(id: %q) { ... on Lot { amount expiresAt earning { points } } } }`, a.at(account+".movements.edges.0.node.why.lots.0.lot.id"))
		for _, who := range []*client{m.ask, h.member(t, m.members[0])} {
			got := who.ask(t, node, nil).sound(t)
			got.is(t, "node.amount", "10")
			got.is(t, "node.earning", `{"points":10}`)
		}
		for _, who := range []*client{h.member(t, m.members[1]), h.partner(t, "points:write", "members:read"), h.anonymous()} {
			if got := who.ask(t, node, nil); got.at("node") != nil {
				t.Errorf("it is answered with %v", got.Data)
			}
		}
	})
}
