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

func points(name string) ent.Field {
	return field.Int64(name).GoType(fact.Points(0)).Default(0)
}

// Account holds points: a member's, later a family's. Its numbers are the balances that are booked; package ledger tells what is due besides.
// A member's own account has the member's id, with a kind of its own.
type Account struct{ ent.Schema }

// Mixin scopes the rows.
func (Account) Mixin() []ent.Mixin { return []ent.Mixin{byAccount("id")} }

// Fields of an account.
func (Account) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindAccount),
		field.Int64("sequence").Default(0).Comment("The number of its last movement; also the fence and the version that watchers see."),
		points("pending"), points("available"), points("held"), points("debt"),
		field.Time("last_moved_at").Optional().Nillable().Comment("When its last movement was booked; no later one is booked earlier."),
		field.Time("next_due_at").Optional().Nillable().Comment("When something next matures, lapses, expires or is to be warned of; until then nothing needs projecting."),
		field.Time("active_at").Optional().Nillable().Comment("When its member was last active, to the local day; null where no points expire by inactivity."),
		instant("created_at"),
	}
}

// Indexes of accounts: what is due, for the sweep.
func (Account) Indexes() []ent.Index { return []ent.Index{index.Fields("next_due_at")} }

// Annotations of the table.
func (Account) Annotations() []schema.Annotation { return []schema.Annotation{table("accounts")} }

// Movement is one immutable change of an account.
type Movement struct{ ent.Schema }

// Mixin scopes the rows.
func (Movement) Mixin() []ent.Mixin { return []ent.Mixin{byAccount("account_id")} }

// Fields of a movement. Its id is its command's, at its place in it.
func (Movement) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindMovement),
		reference("account_id"),
		reference("member_id"), // whose doing it was
		field.Int64("number").Immutable().Positive().Comment("1, 2, 3 … within the account, without gaps."),
		field.Enum("kind").Immutable().Values("earn", "mature", "spend", "hold", "capture", "release", "expire",
			"reverse_earn", "reverse_spend", "transfer", "adjust", "merge"),
		field.Int64("points").Immutable().GoType(fact.Points(0)).Comment("How many points moved; never negative. The kind tells the direction."),
		field.Time("occurred_at").Immutable(),
		field.Time("booked_at").Immutable(),
		points("pending_after"),
		points("available_after"), points("held_after"), points("debt_after"),
		field.UUID("command_id", fact.ID{}).Immutable().Comment("The command it belongs to; the id's place is its place in it."),
		field.UUID("interaction_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The interaction behind it, if any."),
		field.UUID("revision_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The rule's, mission's or reward's revision behind it."),
		field.UUID("reverses_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The movement that this one takes back or gives back."),
		field.JSON("explanation", json.RawMessage{}).SchemaType(asJSON).Immutable().Comment("The figures that went in; ids and numbers, never personal data."),
	}
}

// Edges of a movement.
func (Movement) Edges() []ent.Edge {
	return []ent.Edge{edge.From("member", Member.Type).Ref("movements").Field("member_id").Unique().Required().Immutable()}
}

// Indexes of movements.
func (Movement) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("account_id", "number").Unique(), index.Fields("member_id", "number"),
		index.Fields("reverses_id").Annotations(entsql.IndexWhere("reverses_id IS NOT NULL")),
	}
}

// Annotations of the table.
func (Movement) Annotations() []schema.Annotation {
	return []schema.Annotation{table("movements")}
}

// Posting moves points from one bucket to another. A movement balances, since each of its postings does.
type Posting struct{ ent.Schema }

// Mixin scopes the rows.
func (Posting) Mixin() []ent.Mixin { return []ent.Mixin{byAccount("account_id")} }

var buckets = []string{"pending", "available", "held", "debt", "issued", "redeemed", "expired", "reversed", "moved"}

// Fields of a posting. Its id is its command's, at its place among the command's postings.
func (Posting) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindPosting),
		reference("account_id"),
		reference("movement_id"),
		field.UUID("lot_id", fact.ID{}).Optional().Nillable().Immutable(),
		field.Enum("source").Immutable().Values(buckets...).Comment("The bucket the points leave."),
		field.Enum("target").Immutable().Values(buckets...).Comment("The bucket the points enter."),
		field.Int64("points").Immutable().GoType(fact.Points(0)).Positive(),
	}
}

// Annotations of the table.
func (Posting) Annotations() []schema.Annotation { return []schema.Annotation{table("postings")} }

// Lot is one earning and what became of it. Its id is its earning's, with a kind of its own.
type Lot struct{ ent.Schema }

// Mixin scopes the rows.
func (Lot) Mixin() []ent.Mixin { return []ent.Mixin{byAccount("account_id")} }

// Fields of a lot.
func (Lot) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindLot),
		reference("account_id"),
		field.UUID("contributor_id", fact.ID{}).Immutable().Comment("The member that earned it."),
		field.String("funding").Immutable().Default("programme").MaxLen(64).Comment("Who bears its cost."),
		field.Time("earned_at").Immutable(),
		field.Time("activates_at").Optional().Nillable().Comment("When it may be spent; null while it waits for something to happen."),
		field.Time("expires_at").Optional().Nillable().Comment("When what is left of it is lost; null for never, and where activity decides."),
		field.JSON("ageing", json.RawMessage{}).SchemaType(asJSON).Optional().Immutable().
			Comment("How it ages where the instants do not tell: waits (the digest of what it waits for), validity, warns. Null for most."),
		points("amount"), points("pending"), points("available"), points("held"), points("spent"), points("expired"),
		points("reversed"), points("moved"),
	}
}

// Indexes of lots: the open ones of an account, in the order they are spent.
func (Lot) Indexes() []ent.Index {
	return []ent.Index{index.Fields("account_id", "expires_at", "id").Annotations(entsql.IndexWhere("pending + available + held > 0"))}
}

// Annotations of the table.
func (Lot) Annotations() []schema.Annotation { return []schema.Annotation{table("lots")} }

// Command is a request that changed something, once and for all.
type Command struct{ ent.Schema }

// Mixin scopes the rows.
func (Command) Mixin() []ent.Mixin { return []ent.Mixin{internal()} }

// Fields of a command.
func (Command) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindCommand),
		field.UUID("digest", fact.ID{}).Immutable().Unique().Comment("Of programme, caller, operation and key, by the programme's secret: 128 bits of HMAC-SHA-256."),
		field.UUID("request", fact.ID{}).Immutable().Comment("Of the request, likewise: another request under the same key is a conflict."),
		field.String("operation").Immutable().MaxLen(32),
		reference("member_id"),
		field.JSON("answer", json.RawMessage{}).SchemaType(asJSON).Immutable().Comment("The facts of the first answer."),
		instant("created_at"),
	}
}

// Annotations of the table.
func (Command) Annotations() []schema.Annotation { return []schema.Annotation{table("commands")} }

// Interaction is one thing that happened to a member.
type Interaction struct{ ent.Schema }

// Mixin scopes the rows.
func (Interaction) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of an interaction. Its id is its command's, with a kind of its own.
func (Interaction) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindInteraction),
		reference("member_id"),
		field.String("event").Immutable().MaxLen(64),
		field.String("touchpoint").Immutable().MaxLen(64).Comment("The touchpoint's key."),
		field.UUID("partner_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The partner that sent it, if one did."),
		field.Time("occurred_at").Immutable(),
		field.Time("received_at").Immutable(),
		field.Int64("value").Optional().Nillable().Immutable().Comment("What was paid, in the programme's currency's minor units."),
		field.JSON("lines", json.RawMessage{}).SchemaType(asJSON).Optional().Comment("What it was paid for: a list of reference, quantity, amount; erasure clears it."),
		field.JSON("properties", json.RawMessage{}).SchemaType(asJSON).Optional().Comment("Free properties, a JSON object; may hold personal data, so erasure clears it."),
		field.Int("version").Immutable().Comment("The programme's version that decided it."),
	}
}

// Edges of an interaction.
func (Interaction) Edges() []ent.Edge {
	return []ent.Edge{edge.From("member", Member.Type).Ref("interactions").Field("member_id").Unique().Required().Immutable()}
}

// Indexes of interactions.
func (Interaction) Indexes() []ent.Index {
	return []ent.Index{index.Fields("member_id", "occurred_at", "id")}
}

// Annotations of the table.
func (Interaction) Annotations() []schema.Annotation {
	return []schema.Annotation{table("interactions")}
}
