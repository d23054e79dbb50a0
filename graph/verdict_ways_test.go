package graph_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// chartProfiles finds the ways to what is known of a member and its child.
func (c *court) chartProfiles(t *testing.T, h *house, id fact.ID) {
	o, err := h.engine.Update(t.Context(), engine.Update{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "child"}, Member: engine.Ref{ID: id}, Touchpoint: "app", Attributes: map[string]any{"name": "Ada"},
		Dependent: &loyalty.DependentUpdate{Event: loyalty.EventDependentAdded, Kind: "child"},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	through := func(of, parent, field string) {
		c.ways[of] = map[string]string{}
		for role, way := range c.ways[parent] {
			c.ways[of][role] = fmt.Sprintf(way, field)
		}
	}
	through("AttributeValueConnection", "Attribute", "history(first: 1) { %s }")
	through("AttributeValueEdge", "AttributeValueConnection", "edges { %s }")
	through("AttributeValue", "AttributeValueEdge", "node { %s }")
	through("Dependent", "Member", "dependents { %s }")
	delete(c.ways["Dependent"], "partner")
	through("AttributeDeclaration", "Programme", "attributes { %s }")
	through("DependentKind", "Programme", "dependentKinds { %s }")
	delete(c.ways["AttributeDeclaration"], "anonymous")
	delete(c.ways["DependentKind"], "anonymous")
	for name, query := range map[string]string{
		"MemberUpdate":    `memberUpdate(input: {idempotencyKey: "u", touchpoint: "app", member: {id: %q}, attributes: {children: 1}})`,
		"DependentAdd":    `dependentAdd(input: {idempotencyKey: "u", touchpoint: "app", member: {id: %q}, kind: "child"})`,
		"DependentUpdate": `dependentUpdate(input: {idempotencyKey: "u", touchpoint: "app", member: {id: %q}, dependent: "` + o.Interaction.As(fact.KindDependent).String() + `", attributes: {}})`,
		"DependentRemove": `dependentRemove(input: {idempotencyKey: "u", touchpoint: "app", member: {id: %q}, dependent: "` + fact.NewID(fact.KindDependent).String() + `"})`,
	} {
		way := "mutation { " + fmt.Sprintf(query, id) + " { %s } }"
		c.ways[name+"Payload"] = map[string]string{"member": way, "operator": way, "partner": way}
	}
}

// chartConsents finds the ways to what members decide, and to what is forgotten of them.
func (c *court) chartConsents(id fact.ID) {
	of := func(way string) map[string]string {
		return map[string]string{"member": strings.ReplaceAll(way, "WHO", ""), "operator": strings.ReplaceAll(way, "WHO", fmt.Sprintf("member: {id: %q},", id))}
	}
	within := func(parent, field string) map[string]string {
		all := map[string]string{}
		for role, way := range c.ways[parent] {
			all[role] = fmt.Sprintf(way, field)
		}
		return all
	}
	c.ways["Purpose"] = within("Programme", "purposes { %s }")
	c.ways["ConsentRecordPayload"] = of(`mutation { consentRecord(input: {idempotencyKey: "d", WHO touchpoint: "app", decisions: [{purpose: "news", state: GIVEN}]}) { %s } }`)
	c.ways["ConsentRecordPayload"]["partner"] = c.ways["ConsentRecordPayload"]["operator"]
	written := fmt.Sprintf(`mutation { contactRecord(input: {idempotencyKey: "d", member: {id: %q}, channel: "email"}) { %%s } }`, id)
	c.ways["ContactRecordPayload"] = map[string]string{"operator": written, "partner": written}
	c.ways["ContactPreferPayload"] = of(`mutation { contactPrefer(input: {idempotencyKey: "d", WHO channels: []}) { %s } }`)
	c.ways["ConsentStop"] = within("ConsentRecordPayload", "stopped { %s }")
	delete(c.ways["ConsentStop"], "partner")
	c.ways["TimelineConnection"] = within("Member", "timeline(first: 30) { %s }")
	delete(c.ways["TimelineConnection"], "partner")
	c.ways["TimelineEdge"] = within("TimelineConnection", "edges { %s }")
	c.ways["TimelineEntry"] = within("TimelineEdge", "node { %s }")
	c.ways["TierStep"] = within("Member", "timeline(first: 1, filter: {kinds: [TIER]}) { edges { node { tier { %s } } } }")
	delete(c.ways["TierStep"], "partner")
	consents := within("Member", "consents { %s }")
	delete(consents, "partner")
	c.ways["Consent"] = consents
	c.ways["ConsentDecision"] = within("Consent", "history { %s }")
	c.ways["ContactAnswer"] = within("Member", "contact { %s }")
	c.ways["ContactPreferences"] = within("Member", "contactPreferences { %s }")
	c.ways["MemberExport"] = within("Member", "export { %s }")
	for _, name := range []string{"ContactPreferences", "MemberExport"} {
		delete(c.ways[name], "partner")
	}
	c.ways["ContactAnswer"]["partner"] = fmt.Sprintf(written, "contact { %s }")
	c.ways["MemberErasurePreviewPayload"] = map[string]string{"member": `{ memberErasurePreview { %s } }`, "operator": fmt.Sprintf(`{ memberErasurePreview(member: {id: %q}) { %%s } }`, id)}
	c.ways["MemberErasurePreview"] = within("MemberErasurePreviewPayload", "preview { %s }")
	c.ways["ErasureShare"] = within("MemberErasurePreview", "shares { %s }")
	nobody := fmt.Sprintf(`mutation { memberErase(input: {idempotencyKey: "e", member: {id: %q}}) { %%s } }`, fact.NewID(fact.KindMember))
	c.ways["MemberErasePayload"] = map[string]string{"member": nobody, "operator": nobody}
}

// chartQueue finds the ways to the list of tasks.
func (c *court) chartQueue() {
	for name, field := range map[string]string{"TaskConnection": "%s", "TaskEdge": "edges { %s }"} {
		c.ways[name] = map[string]string{"operator": fmt.Sprintf(c.ways["Operator"]["operator"], "tasks(first: 1) { "+field+" }")}
	}
}

// chartTasks finds the ways to tasks: to a simulation that finds something of everything.
func (c *court) chartTasks(t *testing.T) {
	src, err := os.ReadFile("testdata/bakery.yaml")
	if err != nil {
		t.Fatal(err)
	}
	draft := strings.NewReplacer("price: 30", "price: 4000", "at: 100", "at: 1").Replace(string(src))
	anna := c.callers["operator"]
	id := anna.ask(t, simulateIt, input(variables{"from": instantly(time.Now().Add(-time.Hour)), "yaml": draft})).sound(t).at("programmeSimulate.task.id")
	anna.ended(t, id)
	way := func(of, format string, args ...any) {
		c.ways[of] = map[string]string{"operator": fmt.Sprintf(format, args...)}
	}
	in := func(of, parent, field string) { way(of, c.ways[parent]["operator"], field) }
	way("Task", `{ viewer { operator { task(id: %q) { %%s } } } }`, id)
	in("Simulation", "Task", "simulation { %s }")
	in("SimulationFigures", "Simulation", "draft { %s }")
	in("SimulationRow", "Simulation", "rules { %s }")
	in("SimulationMove", "Simulation", "moves { %s }")
	in("SimulationRefusal", "Simulation", "refused { %s }")
	way("ProgrammeSimulatePayload", `mutation { programmeSimulate(input: {from: "1990-01-01T00:00:00Z"}) { %%s } }`)
	way("MetricRebuildPayload", `mutation { metricRebuild(input: {metrics: ["none"]}) { %%s } }`)
	id = anna.ask(t, `mutation { metricRebuild(input: {}) { task { id } } }`, nil).sound(t).at("metricRebuild.task.id")
	anna.ended(t, id)
	way("Rebuild", `{ viewer { operator { task(id: %q) { rebuild { %%s } } } } }`, id)
	way("TaskCancelPayload", `mutation { taskCancel(input: {id: %q}) { %%s } }`, id)
}
