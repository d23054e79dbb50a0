package why_test

import (
	"encoding/json"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// verdicts, and how they are told of a rule called Weekend. Each sentence begins with what the rule gives, which is left out here.
var verdicts = []struct {
	v      why.Verdict
	en, it string
}{
	{why.Verdict{Points: 12, Full: 12}, "gives 12 Grains.", "dà 12 Chicchi."},
	{
		why.Verdict{Obstacle: why.Closed, Again: at("2026-06-05 22:00")},
		"gives nothing: it is closed, and opens next on Saturday 6 June 2026.", "non dà nulla: è chiusa, e apre sabato 6 giugno 2026.",
	},
	{why.Verdict{Obstacle: why.Closed}, "gives nothing: it is closed.", "non dà nulla: è chiusa."},
	{
		why.Verdict{Obstacle: why.NotYet, Again: at("2026-06-06 05:00")},
		"gives nothing: it has not begun, and opens on Saturday 6 June 2026 at 07:00.", "non dà nulla: non è ancora iniziata, e apre sabato 6 giugno 2026 alle 07:00.",
	},
	{why.Verdict{Tier: "gold"}, "grants the tier “Gold”.", "dà il livello «Oro»."},
	{
		why.Verdict{Tier: "gold", Until: at("2026-06-05 22:00")}, "grants the tier “Gold” until Saturday 6 June 2026.", "dà il livello «Oro» fino a sabato 6 giugno 2026.",
	},
	{
		why.Verdict{Obstacle: why.Condition, Parts: []why.Part{{Missing: 1240, Unit: why.Money, Readings: []why.Reading{{"event.value", int64(3760), why.Money}}}}},
		"gives nothing: a condition does not hold (event.value = 37.60 EUR), 12.40 EUR short.",
		"non dà nulla: una condizione non vale (event.value = 37,60 EUR), 12,40 EUR in meno del necessario.",
	},
	{why.Verdict{Obstacle: why.Condition}, "gives nothing: a condition does not hold.", "non dà nulla: una condizione non vale."},
	{why.Verdict{Obstacle: why.Ended}, "gives nothing: it has ended.", "non dà nulla: è finita."},
	{why.Verdict{Obstacle: why.Paused}, "gives nothing: it is paused.", "non dà nulla: è in pausa."},
	{why.Verdict{Obstacle: why.OtherEvent}, "gives nothing: it listens to other events.", "non dà nulla: riguarda altri eventi."},
	{
		why.Verdict{Obstacle: why.Condition, Parts: []why.Part{
			{Expression: "event.value >= 5000", Readings: []why.Reading{{"event.value", int64(3760), why.Money}}, Missing: 1240, Unit: why.Money},
			{Expression: `member.tier == "gold"`, Readings: []why.Reading{{"member.tier", "silver", ""}}},
			{Expression: "event.properties.gift", Fault: why.Unset, Readings: []why.Reading{{"event.properties.gift", nil, ""}}},
			{Expression: `member.count("visit") < 3`, Readings: []why.Reading{{`member.count("visit")`, int64(3), why.Times}}, Missing: 1, Excess: true, Unit: why.Times},
		}},
		"gives nothing: “event.value >= 5000” does not hold (event.value = 37.60 EUR), 12.40 EUR short; “member.tier == \"gold\"” does not hold (member.tier = “silver”); " +
			"“event.properties.gift” does not hold (event.properties.gift = not known); “member.count(\"visit\") < 3” does not hold (member.count(\"visit\") = 3 times), 1 too much.",
		"non dà nulla: «event.value >= 5000» non vale (event.value = 37,60 EUR), 12,40 EUR in meno del necessario; «member.tier == \"gold\"» non vale (member.tier = «silver»); " +
			"«event.properties.gift» non vale (event.properties.gift = non noto); «member.count(\"visit\") < 3» non vale (member.count(\"visit\") = 3 volte), 1 di troppo.",
	},
	{
		why.Verdict{Obstacle: why.Condition, Parts: []why.Part{{Expression: "x", Fault: "overflow", Readings: []why.Reading{
			{"a", true, ""}, {"b", 1.5, ""}, {"c", []string{"p", "q"}, ""}, {"d", at("2026-05-01 10:30"), ""}, {"e", int64(1), why.Times}, {"f", int64(-1500), ""},
		}}}},
		"gives nothing: “x” cannot be computed (a = yes, b = 1.5, c = “p” “q”, d = Friday 1 May 2026 at 12:30, e = once, f = -1,500): a number that is too large.",
		"non dà nulla: «x» non si può calcolare (a = sì, b = 1,5, c = «p» «q», d = venerdì 1 maggio 2026 alle 12:30, e = una volta, f = -1.500): un numero troppo grande.",
	},
	{
		why.Verdict{Obstacle: why.Condition, Basis: why.Present, Parts: []why.Part{{Expression: `a || b && c || d`, Alternatives: []why.Part{
			{Expression: `member.count("visit", "month") >= 3`, Readings: []why.Reading{{`member.count("visit", "month")`, int64(2), why.Times}}, Missing: 1, Wanted: 3, Unit: why.Times},
			{Expression: "b && c", Parts: []why.Part{
				{Expression: "event.properties.km >= 10.5", Readings: []why.Reading{{"event.properties.km", 9.25, ""}}, Missing: 125, Places: 2},
				{Expression: "event.properties.hours > 1.0", Missing: 5, Places: 2},
			}},
			{Expression: "d", Fault: "division_by_zero"},
		}}, {Expression: `e`, Missing: 93_601, Unit: why.Seconds}, {Expression: `f`, Missing: 61, Unit: why.Seconds, Excess: true}}},
		"gives nothing: none of this holds: “member.count(\"visit\", \"month\") >= 3” (2 of 3); “event.properties.km >= 10.5” (event.properties.km = 9.25), 1.25 short, " +
			"“event.properties.hours > 1.0”, 0.05 short; “d” cannot be computed: a division by zero; “e” does not hold, 1 day 3 hours short; “f” does not hold, 1 minute 1 second too much " +
			"(as known now).",
		"non dà nulla: nulla di questo vale: «member.count(\"visit\", \"month\") >= 3» (2 su 3); «event.properties.km >= 10.5» (event.properties.km = 9,25), 1,25 in meno del necessario, " +
			"«event.properties.hours > 1.0», 0,05 in meno del necessario; «d» non si può calcolare: una divisione per zero; «e» non vale, 1 giorno 3 ore in meno del necessario; " +
			"«f» non vale, 1 minuto 1 secondo di troppo (per quanto si sa ora).",
	},
	{
		why.Verdict{Obstacle: why.Fault, In: why.InCondition, Cause: "division_by_zero", Line: 2, Column: 7},
		"gives nothing: its condition cannot be told: a division by zero (line 2, column 7).", "non dà nulla: se vale non si sa: una divisione per zero (riga 2, colonna 7).",
	},
	{
		why.Verdict{Obstacle: why.Nothing, Missing: 40},
		"gives nothing: its award comes to none, 0.40 EUR short of a point.", "non dà nulla: il calcolo non arriva a un punto, mancano 0,40 EUR.",
	},
	{why.Verdict{Obstacle: why.NoBase}, "gives nothing: there are no points to multiply.", "non dà nulla: non ci sono punti da moltiplicare."},
	{
		why.Verdict{Obstacle: why.Fault, Parts: []why.Part{{Expression: "10 / x", Fault: why.Unset, Readings: []why.Reading{{"x", nil, ""}}}}},
		"gives nothing: its award cannot be told: “10 / x” cannot be computed (x = not known).", "non dà nulla: quanto dà non si sa: «10 / x» non si può calcolare (x = non noto).",
	},
	{why.Verdict{Obstacle: why.TooMuch}, "gives nothing: its award is beyond what a rule may give.", "non dà nulla: il calcolo supera quanto una regola può dare."},
	{
		why.Verdict{Obstacle: why.Excluded, By: "other", Full: 3}, "gives nothing: “other” gives in its stead, and of their group only one does.",
		"non dà nulla: dà «other» al suo posto, e del loro gruppo una sola dà.",
	},
	{
		why.Verdict{Obstacle: why.Limited, Full: 10, Times: 2, Per: "month", Used: 2, Again: at("2026-05-31 22:00")},
		"gives nothing: its limit of 2 times a month is reached, again on Monday 1 June 2026.", "non dà nulla: il limite di 2 volte al mese è raggiunto, di nuovo lunedì 1 giugno 2026.",
	},
	{why.Verdict{Obstacle: why.Limited, Full: 10, Times: 1}, "gives nothing: its limit of once in all is reached.", "non dà nulla: il limite di una volta in tutto è raggiunto."},
	{
		why.Verdict{Obstacle: why.Limited, Full: 10, Points: 4, Limit: 1500, Per: "30d"}, "gives 4 Grains of 10 Grains: its limit of 1,500 Grains in 30 days leaves no more.",
		"dà 4 Chicchi su 10 Chicchi: il limite di 1.500 Chicchi in 30 giorni non lascia altro.",
	},
	{why.Verdict{Obstacle: why.Limited, Full: 10}, "gives nothing: its limit is reached.", "non dà nulla: il limite è raggiunto."},
	{
		why.Verdict{Obstacle: why.Cooling, Again: at("2026-05-01 10:00")}, "gives nothing: it gives again from Friday 1 May 2026 at 12:00 on.",
		"non dà nulla: dà di nuovo da venerdì 1 maggio 2026 alle 12:00.",
	},
	{why.Verdict{Obstacle: why.Spent, Budget: "spring", Full: 10}, "gives nothing: the budget “Spring” is spent.", "non dà nulla: il budget «Primavera» è esaurito."},
	{
		why.Verdict{Obstacle: why.Spent, Budget: "spring", Full: 10, Points: 1}, "gives 1 Grain of 10 Grains: the budget “Spring” has no more.",
		"dà 1 Chicco su 10 Chicchi: il budget «Primavera» non ha altro.",
	},
	{
		why.Verdict{Obstacle: why.NotKept, Full: 3}, "gave nothing: what kept it from giving 3 Grains is not kept.",
		"non ha dato nulla: non è conservato che cosa le ha impedito di dare 3 Chicchi.",
	},
}

func TestVerdictsAreTold(t *testing.T) {
	words := why.Words{
		One: fact.Text{"it": "Chicco", "en": "Grain"}, Many: fact.Text{"it": "Chicchi", "en": "Grains"}, Rule: fact.Text{"en": "Weekend", "it": "Fine settimana"},
		Budget: fact.Text{"en": "Spring", "it": "Primavera"}, Tier: fact.Text{"en": "Gold", "it": "Oro"}, Currency: "EUR", Zone: time.FixedZone("CEST", 7200),
	}
	for _, c := range verdicts {
		if got, want := c.v.Sentence(words, "en"), "The rule “Weekend” "+c.en; got != want {
			t.Errorf("en:\n got %s\nwant %s", got, want)
		}
		if got, want := c.v.Sentence(words, "it-CH"), "La regola «Fine settimana» "+c.it; got != want {
			t.Errorf("it:\n got %s\nwant %s", got, want)
		}
	}
	gave := why.Verdict{Points: 12, Figures: &why.Explanation{Source: why.SourceRule, Key: "w", Event: "purchase", Value: 1240, Currency: "EUR", Per: 100, Rate: 1, Rounding: why.RoundDown}}
	if got, want := gave.Sentence(words, "en"), gave.Figures.Sentence(12, why.Names{One: words.One, Many: words.Many, Definition: words.Rule}, "en"); got != want {
		t.Errorf("what it gave is told as %s, not as its movement tells it: %s", got, want)
	}
	if got, want := (why.Verdict{Rule: "w", Obstacle: "unheard-of"}).Sentence(why.Words{}), "The rule “w” gave nothing: what kept it from giving is not kept."; got != want {
		t.Errorf("got %s", got)
	}
}

// What is stored for ever holds no personal data: no expression, and nothing that was read.
func TestAStoredVerdictHoldsNothingThatWasRead(t *testing.T) {
	v := why.Verdict{Rule: "r", Obstacle: why.Fault, Parts: []why.Part{{Expression: "x", Fault: `parsing "Anna"`, Readings: []why.Reading{{"x", "Anna", ""}}}}}
	if text, err := json.Marshal(v); err != nil || string(text) != `{"rule":"r","obstacle":"fault"}` {
		t.Errorf("%s, %v", text, err)
	}
}
