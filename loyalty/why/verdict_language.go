package why

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// tongue is what verdicts need to know of a language besides. The values of its templates are
//
//	{rule} {by} {budget}  the names, in quotation marks
//	{points} {full}       with their unit
//	{tier} {until}        the tier that it grants, and until when
//	{limit}               "2 times a month"
//	{again}               when the obstacle is next out of the way
//	{missing}             money that is lacking for a point; of a part, how much is lacking
//	{excess}              of a part, how much is too much
//	{parts}               what did not hold, or cannot be computed
//	{what} {cause}        what could not be computed of the rule, and why
//	{purposes}            of a part, the consent that is lacking
//	{alternatives}        of a part, what would each have done
//	{expression} {readings}
type tongue struct {
	language
	verdicts     map[Obstacle]string // by the verdict's obstacle
	cut          map[Obstacle]string // of a verdict that gave a part
	part, broken string              // a part that does not hold, and one that cannot be computed
	unconsented  string              // a part that cannot be told for lack of consent
	or           string              // between purposes of which one would do
	either, any  string              // one of the alternatives, and all of them, of which none holds
	plain        map[bool]string     // what stands for an expression that is not to be told: of a condition, and of what cannot be computed
	grants       string              // of a verdict that granted a tier
	what         map[Place]string    // what can fail, by Verdict.In
	causes       map[string]string   // why something cannot be computed
	place        string              // where, by line and column
	of           string              // between two numbers, as in 2 of 3
	present      string              // how a sentence ends that tells what is known now
	spans        [4][2]string        // one and several days, hours, minutes, seconds
	truth        map[bool]string
	unset        string            // what is written for a value that is unset
	once, often  string            // "once", and "times" after a number
	windows      map[string]string // of a limit, by its window; empty for ever
	days         string            // of a limit, with how many days
	weekdays     [7]string         // from Sunday
	at           string            // between a day and a time
}

// tongues are those that are spoken: the languages.
var tongues = map[string]tongue{
	"en": {
		verdicts: map[Obstacle]string{
			"":         "The rule {rule} gives {points}.",
			Paused:     "The rule {rule} gives nothing: it is paused.",
			OtherEvent: "The rule {rule} gives nothing: it listens to other events.",
			NotYet:     "The rule {rule} gives nothing: it has not begun[, and opens on {again}].",
			Ended:      "The rule {rule} gives nothing: it has ended.",
			Closed:     "The rule {rule} gives nothing: it is closed[, and opens next on {again}].",
			Condition:  "The rule {rule} gives nothing: {parts}.",
			Nothing:    "The rule {rule} gives nothing: its award comes to none[, {missing} short of a point].",
			NoBase:     "The rule {rule} gives nothing: there are no points to multiply.",
			Fault:      "The rule {rule} gives nothing: its {what} cannot be told[: {parts}][: {cause}].",
			TooMuch:    "The rule {rule} gives nothing: its award is beyond what a rule may give.",
			NotKept:    "The rule {rule} gave nothing: what kept it from giving[ {full}] is not kept.",
			Excluded:   "The rule {rule} gives nothing: {by} gives in its stead, and of their group only one does.",
			Limited:    "The rule {rule} gives nothing: its limit[ of {limit}] is reached[, again on {again}].",
			Spent:      "The rule {rule} gives nothing: the budget {budget} is spent.",
			Cooling:    "The rule {rule} gives nothing: it gives again from {again} on.",

			Unregistered: "The rule {rule} gives nothing: it gives[ {full}] only once the member is registered.",
		},
		cut: map[Obstacle]string{
			Limited: "The rule {rule} gives {points} of {full}: its limit[ of {limit}] leaves no more.",
			Spent:   "The rule {rule} gives {points} of {full}: the budget {budget} has no more.",
		},
		part: "{expression} does not hold[ ({readings})][, {missing} short][, {excess} too much]", broken: "{expression} cannot be computed[ ({readings})][: {cause}]",
		unconsented: "{expression} is unknown for lack of consent to {purposes}", or: " or ",
		either: "{expression}[ ({readings})][, {missing} short][, {excess} too much]", any: "none of this holds: {alternatives}",
		plain: map[bool]string{false: "a condition", true: "a part of it"}, grants: "The rule {rule} grants the tier {tier}[ until {until}].",
		what: map[Place]string{"": "award", InAward: "award", InCondition: "condition"}, place: "%s (line %d, column %d)", of: "%s of %s", present: " (as known now).",
		causes: map[string]string{
			"division_by_zero": "a division by zero", "overflow": "a number that is too large", "out_of_range": "a place that the list does not have",
			"too_costly": "it takes too long", "failed": "something went wrong", Unset: "something is not known", Unconsented: "consent is lacking",
		},
		spans: [4][2]string{{"day", "days"}, {"hour", "hours"}, {"minute", "minutes"}, {"second", "seconds"}},
		truth: map[bool]string{true: "yes", false: "no"}, unset: "not known", once: "once", often: "times",
		windows: map[string]string{"": "in all", "day": "a day", "week": "a week", "month": "a month", "year": "a year"}, days: "in %s days",
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}, at: " at ",
	},
	"it": {
		verdicts: map[Obstacle]string{
			"":         "La regola {rule} dà {points}.",
			Paused:     "La regola {rule} non dà nulla: è in pausa.",
			OtherEvent: "La regola {rule} non dà nulla: riguarda altri eventi.",
			NotYet:     "La regola {rule} non dà nulla: non è ancora iniziata[, e apre {again}].",
			Ended:      "La regola {rule} non dà nulla: è finita.",
			Closed:     "La regola {rule} non dà nulla: è chiusa[, e apre {again}].",
			Condition:  "La regola {rule} non dà nulla: {parts}.",
			Nothing:    "La regola {rule} non dà nulla: il calcolo non arriva a un punto[, mancano {missing}].",
			NoBase:     "La regola {rule} non dà nulla: non ci sono punti da moltiplicare.",
			Fault:      "La regola {rule} non dà nulla: {what}[: {parts}][: {cause}].",
			TooMuch:    "La regola {rule} non dà nulla: il calcolo supera quanto una regola può dare.",
			NotKept:    "La regola {rule} non ha dato nulla: non è conservato che cosa le ha impedito di dare[ {full}].",
			Excluded:   "La regola {rule} non dà nulla: dà {by} al suo posto, e del loro gruppo una sola dà.",
			Limited:    "La regola {rule} non dà nulla: il limite[ di {limit}] è raggiunto[, di nuovo {again}].",
			Spent:      "La regola {rule} non dà nulla: il budget {budget} è esaurito.",
			Cooling:    "La regola {rule} non dà nulla: dà di nuovo da {again}.",

			Unregistered: "La regola {rule} non dà nulla: dà[ {full}] solo a chi è iscritto.",
		},
		cut: map[Obstacle]string{
			Limited: "La regola {rule} dà {points} su {full}: il limite[ di {limit}] non lascia altro.",
			Spent:   "La regola {rule} dà {points} su {full}: il budget {budget} non ha altro.",
		},
		part: "{expression} non vale[ ({readings})][, {missing} in meno del necessario][, {excess} di troppo]", broken: "{expression} non si può calcolare[ ({readings})][: {cause}]",
		unconsented: "{expression} non si sa: manca il consenso a {purposes}", or: " o ",
		either: "{expression}[ ({readings})][, {missing} in meno del necessario][, {excess} di troppo]", any: "nulla di questo vale: {alternatives}",
		plain: map[bool]string{false: "una condizione", true: "una sua parte"}, grants: "La regola {rule} dà il livello {tier}[ fino a {until}].",
		what:  map[Place]string{"": "quanto dà non si sa", InAward: "quanto dà non si sa", InCondition: "se vale non si sa"},
		place: "%s (riga %d, colonna %d)", of: "%s su %s", present: " (per quanto si sa ora).",
		causes: map[string]string{
			"division_by_zero": "una divisione per zero", "overflow": "un numero troppo grande", "out_of_range": "un posto che la lista non ha",
			"too_costly": "richiede troppo tempo", "failed": "qualcosa è andato storto", Unset: "qualcosa non è noto", Unconsented: "manca il consenso",
		},
		spans: [4][2]string{{"giorno", "giorni"}, {"ora", "ore"}, {"minuto", "minuti"}, {"secondo", "secondi"}},
		truth: map[bool]string{true: "sì", false: "no"}, unset: "non noto", once: "una volta", often: "volte",
		windows: map[string]string{"": "in tutto", "day": "al giorno", "week": "alla settimana", "month": "al mese", "year": "all'anno"}, days: "in %s giorni",
		weekdays: [7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"}, at: " alle ",
	},
}

// tongueOf is the tongue of a language.
func tongueOf(tag string) tongue {
	t := tongues[tag]
	t.language = languages[tag]
	return t
}

// value writes what was read.
func (t tongue) value(r Reading, words Words) string {
	switch v := r.Value.(type) {
	case int64:
		return t.quantity(v, r.Unit, words.Currency)
	case bool:
		return t.truth[v]
	case float64:
		return t.number(strconv.FormatFloat(v, 'f', -1, 64))
	case string:
		return t.open + v + t.close
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = t.open + s + t.close
		}
		return strings.Join(quoted, " ")
	case time.Time:
		return t.instant(v, words.Zone)
	}
	return t.unset
}

// quantity writes a whole number by what it counts.
func (t tongue) quantity(n int64, unit Unit, currency string) string {
	switch unit {
	case Money:
		if text := t.money(n, currency); text != "" {
			return text
		}
	case Times:
		return t.times(n)
	}
	return t.number(strconv.FormatInt(n, 10))
}

// measure writes how much of a unit, with so many digits after the point.
func (t tongue) measure(n int64, places int, unit Unit, currency string) string {
	switch unit {
	case Money:
		if text := t.money(n, currency); text != "" {
			return text
		}
	case Seconds:
		return t.span(n)
	}
	digits := strconv.FormatInt(n, 10)
	if places > 0 {
		digits = strings.Repeat("0", max(places+1-len(digits), 0)) + digits
		digits = digits[:len(digits)-places] + "." + digits[len(digits)-places:]
	}
	return t.number(digits)
}

// span writes a length of time by its two largest units, rounded up.
func (t tongue) span(seconds int64) string {
	units := [4]int64{86_400, 3_600, 60, 1}
	first := 0
	for first < 3 && seconds < units[first] {
		first++
	}
	if first < 2 { // beyond an hour nobody counts the least
		least := units[first+1]
		seconds = (seconds + least - 1) / least * least
	}
	var told []string
	for i := first; i < min(first+2, 4); i++ {
		if n := seconds / units[i]; n > 0 {
			told = append(told, t.number(strconv.FormatInt(n, 10))+" "+t.spans[i][min(n, 2)-1])
		}
		seconds %= units[i]
	}
	return strings.Join(told, " ")
}

// times writes how often.
func (t tongue) times(n int64) string {
	if n == 1 {
		return t.once
	}
	return t.number(strconv.FormatInt(n, 10)) + " " + t.often
}

// per writes the window of a limit.
func (t tongue) per(window string) string {
	if text, ok := t.windows[window]; ok {
		return text
	}
	return fmt.Sprintf(t.days, strings.TrimSuffix(window, "d"))
}

// instant writes when, by the clocks of a zone: the time of day only if it is not midnight.
func (t tongue) instant(when time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	when = when.In(zone)
	text := t.weekdays[when.Weekday()] + " " + t.day(when.Format(time.DateOnly))
	if when.Hour() != 0 || when.Minute() != 0 {
		text += t.at + when.Format("15:04")
	}
	return text
}
