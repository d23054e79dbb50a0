package programme_test

import (
	"testing"

	"granaio/programme"
)

// What a programme cannot mean is told like what it cannot be: all of it at once, each with its place, also within an expression.
func TestAllMistakesAreToldAtOnce(t *testing.T) {
	spoiled := with(t, small(t),
		"  currency: EUR\n", "",
		"time_zone: Europe/Rome", "time_zone: Europe/Roma",
		"starts: 2025-01-01", "starts: 2025-13-01",
		"scopes: [interactions:write]", "scopes: [interactions:wirte]",
		"at: 500", "at: 0",
		`award: {per: "1.00", points: 1}`, "when: \"event.properties.items > \\u00222\\u0022 || bar\"\n    expire: 12 moons\n    award: {per: 1.00, points: 1}",
		"when: member.attributes.children > 0", "when: |\n      member.attributes.children > 0 &&\n      event.propertis.x",
		"award: {points: 5}", `award: {expression: '"a''b" + foo'}`,
		"on: [purchase], target: 3", "on: [purchse], target: 3000000000",
		"name: {en: Mug}", "name: {it: Tazza}",
		"price: 500", "price: 0, when: member.attributes.childern > 1, tier: gold",
		"stock: 10", "stok: 10")
	f, problems := programme.Parse("small.yaml", []byte(spoiled))
	if f != nil {
		t.Fatal("the file was taken")
	}
	told(t, problems,
		`2:1 programme.currency: `, // what is missing is missing where its mapping begins
		`5:14 programme.time_zone: Europe/Roma`,
		`7:11 programme.starts: 2025-13-01`,
		`19:39 partners[0].scopes[0]: did you mean “interactions:write”?`,
		`22:43 tiers[1].at: `,
		`27:35 rules[0].when: `, // the > between a number and a text
		`27:54 rules[0].when: bar`,
		`28:13 rules[0].expire: moons`,
		`35:12 rules[1].when: propertis`,
		`36:35 rules[1].award.expression: foo`,
		`38:44 missions[0].on[0]: did you mean “purchase”?`,
		`38:62 missions[0].target: 3000000000`,
		`40:16 rewards[0].name: “en”`,
		`40:27 rewards[0].name.it: “it”`,
		`40:57 rewards[0].price: `,
		`40:83 rewards[0].when: did you mean “children”?`,
		`40:104 rewards[0].tier: gold`,
		`40:110 rewards[0].stok: did you mean “stock”?`)
}

// So are those in what rules have.
func TestMistakesOfRulesAreToldAtTheirPlaces(t *testing.T) {
	_, problems := programme.Parse("small.yaml", []byte(with(t, rules(t),
		`{from: "10.00", points: 5}`, `{from: "60.00", points: 5}`,
		`member.count("visit", "2025-05-01")`, `member.count("visit", "2025-02-29")`,
		`weekdays: [saturday, sunday]`, `weekdays: [saturday, sundae]`,
		`days: [1, -1], hours: ["07:00-09:00", "22:00-02:00"]`, `days: [30], months: [february], hours: ["7-9"]`,
		`- {times: 2, per: month}`, `- {times: 2, per: mnth}`, `cooldown: 24 hours`, `cooldown: 1 fortnight`, `group: offers`, `group: ofers`,
		`points: 100000`, `points: 0`, `budget: campaign`, `budget: campain`)))
	told(t, problems,
		`18:51 budgets[0].points: a budget is of 1 to`,
		`26:18 rules[0].award.bands[1].from: bands rise`,
		`30:33 rules[1].when: “2025-02-29” is not a window`,
		`33:46 rules[1].schedule[0].weekdays[1]: did you mean “sunday”?`,
		`34:50 rules[1].schedule[1].hours[0]: not hours`,
		`41:13 rules[1].budget: did you mean “campaign”?`,
		`48:25 rules[2].limits[0].per: did you mean “month”?`,
		`51:15 rules[2].cooldown: “1 fortnight”`,
		`53:12 rules[2].group: did you mean “offers”?`)
}

func TestScheduleThatNeverOpensIsRefused(t *testing.T) {
	_, problems := programme.Parse("small.yaml", []byte(with(t, rules(t),
		`{days: [1, -1], hours: ["07:00-09:00", "22:00-02:00"]}`, `{days: [30], months: [february]}`, `until: 2027-05-31`, `until: 2025-04-30`)))
	told(t, problems,
		`33:9 rules[1].schedule[0]: it never opens from 2025-04-01 00:00 until 2025-05-01 00:00`,
		`34:9 rules[1].schedule[1]: it never opens: there is no such day`)
}

// A mistake is told once: not again as what follows from it.
func TestWhatFollowsFromAMistakeIsNotTold(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		want   string
	}{
		"a mistyped field is not missing too": {
			[]string{"{key: web, kind: web, name: {en: Web}}", "{key: web, kind: web, nmae: {en: Web}}"},
			`18:27 touchpoints[0].nmae: did you mean “name”?`,
		},
		"unreadable events are not unknown too":        {[]string{"  events:\n", "  evnets:\n"}, `14:3 programme.evnets: did you mean “events”?`},
		"unreadable settings are not all missing":      {[]string{"programme:\n", "program:\n"}, `2:1 program: did you mean “programme”?`},
		"unreadable languages are not spoken by texts": {[]string{"languages: [en]", "languages: {en: yes}"}, `7:14 programme.languages: wants a list`},
		"an unreadable award is not missing too":       {[]string{"award: {points: 5}", "award: 5"}, `33:12 rules[1].award: wants a mapping`},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := programme.Parse("small.yaml", []byte(with(t, small(t), c.change...)))
			told(t, problems, c.want)
		})
	}
}
