package why_test

import (
	"encoding/json"
	"testing"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

var (
	purchase = fact.Text{"en": "a purchase", "it": "un acquisto"}
	shopping = why.Names{Event: purchase, Definition: fact.Text{"en": "Shopping", "it": "Spesa"}}
	grains   = why.Names{
		One: fact.Text{"it": "Chicco di Grano"}, Many: fact.Text{"it": "Chicchi di Grano"},
		Event: purchase, Definition: shopping.Definition,
	}
	byAmount = why.Explanation{
		Source: why.SourceRule, Key: "spesa", Revision: 3, Event: "purchase", Value: 1240, Currency: "EUR", Per: 100, Rate: 1, Rounding: why.RoundDown,
	}
)

var mug = why.Names{Definition: fact.Text{"en": "Breakfast mug", "it": "Tazza da colazione"}}

func with(e why.Explanation, change func(*why.Explanation)) why.Explanation {
	change(&e)
	return e
}

func TestSentence(t *testing.T) {
	for _, c := range []struct {
		name   string
		e      why.Explanation
		points fact.Points
		names  why.Names
		en, it string
	}{
		{
			"a rule by amount", byAmount, 12, shopping,
			"12 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”).",
			"12 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»).",
		},
		{
			"a band", with(byAmount, func(e *why.Explanation) { e.Band, e.Value, e.Rate = 5000, 6000, 2 }), 120, shopping,
			"120 points for a purchase of 60.00 EUR, in the band from 50.00 EUR: 2 for every 1.00 EUR, rounded down (rule “Shopping”).",
			"120 punti per un acquisto di 60,00 EUR, nella fascia da 50,00 EUR: 2 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»).",
		},
		{
			"an award that was cut", with(byAmount, func(e *why.Explanation) { e.Withheld = 7 }), 5, shopping,
			"5 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”); 7 more would go beyond a limit.",
			"5 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»); altri 7 oltre un limite.",
		},
		{
			"large figures", with(byAmount, func(e *why.Explanation) { e.Value, e.Rate = 123456789, 1000 }), 1234567000, shopping,
			"1,234,567,000 points for a purchase of 1,234,567.89 EUR: 1,000 for every 1.00 EUR, rounded down (rule “Shopping”).",
			"1.234.567.000 punti per un acquisto di 1.234.567,89 EUR: 1.000 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»).",
		},
		{
			"a currency without minor units", with(byAmount, func(e *why.Explanation) { e.Value, e.Per, e.Currency = 1999, 1000, "JPY" }), 1, shopping,
			"1 point for a purchase of 1,999 JPY: 1 for every 1,000 JPY, rounded down (rule “Shopping”).",
			"1 punto per un acquisto di 1.999 JPY: 1 ogni 1.000 JPY, arrotondando per difetto (regola «Spesa»).",
		},
		{
			"rounding up", with(byAmount, func(e *why.Explanation) { e.Rounding = why.RoundUp }), 13, shopping,
			"13 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded up (rule “Shopping”).",
			"13 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per eccesso (regola «Spesa»).",
		},
		{
			"rounding to the nearest", with(byAmount, func(e *why.Explanation) { e.Rounding = why.RoundHalfUp }), 12, shopping,
			"12 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded to the nearest (rule “Shopping”).",
			"12 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando al più vicino (regola «Spesa»).",
		},
		{
			"rounding halves to even", with(byAmount, func(e *why.Explanation) { e.Rounding = why.RoundHalfEven }), 12, shopping,
			"12 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded to the nearest, halves to even (rule “Shopping”).",
			"12 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando al più vicino, le metà al pari (regola «Spesa»).",
		},
		{
			"a fixed rule", why.Explanation{Source: why.SourceRule, Key: "welcome", Event: "enrolment"}, 100,
			why.Names{Event: fact.Text{"en": "joining", "it": "l'iscrizione"}, Definition: fact.Text{"en": "Welcome", "it": "Benvenuto"}},
			"100 points for joining (rule “Welcome”).",
			"100 punti per l'iscrizione (regola «Benvenuto»).",
		},
		{
			"an event's name without an article", byAmount, 12,
			why.Names{Event: fact.Text{"en": "purchase", "it": "acquisto"}, Definition: shopping.Definition},
			"12 points for purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”).",
			"12 punti per acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»).",
		},
		{
			"keys where there are no names", why.Explanation{Source: why.SourceRule, Key: "welcome", Event: "enrolment"}, 100, why.Names{},
			"100 points for “enrolment” (rule “welcome”).",
			"100 punti per «enrolment» (regola «welcome»).",
		},
		{
			"a debt that was repaid", with(byAmount, func(e *why.Explanation) { e.Repaid = 10 }), 12, shopping,
			"12 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”), of which 10 settled a debt.",
			"12 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»), di cui 10 a saldo di un debito.",
		},
		{
			"a multiplier",
			why.Explanation{
				Source: why.SourceMultiplier, Key: "weekend", Event: "purchase", Value: 1240, Currency: "EUR",
				Factor: "1.5", Base: 12, Rounding: why.RoundDown,
			},
			6, why.Names{Event: purchase, Definition: fact.Text{"en": "Golden weekend", "it": "Fine settimana d'oro"}},
			"6 more points: ×1.5 on 12 points for a purchase of 12.40 EUR, rounded down (rule “Golden weekend”).",
			"6 punti in più: ×1,5 su 12 punti per un acquisto di 12,40 EUR, arrotondando per difetto (regola «Fine settimana d'oro»).",
		},
		{
			"a mission", why.Explanation{Source: why.SourceMission, Key: "three", Event: "purchase", Count: 3, Target: 3, Period: "2026-05"}, 50,
			why.Names{Definition: fact.Text{"en": "Three purchases", "it": "Tre acquisti"}},
			"50 points for completing the mission “Three purchases” (3 of 3, May 2026).",
			"50 punti per aver completato la missione «Tre acquisti» (3 su 3, maggio 2026).",
		},
		{
			"a mission without periods", why.Explanation{Source: why.SourceMission, Key: "three", Count: 3, Target: 3}, 50, why.Names{},
			"50 points for completing the mission “three” (3 of 3).",
			"50 punti per aver completato la missione «three» (3 su 3).",
		},
		{
			"a period that is no month", why.Explanation{Source: why.SourceMission, Key: "daily", Count: 1, Target: 1, Period: "2026-W19"}, 5, why.Names{},
			"5 points for completing the mission “daily” (1 of 1, 2026-W19).",
			"5 punti per aver completato la missione «daily» (1 su 1, 2026-W19).",
		},
		{
			"a reward", why.Explanation{Source: why.SourceReward, Key: "mug", Price: 1500}, 1500,
			mug,
			"1,500 points for the reward “Breakfast mug”.",
			"1.500 punti per il premio «Tazza da colazione».",
		},
		{
			"maturity", why.Explanation{Source: why.SourceMaturity, Repaid: 4}, 12, why.Names{},
			"12 points became available, of which 4 settled a debt.",
			"Maturazione di 12 punti, di cui 4 a saldo di un debito.",
		},
		{"expiry", why.Explanation{Source: why.SourceExpiry}, 1, why.Names{}, "1 point expired.", "Scadenza di 1 punto."},
		{
			"maturity by an event", why.Explanation{Source: why.SourceArrival, Event: "order.delivered", Repaid: 4}, 12,
			why.Names{Event: fact.Text{"en": "the delivery of an order", "it": "la consegna di un ordine"}},
			"12 points became available after the delivery of an order, of which 4 settled a debt.",
			"Maturazione di 12 punti dopo la consegna di un ordine, di cui 4 a saldo di un debito.",
		},
		{
			"an event that did not come", why.Explanation{Source: why.SourceUnmatured}, 12, why.Names{},
			"12 points never became available: what they waited for did not come in time.",
			"Mancata maturazione di 12 punti: l'evento atteso non è arrivato in tempo.",
		},
		{
			"inactivity", why.Explanation{Source: why.SourceInactivity}, 12, why.Names{},
			"12 points expired, since there was no activity for too long.", "Scadenza di 12 punti per inattività.",
		},
		{
			"points that came too late", with(byAmount, func(e *why.Explanation) { e.LostOn = "2026-03-31" }), 12, shopping,
			"12 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”); the last day to spend them was 31 March 2026.",
			"12 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»); ultimo giorno utile: 31 marzo 2026.",
		},
		{
			"a hold for a reward", why.Explanation{Source: why.SourceHold, Key: "mug"}, 1500, mug,
			"1,500 points set aside for “Breakfast mug”.", "Accantonamento di 1.500 punti per «Tazza da colazione».",
		},
		{"a hold", why.Explanation{Source: why.SourceHold}, 1, why.Names{}, "1 point set aside.", "Accantonamento di 1 punto."},
		{
			"a capture", why.Explanation{Source: why.SourceCapture, Key: "mug"}, 1500, mug,
			"1,500 points spent, as set aside for “Breakfast mug”.", "Utilizzo di 1.500 punti da un accantonamento per «Tazza da colazione».",
		},
		{
			"a release", why.Explanation{Source: why.SourceRelease, Repaid: 4}, 12, why.Names{},
			"12 points no longer set aside, of which 4 settled a debt.", "Fine dell'accantonamento di 12 punti, di cui 4 a saldo di un debito.",
		},
		{
			"a lapse", why.Explanation{Source: why.SourceLapse}, 12, why.Names{},
			"12 points no longer set aside: the time to spend them was over.", "Fine dell'accantonamento di 12 punti per tempo scaduto.",
		},
		{
			"a return", why.Explanation{Source: why.SourceReturn, Event: "purchase", Value: 1240, Currency: "EUR"}, 12, shopping,
			"12 points taken back, given before for a purchase of 12.40 EUR (rule “Shopping”).",
			"Storno di 12 punti, in origine per un acquisto di 12,40 EUR (regola «Spesa»).",
		},
		{
			"a return of what is gone", why.Explanation{Source: why.SourceReturn, Owed: 5, Expired: 3, Forgiven: 2}, 12, why.Names{},
			"12 points taken back, of which 5 are owed; 3 more had expired already; 2 more were let go.",
			"Storno di 12 punti, di cui 5 a debito; nessuno storno per 3, già oltre la scadenza; condono di 2.",
		},
		{
			"a return that is forgiven", why.Explanation{Source: why.SourceReturn, Event: "purchase", Forgiven: 20}, 0, why.Names{Event: shopping.Event},
			"0 points taken back, given before for a purchase; 20 more were let go.",
			"Storno di 0 punti, in origine per un acquisto; condono di 20.",
		},
		{
			"a revocation", why.Explanation{Source: why.SourceRevocation, Key: "three", Count: 2, Target: 3, Period: "2026-05", Owed: 5}, 60, why.Names{},
			"60 points taken back: the mission “three” is no longer completed (2 of 3, May 2026), of which 5 are owed.",
			"Storno di 60 punti: missione «three» non più completata (2 su 3, maggio 2026), di cui 5 a debito.",
		},
		{
			"a refund", why.Explanation{Source: why.SourceRefund, Key: "mug", Repaid: 100}, 1500, mug,
			"1,500 points given back for “Breakfast mug”, of which 100 settled a debt.",
			"Restituzione di 1.500 punti per «Tazza da colazione», di cui 100 a saldo di un debito.",
		},
		{
			"a transfer", why.Explanation{Source: why.SourceGiven}, 12, grains,
			"12 Chicchi di Grano given to another account.", "Trasferimento di 12 Chicchi di Grano a un altro conto.",
		},
		{
			"a transfer that came", why.Explanation{Source: why.SourceReceived, Repaid: 2}, 12, why.Names{},
			"12 points received from another account, of which 2 settled a debt.",
			"Trasferimento di 12 punti da un altro conto, di cui 2 a saldo di un debito.",
		},
		{
			"a credit", why.Explanation{Source: why.SourceCredit, Key: "goodwill"}, 12, why.Names{Definition: fact.Text{"en": "Goodwill", "it": "Cortesia"}},
			"12 points credited (“Goodwill”).", "Accredito di 12 punti («Cortesia»).",
		},
		{
			"a debit", why.Explanation{Source: why.SourceDebit, Owed: 2}, 12, why.Names{},
			"12 points debited, of which 2 are owed.", "Addebito di 12 punti, di cui 2 a debito.",
		},
		{
			"a merge", why.Explanation{Source: why.SourceMergedAway}, 12, why.Names{},
			"Accounts were merged: 12 points went to the other one.", "Unione di conti: 12 punti all'altro conto.",
		},
		{
			"a merge that came", why.Explanation{Source: why.SourceMerged, Repaid: 2}, 12, why.Names{},
			"Accounts were merged: 12 points came from the other one, of which 2 settled a debt.",
			"Unione di conti: 12 punti dall'altro conto, di cui 2 a saldo di un debito.",
		},
		{
			"a merge of a debt", why.Explanation{Source: why.SourceDebtMergedAway, Repaid: 12}, 12, why.Names{},
			"Accounts were merged: a debt of 12 points went to the other one.", "Unione di conti: un debito di 12 punti all'altro conto.",
		},
		{
			"a merge of a debt that came", why.Explanation{Source: why.SourceDebtMerged, Owed: 5}, 12, why.Names{},
			"Accounts were merged: a debt of 12 points came from the other one, of which 5 are owed still.",
			"Unione di conti: un debito di 12 punti dall'altro conto, di cui 5 ancora a debito.",
		},
		{
			"the programme's own word for points", byAmount, 12, grains,
			"12 Chicchi di Grano for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”).",
			"12 Chicchi di Grano per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»).",
		},
		{
			"the programme's own word for one point", why.Explanation{Source: why.SourceMaturity}, 1, grains,
			"1 Chicco di Grano became available.",
			"Maturazione di 1 Chicco di Grano.",
		},
		{
			"a name that looks like a template", why.Explanation{Source: why.SourceReward, Key: "{n} [x]"}, 5, why.Names{},
			"5 points for the reward “{n} [x]”.",
			"5 punti per il premio «{n} [x]».",
		},
		{
			"a source that is not known", why.Explanation{Source: "goodwill", Event: "purchase"}, 5, why.Names{Event: purchase},
			"5 points for a purchase.", "5 punti per un acquisto.",
		},
		{
			"a mission without any name", why.Explanation{Source: why.SourceMission, Count: 3, Target: 3}, 50, why.Names{},
			"50 points.", "50 punti.",
		},
		{
			"a currency that is not known", with(byAmount, func(e *why.Explanation) { e.Currency = "euros" }), 12, shopping,
			"12 points for a purchase (rule “Shopping”).",
			"12 punti per un acquisto (regola «Spesa»).",
		},
		{"nothing at all", why.Explanation{}, 5, why.Names{}, "5 points.", "5 punti."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.e.Sentence(c.points, c.names, "en"); got != c.en {
				t.Errorf("en:\n got %s\nwant %s", got, c.en)
			}
			if got := c.e.Sentence(c.points, c.names, "it"); got != c.it {
				t.Errorf("it:\n got %s\nwant %s", got, c.it)
			}
		})
	}
}

func TestTheSentencesLanguage(t *testing.T) {
	const en, it = "12 points became available.", "Maturazione di 12 punti."
	for _, c := range []struct {
		languages []string
		want      string
	}{
		{nil, en},
		{[]string{"it"}, it},
		{[]string{"it-CH"}, it},
		{[]string{"IT-ch"}, it},
		{[]string{"de", "it", "en"}, it},
		{[]string{"de"}, en},
		{[]string{"", "item"}, en},
	} {
		if got := (why.Explanation{Source: why.SourceMaturity}).Sentence(12, why.Names{}, c.languages...); got != c.want {
			t.Errorf("%q: got %q, want %q", c.languages, got, c.want)
		}
	}
	// The programme's words follow the sentence's language, not the caller's first.
	names := why.Names{Definition: fact.Text{"de": "Tasse", "it": "Tazza", "en": "Mug"}}
	if got, want := (why.Explanation{Source: why.SourceReward}).Sentence(5, names, "de", "it"), "5 punti per il premio «Tazza»."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnExplanationIsStoredWithoutWhatDoesNotApply(t *testing.T) {
	got, err := json.Marshal(why.Explanation{Source: why.SourceExpiry, Lots: []why.Slice{{Points: 3}}})
	if want := `{"source":"expiry","lots":[{"lot":"","points":3}]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	var back why.Explanation
	stored, _ := json.Marshal(byAmount)
	if err := json.Unmarshal(stored, &back); err != nil || back.Sentence(12, shopping, "it") != byAmount.Sentence(12, shopping, "it") {
		t.Errorf("%s came back as %+v, %v", stored, back, err)
	}
}
