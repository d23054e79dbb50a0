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

// Task is long work that somebody asked for: how far it is, and what came of it. One process at a time does it, for as long as it renews its lease.
type Task struct{ ent.Schema }

// Mixin scopes the rows.
func (Task) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a task.
func (Task) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindTask),
		field.Enum("kind").Immutable().Values("simulation", "metric_rebuild"),
		field.Enum("state").Values("waiting", "running", "done", "failed", "cancelled").Default("waiting"),
		field.JSON("input", json.RawMessage{}).SchemaType(asJSON).Immutable().Comment("What is asked for, as the kind's package has it."),
		field.JSON("result", json.RawMessage{}).SchemaType(asJSON).Optional().Comment("What came of it, likewise; null until it is done."),
		field.String("fault").Optional().MaxLen(500).Comment("Why it failed, for people."),
		field.Int64("done").NonNegative().Default(0).Comment("How much of it is done, of the total; the unit is the kind's."),
		field.Int64("total").NonNegative().Default(0).Comment("0 as long as it is not known."),
		field.Bool("cancel").Default(false).Comment("Whether somebody wants it to end."),
		field.Int64("turn").Default(0).Comment("Grows whenever a process takes it up: what an earlier turn writes late is refused by it."),
		field.Time("until").Optional().Nillable().Comment("Until when a process has it; nobody else takes it up before."),
		field.String("started_by").Immutable().MaxLen(160).Comment("Who asked for it, as auth.Viewer's Caller names it."),
		instant("created_at"),
		field.Time("ended_at").Optional().Nillable(),
	}
}

// Indexes of tasks: a programme's, and those that are not at their end.
func (Task) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("programme_id", "created_at", "id"),
		index.Fields("created_at", "id").Annotations(entsql.IndexWhere("ended_at IS NULL")),
	}
}

// Annotations of the table.
func (Task) Annotations() []schema.Annotation { return []schema.Annotation{table("tasks")} }
