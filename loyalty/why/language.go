package why

import (
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// language is all that sentences need to know of a language.
//
// The sentences are templates. A value stands in braces; a part in brackets is left out when a value in it is absent. The values are
//
//	{n} {unit}         how many points, and what they are called
//	{event} {money}    the event's name and value
//	{rate} {per}       how many points for which amount
//	{band}             where the band begins in which the event's value lies
//	{rounding}         how a fraction became whole
//	{factor} {base}    a multiplier, and the points that it was applied to, with their unit
//	{name}             the rule's, tier's, mission's or reward's, in quotation marks
//	{count} {target} {period}
//	{lost}             the day on which they could last be spent, of points that came too late
//	{repaid} {owed}    how many of the points settled a debt, or became one
//	{withheld}         how many points more a limit held back
//	{expired}          how many points besides had expired already
//	{forgiven}         how many points besides were let go
//
// Words that would agree with the unit are avoided: it is the programme's, and may be of any gender.
type language struct {
	decimal, group string // marks within numbers
	one, many      string // what one point and several are called where the programme has no word of its own
	open, close    string // quotation marks
	months         [12]string
	rounding       map[string]string // by the explanation's Rounding
	sentences      map[string]string // by the explanation's Source
	other          string            // for any other, and where a value that the sentence cannot do without is absent
}

// fallback is the language that serves when none of the caller's is here.
const fallback = "en"

// languages are those that are spoken, by their BCP 47 tag without a region.
var languages = map[string]language{
	"en": {
		decimal: ".", group: ",", one: "point", many: "points", open: "“", close: "”",
		months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		rounding: map[string]string{
			RoundDown: "rounded down", RoundUp: "rounded up", RoundHalfUp: "rounded to the nearest", RoundHalfEven: "rounded to the nearest, halves to even",
		},
		sentences: map[string]string{
			SourceRule:       "{n} {unit}[ for {event}[ of {money}]][, in the band from {band}][: {rate} for every {per}[, {rounding}]][ (rule {name})][, of which {repaid} settled a debt][; {withheld} more would go beyond a limit][; the last day to spend them was {lost}].",
			SourceMultiplier: "{n} more {unit}: ×{factor} on {base}[ for {event}[ of {money}]][, {rounding}][ (rule {name})][, of which {repaid} settled a debt][; {withheld} more would go beyond a limit][; the last day to spend them was {lost}].",
			SourceTier:       "{n} more {unit} in the tier {name}: ×{factor} on {base}[ for {event}[ of {money}]][, {rounding}][, of which {repaid} settled a debt][; the last day to spend them was {lost}].",
			SourceMission:    "{n} {unit} for completing the mission {name}[ ({count} of {target}[, {period}])][, of which {repaid} settled a debt][; the last day to spend them was {lost}].",
			SourceReward:     "{n} {unit} for the reward {name}.",
			SourceMaturity:   "{n} {unit} became available[, of which {repaid} settled a debt].",
			SourceExpiry:     "{n} {unit} expired.",
			SourceArrival:    "{n} {unit} became available[ after {event}][, of which {repaid} settled a debt].",
			SourceUnmatured:  "{n} {unit} never became available: what they waited for did not come in time.",
			SourceInactivity: "{n} {unit} expired, since there was no activity for too long.",

			SourceHold:           "{n} {unit} set aside[ for {name}].",
			SourceCapture:        "{n} {unit} spent, as set aside[ for {name}].",
			SourceRelease:        "{n} {unit} no longer set aside[ for {name}][, of which {repaid} settled a debt].",
			SourceLapse:          "{n} {unit} no longer set aside: the time to spend them was over[, of which {repaid} settled a debt].",
			SourceReturn:         "{n} {unit} taken back[, given before for {event}[ of {money}]][ (rule {name})][, of which {owed} are owed][; {expired} more had expired already][; {forgiven} more were let go].",
			SourceTierReturn:     "{n} {unit} taken back[, given before for {event}[ of {money}]][ (tier {name})][, of which {owed} are owed][; {expired} more had expired already][; {forgiven} more were let go].",
			SourceRevocation:     "{n} {unit} taken back: the mission {name} is no longer completed[ ({count} of {target}[, {period}])][, of which {owed} are owed][; {expired} more had expired already][; {forgiven} more were let go].",
			SourceRefund:         "{n} {unit} given back[ for {name}][, of which {repaid} settled a debt].",
			SourceGiven:          "{n} {unit} given to another account.",
			SourceReceived:       "{n} {unit} received from another account[, of which {repaid} settled a debt].",
			SourceCredit:         "{n} {unit} credited[ ({name})][, of which {repaid} settled a debt][; the last day to spend them was {lost}].",
			SourceDebit:          "{n} {unit} debited[ ({name})][, of which {owed} are owed].",
			SourceMergedAway:     "Accounts were merged: {n} {unit} went to the other one.",
			SourceMerged:         "Accounts were merged: {n} {unit} came from the other one[, of which {repaid} settled a debt].",
			SourceDebtMergedAway: "Accounts were merged: a debt of {n} {unit} went to the other one.",
			SourceDebtMerged:     "Accounts were merged: a debt of {n} {unit} came from the other one[, of which {owed} are owed still].",
			SourceErasure:        "{n} {unit} lapsed: the member was erased[, of which {repaid} settled a debt].",
		},
		other: "{n} {unit}[ for {event}[ of {money}]][, of which {repaid} settled a debt][; the last day to spend them was {lost}].",
	},
	"it": {
		decimal: ",", group: ".", one: "punto", many: "punti", open: "«", close: "»",
		months: [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		rounding: map[string]string{
			RoundDown: "arrotondando per difetto", RoundUp: "arrotondando per eccesso", RoundHalfUp: "arrotondando al più vicino",
			RoundHalfEven: "arrotondando al più vicino, le metà al pari",
		},
		sentences: map[string]string{
			SourceRule:       "{n} {unit}[ per {event}[ di {money}]][, nella fascia da {band}][: {rate} ogni {per}[, {rounding}]][ (regola {name})][, di cui {repaid} a saldo di un debito][; altri {withheld} oltre un limite][; ultimo giorno utile: {lost}].",
			SourceMultiplier: "{n} {unit} in più: ×{factor} su {base}[ per {event}[ di {money}]][, {rounding}][ (regola {name})][, di cui {repaid} a saldo di un debito][; altri {withheld} oltre un limite][; ultimo giorno utile: {lost}].",
			SourceTier:       "{n} {unit} in più nel livello {name}: ×{factor} su {base}[ per {event}[ di {money}]][, {rounding}][, di cui {repaid} a saldo di un debito][; ultimo giorno utile: {lost}].",
			SourceMission:    "{n} {unit} per aver completato la missione {name}[ ({count} su {target}[, {period}])][, di cui {repaid} a saldo di un debito][; ultimo giorno utile: {lost}].",
			SourceReward:     "{n} {unit} per il premio {name}.",
			SourceMaturity:   "Maturazione di {n} {unit}[, di cui {repaid} a saldo di un debito].",
			SourceExpiry:     "Scadenza di {n} {unit}.",
			SourceArrival:    "Maturazione di {n} {unit}[ dopo {event}][, di cui {repaid} a saldo di un debito].",
			SourceUnmatured:  "Mancata maturazione di {n} {unit}: l'evento atteso non è arrivato in tempo.",
			SourceInactivity: "Scadenza di {n} {unit} per inattività.",

			SourceHold:           "Accantonamento di {n} {unit}[ per {name}].",
			SourceCapture:        "Utilizzo di {n} {unit} da un accantonamento[ per {name}].",
			SourceRelease:        "Fine dell'accantonamento di {n} {unit}[ per {name}][, di cui {repaid} a saldo di un debito].",
			SourceLapse:          "Fine dell'accantonamento di {n} {unit} per tempo scaduto[, di cui {repaid} a saldo di un debito].",
			SourceReturn:         "Storno di {n} {unit}[, in origine per {event}[ di {money}]][ (regola {name})][, di cui {owed} a debito][; nessuno storno per {expired}, già oltre la scadenza][; condono di {forgiven}].",
			SourceTierReturn:     "Storno di {n} {unit}[, in origine per {event}[ di {money}]][ (livello {name})][, di cui {owed} a debito][; nessuno storno per {expired}, già oltre la scadenza][; condono di {forgiven}].",
			SourceRevocation:     "Storno di {n} {unit}: missione {name} non più completata[ ({count} su {target}[, {period}])][, di cui {owed} a debito][; nessuno storno per {expired}, già oltre la scadenza][; condono di {forgiven}].",
			SourceRefund:         "Restituzione di {n} {unit}[ per {name}][, di cui {repaid} a saldo di un debito].",
			SourceGiven:          "Trasferimento di {n} {unit} a un altro conto.",
			SourceReceived:       "Trasferimento di {n} {unit} da un altro conto[, di cui {repaid} a saldo di un debito].",
			SourceCredit:         "Accredito di {n} {unit}[ ({name})][, di cui {repaid} a saldo di un debito][; ultimo giorno utile: {lost}].",
			SourceDebit:          "Addebito di {n} {unit}[ ({name})][, di cui {owed} a debito].",
			SourceMergedAway:     "Unione di conti: {n} {unit} all'altro conto.",
			SourceMerged:         "Unione di conti: {n} {unit} dall'altro conto[, di cui {repaid} a saldo di un debito].",
			SourceDebtMergedAway: "Unione di conti: un debito di {n} {unit} all'altro conto.",
			SourceDebtMerged:     "Unione di conti: un debito di {n} {unit} dall'altro conto[, di cui {owed} ancora a debito].",
			SourceErasure:        "Azzeramento di {n} {unit}: dati cancellati[, di cui {repaid} a saldo di un debito].",
		},
		other: "{n} {unit}[ per {event}[ di {money}]][, di cui {repaid} a saldo di un debito][; ultimo giorno utile: {lost}].",
	},
}

// languageOf is the first of the tags that is spoken, with its own tag; else the fallback.
func languageOf(tags []string) (string, language) {
	for _, tag := range tags {
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l, ok := languages[base]; ok {
			return base, l
		}
	}
	return fallback, languages[fallback]
}

// number writes a plain number ("-1234.50") as the language does: with its decimal mark, and with marks between thousands.
func (l language) number(plain string) string {
	whole, fraction, hasFraction := strings.Cut(plain, ".")
	digits, negative := strings.CutPrefix(whole, "-")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteByte(digits[i])
	}
	if hasFraction {
		b.WriteString(l.decimal)
		b.WriteString(fraction)
	}
	return b.String()
}

// money writes an amount of minor units, with its currency's digits and code; empty for a currency that is not known.
func (l language) money(minor int64, code string) string {
	currency, err := fact.CurrencyOf(code)
	if err != nil {
		return ""
	}
	amount, _, _ := strings.Cut(fact.Money{Minor: minor, Currency: currency}.String(), " ")
	return l.number(amount) + " " + code
}

// day writes a day ("2026-03-31") in words.
func (l language) day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return strconv.Itoa(t.Day()) + " " + l.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// period writes a month ("2026-05") in words, and any other period as it is.
func (l language) period(period string) string {
	month, err := time.Parse("2006-01", period)
	if err != nil {
		return period
	}
	return l.months[month.Month()-1] + " " + strconv.Itoa(month.Year())
}
