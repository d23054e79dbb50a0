package dossier

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"granaio/loyalty/fact"
	"granaio/store"
)

// Listed is a line of the list of erasures.
type Listed struct {
	Programme fact.ID   `json:"programme"`
	Member    fact.ID   `json:"member"`
	Erased    time.Time `json:"erased"`
}

// Export writes the list of erasures, one JSON object to a line, the oldest first: those of all programmes.
func Export(ctx context.Context, db *store.Store, w io.Writer) (n int, err error) {
	rows, err := db.DB().QueryContext(ctx, "SELECT programme_id, member_id, erased_at FROM erasures ORDER BY erased_at, id")
	if err != nil {
		return 0, fmt.Errorf("dossier: erasures: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	e := json.NewEncoder(w)
	for ; rows.Next(); n++ {
		var l Listed
		var at sql.NullTime
		if err := rows.Scan(&l.Programme, &l.Member, &at); err != nil {
			return n, fmt.Errorf("dossier: erasures: %w", err)
		}
		l.Erased = at.Time.UTC()
		if err := e.Encode(l); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// Read reads a list of erasures.
func Read(r io.Reader) (all []Listed, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var l Listed
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil || l.Member.Kind() != fact.KindMember || l.Programme.Kind() != fact.KindProgramme {
			return nil, fmt.Errorf("line %d is no erasure", n)
		}
		all = append(all, l)
	}
	return all, lines.Err()
}

// Share is what is stored of a member in one table, and what its erasure makes of it.
type Share struct {
	Table   string
	Rows    int
	Removed bool     // the rows go
	Emptied []string // of rows that stay: the columns that are emptied
	Reason  string   // of rows that stay: why
}

// Shares counts what is stored of a member, table by table.
func Shares(ctx context.Context, db *store.Store, member fact.ID) ([]Share, error) {
	all := make([]Share, len(Tables))
	m := mark(db.Dialect())
	for i := range Tables {
		t := &Tables[i]
		all[i] = Share{Table: t.Name, Removed: t.Gone, Emptied: t.Clears, Reason: t.Left}
		err := db.DB().QueryRowContext(ctx, "SELECT count(*) FROM "+t.Name+" WHERE "+t.Column+" = "+m(1), member.As(t.kind())).Scan(&all[i].Rows)
		if err != nil {
			return nil, fmt.Errorf("dossier: %s: %w", t.Name, err)
		}
	}
	return all, nil
}
