package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	updateIt = `mutation($input: MemberUpdateInput!) { memberUpdate(input: $input) { duplicate userErrors { field code } outcome { movements { points } }
	member { locale attributes { name value party editable } } } }`
	addIt   = `mutation($input: DependentAddInput!) { dependentAdd(input: $input) { duplicate userErrors { field code } dependentId dependent { kind attributes { name value } } } }`
	correct = `mutation($input: DependentUpdateInput!) { dependentUpdate(input: $input) { duplicate userErrors { field code } outcome { duplicate } dependent { attributes { name value } } } }`
	dropIt  = `mutation($input: DependentRemoveInput!) { dependentRemove(input: $input) { duplicate userErrors { field code } member { dependents { id } } } }`
)

// said is the input of an update with a key, and more.
func said(key string, more ...any) variables {
	v := variables{"idempotencyKey": key, "touchpoint": "app"}
	for i := 0; i < len(more); i += 2 {
		v[more[i].(string)] = more[i+1]
	}
	return input(v)
}

// A member changes its own profile page, several things at once, and sees where each came from; the contact centre and a partner say what they know; the history keeps it all.
func TestAMemberSeesAndChangesItsProfile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		nonna, anna := h.member(t, id), h.operator(t)
		shop := h.partner(t, "members:write", "members:read")
		of := variables{"id": id}

		a := nonna.ask(t, updateIt, said("one", "locale", "it-CH", "attributes", variables{"diet": "any", "children": 2})).sound(t)
		a.is(t, "memberUpdate.userErrors", `[]`)
		a.is(t, "memberUpdate.member.attributes", `[{"editable":true,"name":"children","party":"ZERO","value":2},{"editable":true,"name":"diet","party":"ZERO","value":"any"}]`)
		a.is(t, "memberUpdate.member.locale", `"it-CH"`)
		again := nonna.ask(t, updateIt, said("one", "locale", "it-CH", "attributes", variables{"diet": "any", "children": 2})).sound(t)
		again.is(t, "memberUpdate.duplicate", `true`)
		nonna.ask(t, updateIt, said("two", "attributes", variables{"diet": "any"})).sound(t).is(t, "memberUpdate.outcome", `null`) // nothing happened
		nonna.ask(t, updateIt, said("two", "attributes", variables{"diet": "vegan"})).sound(t).is(t, "memberUpdate.userErrors", `[{"code":"KEY_REUSED","field":["idempotencyKey"]}]`)

		// What a partner knows does not replace what the person said; what the programme does not show it, the member does not see.
		shop.ask(t, `mutation($input: MemberUpdateInput!) { memberUpdate(input: $input) { userErrors { code } member { id } } }`, said("three", "member", of, "attributes", variables{"diet": "vegan"})).sound(t).
			is(t, "memberUpdate.userErrors", `[]`)
		anna.ask(t, updateIt, said("four", "member", of, "party", "FIRST", "attributes", variables{"score": 7})).sound(t).is(t, "memberUpdate.userErrors", `[]`)
		const page = `{ viewer { member { attributes { name value touchpoint { key } interaction { event touchpoint { key } } declaration { label kind sensitivity type }
			history(first: 5) { totalCount edges { node { value party state interaction { event } } } } } dependents { id } }
			programme { attributes { name editable } dependentKinds { key label most attributes { name } } } } }`
		mine := nonna.ask(t, page, nil).sound(t)
		mine.is(t, "viewer.member.attributes.1", `{"declaration":{"kind":null,"label":"Dieta","sensitivity":"PERSONAL","type":"STRING"},"history":{"edges":[`+
			`{"node":{"interaction":{"event":"member.updated"},"party":"SECOND","state":"OUTRANKED","value":"vegan"}},`+
			`{"node":{"interaction":{"event":"member.updated"},"party":"ZERO","state":"TAKEN","value":"any"}},`+
			`{"node":{"interaction":{"event":"member.enrolled"},"party":"ZERO","state":"TAKEN","value":"vegan"}}],"totalCount":3},`+
			`"interaction":{"event":"member.updated","touchpoint":{"key":"app"}},"name":"diet","touchpoint":{"key":"app"},"value":"any"}`)
		mine.is(t, "viewer.member.attributes.2", `null`)
		mine.is(t, "viewer.programme.attributes", `[{"editable":true,"name":"children"},{"editable":true,"name":"diet"}]`)
		mine.is(t, "viewer.programme.dependentKinds", `[{"attributes":[{"name":"birth_date"},{"name":"name"}],"key":"child","label":"figlio","most":2}]`)
		anna.ask(t, `query($ref: MemberRef!) { viewer { operator { member(ref: $ref) { attributes { name editable } attributesAside { name } } } } }`, variables{"ref": of}).sound(t).
			is(t, "viewer.operator.member", `{"attributes":[{"editable":true,"name":"children"},{"editable":true,"name":"diet"},{"editable":true,"name":"score"}],"attributesAside":[]}`)

		// Nothing is half applied.
		nonna.ask(t, updateIt, said("five", "attributes", variables{"children": 5, "diet": "meat"})).sound(t).is(t, "memberUpdate.userErrors", `[{"code":"OUT_OF_BOUNDS","field":["attributes","diet"]}]`)
		nonna.ask(t, updateIt, said("six", "attributes", variables{"children": nil})).sound(t).
			is(t, "memberUpdate.member.attributes", `[{"editable":true,"name":"diet","party":"ZERO","value":"any"}]`)
	})
}

func TestWhatCannotBeSaidOfAMember(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		nonna, nonno, anna := h.member(t, id), h.member(t, other), h.operator(t)
		tomorrow := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
		for want, more := range map[string][]any{
			`[{"code":"WRONG_TYPE","field":["attributes","children"]}]`:    {"attributes", variables{"children": "two"}},
			`[{"code":"UNKNOWN_ATTRIBUTE","field":["attributes","shoe"]}]`: {"attributes", variables{"shoe": 43}},
			`[{"code":"NOT_WRITABLE","field":["attributes","score"]}]`:     {"attributes", variables{"score": 1}},
			`[{"code":"NOT_ALLOWED","field":["party"]}]`:                   {"attributes", variables{"children": 1}, "party", "THIRD"},
			`[{"code":"UNKNOWN_MEMBER","field":["member"]}]`:               {"member", variables{"id": other}, "attributes", variables{"children": 1}},
			`[{"code":"IN_FUTURE","field":["occurredAt"]}]`:                {"occurredAt", time.Now().Add(time.Hour), "attributes", variables{"children": 1}},
			`[{"code":"UNKNOWN_TOUCHPOINT","field":["touchpoint"]}]`:       {"touchpoint", "moon", "attributes", variables{"children": 1}},
		} {
			nonna.ask(t, updateIt, said("bad", more...)).sound(t).is(t, "memberUpdate.userErrors", want)
		}
		anna.ask(t, updateIt, said("bad", "attributes", variables{"children": 1})).sound(t).is(t, "memberUpdate.userErrors", `[{"code":"REQUIRED","field":["member"]}]`)

		child, _ := nonno.ask(t, addIt, said("ada", "kind", "child", "attributes", variables{"name": "Ada", "birth_date": "2025-01-31"})).sound(t).at("dependentAdd.dependentId").(string)
		of := func(more ...any) variables { return said("bad", append([]any{"dependent", child}, more...)...) }
		nonna.ask(t, correct, of("attributes", variables{"name": "Bea"})).sound(t).is(t, "dependentUpdate.userErrors", `[{"code":"UNKNOWN_DEPENDENT","field":["dependent"]}]`)
		nonna.ask(t, dropIt, of()).sound(t).is(t, "dependentRemove.userErrors", `[{"code":"UNKNOWN_DEPENDENT","field":["dependent"]}]`)
		nonno.ask(t, dropIt, said("bad", "dependent", other)).sound(t).is(t, "dependentRemove.userErrors", `[{"code":"UNKNOWN_DEPENDENT","field":["dependent"]}]`)
		nonno.ask(t, correct, of("attributes", variables{"birth_date": tomorrow})).sound(t).is(t, "dependentUpdate.userErrors", `[{"code":"IN_FUTURE","field":["attributes","birth_date"]}]`)
		nonno.ask(t, correct, of("attributes", variables{"birth_date": "soon"})).sound(t).is(t, "dependentUpdate.userErrors", `[{"code":"WRONG_TYPE","field":["attributes","birth_date"]}]`)
		nonno.ask(t, addIt, said("dog", "kind", "dog")).sound(t).is(t, "dependentAdd.userErrors", `[{"code":"UNKNOWN_DEPENDENT_KIND","field":["kind"]}]`)
		nonno.ask(t, addIt, said("bea", "kind", "child")).sound(t).is(t, "dependentAdd.userErrors", `[]`)
		nonno.ask(t, addIt, said("third", "kind", "child")).sound(t).is(t, "dependentAdd.userErrors", `[{"code":"TOO_MANY_DEPENDENTS","field":["kind"]}]`)
		if stored := fmt.Sprint(nonno.ask(t, `{ viewer { member { dependents { kind addedAt attributes { name value history(first: 3) { totalCount } } } } } }`, nil).sound(t).at("viewer.member.dependents")); !strings.Contains(stored, "Ada") ||
			strings.Contains(stored, "Bea") || strings.Contains(stored, tomorrow) || !strings.Contains(stored, "totalCount:1") {
			t.Errorf("the dependents are %s", stored)
		}
	})
}

// A dependent is added, corrected and removed, by the member or for it; each request is answered once.
func TestDependentsComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		nonna, anna := h.member(t, id), h.operator(t)
		added := nonna.ask(t, addIt, said("ada", "kind", "child", "attributes", variables{"name": "Ada"})).sound(t)
		added.is(t, "dependentAdd.dependent", `{"attributes":[{"name":"name","value":"Ada"}],"kind":"child"}`)
		child := added.at("dependentAdd.dependentId")
		again := nonna.ask(t, addIt, said("ada", "kind", "child", "attributes", variables{"name": "Ada"})).sound(t)
		again.is(t, "dependentAdd.duplicate", `true`)
		again.is(t, "dependentAdd.dependentId", `"`+child.(string)+`"`)
		anna.ask(t, correct, said("born", "member", variables{"id": id}, "dependent", child, "attributes", variables{"birth_date": "2026-01-31", "name": nil})).sound(t).
			is(t, "dependentUpdate.dependent", `{"attributes":[{"name":"birth_date","value":"2026-01-31"}]}`)
		anna.ask(t, correct, said("same", "member", variables{"id": id}, "dependent", child, "attributes", variables{"birth_date": "2026-01-31"})).sound(t).is(t, "dependentUpdate.outcome", `null`)
		nonna.ask(t, dropIt, said("gone", "dependent", child)).sound(t).is(t, "dependentRemove.member.dependents", `[]`)
		for _, event := range []string{"dependent.added", "dependent.updated", "dependent.removed"} {
			a := nonna.ask(t, `{ viewer { member { interactions(first: 9) { edges { node { event } } } } } }`, nil).sound(t)
			if got := fmt.Sprint(a.at("viewer.member.interactions.edges")); strings.Count(got, event) != 1 {
				t.Errorf("%s is not once in %s", event, got)
			}
		}
		o := anna.ask(t, `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) { userErrors { field code } member { dependents { attributes { value party } } } } }`, input(variables{
			"idempotencyKey": "new", "touchpoint": "app", "identities": []variables{{"kind": "CARD", "value": "99"}}, "dependents": []variables{{"kind": "child", "attributes": variables{"name": "Leo"}}},
		})).sound(t)
		o.is(t, "memberEnrol.member.dependents", `[{"attributes":[{"party":"ZERO","value":"Leo"}]}]`)
	})
}
