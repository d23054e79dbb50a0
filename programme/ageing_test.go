package programme_test

import (
	"os"
	"testing"

	"granaio/loyalty/fact"
	"granaio/programme"
)

func ageing(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/ageing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMatureIsATextOrAMapping(t *testing.T) {
	f := parse(t, ageing(t))
	if m := f.Spec.Rules[2].Mature; m != (fact.MatureSpec{Text: "14 days"}) {
		t.Errorf("a text is read as %+v", m)
	}
	if m := f.Spec.Missions[0].Mature; m != (fact.MatureSpec{On: "order.delivered", Same: "order", Within: "2 weeks"}) {
		t.Errorf("a mapping is read as %+v", m)
	}
}

func TestMistakesAboutAgeingAreToldAtTheirPlaces(t *testing.T) {
	_, problems := programme.Parse("ageing.yaml", []byte(with(t, ageing(t),
		"backdating: 30 days", "backdating: a month",
		"expire: 12 months without activity, warn: 30 days", "expire: 12 months without activity, warn: 2 years",
		"activity: false", "activity: nope",
		"mature: 2026-12-24, expire: 2027-12-31", "mature: 2026-13-24, expire: 2024-12-31",
		"mature: at once, expire: never", "mature: [14 days], expire: never, warn: 30 days",
		"31 December after at least 3 months", "31 Dicember after at least 3 months",
		"mature: {on: order.delivered, same: order, within: 60 days}", "mature: {on: order.delivered, sam: order, within: 60}",
		"    warn: never\n", "    warn: nevr\n",
		"      on: order.delivered\n", "      on: order.deliverd\n",
		"      within: 2 weeks\n", "")))
	told(t, problems,
		`10:15 programme.backdating: "a" is no whole number`,
		`11:74 programme.points.warn: they last 12 months without activity`,
		`15:58 programme.events["vote.received"].activity: wants true or false`,
		`19:81 rules[0].mature: there is no "2026-13-24"`,
		`19:101 rules[0].expire: before the programme begins`,
		`20:79 rules[1].mature: wants a mapping of keys to values, not a list`,
		`20:111 rules[1].warn: there is nothing to warn of`,
		`21:100 rules[2].expire: did you mean “December”?`,
		`26:35 rules[3].mature.sam: did you mean “same”?`,
		`26:55 rules[3].mature.within: a number or a unit is missing`,
		`28:11 rules[3].warn: a number or a unit is missing`,
		`35:5 missions[0].mature: within is missing`,
		`36:11 missions[0].mature.on: did you mean “order.delivered”?`)
}
