package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"granaio/ent"
)

// ErrRetry asks InTx for another attempt: its function returns it, or an error that wraps it, when a row is no longer what it read before.
var ErrRetry = errors.New("store: the transaction has to be tried again")

// attempts is how often InTx tries, and patience the longest that it waits between two attempts.
const (
	attempts = 10
	patience = 250 * time.Millisecond
)

// InTx runs the function in a transaction, and commits unless it returns an error or panics. When another transaction got in the way (a
// serialization failure, a deadlock, a locked SQLite file) or the function asks for it by ErrRetry, it is rolled back and run again, up to
// ten times with growing random pauses; so the function must not change anything outside the transaction, or set it anew each time.
//
// Writers of a SQLite file wait for each other here. Never call InTx inside InTx: on SQLite it would wait for itself.
//
// An error of the commit itself is passed on, not tried again, when the connection broke: nobody knows whether it took effect.
func (s *Store) InTx(ctx context.Context, do func(*sql.Tx) error) error {
	if s.source.dialect == dialect.SQLite {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for attempt := 1; ; attempt++ {
		again, err := s.once(ctx, do)
		if !again || err == nil {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("store: given up after %d attempts: %w", attempts, err)
		}
		pause := min(time.Millisecond<<attempt, patience)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// Snapshot begins a transaction that only reads, sees the database as it is at one instant, and keeps nobody waiting. The caller rolls it back.
func (s *Store) Snapshot(ctx context.Context) (*sql.Tx, error) {
	options := &sql.TxOptions{ReadOnly: true} // in SQLite: it takes no lock until it reads, and then none that a writer would wait for
	if s.source.dialect == dialect.Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	return s.db.BeginTx(ctx, options)
}

// once runs the transaction once, and tells whether another attempt may help.
func (s *Store) once(ctx context.Context, do func(*sql.Tx) error) (again bool, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return inTheWay(err), err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := do(tx); err != nil {
		return inTheWay(err) || errors.Is(err, ErrRetry) || errors.Is(err, driver.ErrBadConn), err
	}
	err = tx.Commit()
	return inTheWay(err), err
}

// inTheWay tells whether the error is another transaction's doing, so that the same may succeed when it is tried again.
func inTheWay(err error) bool {
	if p, ok := errors.AsType[*pq.Error](err); ok {
		return p.Code == pqerror.TRSerializationFailure || p.Code == pqerror.TRDeadlockDetected || outdated(err)
	}
	if l, ok := errors.AsType[*sqlite.Error](err); ok {
		primary := l.Code() & 0xff // the rest tells which kind of busy
		return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
	}
	return false
}

// Unreachable tells whether the error is that the database cannot be reached or is not serving just now, so that the same may succeed later.
func Unreachable(err error) bool {
	if p, ok := errors.AsType[*pq.Error](err); ok {
		class := p.Code.Class()
		return class == "08" || class == "57" && p.Code != pqerror.QueryCanceled || class == "53"
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Guarded tells whether a statement undid itself by dividing by zero: how a PostgreSQL statement that changes rows in several tables says that it did not
// find what it meant to change.
func Guarded(err error) bool {
	p, ok := errors.AsType[*pq.Error](err)
	return ok && p.Code == pqerror.DivisionByZero
}

// EntIn is ent's client inside a transaction. A transaction that it begins itself is part of that one.
func (s *Store) EntIn(tx *sql.Tx) *ent.Client {
	return ent.NewClient(ent.Driver(within{entsql.NewDriver(s.source.dialect, entsql.Conn{ExecQuerier: tx})}))
}

// within is a driver whose transactions are those of the one it runs in.
type within struct{ dialect.Driver }

func (w within) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(w.Driver), nil }
func (w within) BeginTx(context.Context, *sql.TxOptions) (dialect.Tx, error) {
	return dialect.NopTx(w.Driver), nil
}
func (within) Close() error { return nil }
