package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Note is what somebody wrote about a command that they gave, and who it was. Both are personal data, which nothing immutable holds: so they are kept
// apart from the command and its movements, where erasure can remove them. Its id is its command's; of a programme's publication, its version's.
type Note struct{ ent.Schema }

// Mixin scopes the rows.
func (Note) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a note.
func (Note) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindCommand),
		field.UUID("member_id", fact.ID{}).Optional().Immutable().Comment("Whom the command is about; null of a publication."),
		field.String("caller").MaxLen(160).Comment("Who wrote it, as auth.Viewer's Caller names it."),
		field.String("text").MaxLen(500).Comment("Free text, in its writer's words."),
		instant("created_at"),
	}
}

// Indexes of notes: those about a member, which erasure removes.
func (Note) Indexes() []ent.Index { return []ent.Index{index.Fields("member_id")} }

// Annotations of the table.
func (Note) Annotations() []schema.Annotation { return []schema.Annotation{table("notes")} }
