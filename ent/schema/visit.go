package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Visit is what a member did through a touchpoint on one day, as far as the interactions are rolled up: those before the watermark that is the outcome of the lease
// "visits".
type Visit struct{ ent.Schema }

// Mixin scopes the rows.
func (Visit) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a visit.
func (Visit) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindVisit),
		field.String("touchpoint").Immutable().MaxLen(64).Comment("The touchpoint's key."),
		field.Int64("day").Immutable().Comment("On which it occurred, in the programme's time zone: the days since 1 January 1970."),
		reference("member_id"),
		field.Int64("interactions").Comment("How many."),
		field.Int64("points").GoType(fact.Points(0)).Comment("That were given for them."),
	}
}

// Indexes of visits.
func (Visit) Indexes() []ent.Index {
	return []ent.Index{index.Fields("programme_id", "touchpoint", "day", "member_id").Unique()}
}

// Annotations of the table.
func (Visit) Annotations() []schema.Annotation { return []schema.Annotation{table("visits")} }
