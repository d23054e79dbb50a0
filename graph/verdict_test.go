package graph_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.yaml.in/yaml/v4"

	"granaio/engine"
	"granaio/graph"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// roles in the order of verdicts.yaml.
var roles = []string{"anonymous", "member", "operator", "partner"}

// The verdicts: what becomes of a caller that asks for a field.
const (
	yes         = "yes"
	forbidden   = "no"
	needsToken  = "token"
	unreachable = "none" // the caller meets no object of that type
)

// Every field of every object type has a verdict for every role in verdicts.yaml, and that is what really becomes of it.
func TestVerdicts(t *testing.T) {
	text, err := os.ReadFile("verdicts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var verdicts map[string]map[string]string
	if err := yaml.Unmarshal(text, &verdicts); err != nil {
		t.Fatal(err)
	}
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: graph.PrintedSchema()})
	c := newCourt(t)
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		of := schema.Types[name]
		if of.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range of.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			found := make([]string, len(roles))
			for i, role := range roles {
				found[i] = c.verdict(t, schema, name, f, role)
			}
			if want := verdicts[name][f.Name]; want != strings.Join(found, " ") {
				t.Errorf("%s.%s: verdicts.yaml says %q, it is %q", name, f.Name, want, strings.Join(found, " "))
			}
			delete(verdicts[name], f.Name)
		}
		if len(verdicts[name]) == 0 {
			delete(verdicts, name)
		}
	}
	for name, left := range verdicts {
		t.Errorf("verdicts.yaml has verdicts on what the schema has not: %s %v", name, left)
	}
}

// agreeing is a purpose and a channel of the bakery.
const agreeing = `  consents: [{key: news, allows: marketing, name: {it: Novità, en: News}, texts: [{version: "1", text: {it: Va bene, en: Fine}}]}]
  contact: {channels: [email]}
`

// court has a caller of each role, and ways for each to the objects of each type.
type court struct {
	callers map[string]*client
	ways    map[string]map[string]string // type → role → query, with %s for the selection
	kiosk   map[string]*client           // callers of another programme, whose rules give nothing
	there   map[string]bool              // the types that they ask for
}

func newCourt(t *testing.T) *court {
	h := plain(t)
	h.publishText(t, bytes.Replace(h.bakery(t), []byte("  events:\n"), []byte(agreeing+"  events:\n"), 1))
	id := h.enrolled(t, "nonna@example.com")
	h.buys(t, id, 60, 1)
	p, err := h.library.Current(t.Context(), h.id)
	if err != nil {
		t.Fatal(err)
	}
	mug := p.RewardByKey("mug").Definition
	redeemed, err := h.engine.Redeem(t.Context(), engine.Redeem{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "redeem"}, Member: engine.Ref{ID: id}, Reward: mug,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &court{callers: map[string]*client{
		"anonymous": h.anonymous(), "member": h.member(t, id), "operator": h.operator(t),
		"partner": h.partner(t, "interactions:write", "members:read", "members:write", "points:write"),
	}}
	other, of := h.enrolled(t, "nonno@example.com"), engine.Ref{ID: id}
	h.operates(t, loyalty.Adjust{Points: 500, Reason: "a gift"}, of)
	var holds [2]fact.ID
	for i := range holds {
		holds[i] = h.operates(t, loyalty.Hold{Points: 5, ExpiresIn: time.Hour}, of).Own[0].As(fact.KindHold)
	}
	h.rollsUp(t)
	c.chart(id, mug)
	c.chartProfiles(t, h, id)
	c.chartPoints(id, other, holds)
	c.chartReversals(c.callers["partner"].bought(t, "lines", id), redeemed.MovementIDs[0])
	c.chartMembers(t, h, id)
	c.chartDefinitions()
	c.chartTasks(t)
	c.chartQueue()
	c.callers["operator"].ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisionsOf(id, "charted", decision("news", "GIVEN"))).sound(t)
	c.chartConsents(id)
	c.chartVerdicts(t, h)
	return c
}

// chart finds the ways.
func (c *court) chart(id, reward fact.ID) {
	everyone := func(query string) map[string]string {
		all := map[string]string{}
		for _, r := range roles {
			all[r] = query
		}
		return all
	}
	through := func(parent map[string]string, field string) map[string]string {
		all := map[string]string{}
		for role, query := range parent {
			all[role] = fmt.Sprintf(query, field)
		}
		return all
	}
	only := func(ways map[string]string, some ...string) map[string]string {
		all := maps.Clone(ways)
		maps.DeleteFunc(all, func(role, _ string) bool { return !slices.Contains(some, role) })
		return all
	}
	viewer := everyone(`{ viewer { %s } }`)
	member := map[string]string{
		"member":   `{ viewer { member { %s } } }`,
		"operator": fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { %%s } } } }`, id),
		"partner":  `{ viewer { partner { member(ref: {identity: {kind: EMAIL, value: "nonna@example.com"}}) { %s } } } }`,
	}
	bought := fmt.Sprintf(`mutation { interactionTrack(input: {idempotencyKey: "k", event: "purchase", touchpoint: "till", value: {amount: "150"}, member: {id: %q}}) { %%s } }`, id)
	track := map[string]string{
		"member":   `mutation { interactionTrack(input: {idempotencyKey: "k", event: "review", touchpoint: "app", properties: {stars: 5}}) { %s } }`,
		"operator": bought, "partner": bought,
	}
	refused := everyone(`mutation { interactionTrack(input: {idempotencyKey: "x", event: "nothing", touchpoint: "app", member: {id: "` + id.String() + `"}}) { userErrors { %s } } }`)
	batch := fmt.Sprintf(`mutation { interactionTrackBatch(input: {interactions: [{idempotencyKey: "b", event: "review", touchpoint: "app", member: {id: %q}}]}) { %%s } }`, id)
	enrol := `mutation { memberEnrol(input: {idempotencyKey: "e", touchpoint: "app", identities: [{kind: EMAIL, value: "new@example.com"}]}) { %s } }`
	redeem := fmt.Sprintf(`mutation { rewardRedeem(input: {idempotencyKey: "r", reward: %q, member: {id: %q}}) { %%s } }`, reward, id)
	programme, outcome := through(viewer, "programme { %s }"), through(track, "outcome { %s }")
	movements := only(through(member, "movements(first: 1) { %s }"), "member", "operator")
	movement := through(movements, "edges { node { %s } }")
	movement["partner"] = fmt.Sprintf(outcome["partner"], "movements { %s }")
	liability := only(through(programme, "liability { %s }"), "operator")
	slice := only(through(movement, "why { lots { %s } }"), "member", "operator")
	statement := only(through(member, `account { statement(from: "2025-01-01T00:00:00Z") { %s } }`), "member", "operator")
	interactions := only(through(member, `interactions(first: 1) { %s }`), "member", "operator")
	interaction := through(interactions, "edges { node { %s } }")
	interaction["partner"] = fmt.Sprintf(track["partner"], "interaction { %s }")
	redemptions := only(through(member, "redemptions(first: 1) { %s }"), "member", "operator")
	metrics := only(through(member, "metrics { %s }"), "member", "operator")
	touchpoints := through(programme, "touchpoints { %s }")
	hours := through(touchpoints, "hours { %s }")
	periods := only(through(member, "tierHistory(first: 1) { %s }"), "member", "operator")
	personas := only(through(member, "affinities { %s }"), "member", "operator")
	persona := through(personas, "persona { %s }")
	c.ways = map[string]map[string]string{
		"Query": everyone(`{ %s }`), "Mutation": everyone(`mutation { %s }`), "Subscription": everyone(`subscription { %s }`),
		"Viewer": viewer, "Programme": programme, "Member": member,
		"Operator": through(viewer, "operator { %s }"), "Partner": through(viewer, "partner { %s }"),
		"MemberConnection": through(viewer, "operator { members(first: 1) { %s } }"), "MemberEdge": through(viewer, "operator { members(first: 1) { edges { %s } } }"),
		"PageInfo": through(movements, "pageInfo { %s }"),
		"Account":  through(member, "account { %s }"), "Expiry": through(member, "account { expiring(days: 366) { %s } }"),
		"Statement": statement, "StatementLine": through(statement, "lines { %s }"), "MovementTotal": through(movements, "totals { %s }"),
		"Liability": liability, "LiabilityTotals": through(liability, "totals { %s }"), "OutstandingPoints": through(liability, "outstanding { %s }"),
		"PointsFlow": through(liability, "months { %s }"),
		"LotSlice":   slice, "Lot": through(slice, "lot { %s }"),
		"Identity":     only(through(member, "identities { %s }"), "member", "operator"),
		"Attribute":    only(through(member, "attributes { %s }"), "member", "operator"),
		"TierProgress": only(through(member, "tierProgress { %s }"), "member", "operator"), "TierGoal": only(through(member, "tierProgress { next { %s } }"), "member", "operator"),
		"TierPeriodConnection": periods, "TierPeriodEdge": through(periods, "edges { %s }"), "TierPeriod": through(periods, "edges { node { %s } }"),
		"MemberTier": through(member, "tier { %s }"), "Tier": through(programme, "tiers { %s }"),
		"Affinity": personas, "Persona": persona, "Trait": through(persona, "traits { %s }"),
		"MissionProgress": {"member": through(member, "missions { %s }")["member"], "operator": through(member, "missions { %s }")["operator"], "partner": fmt.Sprintf(outcome["partner"], "progress { %s }")}, "Mission": through(programme, "missions { %s }"),
		"RewardOffer": only(through(member, "rewards { %s }"), "member", "operator"), "RewardReason": only(through(member, "rewards { reason { %s } }"), "member", "operator"), "Reward": through(programme, "rewards { %s }"),
		"Touchpoint": touchpoints, "Place": through(touchpoints, "place { %s }"),
		"OpeningHours": hours, "OpeningDay": through(hours, "weekly { %s }"), "OpeningException": through(hours, "exceptions { %s }"),
		"TouchpointFigures": only(through(touchpoints, `figures(from: "2026-01-01", to: "2026-01-01") { %s }`), "operator"),
		"MemberMetric":      metrics, "Metric": through(metrics, "metric { %s }"),
		"EventType":          only(through(programme, "events { %s }"), "operator", "partner"),
		"Budget":             only(through(programme, "budgets { %s }"), "operator"),
		"Rule":               only(through(programme, "rules { %s }"), "operator"),
		"MovementConnection": movements, "MovementEdge": through(movements, "edges { %s }"), "Movement": movement,
		"Balances": through(movement, "after { %s }"), "Why": through(movement, "why { %s }"),
		"InteractionConnection": interactions, "InteractionEdge": through(interactions, "edges { %s }"), "Interaction": interaction,
		"Money":                only(through(map[string]string{"member": strings.Replace(member["member"], "%s", "interactions(first: 20) { edges { node { %s } } }", 1), "operator": strings.Replace(member["operator"], "%s", "interactions(first: 20) { edges { node { %s } } }", 1), "partner": interaction["partner"]}, "value { %s }"), "member", "operator", "partner"),
		"RedemptionConnection": redemptions, "RedemptionEdge": through(redemptions, "edges { %s }"), "Redemption": through(redemptions, "edges { node { %s } }"),
		"InteractionTrackPayload": track, "Outcome": outcome, "UserError": only(refused, "member", "operator", "partner"),
		"InteractionTrackBatchPayload": {"operator": batch, "partner": batch},
		"MemberEnrolPayload":           {"operator": enrol, "partner": enrol},
		"RewardRedeemPayload":          {"member": redeem, "operator": redeem},
		"BalanceSnapshot": {
			"member": `subscription { balanceChanged { %s } }`, "operator": fmt.Sprintf(`subscription { balanceChanged(member: %q) { %%s } }`, id),
		},
		"TimelineSnapshot": {
			"member": `subscription { timelineChanged { %s } }`, "operator": fmt.Sprintf(`subscription { timelineChanged(member: %q) { %%s } }`, id),
		},
		"TierSnapshot": {
			"member": `subscription { tierChanged { %s } }`, "operator": fmt.Sprintf(`subscription { tierChanged(member: %q) { %%s } }`, id),
		},
	}
}

// chartPoints finds the ways to what operations answer with: to a hold that each ends, and to a note through the newest movement.
func (c *court) chartPoints(id, other fact.ID, holds [2]fact.ID) {
	both := func(format string, args ...any) map[string]string {
		way := "mutation { " + fmt.Sprintf(format, args...) + " { %s } }"
		return map[string]string{"operator": way, "partner": way}
	}
	operator := func(ways map[string]string) map[string]string { return map[string]string{"operator": ways["operator"]} }
	c.ways["PointsAdjustPayload"] = operator(both(`pointsAdjust(input: {idempotencyKey: "a", member: {id: %q}, points: 1, reason: "a gift"})`, id))
	c.ways["PointsTransferPayload"] = operator(both(`pointsTransfer(input: {idempotencyKey: "t", from: {id: %q}, to: {id: %q}, points: 1})`, id, other))
	c.ways["PointsHoldPayload"] = both(`pointsHold(input: {idempotencyKey: "h", member: {id: %q}, points: 1, expiresIn: 60})`, id)
	c.ways["PointsCapturePayload"] = both(`pointsCapture(input: {idempotencyKey: "c", hold: %q})`, holds[0])
	c.ways["PointsReleasePayload"] = both(`pointsRelease(input: {idempotencyKey: "r", hold: %q})`, holds[1])
	c.ways["Hold"], c.ways["Note"] = map[string]string{}, map[string]string{}
	for role, way := range c.ways["Account"] {
		c.ways["Hold"][role] = fmt.Sprintf(way, "holds { %s }")
	}
	for role, way := range c.ways["PointsAdjustPayload"] {
		c.ways["Note"][role] = fmt.Sprintf(way, "movement { note { %s } }")
	}
}

// chartReversals finds the ways to what undoes a purchase that has lines, which the partner sent, and a spend. Operator and partner undo a part each.
func (c *court) chartReversals(bought string, spend fact.ID) {
	both := func(way string) map[string]string { return map[string]string{"operator": way, "partner": way} }
	reverse := fmt.Sprintf(`mutation { interactionReverse(input: {idempotencyKey: "v", interaction: %q, lines: [{reference: "bread", quantity: 1}]}) { %%s } }`, bought)
	preview := fmt.Sprintf(`{ interactionReversalPreview(interaction: %q) { %%s } }`, bought)
	node := fmt.Sprintf(`{ node(id: %q) { ... on Interaction { %%s } } }`, bought)
	shown := func(field, partners string) map[string]string {
		way := fmt.Sprintf(node, field)
		return map[string]string{"member": way, "operator": way, "partner": fmt.Sprintf(reverse, partners)}
	}
	c.ways["InteractionReversePayload"], c.ways["InteractionReversalPreviewPayload"] = both(reverse), both(preview)
	c.ways["InteractionReversalPreview"] = both(fmt.Sprintf(preview, "preview { %s }"))
	c.ways["Taking"] = both(fmt.Sprintf(preview, "preview { takings { %s } }"))
	c.ways["Reversal"] = shown("reversals { %s }", "reversal { %s }")
	c.ways["ReversalLine"] = shown("reversals { lines { %s } }", "reversal { lines { %s } }")
	c.ways["InteractionLine"] = shown("lines { %s }", "reversal { interaction { lines { %s } } }")
	c.ways["PointsRefundPayload"] = both(fmt.Sprintf(`mutation { pointsRefund(input: {idempotencyKey: "f", movement: %q, points: 1}) { %%s } }`, spend))
}

// chartDefinitions finds the ways to definitions and what becomes of them.
func (c *court) chartDefinitions() {
	way := func(of, format string, args ...any) {
		c.ways[of] = map[string]string{"operator": fmt.Sprintf(format, args...)}
	}
	in := func(of, parent, field string) { way(of, c.ways[parent]["operator"], field) }
	in("DefinitionConnection", "Programme", "definitions(first: 1) { %s }")
	in("DefinitionEdge", "DefinitionConnection", "edges { %s }")
	in("Definition", "DefinitionEdge", "node { %s }")
	in("RevisionConnection", "Definition", "revisions(first: 1) { %s }")
	in("RevisionEdge", "RevisionConnection", "edges { %s }")
	in("Revision", "RevisionEdge", "node { %s }")
	in("ProgrammeVersionConnection", "Programme", "versions(first: 1) { %s }")
	in("ProgrammeVersionEdge", "ProgrammeVersionConnection", "edges { %s }")
	in("ProgrammeVersion", "ProgrammeVersionEdge", "node { %s }")
	in("ChangeConnection", "Programme", "changes(first: 1, filter: {actions: [GRANTED]}) { %s }")
	in("ChangeEdge", "ChangeConnection", "edges { %s }")
	in("Change", "ChangeEdge", "node { %s }")
	in("Difference", "Programme", "diff(from: 0) { %s }")
	in("FieldDifference", "Difference", "fields { %s }")
	c.ways["Partner"]["operator"] = fmt.Sprintf(c.ways["Change"]["operator"], "partner { %s }")
	way("DefinitionDraftPayload", `mutation { definitionDraft(input: {kind: RULE, yaml: "key: a"}) { %%s } }`)
	in("DefinitionProblem", "DefinitionDraftPayload", "problems { %s }")
	for _, verb := range []string{"Discard", "Pause", "Resume", "Retire"} {
		way("Definition"+verb+"Payload", `mutation { definition%s(input: {definition: {name: {kind: RULE, key: "a"}}}) { %%s } }`, verb)
	}
	way("ProgrammePublishPayload", `mutation { programmePublish(input: {expectedVersion: 9}) { %%s } }`)
	way("ProgrammeRollbackPayload", `mutation { programmeRollback(input: {version: 1, expectedVersion: 9}) { %%s } }`)
	way("ProgrammeCancelPayload", `mutation { programmeCancel(input: {version: 1}) { %%s } }`)
	way("ProgrammeImportPayload", `mutation { programmeImport(input: {yaml: "", expectedVersion: 9}) { %%s } }`)
}

// arguments are those that fields need.
var arguments = map[string]string{
	"consentRecord": `(input: {idempotencyKey: "m", touchpoint: "nowhere", decisions: []})`, "contactPrefer": `(input: {idempotencyKey: "m", channels: []})`, "contactRecord": `(input: {idempotencyKey: "m", member: {id: "mbr_00000000000000000000000000"}, channel: "none"})`,
	"timeline":    "(first: 1)",
	"memberErase": fmt.Sprintf(`(input: {idempotencyKey: "m", member: {id: %q}})`, fact.NewID(fact.KindMember)), "memberErasurePreview": "",
	"node": fmt.Sprintf(`(id: %q)`, fact.NewID(fact.KindMember)), "nodes": `(ids: [])`, "members": "(first: 1)", "member": `(ref: {identity: {kind: EMAIL, value: "a@example.com"}})`,
	"balanceAt": `(at: "NOW")`, "statement": `(from: "2025-01-01T00:00:00Z")`,
	"movements": "(first: 1)", "interactions": "(first: 1)", "redemptions": "(first: 1)", "tierHistory": "(first: 1)", "tasks": "(first: 1)",
	"interactionTrack":           `(input: {idempotencyKey: "m", event: "review", touchpoint: "app", member: {identity: {kind: EMAIL, value: "nonna@example.com"}}})`,
	"interactionTrackBatch":      `(input: {interactions: []})`,
	"memberRegister":             fmt.Sprintf(`(input: {idempotencyKey: "m", touchpoint: "nowhere", member: {id: %q}})`, fact.NewID(fact.KindMember)),
	"memberIdentify":             `(input: {idempotencyKey: "m", identities: []})`,
	"memberIdentityRemove":       `(input: {idempotencyKey: "m", identity: {kind: CARD, value: "0"}})`,
	"memberSuspend":              fmt.Sprintf(`(input: {idempotencyKey: "m", member: {id: %q}, reason: ""})`, fact.NewID(fact.KindMember)),
	"memberReinstate":            fmt.Sprintf(`(input: {idempotencyKey: "m", member: {id: %q}, reason: ""})`, fact.NewID(fact.KindMember)),
	"memberMerge":                fmt.Sprintf(`(input: {idempotencyKey: "m", from: {id: %[1]q}, into: {id: %[1]q}, reason: ""})`, fact.NewID(fact.KindMember)),
	"memberMergePreview":         fmt.Sprintf(`(from: {id: %[1]q}, into: {id: %[1]q})`, fact.NewID(fact.KindMember)),
	"history":                    "(first: 1)",
	"memberUpdate":               fmt.Sprintf(`(input: {idempotencyKey: "m", touchpoint: "app", member: {id: %q}})`, fact.NewID(fact.KindMember)),
	"dependentAdd":               fmt.Sprintf(`(input: {idempotencyKey: "m", touchpoint: "app", member: {id: %q}, kind: "x"})`, fact.NewID(fact.KindMember)),
	"dependentUpdate":            fmt.Sprintf(`(input: {idempotencyKey: "m", touchpoint: "app", member: {id: %q}, dependent: "x", attributes: {}})`, fact.NewID(fact.KindMember)),
	"dependentRemove":            fmt.Sprintf(`(input: {idempotencyKey: "m", touchpoint: "app", member: {id: %q}, dependent: "x"})`, fact.NewID(fact.KindMember)),
	"memberEnrol":                `(input: {idempotencyKey: "m", touchpoint: "nowhere", identities: []})`,
	"pointsAdjust":               fmt.Sprintf(`(input: {idempotencyKey: "m", member: {id: %q}, points: 1, reason: ""})`, fact.NewID(fact.KindMember)),
	"pointsHold":                 fmt.Sprintf(`(input: {idempotencyKey: "m", member: {id: %q}, points: 1, expiresIn: 0})`, fact.NewID(fact.KindMember)),
	"pointsCapture":              fmt.Sprintf(`(input: {idempotencyKey: "m", hold: %q})`, fact.NewID(fact.KindHold)),
	"pointsRelease":              fmt.Sprintf(`(input: {idempotencyKey: "m", hold: %q})`, fact.NewID(fact.KindHold)),
	"interactionReverse":         fmt.Sprintf(`(input: {idempotencyKey: "m", interaction: %q})`, fact.NewID(fact.KindInteraction)),
	"interactionReversalPreview": fmt.Sprintf(`(interaction: %q)`, fact.NewID(fact.KindInteraction)),
	"interactionTry":             `(input: {event: "review", touchpoint: "app", member: {identity: {kind: EMAIL, value: "nonna@example.com"}}})`,
	"pointsRefund":               fmt.Sprintf(`(input: {idempotencyKey: "m", movement: %q})`, fact.NewID(fact.KindMovement)),
	"pointsTransfer":             fmt.Sprintf(`(input: {idempotencyKey: "m", from: {id: %[1]q}, to: {id: %[1]q}, points: 1})`, fact.NewID(fact.KindMember)),
	"rewardRedeem":               fmt.Sprintf(`(input: {idempotencyKey: "m", reward: %q})`, fact.NewID(fact.KindReward)),
	"definitions":                "(first: 1)", "revisions": "(first: 1)", "versions": "(first: 1)", "changes": "(first: 1)", "diff": "(from: 0)",
	"definition":        `(ref: {name: {kind: RULE, key: "a"}})`,
	"definitionDraft":   `(input: {kind: RULE, yaml: ""})`,
	"definitionDiscard": `(input: {definition: {name: {kind: RULE, key: "a"}}})`, "definitionPause": `(input: {definition: {name: {kind: RULE, key: "a"}}})`,
	"definitionResume": `(input: {definition: {name: {kind: RULE, key: "a"}}})`, "definitionRetire": `(input: {definition: {name: {kind: RULE, key: "a"}}})`,
	"programmePublish": `(input: {expectedVersion: 9})`, "programmeRollback": `(input: {version: 1, expectedVersion: 9})`,
	"task": fmt.Sprintf(`(id: %q)`, fact.NewID(fact.KindTask)), "taskCancel": fmt.Sprintf(`(input: {id: %q})`, fact.NewID(fact.KindTask)),
	"figures": `(from: "2026-01-01", to: "2026-01-01")`, "metricRebuild": `(input: {metrics: ["none"]})`,
	"programmeSimulate": `(input: {from: "1990-01-01T00:00:00Z"})`,
	"programmeCancel":   `(input: {version: 1})`, "programmeImport": `(input: {yaml: "", expectedVersion: 9})`,
}

// verdict is what becomes of a caller that asks for the field of an object.
func (c *court) verdict(t *testing.T, schema *ast.Schema, of string, f *ast.FieldDefinition, role string) string {
	t.Helper()
	way := c.ways[of][role]
	if way == "" {
		return unreachable
	}
	selection := f.Name
	if len(f.Arguments) > 0 && f.Arguments.ForName("days") == nil && f.Name != "balanceChanged" && f.Name != "tierChanged" && (of != "Outcome") {
		selection += strings.ReplaceAll(arguments[f.Name], "NOW", time.Now().UTC().Format(time.RFC3339Nano))
	}
	if composite := schema.Types[f.Type.Name()]; composite.IsCompositeType() {
		selection += " { __typename }"
	}
	if of != "Subscription" {
		selection = "reached: __typename " + selection
	}
	var a answer
	callers := c.callers
	if c.there[of] {
		callers = c.kiosk
	}
	if query := fmt.Sprintf(way, selection); strings.HasPrefix(query, "subscription") {
		a = callers[role].first(t, query)
	} else {
		a = callers[role].ask(t, query, nil)
	}
	for _, e := range a.Errors {
		if len(e.Path) == 0 || e.Path[len(e.Path)-1] != f.Name {
			t.Fatalf("%s.%s for a %s: %v", of, f.Name, role, a.Errors)
		}
	}
	switch a.code() {
	case "FORBIDDEN":
		return forbidden
	case "UNAUTHENTICATED":
		return needsToken
	case "":
		if of == "Subscription" || strings.Contains(fmt.Sprint(a.Data), "reached:"+of) {
			return yes
		}
		return unreachable
	}
	if of == "Subscription" && a.code() == "BAD_REQUEST" { // an operator must name the member
		return yes
	}
	t.Fatalf("%s.%s for a %s: %v", of, f.Name, role, a.Errors)
	return ""
}
