package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// AttributeValue is a value that was given for an attribute of a member or of a dependent: the history, to which is only added, until the member is erased. Its id is its
// command's, with a kind and a place of its own; the interaction by which it became known has the same.
type AttributeValue struct{ ent.Schema }

// Mixin scopes the rows.
func (AttributeValue) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a value.
func (AttributeValue) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindAttributeValue),
		reference("member_id"),
		field.UUID("dependent_id", fact.ID{}).Optional().Immutable().Comment("Whose it is; null for the member's own."),
		field.String("name").Immutable().MaxLen(64).Comment("The attribute's; locale and, of a dependent, kind are none."),
		field.JSON("value", json.RawMessage{}).SchemaType(asJSON).Optional().Immutable().Comment("Personal data; null where one was removed."),
		field.Enum("party").Immutable().Values("zero", "first", "second", "inferred", "third"),
		field.Enum("state").Immutable().Values("taken", "outranked", "aside", "removed").Comment("What became of it."),
		field.String("touchpoint").Optional().Immutable().MaxLen(64),
		field.Time("occurred_at").Immutable().Comment("When it was said or observed."),
		field.UUID("consent_id", fact.ID{}).Optional().Immutable().Comment("The decision that held about its purpose when it was taken; null if it has none, or nothing was decided."),
		instant("created_at"),
	}
}

// Indexes of values: an attribute's history.
func (AttributeValue) Indexes() []ent.Index {
	return []ent.Index{index.Fields("member_id", "name", "created_at", "id")}
}

// Annotations of the table.
func (AttributeValue) Annotations() []schema.Annotation {
	return []schema.Annotation{table("attribute_values")}
}
