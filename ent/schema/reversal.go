package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Reversal is an interaction that was undone, wholly or in part. Its id is its command's, with a kind of its own.
type Reversal struct{ ent.Schema }

// Mixin scopes the rows.
func (Reversal) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a reversal.
func (Reversal) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindReversal),
		reference("member_id"),
		reference("interaction_id"),
		field.UUID("partner_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The partner that sent it, if one did."),
		field.Int64("value").Immutable().NonNegative().Comment("The money that was given back, in the programme's currency's minor units."),
		field.JSON("lines", json.RawMessage{}).SchemaType(asJSON).Optional().Comment("Those that were named: a list of reference, quantity, amount; erasure clears it."),
		field.Bool("whole").Immutable().Comment("Whether nothing is left of the interaction."),
		field.JSON("undone", json.RawMessage{}).SchemaType(asJSON).Optional().Immutable().Comment("What it undid besides points: loyalty.Undone as JSON."),
		field.Time("occurred_at").Immutable(),
		instant("created_at"),
	}
}

// Indexes of reversals: those of an interaction.
func (Reversal) Indexes() []ent.Index { return []ent.Index{index.Fields("interaction_id")} }

// Annotations of the table.
func (Reversal) Annotations() []schema.Annotation { return []schema.Annotation{table("reversals")} }
