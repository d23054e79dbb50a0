package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Hold is points that were set aside for a checkout, and what became of them. Its id is its movement's, with a kind of its own.
type Hold struct{ ent.Schema }

// Mixin scopes the rows.
func (Hold) Mixin() []ent.Mixin { return []ent.Mixin{byAccount("account_id")} }

// Fields of a hold. Captured and released are 0 while it is open, and together its points once it has ended.
func (Hold) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindHold),
		reference("account_id"),
		field.Time("expires_at").Immutable().Comment("When it lapses."),
		field.Int64("points").Immutable().GoType(fact.Points(0)).Positive().Comment("How many were set aside."),
		field.JSON("slices", json.RawMessage{}).SchemaType(asJSON).Immutable().
			Comment("The lots that it pins, in the order in which they are captured: a list of lot, points."),
		points("captured"), points("released"),
		field.UUID("rehung_id", fact.ID{}).Optional().Nillable().Comment("The hold that a merge set aside in its stead, once its own member was absorbed."),
	}
}

// Indexes of holds: the open ones of an account.
func (Hold) Indexes() []ent.Index {
	return []ent.Index{index.Fields("account_id").Annotations(entsql.IndexWhere("points > captured + released"))}
}

// Annotations of the table.
func (Hold) Annotations() []schema.Annotation { return []schema.Annotation{table("holds")} }
