package graph_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/partner"
	"granaio/loyalty/fact"
)

// verdict is what the API tells of a rule.
type verdict struct {
	Rule, Outcome, Basis, Sentence string
	Obstacle, Again                *string
	Points                         fact.Points
	Full                           *fact.Points
	Figures                        map[string]any
	Limit                          *struct {
		Times, Points *int
		Per           *string
		Used          int
	}
	Budget, By *string
	Tier       *string
	Until      *string
	Missing    *struct{ Amount string }
	Fault      *struct {
		In, Cause    string
		Line, Column *int
	}
	Parts []part
}

type part struct {
	Expression   string
	Line, Column int
	Member       bool
	Fault        *string
	Readings     []struct {
		Expression, Unit string
		Value            any
	}
	Distance *struct {
		Amount, Unit string
		Excess       bool
		Money        *struct{ Amount, Currency string }
	}
	Alternatives []part
}

const (
	partly   = `expression line column member fault readings { expression value unit } distance { amount unit excess money { amount currency } }`
	judged   = `rule name revision outcome obstacle basis sentence points full figures again limit { times points per used } budget tier until by missing { amount } fault { in cause line column } parts { ` + partly + ` alternatives { ` + partly + ` } }`
	tried    = `query($in: InteractionTryInput!) { interactionTry(input: $in) { userErrors { field code } trial { before { available } after { available } tierChanged tier { key } progress { count } movements { kind points sentence source key figures } verdicts { ` + judged + ` } } } }`
	tracked  = `mutation($in: InteractionTrackInput!) { interactionTrack(input: $in) { userErrors { field code } outcome { movements { kind points why { sentence source key figures } } } interaction { id verdicts { ` + judged + ` } } } }`
	becameOf = `query($id: ID!, $rules: [String!], $first: Int = 50) { node(id: $id) { ... on Interaction { verdicts(rules: $rules, first: $first) { ` + judged + ` } } } }`
)

// kiosk opens a house whose programme is the kiosk, with a member.
func kiosk(t *testing.T, h *house) fact.ID {
	t.Helper()
	h.id = h.publishes(t, "kiosk", "")
	o, err := h.engine.Enrol(t.Context(), engine.Enrol{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "enrol"}, Touchpoint: "app", Identities: []engine.Identity{{Kind: fact.Email, Value: "nonna@example.com"}}, Locale: "it",
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	return o.Member
}

// byPartner is a caller of a partner of the kiosk's.
func (h *house) byPartner(t *testing.T, key string) *client {
	t.Helper()
	row := h.store.Ent().Partner.Query().Where(partner.Key(key)).OnlyX(auth.System(context.WithoutCancel(t.Context()), h.id))
	return h.as(t, auth.Claims{Role: auth.RolePartner, Partner: row.ID, Scopes: []string{"interactions:write", "members:read"}})
}

func byRule(all []verdict) map[string]verdict {
	m := map[string]verdict{}
	for _, v := range all {
		m[v.Rule] = v
	}
	return m
}

// outline is what is told of each rule in short.
func outline(all []verdict) map[string]string {
	m := map[string]string{}
	for _, v := range all {
		m[v.Rule] = v.Outcome
		if v.Obstacle != nil {
			m[v.Rule] += " " + *v.Obstacle
		}
		if v.Points > 0 {
			m[v.Rule] += fmt.Sprint(" ", v.Points)
		}
	}
	return m
}

func bought(amount string, items int, more variables) variables {
	in := variables{"event": "purchase", "touchpoint": "stall", "value": variables{"amount": amount}, "properties": variables{"items": items}}
	for k, v := range more {
		in[k] = v
	}
	return in
}

// What is tried, what happens and what is told of it afterwards are the same; and what is tried changes nothing.
func TestWhyNot(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := kiosk(t, h)
		operator := h.operator(t)
		operator.header.Set("Accept-Language", "en")
		who := variables{"member": variables{"id": id}}
		const nothing = "GAVE_NOTHING "
		days := []map[string]string{
			{
				"spend": "GAVE 1", "large": nothing + "CONDITION", "silver": nothing + "CONDITION", "app": nothing + "CONDITION", "broken": nothing + "FAULT", "half": nothing + "FAULT",
				"once": "GAVE 4", "rarely": "GAVE 6", "spring": "GAVE 2", "less": nothing + "EXCLUDED", "more": "GAVE 8", "ended": nothing + "ENDED", "future": nothing + "NOT_YET",
				"resting": nothing + "PAUSED", "double": "GAVE 1",
			},
			{"once": nothing + "LIMITED", "rarely": nothing + "COOLING", "spring": "GAVE_LESS SPENT 1"},
			{"spring": nothing + "SPENT", "silver": "GAVE 7"},
		}
		want := map[string]string{}
		var first string
		for day, changes := range days {
			for rule, outcome := range changes {
				want[rule] = outcome
			}
			a := operator.ask(t, tried, variables{"in": bought("12.40", 0, who)}).sound(t)
			b := operator.ask(t, tried, variables{"in": bought("12.40", 0, who)}).sound(t)
			foreseen := read[[]verdict](t, a, "interactionTry.trial.verdicts")
			if got := outline(foreseen); !reflect.DeepEqual(got, want) {
				t.Errorf("on day %d it is foreseen\n%v, not\n%v", day, got, want)
			}
			if !reflect.DeepEqual(outline(foreseen), outline(read[[]verdict](t, b, "interactionTry.trial.verdicts"))) || !reflect.DeepEqual(a.at("interactionTry.trial.before"), b.at("interactionTry.trial.before")) {
				t.Error("what is tried changes something")
			}
			in := bought("12.40", 0, who)
			in["idempotencyKey"] = fmt.Sprint("day ", day)
			c := operator.ask(t, tracked, variables{"in": in}).sound(t)
			if day == 0 {
				first = c.at("interactionTrack.interaction.id").(string)
			}
			told := read[[]verdict](t, c, "interactionTrack.interaction.verdicts")
			if got := outline(told); !reflect.DeepEqual(got, want) {
				t.Errorf("on day %d it is told\n%v, not\n%v", day, got, want)
			}
			before, after := byRule(foreseen), byRule(told)
			for rule, v := range before {
				w := after[rule]
				if v.Basis != "STORED" || w.Basis != "STORED" && rule != "silver" {
					t.Errorf("%s is told from what is %s, and %s", rule, v.Basis, w.Basis)
				}
				if rule != "silver" && rule != "broken" && rule != "half" && rule != "future" && (v.Sentence != w.Sentence || !reflect.DeepEqual(v.Figures, w.Figures) || !reflect.DeepEqual(v.Parts, w.Parts)) {
					t.Errorf("of %s it was foreseen\n%+v, and it is told\n%+v", rule, v, w)
				}
			}
			moved := read[[]struct{ Points fact.Points }](t, c, "interactionTrack.outcome.movements")
			if foretold := read[[]struct{ Points fact.Points }](t, a, "interactionTry.trial.movements"); !reflect.DeepEqual(foretold, moved) {
				t.Errorf("on day %d movements were foreseen %v, and are %v", day, foretold, moved)
			}
			h.passes(time.Minute)
		}
		// By now the member has bought three times this month, so nobody knows any more why the rule gave nothing for the first purchase.
		a := operator.ask(t, becameOf, variables{"id": first, "rules": []string{"silver", "calls", "nobody"}}).sound(t)
		if got := outline(read[[]verdict](t, a, "node.verdicts")); !reflect.DeepEqual(got, map[string]string{"silver": nothing + "NOT_KEPT", "calls": nothing + "OTHER_EVENT"}) {
			t.Errorf("%v", got)
		}
		a.is(t, "node.verdicts.0.full", "7")
		operator.ask(t, becameOf, variables{"id": first, "first": 2}).sound(t).is(t, "node.verdicts.1.rule", `"app"`)
		for _, n := range []int{0, 101} {
			if a := operator.ask(t, becameOf, variables{"id": first, "first": n}); a.code() != "BAD_REQUEST" {
				t.Errorf("first %d: %v", n, a.Errors)
			}
		}
	})
}

// What stood in the way is told with what was seen and how much was missing, in the caller's language.
func TestVerdictsTellWhatWasSeenAndTheDistance(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := kiosk(t, h)
		operator, who := h.operator(t), variables{"member": variables{"id": id}}
		operator.header.Set("Accept-Language", "it")
		track := func() map[string]verdict {
			a := operator.ask(t, tried, variables{"in": bought("37.60", 0, who)}).sound(t)
			return byRule(read[[]verdict](t, a, "interactionTry.trial.verdicts"))
		}
		v := track()
		for rule, want := range map[string]string{
			"spend":   "3 Punti per un acquisto di 37,60 EUR: 1 ogni 10,00 EUR, arrotondando per difetto (regola «Spesa»).",
			"large":   "La regola «Grande spesa» non dà nulla: «event.value >= 5000» non vale (event.value = 37,60 EUR), 12,40 EUR in meno del necessario.",
			"silver":  `La regola «Argento» non dà nulla: nulla di questo vale: «member.tier == "silver"» (member.tier = «»); «member.count("purchase", "month") >= 3» (1 su 3).`,
			"app":     `La regola «In app» non dà nulla: «event.touchpoint == "app"» non vale (event.touchpoint = «stall»).`,
			"broken":  "La regola «Rotta» non dà nulla: se vale non si sa: «event.value / event.properties.items > 100» non si può calcolare (event.value = 37,60 EUR, event.properties.items = 0): una divisione per zero.",
			"less":    "La regola «Meno» non dà nulla: dà «Di più» al suo posto, e del loro gruppo una sola dà.",
			"future":  "La regola «Futura» non dà nulla: non è ancora iniziata, e apre sabato 2 maggio 2099.",
			"resting": "La regola «A riposo» non dà nulla: è in pausa.",
		} {
			if got := v[rule].Sentence; got != want {
				t.Errorf("%s is told\n%s\nnot\n%s", rule, got, want)
			}
		}
		large := v["large"].Parts[0]
		if d := large.Distance; d == nil || d.Amount != "12.40" || d.Unit != "MONEY" || d.Excess || d.Money.Currency != "EUR" || large.Readings[0].Value != 3760.0 || large.Member {
			t.Errorf("%+v", large)
		}
		either := v["silver"].Parts[0]
		if d := either.Alternatives[1].Distance; d.Amount != "2" || d.Unit != "TIMES" || d.Money != nil || either.Alternatives[1].Column != 28 || !either.Member {
			t.Errorf("%+v", either)
		}
		if f := v["broken"].Fault; f.In != "WHEN" || f.Cause != "DIVISION_BY_ZERO" || *f.Line != 2 || *f.Column != 2 || *v["broken"].Parts[0].Fault != f.Cause {
			t.Errorf("%+v", v["broken"])
		}
		if f := v["half"].Fault; f.In != "AWARD" || f.Cause != "DIVISION_BY_ZERO" || *v["less"].By != "more" || *v["future"].Again != "2099-05-01T22:00:00Z" {
			t.Errorf("%+v", v["half"])
		}
		a := operator.ask(t, tried, variables{"in": bought("7.60", 1, who)}).sound(t)
		if s := byRule(read[[]verdict](t, a, "interactionTry.trial.verdicts"))["spend"]; *s.Obstacle != "NOTHING" || s.Missing.Amount != "2.40" {
			t.Errorf("%+v", s)
		}
		in := bought("12.40", 1, variables{"idempotencyKey": "once", "member": variables{"id": id}})
		h.operator(t).ask(t, tracked, variables{"in": in}).sound(t)
		v = track()
		if l := v["once"].Limit; *l.Times != 1 || *l.Per != "month" || l.Used != 1 || v["once"].Again == nil || *v["once"].Full != 4 || *v["spring"].Budget != "spring" || *v["spring"].Full != 2 {
			t.Errorf("%+v\n%+v", v["once"], v["spring"])
		}
	})
}

// Who may ask: a member of itself, a partner of what it sent, without what was read of the member; nobody of another programme's.
func TestWhoMayAskWhyNot(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := kiosk(t, h)
		partner, other := h.byPartner(t, "scale"), h.byPartner(t, "other")
		in := bought("37.60", 0, variables{"idempotencyKey": "p", "member": variables{"id": id}})
		a := partner.ask(t, tracked, variables{"in": in}).sound(t)
		v := byRule(read[[]verdict](t, a, "interactionTrack.interaction.verdicts"))
		if p := v["silver"]; len(p.Parts) != 0 || strings.Contains(p.Sentence, "tier") || len(v["large"].Parts) != 1 || v["large"].Parts[0].Distance == nil {
			t.Errorf("a partner is told %+v", p)
		}
		ours := a.at("interactionTrack.interaction.id").(string)
		in["idempotencyKey"] = "again"
		if b := other.ask(t, tracked, variables{"in": in}).sound(t); b.at("interactionTrack.interaction.verdicts.0.rule") != "spend" {
			t.Errorf("%v", b.Data)
		}
		reverse := `mutation($id: ID!) { interactionReverse(input: {idempotencyKey: "r", interaction: $id}) { userErrors { code } reversal { interaction { verdicts { rule } } } } }`
		partner.ask(t, reverse, variables{"id": ours}).sound(t).is(t, "interactionReverse.reversal.interaction.verdicts.0.rule", `"spend"`)
		h.member(t, id).ask(t, becameOf, variables{"id": ours}).sound(t).is(t, "node.verdicts.0.rule", `"spend"`)
		for _, role := range []*client{partner} {
			if a := role.ask(t, tried, variables{"in": bought("1", 1, variables{"member": variables{"id": id}})}); a.code() != "FORBIDDEN" {
				t.Errorf("a partner tries: %v", a)
			}
		}
		stranger := h.member(t, fact.NewID(fact.KindMember))
		stranger.ask(t, becameOf, variables{"id": ours}).is(t, "node", "null")
		h.member(t, id).ask(t, tried, variables{"in": bought("1", 1, variables{"member": variables{"id": fact.NewID(fact.KindMember)}})}).sound(t).
			is(t, "interactionTry.userErrors", `[{"code":"UNKNOWN_MEMBER","field":["member"]}]`)
		for field, bad := range map[string]variables{
			`[{"code":"UNKNOWN_EVENT","field":["event"]}]`:           {"event": "nothing"},
			`[{"code":"UNKNOWN_TOUCHPOINT","field":["touchpoint"]}]`: {"touchpoint": "nowhere"},
			`[{"code":"NEGATIVE","field":["value","amount"]}]`:       {"value": variables{"amount": "-1"}},
			`[{"code":"TOO_MANY","field":["rules"]}]`:                {"rules": make([]string, 101)},
		} {
			a := h.member(t, id).ask(t, tried, variables{"in": bought("1", 1, bad)}).sound(t)
			a.is(t, "interactionTry.userErrors", field)
			a.is(t, "interactionTry.trial", "null")
		}
	})
}

// The rules that a member or a partner is told of are those that are in force; how they are written is for operators.
func TestWhatIsTheOperatorsIsNotToldToOthers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := kiosk(t, h)
		member, partner := h.member(t, id), h.byPartner(t, "scale")
		for _, c := range []*client{member, partner} {
			c.header.Set("Accept-Language", "en")
		}
		named := []string{"future", "resting", "large", "silver"}
		a := member.ask(t, tried, variables{"in": bought("37.60", 0, variables{"rules": named})}).sound(t)
		b := partner.ask(t, tracked, variables{"in": bought("37.60", 0, variables{"idempotencyKey": "p", "member": variables{"id": id}})}).sound(t)
		sent := b.at("interactionTrack.interaction.id")
		c := member.ask(t, becameOf, variables{"id": sent, "rules": named}).sound(t)
		const silver = "The rule “Silver” gives nothing: none of this holds: a condition (member.tier = “”); a condition (1 of 3)"
		for by, all := range map[string][]verdict{
			silver + ".": read[[]verdict](t, a, "interactionTry.trial.verdicts"), silver + " (as known now).": read[[]verdict](t, c, "node.verdicts"),
			"The rule “Silver” gives nothing: a condition does not hold (as known now).": read[[]verdict](t, b, "interactionTrack.interaction.verdicts"),
		} {
			v := byRule(all)
			if v["silver"].Sentence != by {
				t.Errorf("%s, not %s", v["silver"].Sentence, by)
			}
			if _, future := v["future"]; future || v["resting"].Rule != "" {
				t.Errorf("told of %v", outline(all))
			}
			if s := v["large"].Sentence; s != "The rule “Large shopping” gives nothing: a condition does not hold (event.value = 37.60 EUR), 12.40 EUR short." {
				t.Error(s)
			}
			if s := v["broken"].Sentence; s != "" && s != "The rule “Broken” gives nothing: its condition cannot be told: a part of it cannot be computed (event.value = 37.60 EUR, event.properties.items = 0): a division by zero." {
				t.Error(s)
			}
			for _, x := range all {
				for _, p := range x.Parts {
					if p.Expression != "" || len(p.Alternatives) > 0 && p.Alternatives[0].Expression != "" {
						t.Errorf("%s is written %+v", x.Rule, p)
					}
				}
			}
		}
	})
}

// A rule that grants a tier says so, and until when; or why it does not.
func TestVerdictsTellOfGrantedTiers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := kiosk(t, h)
		operator := h.operator(t)
		operator.header.Set("Accept-Language", "en")
		for touchpoint, want := range map[string]string{"app": "GAVE_NOTHING CONDITION", "stall": "GRANTED"} {
			in := variables{"event": "visit", "touchpoint": touchpoint, "occurredAt": "2026-02-28T10:00:00Z", "member": variables{"id": id}, "rules": []string{"guest"}}
			a := operator.ask(t, tried, variables{"in": in}).sound(t)
			delete(in, "rules")
			in["idempotencyKey"] = touchpoint
			b := operator.ask(t, tracked, variables{"in": in}).sound(t)
			foreseen := read[[]verdict](t, a, "interactionTry.trial.verdicts")[0]
			v := byRule(read[[]verdict](t, b, "interactionTrack.interaction.verdicts"))["guest"]
			if !reflect.DeepEqual(foreseen, v) || outline([]verdict{v})["guest"] != want || v.Basis != "STORED" {
				t.Errorf("foreseen %+v, told %+v", foreseen, v)
			}
			if touchpoint == "stall" && (*v.Tier != "silver" || *v.Until != "2026-03-28T23:00:00Z" || v.Sentence != "The rule “Guest” grants the tier “Silver” until Sunday 29 March 2026.") {
				t.Errorf("%s", v.Sentence)
			}
		}
	})
}

// chartVerdicts finds the ways to verdicts, at the kiosk: in a purchase of a member who has bought before, and in one that the partner sends.
func (c *court) chartVerdicts(t *testing.T, h *house) {
	bakery := h.id
	id := kiosk(t, h)
	c.kiosk = map[string]*client{"anonymous": h.anonymous(), "member": h.member(t, id), "operator": h.operator(t), "partner": h.byPartner(t, "scale")}
	var last string
	for _, key := range []string{"first", "second"} {
		in := bought("12.40", 0, variables{"idempotencyKey": key, "member": variables{"id": id}})
		last = c.kiosk["operator"].ask(t, tracked, variables{"in": in}).sound(t).at("interactionTrack.interaction.id").(string)
	}
	h.id = bakery
	node := fmt.Sprintf(`{ node(id: %q) { ... on Interaction { verdicts(rules: [%%q]) { %%s } } } }`, last)
	sent := fmt.Sprintf(`mutation { interactionTrack(input: {idempotencyKey: "third", event: "purchase", touchpoint: "stall", value: {amount: "12.40"}, properties: {items: 0}, member: {id: %q}})`+
		` { interaction { verdicts(rules: [%%q]) { %%s } } } }`, id)
	try := fmt.Sprintf(`{ interactionTry(input: {event: "purchase", touchpoint: "stall", value: {amount: "12.40"}, member: {id: %q}}) { %%s } }`, id)
	c.there = map[string]bool{}
	for of, way := range map[string][2]string{
		"Verdict": {"large", "%s"}, "VerdictLimit": {"once", "limit { %s }"}, "ExpressionFault": {"broken", "fault { %s }"}, "ConditionPart": {"large", "parts { %s }"},
		"Reading": {"large", "parts { readings { %s } }"}, "Distance": {"large", "parts { distance { %s } }"},
	} {
		asks := fmt.Sprintf(node, way[0], way[1])
		c.there[of], c.ways[of] = true, map[string]string{"member": asks, "operator": asks, "partner": fmt.Sprintf(sent, way[0], way[1])}
	}
	for of, way := range map[string]string{"InteractionTryPayload": "%s", "InteractionTrial": "trial { %s }", "TrialMovement": "trial { movements { %s } }"} {
		asks := fmt.Sprintf(try, way)
		c.there[of], c.ways[of] = true, map[string]string{"member": asks, "operator": asks}
	}
}
