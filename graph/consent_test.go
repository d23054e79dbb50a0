package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"granaio/auth"
	"granaio/loyalty/fact"
)

// purposes is what the bakery asks its members, and how it writes to them.
const purposes = `  erasure: {by_member: true}
  consents:
    - {key: profile, allows: profiling, name: {it: Profilo, en: Profile}, texts: [{version: "1", text: {it: Vecchio, en: Old}}, {version: "2", text: {it: Nuovo, en: New}}]}
    - {key: news, allows: marketing, name: {it: Novità, en: News}, texts: [{version: "1", text: {it: Scrivetemi, en: Write to me}}]}
    - {key: partners, allows: third_party, name: {it: Partner, en: Partners}, texts: [{version: "1", text: {it: Mostratemi, en: Show me}}]}
  contact: {channels: [email, sms], caps: [{channel: sms, messages: 1, per: 30d}]}
`

// asks has the bakery ask its members for consent.
func (h *house) asks(t *testing.T) {
	t.Helper()
	src := strings.Replace(string(h.bakery(t)), "  events:\n", purposes+"  events:\n", 1)
	src = strings.Replace(src, "diet: {type: string,", "diet: {type: string, kind: psychographic,", 1)
	h.publishText(t, []byte(strings.Replace(src, "rules:\n", `rules:
  - {key: green, name: {it: Verde, en: Green}, on: [purchase], when: member.attributes.diet == "vegan", award: {points: 7}}
`, 1)))
}

const decide = `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { duplicate userErrors { field code } stopped { personas attributes messages partners }
  outcome { movements { points } } member { affinities { percent } persona { key } consents { purpose { key allows text textVersion } state since textVersion touchpoint { key }
  history { state textVersion recordedBy decidedAt touchpoint { key } } } } } }`

func decisions(key string, more ...variables) variables {
	more = append([]variables{}, more...)
	return input(variables{"idempotencyKey": key, "touchpoint": "app", "decisions": more})
}

func decision(purpose, state string) variables {
	return variables{"purpose": purpose, "state": state}
}

// A decision holds at once, in the member's file and in what is concluded of it, and its history tells all of it.
func TestConsent(t *testing.T) {
	const own = `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { duplicate userErrors { field code } stopped { personas attributes messages partners }
	  member { persona { key } consents { state } } } }`
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		h.buys(t, id, 10, 2)
		anna, nonna := h.operator(t), h.member(t, id)
		a := anna.ask(t, `query($id: ID!) { viewer { operator { member(ref: {id: $id}) { persona { key } affinities { percent } attributes { name lacking } consents { state history { state } } account { available }
		  movements(first: 9) { edges { node { why { key } } } } } } } }`, variables{"id": id}).sound(t)
		a.is(t, "viewer.operator.member.consents", `[{"history":[],"state":"UNKNOWN"},{"history":[],"state":"UNKNOWN"},{"history":[],"state":"UNKNOWN"}]`)
		a.is(t, "viewer.operator.member.persona", "null")
		a.is(t, "viewer.operator.member.attributes", `[{"lacking":["profile"],"name":"diet"}]`)
		a.is(t, "viewer.operator.member.account.available", "70") // what it is promised for buying and enrolling

		in := decisions("1", decision("profile", "GIVEN"), decision("news", "REFUSED"))
		in["input"].(variables)["member"] = variables{"id": id}
		a = anna.ask(t, decide, in).sound(t)
		a.is(t, "consentRecord.userErrors", "[]")
		a.is(t, "consentRecord.member.persona.key", `"regular"`)
		a.is(t, "consentRecord.stopped", `{"attributes":[],"messages":true,"partners":false,"personas":false}`)
		a.is(t, "consentRecord.member.consents.0.state", `"GIVEN"`)
		a.is(t, "consentRecord.member.consents.0.textVersion", `"2"`)
		a.is(t, "consentRecord.member.consents.0.touchpoint.key", `"app"`)
		a.is(t, "consentRecord.member.consents.0.history.0.recordedBy", `"anna"`)
		a.is(t, "consentRecord.member.consents.2.state", `"UNKNOWN"`)
		a = anna.ask(t, decide, in).sound(t)
		a.is(t, "consentRecord.duplicate", "true")
		h.buys(t, id, 11, 1)
		if got := h.available(t, id); got != 70+11+7+20 { // its rule, and the mission of three
			t.Errorf("with consent: %d", got)
		}

		before := time.Now()
		a = nonna.ask(t, own, decisions("1", decision("profile", "WITHDRAWN"))).sound(t)
		a.is(t, "consentRecord.stopped", `{"attributes":["diet"],"messages":false,"partners":false,"personas":true}`)
		a.is(t, "consentRecord.member.persona", "null")
		h.buys(t, id, 12, 1)
		if got := h.available(t, id); got != 70+11+7+20+12 {
			t.Errorf("after it was withdrawn: %d", got)
		}
		a = nonna.ask(t, `{ viewer { member { interactions(first: 9) { edges { node { event properties verdicts { rule obstacle sentence parts { fault lacking } } } } } } } }`, nil).sound(t)
		a.is(t, "viewer.member.interactions.edges.0.node.verdicts.0.parts", `[{"fault":"UNCONSENTED","lacking":["profile"]}]`)
		a.is(t, "viewer.member.interactions.edges.1.node.properties", `{"given":[],"refused":[],"withdrawn":["profile"]}`)
		late := decisions("2", decision("profile", "GIVEN"))
		late["input"].(variables)["occurredAt"] = instantly(before)
		nonna.ask(t, own, late).sound(t).is(t, "consentRecord.member.consents.0.state", `"WITHDRAWN"`)
		a = anna.ask(t, `query($id: ID!) { viewer { operator { member(ref: {id: $id}) { consents { history(first: 3) { state recordedBy } } } } } }`, variables{"id": id}).sound(t)
		a.is(t, "viewer.operator.member.consents.0.history", fmt.Sprintf(`[{"recordedBy":%[1]q,"state":"WITHDRAWN"},{"recordedBy":%[1]q,"state":"GIVEN"},{"recordedBy":"anna","state":"GIVEN"}]`, id))
		if code := nonna.ask(t, `{ viewer { member { consents { history { recordedBy } } } } }`, nil).code(); code != "FORBIDDEN" {
			t.Errorf("a member is told who recorded it: %q", code)
		}
	})
}

func (h *house) available(t *testing.T, id fact.ID) int {
	t.Helper()
	a := h.member(t, id).ask(t, `{ viewer { member { account { available } } } }`, nil).sound(t)
	n, _ := a.at("viewer.member.account.available").(float64)
	return int(n)
}

// Decisions that cannot be change nothing, and say why.
func TestBadConsent(t *testing.T) {
	h := plain(t)
	h.asks(t)
	id := h.enrolled(t, "nonna@example.com")
	nonna := h.member(t, id)
	of := func(more ...variables) func(...func(variables)) variables {
		return func(change ...func(variables)) variables {
			v := decisions(fmt.Sprint(len(more), more, change), more...)
			for _, f := range change {
				f(v["input"].(variables))
			}
			return v
		}
	}
	yes := decision("news", "GIVEN")
	for i, x := range []struct {
		in   variables
		want string
	}{
		{of(yes, decision("shoes", "GIVEN"))(), `[{"code":"UNKNOWN_PURPOSE","field":["decisions","1","purpose"]}]`},
		{of(variables{"purpose": "news", "state": "GIVEN", "textVersion": "9"})(), `[{"code":"UNKNOWN_TEXT_VERSION","field":["decisions","0","textVersion"]}]`},
		{of(yes)(with("occurredAt", instantly(time.Now().Add(time.Hour)))), `[{"code":"IN_FUTURE","field":["occurredAt"]}]`},
		{of(decision("news", "UNKNOWN"))(), `[{"code":"INVALID","field":["decisions","0","state"]}]`},
		{of(yes)(with("touchpoint", "moon")), `[{"code":"UNKNOWN_TOUCHPOINT","field":["touchpoint"]}]`},
		{of()(), `[{"code":"REQUIRED","field":["decisions"]}]`},
		{of(yes)(with("member", variables{"id": h.enrolled(t, "nonno@example.com")})), `[{"code":"UNKNOWN_MEMBER","field":["member"]}]`},
	} {
		x.in["input"].(variables)["idempotencyKey"] = fmt.Sprint("bad ", i)
		a := nonna.ask(t, decide[:strings.Index(decide, "member {")]+"} }", x.in).sound(t)
		a.is(t, "consentRecord.userErrors", x.want)
	}
	const prefer = `mutation($input: ContactPreferInput!) { contactPrefer(input: $input) { userErrors { field code } } }`
	nonna.ask(t, prefer, input(variables{"idempotencyKey": "p", "channels": []string{"sms", "fax"}})).sound(t).is(t, "contactPrefer.userErrors", `[{"code":"UNKNOWN_CHANNEL","field":["channels","1"]}]`)
	nonna.ask(t, prefer, input(variables{"idempotencyKey": "q", "channels": []string{}, "timeZone": "Mars"})).sound(t).is(t, "contactPrefer.userErrors", `[{"code":"INVALID","field":["timeZone"]}]`)
}

// Who enrols may decide at once.
func TestConsentAtEnrolment(t *testing.T) {
	h := plain(t)
	h.asks(t)
	a := h.operator(t).ask(t, `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) { userErrors { code field } member { id consents { state } interactions(first: 1) { edges { node { properties } } } } } }`,
		input(variables{"idempotencyKey": "e", "touchpoint": "app", "identities": []variables{{"kind": "CARD", "value": "1"}}, "consents": []variables{decision("news", "GIVEN"), decision("profile", "REFUSED")}})).sound(t)
	a.is(t, "memberEnrol.member.consents", `[{"state":"REFUSED"},{"state":"GIVEN"},{"state":"UNKNOWN"}]`)
	a.is(t, "memberEnrol.member.interactions.edges.0.node.properties", `{"given":["news"],"refused":["profile"]}`)
}

// A member says how it wants to be written to, and is told whether it may be.
func TestContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		nonna := h.member(t, id)
		const contact = `{ viewer { member { contact { channel allowed reason again } contactPreferences { channels timeZone } } } }`
		nonna.ask(t, contact, nil).sound(t).is(t, "viewer.member.contact", `[{"again":null,"allowed":false,"channel":"email","reason":"NO_CONSENT"},{"again":null,"allowed":false,"channel":"sms","reason":"NO_CONSENT"}]`)
		nonna.ask(t, decide[:strings.Index(decide, "member {")]+"} }", decisions("1", decision("news", "GIVEN"))).sound(t)
		nonna.ask(t, contact, nil).sound(t).is(t, "viewer.member.contact.0.allowed", "true")
		nonna.ask(t, `mutation($input: ContactPreferInput!) { contactPrefer(input: $input) { userErrors { code } } }`, input(variables{"idempotencyKey": "p", "channels": []string{"sms"}, "timeZone": "Asia/Tokyo"})).sound(t)
		a := nonna.ask(t, contact, nil).sound(t)
		a.is(t, "viewer.member.contact.0.reason", `"NOT_PREFERRED"`)
		a.is(t, "viewer.member.contact.1.allowed", "true")
		a.is(t, "viewer.member.contactPreferences", `{"channels":["sms"],"timeZone":"Asia/Tokyo"}`)
		err := h.store.Ent().Contact.Create().SetProgrammeID(h.id).SetMemberID(id).SetChannel("sms").SetSentAt(time.Now()).Exec(auth.System(t.Context(), h.id))
		if err != nil {
			t.Fatal(err)
		}
		nonna.ask(t, contact, nil).sound(t).is(t, "viewer.member.contact.1.reason", `"CAP_REACHED"`)
	})
}

// A partner is shown nobody who did not agree to it; what it sends is taken, and what follows is told.
func TestPartnersAreShownWhoAgreed(t *testing.T) {
	h := plain(t)
	h.asks(t)
	id := h.enrolled(t, "nonna@example.com")
	bistro := h.partner(t, "interactions:write", "members:read", "members:write")
	who := fmt.Sprintf(`{ viewer { partner { member(ref: {id: %[1]q}) { account { available } } } } node(id: %[1]q) { id } }`, id)
	for state, want := range map[string]string{"REFUSED": "null", "GIVEN": `{"account":{"available":50}}`} {
		a := bistro.ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } member { id } } }`,
			decisionsOf(id, state, decision("partners", state))).sound(t)
		if shown := a.at("consentRecord.member") != nil; shown != (state == "GIVEN") {
			t.Errorf("%s: %v", state, a.Data)
		}
		a = bistro.ask(t, who, nil).sound(t)
		a.is(t, "viewer.partner.member", want)
		if shown := a.at("node") != nil; shown != (state == "GIVEN") {
			t.Errorf("%s: %v", state, a.Data)
		}
	}
	a := bistro.ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { member { id } } }`, decisionsOf(id, "no more", decision("partners", "WITHDRAWN"))).sound(t)
	a.is(t, "consentRecord.member", "null")
	a = bistro.ask(t, fmt.Sprintf(`mutation { interactionTrack(input: {idempotencyKey: "b", member: {id: %q}, event: "purchase", touchpoint: "till", value: {amount: "5"}}) {
		userErrors { code } member { id } outcome { movements { points } } } }`, id), nil).sound(t)
	a.is(t, "interactionTrack", `{"member":null,"outcome":{"movements":[{"points":5}]},"userErrors":[]}`)
	if a.Status != http.StatusOK {
		t.Error(a.Status)
	}
}

func decisionsOf(id fact.ID, key string, more ...variables) variables {
	v := decisions(key, more...)
	v["input"].(variables)["member"] = variables{"id": id}
	return v
}

// Whoever has not agreed to be shown to third parties is nobody to a shop. The brand's own server is no third party: it sees the member, though none of what is personal, and what it passes on is what the
// person said.
func TestTheBrandsOwnServerIsNoThirdParty(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		shop, site := h.partner(t, "members:read", "members:write"), h.partner(t, "members:read", "members:write", "members:own")
		const seen = `query($who: MemberRef!) { viewer { partner { member(ref: $who) { id } } } }`
		shop.ask(t, seen, variables{"who": byID(id)}).sound(t).is(t, "viewer.partner.member", "null")
		site.ask(t, seen, variables{"who": byID(id)}).sound(t).is(t, "viewer.partner.member.id", fmt.Sprintf("%q", id))
		if code := site.ask(t, `query($who: MemberRef!) { viewer { partner { member(ref: $who) { identities { value } } } } }`, variables{"who": byID(id)}).code(); code != "FORBIDDEN" {
			t.Errorf("it is shown what is personal: %q", code)
		}
		for who, party := range map[*client]string{shop: `"SECOND"`, site: `"ZERO"`} {
			said := variables{"idempotencyKey": party, "touchpoint": "app", "member": byID(id), "attributes": variables{"children": len(party)}}
			who.ask(t, `mutation($input: MemberUpdateInput!) { memberUpdate(input: $input) { userErrors { code } } }`, input(said)).sound(t).is(t, "memberUpdate.userErrors", "[]")
			a := h.operator(t).ask(t, `query($who: MemberRef!) { viewer { operator { member(ref: $who) { attributes { name history(first: 1) { edges { node { party } } } } } } } }`, variables{"who": byID(id)}).sound(t)
			a.is(t, "viewer.operator.member.attributes.0.name", `"children"`)
			a.is(t, "viewer.operator.member.attributes.0.history.edges.0.node.party", party)
		}
	})
}
