package graph_test

import "testing"

// What is selected is what is answered, each time a document is asked for: fields under other names, twice, in fragments on objects and on what they are, and as @skip and
// @include say each time.
func TestSelectionsAreAnsweredAsTheyAreAsked(t *testing.T) {
	h := plain(t)
	id := h.enrolled(t, "nonna@example.com")
	h.buys(t, id, 60, 1)
	c := h.member(t, id)
	const points = `query($with: Boolean!) { viewer { member {
  a: account { available } account { available @include(if: $with) held @skip(if: $with) } } } }`
	for _, with := range []bool{true, false, true} {
		a := c.ask(t, points, variables{"with": with})
		want := `{"available":110}`
		if !with {
			want = `{"held":0}`
		}
		a.is(t, "viewer.member.account", want)
		a.is(t, "viewer.member.a", `{"available":110}`)
	}
	for range 2 {
		a := c.ask(t, `query($id: ID!) { node(id: $id) { id ... on Node { id __typename } ... on Member { id status status account { ...both } } ... on Touchpoint { key } } }
fragment both on Account { available available more: available ... on Account { held } }`, variables{"id": id.String()})
		a.is(t, "node", `{"__typename":"Member","account":{"available":110,"held":0,"more":110},"id":"`+id.String()+`","status":"REGISTERED"}`)
	}
}
