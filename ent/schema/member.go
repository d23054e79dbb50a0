package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Member is a person as one programme knows it.
type Member struct{ ent.Schema }

// Mixin scopes the rows.
func (Member) Mixin() []ent.Mixin { return []ent.Mixin{byMember("id")} }

// Fields of a member: what people search by. The rest of what is known is its working state.
func (Member) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindMember),
		field.UUID("account_id", fact.ID{}).Comment("The account that collects its points: its own."),
		field.Enum("status").Values("anonymous", "prospect", "registered", "suspended", "erased").Default("registered"),
		field.String("locale").Optional().MaxLen(35).Comment("BCP 47; empty for the programme's first language."),
		field.String("tier").Optional().MaxLen(64).Comment("The key of the tier it has reached; empty below the first."),
		field.Time("tier_since").Optional().Nillable(),
		field.String("persona").Optional().MaxLen(64).Comment("The key of its primary persona; empty while nothing speaks for any."),
		field.Time("enrolled_at").Comment("When it was registered; of one who is not yet, when it became known."),
		field.Time("due_at").Optional().Nillable().Comment("When time next brings something about: a tier ends, a trigger happens; or earlier. Null for never."),
		field.UUID("merged_into", fact.ID{}).Optional().Nillable().Comment("The member that it was merged into: never one that was merged itself. Whatever names this one names that one."),
		instant("created_at"),
	}
}

// Edges of a member.
func (Member) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("account", Account.Type).Field("account_id").Unique().Required(),
		edge.To("identities", Identity.Type),
		edge.To("movements", Movement.Type),
		edge.To("interactions", Interaction.Type),
		edge.To("redemptions", Redemption.Type),
	}
}

// Indexes of members, for an operator's filters.
func (Member) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("programme_id", "enrolled_at", "id"),
		index.Fields("programme_id", "status", "enrolled_at", "id"), // also those few who are barred, among all
		index.Fields("programme_id", "tier", "id"),
		index.Fields("programme_id", "persona", "id"),
		index.Fields("account_id"),
		index.Fields("merged_into").Annotations(entsql.IndexWhere("merged_into IS NOT NULL")),
		index.Fields("due_at").Annotations(entsql.IndexWhere("due_at IS NOT NULL")), // of most programmes there is none
	}
}

// Annotations of the table.
func (Member) Annotations() []schema.Annotation {
	return []schema.Annotation{table("members")}
}

// MemberEvent is a step in a member's life: a change of its status, of its identities, or that another was merged into it. Who took it, and why, is the note of its
// command. Its id is its command's, with a kind and a place of its own.
type MemberEvent struct{ ent.Schema }

// Mixin scopes the rows.
func (MemberEvent) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a step.
func (MemberEvent) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindMemberEvent),
		reference("member_id"),
		field.Enum("kind").Immutable().Values("registered", "suspended", "reinstated", "identified", "identity_removed", "absorbed"),
		field.String("was").Immutable().MaxLen(16).Comment("The status before."),
		field.String("status").Immutable().MaxLen(16).Comment("The status from then on."),
		field.UUID("other_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The member that was absorbed."),
		instant("created_at"),
	}
}

// Indexes of steps: a member's.
func (MemberEvent) Indexes() []ent.Index { return []ent.Index{index.Fields("member_id", "id")} }

// Annotations of the table.
func (MemberEvent) Annotations() []schema.Annotation {
	return []schema.Annotation{table("member_events")}
}

// Identity is one way to recognise a member.
type Identity struct{ ent.Schema }

// Mixin scopes the rows.
func (Identity) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of an identity.
func (Identity) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindIdentity),
		field.UUID("member_id", fact.ID{}).Comment("Another, once the member is merged into it."),
		field.Enum("kind").Immutable().Values("device", "email", "phone", "card", "crm", "social"),
		field.String("value").Immutable().MaxLen(320).Comment("Normalised by its kind."),
		instant("created_at"),
	}
}

// Edges of an identity.
func (Identity) Edges() []ent.Edge {
	return []ent.Edge{edge.From("member", Member.Type).Ref("identities").Field("member_id").Unique().Required()}
}

// Indexes of identities.
func (Identity) Indexes() []ent.Index {
	return []ent.Index{index.Fields("programme_id", "kind", "value").Unique(), index.Fields("member_id")}
}

// Annotations of the table.
func (Identity) Annotations() []schema.Annotation { return []schema.Annotation{table("identities")} }

// WorkingState is what Decide needs to know of a member, as one document that is loaded and saved whole. Its id is the member's. Only the engine
// reads and writes it.
type WorkingState struct{ ent.Schema }

// Mixin scopes the rows.
func (WorkingState) Mixin() []ent.Mixin { return []ent.Mixin{internal()} }

// Fields of a working state.
func (WorkingState) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", fact.ID{}).Immutable(),
		field.Int64("version").Default(0).Comment("Grows by one with each change: the fence."),
		field.JSON("doc", json.RawMessage{}).SchemaType(asJSON).Comment("loyalty.Doc as JSON."),
		field.JSON("profile", json.RawMessage{}).SchemaType(asJSON).Optional().Comment("loyalty.Profile as JSON: written only when it changes; null if nothing is known."),
	}
}

// Annotations of the table.
func (WorkingState) Annotations() []schema.Annotation {
	return []schema.Annotation{table("working_states")}
}

// Progress is how far a member is in a mission, in one period of it.
type Progress struct{ ent.Schema }

// Mixin scopes the rows.
func (Progress) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a progress.
func (Progress) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindProgress),
		reference("member_id"),
		reference("mission_id"),
		field.String("period").Immutable().MaxLen(32).Comment("Which recurrence: 2026-05 for a monthly mission; empty for one without periods."),
		field.Int64("count").NonNegative(),
		field.Int64("target").Positive(),
		field.Time("completed_at").Optional().Nillable(),
		field.Time("updated_at"),
	}
}

// Indexes of progress.
func (Progress) Indexes() []ent.Index {
	return []ent.Index{index.Fields("member_id", "mission_id", "period").Unique()}
}

// Annotations of the table.
func (Progress) Annotations() []schema.Annotation { return []schema.Annotation{table("progresses")} }

// Redemption is a reward that a member has taken.
type Redemption struct{ ent.Schema }

// Mixin scopes the rows.
func (Redemption) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a redemption. Its id is its command's, with a kind of its own.
func (Redemption) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindRedemption),
		reference("member_id"),
		reference("reward_id"),
		reference("revision_id"), // the reward's revision that set the price
		reference("movement_id"), // the spend that paid for it
		field.Int64("points").Immutable().GoType(fact.Points(0)).Comment("The price paid."),
		field.Enum("state").Values("confirmed", "cancelled").Default("confirmed").Comment("Cancelled once all that was paid for it was given back."),
		field.Time("created_at").Immutable(),
	}
}

// Edges of a redemption.
func (Redemption) Edges() []ent.Edge {
	return []ent.Edge{edge.From("member", Member.Type).Ref("redemptions").Field("member_id").Unique().Required().Immutable()}
}

// Indexes of redemptions.
func (Redemption) Indexes() []ent.Index {
	return []ent.Index{index.Fields("member_id", "created_at"), index.Fields("reward_id")}
}

// Annotations of the table.
func (Redemption) Annotations() []schema.Annotation {
	return []schema.Annotation{table("redemptions")}
}

// Stock counts how many pieces of a reward are gone. How many there are is the reward's definition. Its id is the reward's, with a kind of its own.
type Stock struct{ ent.Schema }

// Mixin scopes the rows.
func (Stock) Mixin() []ent.Mixin { return []ent.Mixin{internal()} }

// Fields of a stock.
func (Stock) Fields() []ent.Field {
	return []ent.Field{id(fact.KindStock), field.Int64("taken").NonNegative().Default(0)}
}

// Indexes of stocks.
func (Stock) Indexes() []ent.Index { return []ent.Index{index.Fields("programme_id")} }

// Annotations of the table.
func (Stock) Annotations() []schema.Annotation { return []schema.Annotation{table("stocks")} }

// Budget counts how many points of a budget are spent. Its id is the definition's. The version in force says how many there are, for late interactions too.
type Budget struct{ ent.Schema }

// Mixin scopes the rows.
func (Budget) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a budget.
func (Budget) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindBudget),
		field.Int64("amount").NonNegative().Default(0).Comment("The most points that the version in force or one to come says there are."),
		field.Int64("spent").NonNegative().Default(0),
	}
}

// Indexes of budgets.
func (Budget) Indexes() []ent.Index { return []ent.Index{index.Fields("programme_id")} }

// Annotations of the table: the database itself lets nobody spend more than there is.
func (Budget) Annotations() []schema.Annotation {
	return []schema.Annotation{table("budgets"), entsql.Checks(map[string]string{"budgets_spent": "spent >= 0 AND spent <= amount"})}
}
