package schema

import (
	"context"
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"granaio/auth"
	"granaio/ent/intercept"
	"granaio/loyalty/fact"
)

// Lease is work that is done from time to time, by one process at a time: who does it until when, and what came of it last. It is of no programme.
type Lease struct{ ent.Schema }

// Fields of a lease.
func (Lease) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(32).Comment("What the work is."),
		field.Int64("turn").Default(0).Comment("Grows whenever somebody takes the work up: what an earlier turn writes late is refused by it."),
		field.Time("until").Comment("Until when it is taken; nobody else takes it up before."),
		field.Time("done_at").Optional().Nillable().Comment("When it was last done."),
		field.JSON("outcome", json.RawMessage{}).SchemaType(asJSON).Optional().Comment("What came of it, for the next turn and for whoever shows it."),
	}
}

// Interceptors hide leases from everybody but Granaio itself.
func (Lease) Interceptors() []ent.Interceptor {
	return []ent.Interceptor{intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		if v := auth.From(ctx); v == nil || v.Role != auth.RoleSystem {
			q.WhereP(func(sel *sql.Selector) { sel.Where(sql.False()) })
		}
		return nil
	})}
}

// Policy lets Granaio itself write and nobody else.
func (Lease) Policy() ent.Policy { return systemWrites }

// Annotations of the table.
func (Lease) Annotations() []schema.Annotation { return []schema.Annotation{table("leases")} }

// Flow is the points that were issued, redeemed, expired and taken back in one month, as far as the postings are rolled up: those before the watermark
// that is the outcome of the lease "liability".
type Flow struct{ ent.Schema }

// Mixin scopes the rows.
func (Flow) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a flow.
func (Flow) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindFlow),
		field.String("month").Immutable().MaxLen(7).Comment("In which they were booked, in the programme's time zone: 2026-05."),
		points("issued"), points("redeemed"), points("expired"), points("reversed"),
		field.Int64("debt").GoType(fact.Points(0)).Default(0).Comment("By how much more is owed; below 0 if less is."),
	}
}

// Indexes of flows.
func (Flow) Indexes() []ent.Index { return []ent.Index{index.Fields("programme_id", "month").Unique()} }

// Annotations of the table.
func (Flow) Annotations() []schema.Annotation { return []schema.Annotation{table("flows")} }

// Liability is what a programme owes its members in points, as it was at one moment. Its id is the programme's, with a kind of its own.
type Liability struct{ ent.Schema }

// Mixin scopes the rows.
func (Liability) Mixin() []ent.Mixin { return []ent.Mixin{forOperators()} }

// Fields of a liability.
func (Liability) Fields() []ent.Field {
	return []ent.Field{
		id(fact.KindLiability),
		field.Time("as_of").Comment("When it was so: all of it is of one snapshot."),
		field.JSON("outstanding", json.RawMessage{}).SchemaType(asJSON).Comment("By expiry month and funding: a list of ledger.Outstanding."),
		field.JSON("flows", json.RawMessage{}).SchemaType(asJSON).Comment("By month, those that are not rolled up yet included: a list of ledger.Flow."),
	}
}

// Annotations of the table.
func (Liability) Annotations() []schema.Annotation { return []schema.Annotation{table("liabilities")} }
