package schema

import (
	"context"
	"errors"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"

	"granaio/auth"
	"granaio/ent/intercept"
	"granaio/ent/privacy"
	"granaio/loyalty/fact"
)

// id is the primary key of the kind.
func id(kind fact.Kind) ent.Field {
	return field.UUID("id", fact.ID{}).Immutable().Default(func() fact.ID { return fact.NewID(kind) })
}

// reference is a column that holds another row's id.
func reference(name string) ent.Field { return field.UUID(name, fact.ID{}).Immutable() }

// instant is a time that is set once.
func instant(name string) ent.Field {
	return field.Time(name).Immutable().Default(func() time.Time { return fact.Instant(time.Now()) })
}

// asJSON is the type of a JSON column. It is json and not jsonb in PostgreSQL: documents are read and written whole, and json is cheaper at both.
var asJSON = map[string]string{dialect.Postgres: "json"}

// scoped belongs to one programme. Column memberColumn, unless empty, is what a member's viewer must own to see a row.
type scoped struct {
	mixin.Schema
	// own gives the value that a row must have in column for a member to see it.
	column string
	own    func(member fact.ID) fact.ID
	// hidden rows are shown to Granaio itself alone.
	hidden bool
}

func byMember(column string) scoped {
	return scoped{column: column, own: func(member fact.ID) fact.ID { return member }}
}

func byAccount(column string) scoped {
	return scoped{column: column, own: func(member fact.ID) fact.ID { return member.As(fact.KindAccount) }}
}

// operators' rows are not shown to members at all.
func forOperators() scoped { return scoped{} }

// internal rows are shown to nobody but Granaio itself.
func internal() scoped { return scoped{hidden: true} }

func (scoped) Fields() []ent.Field { return []ent.Field{reference("programme_id")} }

var errNoViewer = errors.New("schema: a query without a viewer")

// Interceptors narrow every query to what the viewer may see. What it may not see does not exist for it.
func (s scoped) Interceptors() []ent.Interceptor {
	return []ent.Interceptor{intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		v := auth.From(ctx)
		switch {
		case v == nil:
			return errNoViewer
		case v.Role == auth.RoleSystem && v.Programme.IsZero():
			return nil
		case s.hidden && v.Role != auth.RoleSystem:
			q.WhereP(func(sel *sql.Selector) { sel.Where(sql.False()) })
			return nil
		}
		q.WhereP(func(sel *sql.Selector) { sel.Where(sql.EQ(sel.C("programme_id"), v.Programme)) })
		if v.Role != auth.RoleMember {
			return nil
		}
		if s.column == "" {
			q.WhereP(func(sel *sql.Selector) { sel.Where(sql.False()) })
			return nil
		}
		kin, err := auth.Kin(ctx)
		if err != nil {
			return err
		}
		own := make([]any, len(kin))
		for i, id := range kin {
			own[i] = s.own(id)
		}
		q.WhereP(func(sel *sql.Selector) {
			if len(own) == 1 {
				sel.Where(sql.EQ(sel.C(s.column), own[0]))
				return
			}
			sel.Where(sql.In(sel.C(s.column), own...))
		})
		return nil
	})}
}

// Policy lets Granaio itself write and nobody else: members change through the engine, programmes through package programme.
func (scoped) Policy() ent.Policy { return systemWrites }

var systemWrites = privacy.Policy{
	Mutation: privacy.MutationPolicy{privacy.MutationRuleFunc(func(ctx context.Context, _ ent.Mutation) error {
		if v := auth.From(ctx); v != nil && v.Role == auth.RoleSystem {
			return privacy.Allow
		}
		return privacy.Denyf("schema: only Granaio itself writes here")
	})},
}

// table names a table.
func table(name string) entsql.Annotation { return entsql.Annotation{Table: name} }
