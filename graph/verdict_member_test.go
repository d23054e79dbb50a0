package graph_test

import (
	"fmt"
	"testing"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// chartMembers finds the ways to what changes who is who: to a merge of two who have something of everything, and to the life of a member.
func (c *court) chartMembers(t *testing.T, h *house, id fact.ID) {
	prospect := func(address, diet string) fact.ID {
		o, err := h.engine.Enrol(t.Context(), engine.Enrol{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "enrol " + address}, Touchpoint: "app", Attributes: map[string]any{"diet": diet},
			Identities: []engine.Identity{{Kind: fact.Email, Value: address}},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		return o.Member
	}
	zia, zio := prospect("zia@example.com", "vegan"), prospect("zio@example.com", "any")
	h.buys(t, zia, 10, 1)
	h.operates(t, loyalty.Suspend{Reason: "a mistake"}, engine.Ref{ID: id})
	h.operates(t, loyalty.Reinstate{Reason: "a mistake"}, engine.Ref{ID: id})
	operator := func(format string, args ...any) map[string]string {
		return map[string]string{"operator": fmt.Sprintf(format, args...)}
	}
	all := func(members, others string) map[string]string {
		return map[string]string{"member": members, "operator": others, "partner": others}
	}
	preview := operator(`{ memberMergePreview(from: {id: %q}, into: {id: %q}) { %%s } }`, zia, zio)
	in := func(of, field string) {
		c.ways[of] = operator(preview["operator"], "preview { "+field+" }")
	}
	c.ways["MemberMergePreviewPayload"] = preview
	in("MemberMergePreview", "%s")
	in("MergeExcess", "excesses { %s }")
	in("AttributeConflict", "conflicts { %s }")
	c.ways["MemberEvent"] = operator(`{ viewer { operator { member(ref: {id: %q}) { events { %%s } } } } }`, id)
	c.ways["MemberEvent"]["member"] = `{ viewer { member { timeline(first: 5, filter: {kinds: [STEP]}) { edges { node { step { %s } } } } } } }`
	register := fmt.Sprintf(`mutation { memberRegister(input: {idempotencyKey: "mr", touchpoint: "app", member: {id: %q}}) { %%s } }`, id)
	c.ways["MemberRegisterPayload"] = map[string]string{"operator": register, "partner": register}
	c.ways["MemberIdentifyPayload"] = all(`mutation { memberIdentify(input: {idempotencyKey: "mi", identities: [{kind: DEVICE, value: "d"}]}) { %s } }`,
		fmt.Sprintf(`mutation { memberIdentify(input: {idempotencyKey: "mi", member: {id: %q}, identities: [{kind: CARD, value: "7"}]}) { %%s } }`, id))
	c.ways["MemberIdentityRemovePayload"] = all(`mutation { memberIdentityRemove(input: {idempotencyKey: "mx", identity: {kind: CARD, value: "none"}}) { %s } }`,
		fmt.Sprintf(`mutation { memberIdentityRemove(input: {idempotencyKey: "mx", member: {id: %q}, identity: {kind: CARD, value: "none"}}) { %%s } }`, id))
	c.ways["MemberSuspendPayload"] = operator(`mutation { memberSuspend(input: {idempotencyKey: "ms", member: {id: %q}, reason: "x"}) { %%s } }`, fact.NewID(fact.KindMember))
	c.ways["MemberReinstatePayload"] = operator(`mutation { memberReinstate(input: {idempotencyKey: "mt", member: {id: %q}, reason: "x"}) { %%s } }`, id)
	c.ways["MemberMergePayload"] = operator(`mutation { memberMerge(input: {idempotencyKey: "mm", from: {id: %[1]q}, into: {id: %[1]q}, reason: "x"}) { %%s } }`, id)
}
