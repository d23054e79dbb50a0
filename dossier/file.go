package dossier

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"granaio/ent/migrate"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Format is the version of the form that a member's file has.
const Format = 1

// ErrNoMember is the error of a file of a member that there is not.
var ErrNoMember = errors.New("dossier: there is no such member")

// Write writes a member's whole file as one JSON object: for each table that holds something of it the list of its rows, the oldest first. It is one snapshot, and is written as
// it is read. Nothing is written of a member that there is not.
func Write(ctx context.Context, db *store.Store, programme, member fact.ID, now time.Time, w io.Writer) (err error) {
	tx, err := db.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if err := onlyLookups(ctx, tx, db.Dialect()); err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	m := mark(db.Dialect())
	members, err := kin(ctx, tx, m, programme, member)
	switch {
	case err != nil:
		return fmt.Errorf("dossier: %w", err)
	case len(members) == 0:
		return ErrNoMember
	}
	member = members[0]
	out := bufio.NewWriterSize(w, 32<<10)
	fmt.Fprintf(out, "{\n\"format\": %d,\n\"member\": %q,\n\"programme\": %q,\n\"at\": %q", Format, member, programme, now.UTC().Format(time.RFC3339Nano))
	for i := range Tables {
		if Tables[i].Told != "" {
			continue
		}
		if err := Tables[i].write(ctx, tx, db.Dialect(), members, out); err != nil {
			return fmt.Errorf("dossier: %s: %w", Tables[i].Name, err)
		}
	}
	_, _ = out.WriteString("\n}\n")
	return out.Flush()
}

// kin are the member that an id stands for, and those that were merged into it; none if there is no such member.
func kin(ctx context.Context, tx *sql.Tx, m func(int) string, programme, member fact.ID) (all []fact.ID, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT k.id FROM members m JOIN members k ON k.id = coalesce(m.merged_into, m.id) WHERE m.id = "+m(1)+" AND m.programme_id = "+m(2)+
		" UNION ALL SELECT k.id FROM members m JOIN members k ON k.merged_into = coalesce(m.merged_into, m.id) WHERE m.id = "+m(1)+" AND m.programme_id = "+m(2), member, programme)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id fact.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, rows.Err()
}

// write writes the rows of one table.
func (t *Table) write(ctx context.Context, tx *sql.Tx, name string, members []fact.ID, out *bufio.Writer) (err error) {
	columns := t.columns()
	names := make([]string, len(columns))
	values, targets := make([]value, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		names[i] = c.Name
		values[i].column, targets[i] = c, &values[i]
	}
	query, ids := t.Query(name, members...)
	rows, err := tx.QueryContext(ctx, query, ids...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	fmt.Fprintf(out, ",\n%q: [", t.Name)
	for n := 0; rows.Next(); n++ {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if n > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString("\n {")
		for i, first := 0, true; i < len(values); i++ {
			if len(values[i].text) == 0 {
				continue
			}
			if !first {
				_, _ = out.WriteString(", ")
			}
			first = false
			fmt.Fprintf(out, "%q: ", names[i])
			_, _ = out.Write(values[i].text)
		}
		if err := out.WriteByte('}'); err != nil {
			return err
		}
	}
	_ = out.WriteByte(']')
	return rows.Err()
}

// order is how a member's rows are sorted: by an index where there are many.
func (t *Table) order() string {
	switch t.Name {
	case "interactions":
		return " ORDER BY occurred_at, id"
	case "movements":
		return " ORDER BY number"
	case "consents":
		return " ORDER BY decided_at, id"
	}
	return ""
}

// columns are those that a file has.
func (t *Table) columns() []*schema.Column {
	at := slices.IndexFunc(migrate.Tables, func(of *schema.Table) bool { return of.Name == t.Name })
	return slices.DeleteFunc(slices.Clone(migrate.Tables[at].Columns), func(c *schema.Column) bool {
		return c.Name == "programme_id" || slices.Contains(t.Hidden, c.Name)
	})
}

// value is one column of a row as JSON; empty for null.
type value struct {
	column *schema.Column
	text   []byte
}

// Scan reads what either database has.
func (v *value) Scan(src any) error {
	v.text = v.text[:0]
	if src == nil {
		return nil
	}
	switch v.column.Type {
	case field.TypeUUID:
		var id fact.ID
		if err := id.Scan(src); err != nil {
			return err
		}
		return v.encode(id)
	case field.TypeTime:
		var at sql.NullTime
		if err := at.Scan(src); err != nil {
			return err
		}
		return v.encode(at.Time.UTC())
	case field.TypeJSON:
		switch src := src.(type) {
		case []byte:
			v.text = append(v.text, src...)
		case string:
			v.text = append(v.text, src...)
		default: // SQLite keeps a document that is a number as one
			return v.encode(src)
		}
		if !json.Valid(v.text) {
			return fmt.Errorf("%s is not JSON", v.column.Name)
		}
		return nil
	}
	if b, ok := src.([]byte); ok {
		return v.encode(string(b))
	}
	return v.encode(src)
}

// encode writes a value without escaping what needs none in a file.
func (v *value) encode(x any) error {
	b := bytes.NewBuffer(v.text)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	err := e.Encode(x)
	v.text = bytes.TrimRight(b.Bytes(), "\n")
	return err
}
