package graph_test

import (
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/partner"
	"granaio/loyalty/fact"
)

// Whatever is wrong with what is said of a person is told with a code of its own and the field, and nothing of the request is done, not even the part that is right.
func TestBadWordsOfAPersonWriteNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		w := bad(t, h)
		w.refuses(t, w.persons(t))
	})
}

func (w *badInput) persons(t *testing.T) []refused {
	ada, ben, tomorrow := w.member(t, w.ada), w.member(t, w.ben), time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	a := ada.ask(t, addIt, said("child", "kind", "child", "attributes", variables{"name": "Zoe"})).sound(t)
	child := a.at("dependentAdd.dependentId")
	absorbed, gone, barred := w.enrolled(t, "absorbed@example.com"), w.enrolled(t, "gone@example.com"), w.enrolled(t, "barred@example.com")
	w.absorbs(t, absorbed, w.ben)
	if o, err := w.engine.Erase(t.Context(), engine.Erase{Origin: engine.Origin{Programme: w.id, Caller: "operator:anna", Key: "gone"}, Member: engine.Ref{ID: gone}}); err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	w.anna.ask(t, barIt, input(w.one(variables{"member": byID(barred), "reason": "a while"}))).sound(t).is(t, "memberSuspend.userErrors", "[]")
	row := w.store.Ent().Partner.Query().Where(partner.Key("bistro")).OnlyX(auth.System(t.Context(), w.id))
	bistro := w.as(t, auth.Claims{Role: auth.RolePartner, Partner: row.ID, Scopes: []string{"members:write", "interactions:write"}})
	fresh := of("CARD", "77")
	says := func(attributes variables, more ...any) variables {
		return w.one(variables{"touchpoint": "app", "attributes": attributes}, more...)
	}
	identifies := func(identities ...variables) variables {
		return w.one(variables{"member": byID(w.ada), "identities": append([]variables{}, identities...)})
	}
	merges := func(from, into fact.ID, more ...any) variables {
		return w.one(variables{"from": byID(from), "into": byID(into), "reason": "one person"}, more...)
	}
	of := func(kind, value string) variables { return variables{"kind": kind, "value": value} }
	return []refused{
		{"memberIdentify", identifies(fresh, of("EMAIL", "ada")), fact.CodeInvalid, "identities.1.value"},
		{"memberIdentify", identifies(fresh, of("PHONE", "06 1234567")), fact.CodeInvalid, "identities.1.value"},
		{"memberIdentify", identifies(fresh, of("PHONE", "+44 (0)20 7946 0958")), fact.CodeInvalid, "identities.1.value"},
		{"memberIdentify", identifies(fresh, of("CARD", " - ")), fact.CodeRequired, "identities.1.value"},
		{"memberIdentify", identifies(fresh, of("CARD", "7-7")), fact.CodeInvalid, "identities.1"},
		{"memberIdentify", identifies(fresh, of("EMAIL", "Ben@example.com")), fact.CodeIdentityConflict, "identities.1"},
		{"memberIdentify", identifies(fresh, of("EMAIL", "absorbed@example.com")), fact.CodeIdentityConflict, "identities.1"},
		{"memberIdentify", identifies(fresh, of("EMAIL", "barred@example.com")), fact.CodeMemberSuspended, "member"},
		{"memberIdentify", identifies(), fact.CodeRequired, "identities"},
		{"memberIdentify", w.one(variables{"member": byID(gone), "identities": []variables{fresh}}), fact.CodeMemberErased, "member"},
		{"memberIdentify", w.one(variables{"member": byID(w.foreign), "identities": []variables{fresh}}), fact.CodeUnknownMember, "member"},
		{"memberIdentify", w.one(variables{"as": ada, "identities": []variables{fresh}}), fact.CodeNotAllowed, "identities.0.kind"},
		{"memberIdentify", w.one(variables{"as": ada, "member": byID(w.ben), "identities": []variables{of("DEVICE", "d")}}), fact.CodeUnknownMember, "member"},
		{"memberIdentityRemove", w.one(variables{"member": byID(w.ada), "identity": of("EMAIL", "ada@example.com")}), fact.CodeLastIdentity, "identity"},
		{"memberIdentityRemove", w.one(variables{"member": byID(w.ada), "identity": of("EMAIL", "ben@example.com")}), fact.CodeUnknownIdentity, "identity"},

		{"memberMerge", merges(w.ada, w.ada), fact.CodeSameMember, "into"},
		{"memberMerge", w.one(variables{"from": byID(w.ada), "into": variables{"identity": of("EMAIL", "ADA@example.com")}, "reason": "one"}), fact.CodeSameMember, "into"},
		{"memberMerge", merges(absorbed, w.ada), fact.CodeAlreadyMerged, "from"},
		{"memberMerge", merges(w.ben, absorbed), fact.CodeSameMember, "into"},
		{"memberMerge", merges(w.foreign, w.ada), fact.CodeUnknownMember, "from"},
		{"memberMerge", merges(w.ada, w.foreign), fact.CodeUnknownMember, "into"},
		{"memberMerge", merges(gone, w.ada), fact.CodeMemberErased, "from"},
		{"memberMerge", merges(w.ada, gone), fact.CodeMemberErased, "into"},
		{"memberMerge", merges(barred, w.ada), fact.CodeMemberSuspended, "from"},
		{"memberMerge", merges(w.ada, w.ben, "reason", ""), fact.CodeRequired, "reason"},
		{"memberMerge", merges(w.ada, w.ben, "reason", " \n"), fact.CodeRequired, "reason"},
		{"memberSuspend", w.one(variables{"member": byID(w.ada), "reason": "\t"}), fact.CodeRequired, "reason"},
		{"memberRegister", w.one(variables{"member": byID(w.ada), "touchpoint": "app"}), fact.CodeUnchanged, "member"},

		{"memberUpdate", says(variables{"diet": "any", "children": "two"}, "as", ada), fact.CodeWrongType, "attributes.children"},
		{"memberUpdate", says(variables{"diet": "any", "shoe": 42}, "as", ada), fact.CodeUnknownAttribute, "attributes.shoe"},
		{"memberUpdate", says(variables{"children": 2, "diet": "keto"}, "as", ada), fact.CodeOutOfBounds, "attributes.diet"},
		{"memberUpdate", says(variables{"children": 2, "score": 1}, "as", ada), fact.CodeNotWritable, "attributes.score"},
		{"memberUpdate", says(variables{"children": 2, "score": 1}, "as", bistro, "member", byID(w.ada)), fact.CodeNotWritable, "attributes.score"},
		{"memberUpdate", says(variables{"children": 2}, "as", ada, "member", byID(w.ben)), fact.CodeUnknownMember, "member"},
		{"memberUpdate", says(variables{"children": 2}, "as", ada, "touchpoint", "moon"), fact.CodeUnknownTouchpoint, "touchpoint"},
		{"memberUpdate", says(variables{"children": 2}, "as", ada, "party", "THIRD"), fact.CodeNotAllowed, "party"},
		{"dependentAdd", says(variables{"name": "Leo", "birth_date": tomorrow}, "as", ada, "kind", "child"), fact.CodeInFuture, "attributes.birth_date"},
		{"dependentAdd", says(variables{"name": "Leo"}, "as", ada, "kind", "dragon"), fact.CodeUnknownDependentKind, "kind"},
		{"dependentUpdate", says(variables{"name": "Leo", "birth_date": tomorrow}, "as", ada, "dependent", child), fact.CodeInFuture, "attributes.birth_date"},
		{"dependentUpdate", says(variables{"name": "Leo", "birth_date": "2023-02-29"}, "as", ada, "dependent", child), fact.CodeWrongType, "attributes.birth_date"},
		{"dependentUpdate", says(variables{"name": "Leo"}, "as", ben, "dependent", child), fact.CodeUnknownDependent, "dependent"},
		{"dependentUpdate", says(variables{"name": "Leo"}, "member", byID(w.ben), "dependent", child), fact.CodeUnknownDependent, "dependent"},
		{"dependentRemove", w.one(variables{"as": ben, "touchpoint": "app", "dependent": child}), fact.CodeUnknownDependent, "dependent"},

		{"consentRecord", w.one(variables{"as": ada, "touchpoint": "app", "decisions": []variables{decision("news", "GIVEN"), decision("shoes", "GIVEN")}}), fact.CodeUnknownPurpose, "decisions.1.purpose"},
		{"contactPrefer", w.one(variables{"as": ada, "channels": []string{"sms", "fax"}}), fact.CodeUnknownChannel, "channels.1"},
		{"memberErase", w.one(variables{"as": ada, "member": byID(w.ben)}), fact.CodeUnknownMember, "member"},
		{"memberErase", w.one(variables{"member": byID(w.foreign)}), fact.CodeUnknownMember, "member"},

		{"memberEnrol", w.enrols("identities", []variables{of("EMAIL", "new@example.com"), of("PHONE", "12")}), fact.CodeInvalid, "identities.1.value"},
		{"memberEnrol", w.enrols("attributes", variables{"children": "two"}), fact.CodeWrongType, "attributes.children"},
		{"memberEnrol", w.enrols("dependents", []variables{{"kind": "child", "attributes": variables{"birth_date": tomorrow}}}), fact.CodeInFuture, "dependents.0.attributes.birth_date"},
		{"memberEnrol", w.enrols("consents", []variables{decision("shoes", "GIVEN")}), fact.CodeUnknownPurpose, "consents.0.purpose"},
	}
}
