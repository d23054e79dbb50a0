package engine

import (
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
)

// The engine's statements are written once for both databases: many rows travel as one JSON array, and where the dialects differ a method of
// grammar says so. Everything here is a statement's text; what it means is in load.go and save.go.
type grammar struct{ name string }

func (g grammar) postgres() bool { return g.name == dialect.Postgres }

// param is the n-th parameter.
func (g grammar) param(n int) string {
	if g.postgres() {
		return fmt.Sprintf("$%d", n)
	}
	return fmt.Sprintf("?%d", n)
}

// column is a column of a JSON array of objects.
type column struct{ name, kind string }

// columns reads "id uuid, n int8".
func columns(list string) []column {
	var cs []column
	for field := range strings.SplitSeq(list, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(field), " ")
		cs = append(cs, column{name, kind})
	}
	return cs
}

// rows is the n-th parameter, a JSON array of objects, as a table named as.
func (g grammar) rows(n int, as string, cs []column) string {
	var b strings.Builder
	if g.postgres() {
		fmt.Fprintf(&b, "json_to_recordset($%d::json) AS %s(", n, as)
		for i, c := range cs {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(c.name + " " + c.kind)
		}
		return b.String() + ")"
	}
	b.WriteString("(SELECT ")
	for i, c := range cs {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "value ->> '$.%s' AS %s", c.name, c.name)
	}
	fmt.Fprintf(&b, " FROM json_each(?%d)) AS %s", n, as)
	return b.String()
}

// lock makes a SELECT take the rows of the tables for itself. SQLite has one writer, which owns everything already.
func (g grammar) lock(tables string) string {
	if g.postgres() {
		return " FOR NO KEY UPDATE OF " + tables
	}
	return ""
}

// array aggregates a JSON object per row to one JSON array, null if there are none.
func (g grammar) array(pairs string) string {
	if g.postgres() {
		return "json_agg(json_build_object(" + pairs + "))"
	}
	return "json_group_array(json_object(" + pairs + "))"
}

// stamp is an instant inside JSON that a database wrote; null is the zero time.
type stamp time.Time

func (s *stamp) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil || text == nil {
		*s = stamp{}
		return err
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999-07:00"} { // as PostgreSQL writes it, as SQLite keeps it
		if t, err := time.Parse(layout, *text); err == nil {
			*s = stamp(t.UTC())
			return nil
		}
	}
	return fmt.Errorf("engine: %q is not a time", *text)
}

// uuid is an id inside JSON as the database knows it; the zero id is null.
type uuid fact.ID

func (u uuid) MarshalJSON() ([]byte, error) {
	if fact.ID(u).IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + fact.ID(u).UUID() + `"`), nil
}

func (u *uuid) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil || text == nil {
		*u = uuid{}
		return err
	}
	id, err := fact.ParseUUID(*text)
	*u = uuid(id)
	return err
}

// nullTime scans a time that may be null, as UTC.
type nullTime struct{ t *time.Time }

func (n nullTime) Scan(src any) error {
	var v sql.NullTime
	if err := v.Scan(src); err != nil {
		return err
	}
	*n.t = time.Time{}
	if v.Valid {
		*n.t = v.Time.UTC()
	}
	return nil
}

// idList is ids as one parameter: a JSON array of texts, or PostgreSQL's array.
type idList []fact.ID

// Value is the JSON array.
func (l idList) Value() (driver.Value, error) {
	b := append(make([]byte, 0, 40*len(l)+2), '[')
	for i, id := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), id.UUID()...), '"')
	}
	return string(append(b, ']')), nil
}

// BinaryValue is what PostgreSQL's driver takes instead, where it sends bytes.
func (l idList) BinaryValue() ([]byte, error) {
	b := appendArray(make([]byte, 0, 20*len(l)+20), "uuid", len(l))
	for _, id := range l {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(id))), id[:]...)
	}
	return b, nil
}

// listed is a list as one parameter: an idList, or rows as JSON.
func listed[T any](list []T) (any, error) {
	if ids, ok := any(list).([]fact.ID); ok {
		return idList(ids), nil
	}
	return encode(list)
}

// ids is the n-th parameter, an idList, as a table named as with the column id.
func (g grammar) ids(n int, as string) string {
	if g.postgres() {
		return fmt.Sprintf("unnest($%d::uuid[]) AS %s(id)", n, as)
	}
	return fmt.Sprintf("(SELECT value AS id FROM json_each(?%d)) AS %s", n, as)
}

// encode writes rows for a parameter.
func encode[T any](rows []T) (string, error) {
	b, err := json.Marshal(rows)
	return string(b), err
}
