package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// TierChange is that a member came to another tier. Its id is its command's, with a kind and a place of its own.
type TierChange struct{ ent.Schema }

// Mixin scopes the rows.
func (TierChange) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a change of tier.
func (TierChange) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindTierChange),
		reference("member_id"),
		field.String("was").Optional().Immutable().MaxLen(64).Comment("The key of the tier before; empty below the first."),
		field.String("tier").Optional().Immutable().MaxLen(64).Comment("The key of the tier from then on; empty below the first."),
		field.Enum("reason").Immutable().Values("qualified", "granted", "fell", "reversed", "replaced", "merged"),
		field.Time("since").Immutable().Comment("When it was so, whenever it was booked."),
		instant("created_at"),
	}
}

// Indexes of changes of tier: a member's history.
func (TierChange) Indexes() []ent.Index { return []ent.Index{index.Fields("member_id", "since", "id")} }

// Annotations of the table.
func (TierChange) Annotations() []schema.Annotation {
	return []schema.Annotation{table("tier_changes")}
}
