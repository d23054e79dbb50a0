package dossier

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
	"granaio/store"
)

// Sweep has the database let go of what erasures left behind since it was last asked to, and answers how many there were. SQLite overwrites what it removes (the store asks
// for that), and its write-ahead log is emptied into the file. PostgreSQL frees the rows for others; with full, it writes the tables anew, for which nobody else
// can use them meanwhile. What somebody may still see who began to read before stays: with full it can be asked for again.
func Sweep(ctx context.Context, db *store.Store, full bool, now time.Time) (n int64, err error) {
	var unswept int64
	if err := db.DB().QueryRowContext(ctx, "SELECT count(*) FROM erasures WHERE swept_at IS NULL").Scan(&unswept); err != nil {
		return 0, fmt.Errorf("dossier: sweep: %w", err)
	}
	if unswept == 0 && !full {
		return 0, nil
	}
	until := fact.Instant(now)
	if db.Dialect() == dialect.SQLite {
		var busy, log, moved int
		if err := db.DB().QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved); err != nil {
			return 0, fmt.Errorf("dossier: sweep: %w", err)
		}
		if busy != 0 { // somebody reads what it holds: at the next turn
			return 0, nil
		}
	} else {
		way := "VACUUM "
		if full {
			way = "VACUUM (FULL) "
		}
		for _, t := range Tables {
			if !t.Gone && len(t.Clears) == 0 && t.Name != "working_states" {
				continue
			}
			if _, err := db.DB().ExecContext(ctx, way+t.Name); err != nil {
				return 0, fmt.Errorf("dossier: sweep %s: %w", t.Name, err)
			}
		}
	}
	m := mark(db.Dialect())
	swept, err := db.DB().ExecContext(ctx, "UPDATE erasures SET swept_at = "+m(1)+" WHERE swept_at IS NULL AND erased_at <= "+m(2), until, until)
	if err != nil {
		return 0, fmt.Errorf("dossier: sweep: %w", err)
	}
	return swept.RowsAffected()
}
