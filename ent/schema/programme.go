package schema

import (
	"crypto/rand"
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/loyalty/fact"
)

// Programme is a brand's loyalty system, the tenant.
type Programme struct{ ent.Schema }

// Fields of a programme. Its settings belong to its versions.
func (Programme) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindProgramme),
		field.String("key").Immutable().Unique().MaxLen(64).Comment("The programme's name in files and tokens."),
		field.String("currency").Immutable().MaxLen(3).Comment("ISO 4217; never changes, or old figures would change their meaning."),
		field.String("secret").Immutable().Sensitive().DefaultFunc(rand.Text).Comment("Keys the digests that commands keep of what callers sent."),
		field.Int("current").Default(0).NonNegative().Comment("The number of its last version, which may be one that is yet to come; 0 before the first publication."),
		instant("created_at"),
	}
}

// Policy lets Granaio itself write and nobody else.
func (Programme) Policy() ent.Policy { return systemWrites }

// Annotations of the table.
func (Programme) Annotations() []schema.Annotation { return []schema.Annotation{table("programmes")} }

// ProgrammeVersion is what was in force from one publication to the next. It never changes.
type ProgrammeVersion struct{ ent.Schema }

// Mixin scopes the rows.
func (ProgrammeVersion) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a programme's version.
func (ProgrammeVersion) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindProgrammeVersion),
		field.Int("number").Immutable().Positive(),
		field.Time("effective_from").Immutable().
			Comment("Interactions that occurred from here on are decided by it, until the next version's. Of two for an instant the later number is in force."),
		instant("published_at"),
		field.String("published_by").Immutable(),
		field.Enum("cause").Immutable().Values("publication", "import", "rollback", "cancellation", "renewal").
			Comment("A renewal is a scheduled version made anew, since something was published before its instant."),
		field.Int("of").Immutable().Optional().Nillable().Comment("The number of the version that was rolled back to, cancelled or renewed."),
		field.JSON("revisions", []fact.ID{}).SchemaType(asJSON).Immutable().Comment("The settings and definitions in force, each in one immutable revision, in order."),
		field.JSON("paused", []fact.ID{}).SchemaType(asJSON).Immutable().Comment("The definitions among them that rest."),
		field.JSON("turns", json.RawMessage{}).SchemaType(asJSON).Immutable().
			Comment("What it changes of the version before: a list of definition, revision, paused. A renewal makes the same changes."),
	}
}

// Indexes of programme versions.
func (ProgrammeVersion) Indexes() []ent.Index {
	return []ent.Index{index.Fields("programme_id", "number").Unique()}
}

// Annotations of the table.
func (ProgrammeVersion) Annotations() []schema.Annotation {
	return []schema.Annotation{table("programme_versions")}
}

// Definition is a rule, mission, persona, tier, reward, budget or touchpoint, or the programme's settings, as a thing that keeps its identity while its
// revisions follow one another.
// One table holds every kind, so that all of them have one lifecycle: see docs/adr/0002.
type Definition struct{ ent.Schema }

// Mixin scopes the rows.
func (Definition) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a definition.
func (Definition) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", fact.ID{}).Immutable().Comment("Its kind says what it defines."),
		field.Enum("kind").Immutable().Values("settings", "touchpoint", "rule", "mission", "tier", "persona", "reward", "budget"),
		field.String("key").Immutable().MaxLen(64),
		field.UUID("draft_id", fact.ID{}).Optional().Nillable().Comment("The revision that is being written, and not published yet."),
		instant("created_at"),
	}
}

// Indexes of definitions.
func (Definition) Indexes() []ent.Index {
	return []ent.Index{index.Fields("programme_id", "kind", "key").Unique()}
}

// Annotations of the table.
func (Definition) Annotations() []schema.Annotation { return []schema.Annotation{table("definitions")} }

// Revision is one immutable version of a definition. Whether it is a draft its definition says, and whether it is in force the programme's versions.
type Revision struct{ ent.Schema }

// Mixin scopes the rows.
func (Revision) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a revision.
func (Revision) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindRevision),
		reference("definition_id"),
		field.Int("number").Immutable().Positive(),
		field.JSON("body", map[string]any{}).SchemaType(asJSON).Immutable().Comment("The definition as data, as its package's Spec has it."),
		field.String("digest").Immutable().Comment("SHA-256 of the body, to tell whether an import changes anything."),
		instant("created_at"),
		field.String("created_by").Immutable(),
	}
}

// Indexes of revisions.
func (Revision) Indexes() []ent.Index {
	return []ent.Index{index.Fields("definition_id", "number").Unique(), index.Fields("programme_id")}
}

// Annotations of the table.
func (Revision) Annotations() []schema.Annotation { return []schema.Annotation{table("revisions")} }

// Change is that somebody changed a definition or a partner: who, what and when. It holds no personal data but its caller's name.
type Change struct{ ent.Schema }

// Mixin scopes the rows.
func (Change) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a change.
func (Change) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindChange),
		field.Enum("action").Immutable().Values("drafted", "discarded", "published", "paused", "resumed", "retired", "cancelled", "granted", "withdrawn"),
		field.UUID("definition_id", fact.ID{}).Optional().Nillable().Immutable(),
		field.UUID("partner_id", fact.ID{}).Optional().Nillable().Immutable().Comment("Of one that was granted scopes, or lost them all."),
		field.UUID("before_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The revision before; null if there was none."),
		field.UUID("after_id", fact.ID{}).Optional().Nillable().Immutable().Comment("The revision after; null if there is none."),
		field.Int("version").Optional().Nillable().Immutable().Comment("The number of the programme's version that it made; null of a draft."),
		field.String("caller").Immutable().MaxLen(160).Comment("Who did it, as auth.Viewer's Caller names it."),
		instant("created_at"),
	}
}

// Indexes of changes.
func (Change) Indexes() []ent.Index {
	return []ent.Index{index.Fields("programme_id", "created_at", "id"), index.Fields("definition_id", "created_at", "id")}
}

// Annotations of the table.
func (Change) Annotations() []schema.Annotation { return []schema.Annotation{table("changes")} }

// Partner is an organisation with a till or a system of its own.
type Partner struct{ ent.Schema }

// Mixin scopes the rows.
func (Partner) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a partner.
func (Partner) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindPartner),
		field.String("key").Immutable().MaxLen(64),
		field.String("name").MaxLen(200),
		field.JSON("scopes", []string{}).SchemaType(asJSON).Comment("What it may do: interactions:write, members:read."),
		instant("created_at"),
	}
}

// Indexes of partners.
func (Partner) Indexes() []ent.Index {
	return []ent.Index{index.Fields("programme_id", "key").Unique()}
}

// Annotations of the table.
func (Partner) Annotations() []schema.Annotation { return []schema.Annotation{table("partners")} }
