package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"granaio/graph"
)

// Text that a query looks for is refused if nothing stored can hold it, whatever the database: U+0000 is no fault inside. That this is tried with every text that a query can bring is
// read from the schema.
func TestTextsThatNothingStoredCanHold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		who := h.enrolled(t, "ada@example.com")
		ask := h.operator(t)
		texts := queryTexts(gqlparser.MustLoadSchema(&ast.Source{Input: graph.PrintedSchema()}))
		movements := func(field string) (string, variables) {
			return `query($ref: MemberRef!, $filter: MovementFilter) { viewer { operator { member(ref: $ref) { movements(first: 1, filter: $filter) { totalCount } } } } }`,
				variables{"ref": variables{"id": who}, "filter": variables{field: []string{"rule", "a\x00b"}}}
		}
		members := func(field string) (string, variables) {
			return `query($filter: MemberFilter) { viewer { operator { members(first: 1, filter: $filter) { totalCount } } } }`, variables{"filter": variables{field: []string{"a\x00b"}}}
		}
		for _, name := range texts {
			var query string
			var given variables
			switch name {
			case "MovementFilter.touchpoints", "MovementFilter.sources", "MovementFilter.keys":
				query, given = movements(strings.TrimPrefix(name, "MovementFilter."))
			case "InteractionFilter.events", "InteractionFilter.touchpoints":
				query, given = `query($ref: MemberRef!, $filter: InteractionFilter) { viewer { operator { member(ref: $ref) { interactions(first: 1, filter: $filter) { totalCount } } } } }`,
					variables{"ref": variables{"id": who}, "filter": variables{strings.TrimPrefix(name, "InteractionFilter."): []string{"review", "a\x00b"}}}
			case "TimelineFilter.events", "TimelineFilter.touchpoints":
				query, given = `query($ref: MemberRef!, $filter: TimelineFilter) { viewer { operator { member(ref: $ref) { timeline(first: 1, filter: $filter) { totalCount } } } } }`,
					variables{"ref": variables{"id": who}, "filter": variables{strings.TrimPrefix(name, "TimelineFilter."): []string{"review", "a\x00b"}}}
			case "MemberFilter.tiers", "MemberFilter.personas":
				query, given = members(strings.TrimPrefix(name, "MemberFilter."))
			case "ChangeFilter.by":
				query, given = `query($filter: ChangeFilter) { viewer { programme { changes(first: 1, filter: $filter) { totalCount } } } }`, variables{"filter": variables{"by": "a\x00b"}}
			case "DefinitionName.key":
				query, given = `query($ref: DefinitionRef!) { viewer { programme { definition(ref: $ref) { id } } } }`, variables{"ref": variables{"name": variables{"kind": "RULE", "key": "a\x00b"}}}
			case "IdentityInput.value":
				query, given = `query($ref: MemberRef!) { viewer { operator { member(ref: $ref) { id } } } }`, variables{"ref": variables{"identity": variables{"kind": "EMAIL", "value": "a\x00b@example.com"}}}
			case "MoneyInput.currency", "ReturnedLineInput.reference",
				"Interaction.verdicts.rules", "InteractionTryInput.event", "InteractionTryInput.touchpoint", "InteractionTryInput.rules", "InteractionLineInput.reference":
				continue // they are compared with what is stored, and reach no database: see below
			default:
				t.Errorf("%s is not tried", name)
				continue
			}
			if a := ask.ask(t, query, given); a.code() != "BAD_REQUEST" {
				t.Errorf("%s: answered with %v %v", name, a.Data, a.Errors)
			}
		}
		h.buys(t, who, 5, 1)
		bought := ask.ask(t, `query($ref: MemberRef!) { viewer { operator { member(ref: $ref) { interactions(first: 1) { edges { node { id } } } } } } }`,
			variables{"ref": variables{"id": who}}).sound(t).at("viewer.operator.member.interactions.edges.0.node.id")
		foresees := func(part, want string, given any) {
			t.Helper()
			ask.ask(t, foreseen, variables{"id": bought, part: given}).sound(t).is(t, "interactionReversalPreview", `{"preview":null,"userErrors":[`+want+`]}`)
		}
		foresees("value", `{"code":"CURRENCY_MISMATCH","field":["value","currency"]}`, variables{"amount": "1", "currency": "EU\x00"})
		foresees("lines", `{"code":"UNKNOWN_LINE","field":["lines","0","reference"]}`, []variables{{"reference": "a\x00b", "quantity": 1}})
		for field, given := range map[string]any{"event": "a\x00b", "touchpoint": "a\x00b"} {
			in := variables{"member": variables{"id": who}, "event": "purchase", "touchpoint": "till", "value": variables{"amount": "1"}, field: given}
			a := ask.ask(t, tried, variables{"in": in}).sound(t)
			a.is(t, "interactionTry.userErrors", `[{"code":"UNKNOWN_`+strings.ToUpper(field)+`","field":["`+field+`"]}]`)
		}
		in := variables{
			"member": variables{"id": who}, "event": "purchase", "touchpoint": "till", "rules": []string{"a\x00b"},
			"lines": []variables{{"reference": "a\x00b", "quantity": 1, "amount": "1"}},
		}
		if a := ask.ask(t, tried, variables{"in": in}).sound(t); len(read[[]verdict](t, a, "interactionTry.trial.verdicts")) != 0 {
			t.Errorf("of a rule that there cannot be it is told %v", a.Data)
		}
		ask.ask(t, becameOf, variables{"id": bought, "rules": []string{"a\x00b"}}).sound(t).is(t, "node.verdicts", "[]")
		rule := ask.ask(t, `{ viewer { programme { definitions(first: 1, filter: {kinds: [RULE]}) { edges { node { id } } } } } }`, nil).sound(t).at("viewer.programme.definitions.edges.0.node.id")
		note := ask.ask(t, `mutation($id: ID!, $note: String) { definitionPause(input: {definition: {id: $id}, note: $note}) { userErrors { code field } } }`,
			variables{"id": rule, "note": "a\x00b"}).sound(t)
		note.is(t, "definitionPause.userErrors", `[{"code":"INVALID","field":["note"]}]`)
	})
}

// queryTexts are the texts that can be brought by a query, or by what is asked of a mutation's payload: "input.field", sorted.
func queryTexts(schema *ast.Schema) []string {
	found, seen := map[string]bool{}, map[string]bool{}
	var bring func(owner string, t *ast.Type)
	bring = func(owner string, t *ast.Type) {
		d := schema.Types[t.Name()]
		switch {
		case d.Name == "String":
			found[owner] = true
		case d.Kind == ast.InputObject && !seen[d.Name]:
			seen[d.Name] = true
			for _, f := range d.Fields {
				bring(d.Name+"."+f.Name, f.Type)
			}
		}
	}
	for _, d := range schema.Types {
		if d.Kind != ast.Object || d == schema.Mutation || strings.HasPrefix(d.Name, "__") {
			continue
		}
		for _, f := range d.Fields {
			for _, a := range f.Arguments {
				if !strings.HasPrefix(f.Name, "__") {
					bring(d.Name+"."+f.Name+"."+a.Name, a.Type)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
