package engine

import (
	"context"
	"errors"
	"fmt"

	"granaio/store"
)

// form is how the rows of a part travel in a statement.
type form uint8

// The forms. Few of them, so that few statements serve all batches and stay prepared: a statement has room for 1, 4, … rows, each value a parameter,
// and room that is left over is filled with nulls, which change nothing; or, on PostgreSQL, for any number of rows, each column a parameter.
const (
	formNone form = iota
	formOne
	formFour
	formEight
	formMany
	formMost
	formColumns
)

// room is how many rows a form has room for, if each of their values is a parameter.
var room = [...]int{formOne: 1, formFour: 4, formEight: 8, formMany: 64, formMost: 256}

// formOf is the form for so many rows. An array costs more to take apart than a few rows do, and less than many.
func (g grammar) formOf(n int) form {
	switch {
	case n == 1:
		return formOne
	case g.postgres() && n <= room[formFour]:
		return formFour
	case g.postgres():
		return formColumns
	case n <= room[formEight]:
		return formEight
	case n <= room[formMany]:
		return formMany
	}
	return formMost
}

// shape is the forms of a statement's parts.
type shape [parts]form

// writing is one statement that writes rows of several parts, and how many it must change of each. If it changes others, the statement fails as a whole
// (store.Guarded) and leaves nothing.
type writing struct {
	shape     shape
	arguments []any
	counts    []int
}

// fill takes rows, and tells whether there were any: on PostgreSQL all that there are, on SQLite up to 256 of one part.
func (w *writing) fill(g grammar, all *[parts]rows) bool {
	for p := range parts {
		r := &all[p]
		if r.n == 0 {
			continue
		}
		f := g.formOf(r.n)
		w.shape[p] = f
		n, width := r.n, len(r.values)/r.n
		if f == formColumns {
			w.arguments = append(w.arguments, arrays(r.values, writers[p].list)...)
		} else {
			n = min(n, room[f])
			w.arguments = append(w.arguments, g.bind(r.values[:n*width])...)
			for range (room[f] - n) * width {
				w.arguments = append(w.arguments, nil)
			}
		}
		w.counts = append(w.counts, n)
		r.values, r.n = r.values[n*width:], r.n-n
		if !g.postgres() {
			break
		}
	}
	return len(w.counts) > 0
}

func (w *writing) run(ctx context.Context, db queries, s *statements) error {
	if !s.postgres() {
		result, err := db.ExecContext(ctx, s.write(w.shape), w.arguments...)
		if err != nil {
			return fmt.Errorf("save: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != int64(w.counts[0]) {
			return errors.Join(errLost, err)
		}
		return nil
	}
	for _, n := range w.counts {
		w.arguments = append(w.arguments, int64(n))
	}
	var one int
	err := db.QueryRowContext(ctx, s.write(w.shape), w.arguments...).Scan(&one)
	switch {
	case store.Guarded(err):
		return errLost
	case err != nil:
		return fmt.Errorf("save: %w", err)
	}
	return nil
}
