package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Consent is one decision of a member about a purpose. None is ever changed; erasure removes them. What holds is in the working state.
type Consent struct{ ent.Schema }

// Mixin scopes the rows.
func (Consent) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a decision. Its id is its command's, at its place among the command's decisions.
func (Consent) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindConsent),
		reference("member_id"),
		field.String("purpose").Immutable().MaxLen(64).Comment("The purpose's key."),
		field.Enum("state").Immutable().Values("given", "refused", "withdrawn"),
		field.String("text_version").Immutable().MaxLen(64).Comment("Of the purpose's text that the member was shown."),
		field.String("touchpoint").Immutable().MaxLen(64).Comment("The touchpoint's key."),
		field.String("caller").Immutable().MaxLen(160).Comment("Who recorded it, as auth.Viewer's Caller names it."),
		field.Time("decided_at").Immutable().Comment("When the member decided."),
		instant("created_at"),
	}
}

// Indexes of decisions: a member's history.
func (Consent) Indexes() []ent.Index {
	return []ent.Index{index.Fields("member_id", "decided_at", "id")}
}

// Annotations of the table.
func (Consent) Annotations() []schema.Annotation { return []schema.Annotation{table("consents")} }

// Contact is that a member was written to. Whoever sends messages records it, so that caps can be kept; what was written is not part of it. Erasure removes it.
type Contact struct{ ent.Schema }

// Mixin scopes the rows.
func (Contact) Mixin() []ent.Mixin { return []ent.Mixin{byMember("member_id")} }

// Fields of a contact.
func (Contact) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindContact),
		reference("member_id"),
		field.String("channel").Immutable().MaxLen(64).Comment("The channel's key."),
		field.Time("sent_at").Immutable(),
	}
}

// Indexes of contacts: a member's latest.
func (Contact) Indexes() []ent.Index { return []ent.Index{index.Fields("member_id", "sent_at")} }

// Annotations of the table.
func (Contact) Annotations() []schema.Annotation { return []schema.Annotation{table("contacts")} }

// Erasure is that a member was erased. It holds nothing of the person: the list is kept apart from backups, so that erasures can be done again after one is restored.
type Erasure struct{ ent.Schema }

// Mixin scopes the rows.
func (Erasure) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of an erasure. Its id is its command's, with a kind of its own.
func (Erasure) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindErasure),
		reference("member_id"),
		field.Enum("cause").Immutable().Values("member", "operator", "replay").Comment("At whose wish; replay: it had been done before a backup was restored."),
		field.Time("erased_at").Immutable(),
		field.Time("swept_at").Optional().Nillable().Comment("When the database was told to give up the room; null until then."),
	}
}

// Indexes of erasures: those that are to be swept, which are few.
func (Erasure) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("programme_id", "erased_at", "id"),
		index.Fields("swept_at").Annotations(entsql.IndexWhere("swept_at IS NULL")),
	}
}

// Annotations of the table.
func (Erasure) Annotations() []schema.Annotation { return []schema.Annotation{table("erasures")} }
