package dossier

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
)

// Erasure is that a member was erased.
type Erasure struct {
	ID        fact.ID
	Programme fact.ID
	Member    fact.ID
	Cause     string // ByMember, ByOperator or Replayed
	At        time.Time
}

// The causes.
const (
	ByMember   = "member"
	ByOperator = "operator"
	Replayed   = "replay"
)

// Execer is a transaction.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Clear clears what is stored of a member, and lists the erasure. Its account is closed and its document emptied by the engine, in the same transaction.
func Clear(ctx context.Context, tx Execer, name string, e Erasure) error {
	for i := range Tables {
		t := &Tables[i]
		text := t.clearing(mark(name))
		if text == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, text, e.Member.As(t.kind())); err != nil {
			return fmt.Errorf("dossier: clear %s: %w", t.Name, err)
		}
	}
	m := mark(name)
	_, err := tx.ExecContext(ctx, "UPDATE members SET status = 'erased' WHERE id = "+m(1), e.Member)
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO erasures (id, programme_id, member_id, cause, erased_at) VALUES ("+m(1)+", "+m(2)+", "+m(3)+", "+m(4)+", "+m(5)+")",
			e.ID, e.Programme, e.Member, e.Cause, e.At)
	}
	if err != nil {
		return fmt.Errorf("dossier: erase: %w", err)
	}
	return nil
}

// clearing is the statement that clears a table; empty if nothing of it is cleared.
func (t *Table) clearing(m func(int) string) string {
	where := " WHERE " + t.Column + " = " + m(1)
	if t.lookup == byInteraction {
		where += " AND interaction_id IN (SELECT id FROM interactions WHERE member_id = " + m(1) + ")"
	}
	switch {
	case t.Gone:
		return "DELETE FROM " + t.Name + where
	case len(t.Clears) == 0:
		return ""
	}
	var set, any []string
	for _, c := range t.Clears {
		set, any = append(set, c+" = NULL"), append(any, c+" IS NOT NULL")
	}
	return "UPDATE " + t.Name + " SET " + strings.Join(set, ", ") + where + " AND (" + strings.Join(any, " OR ") + ")"
}

// mark writes parameters as a database does.
func mark(name string) func(int) string {
	if name == dialect.Postgres {
		return func(n int) string { return fmt.Sprintf("$%d", n) }
	}
	return func(n int) string { return fmt.Sprintf("?%d", n) }
}
