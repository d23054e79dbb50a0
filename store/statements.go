package store

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// A query with arguments is prepared once per connection and kept. PostgreSQL's driver would otherwise prepare it anew every time, at the
// price of a second round trip and of a plan; SQLite's would parse it anew. A query without arguments passes through as it is.

// connector makes connections that keep their prepared statements and count what they send.
type connector struct {
	driver.Connector
	keep int            // how many statements a connection keeps
	sent *atomic.Uint64 // counts statements, over all connections
	// exclusive connections (PostgreSQL's) serve one query at a time: while its rows are open, another one on the same connection, that is,
	// in the same transaction, would read the answers of the first.
	exclusive bool
}

// dial opens the driver's connection. A SQLite file that another process is just making a write-ahead log for refuses at once, however long it was told
// to wait, so it is asked again for a while.
func (c *connector) dial(ctx context.Context) (driver.Conn, error) {
	for until := time.Now().Add(5 * time.Second); ; {
		opened, err := c.Connector.Connect(ctx)
		if !c.exclusive && inTheWay(err) && time.Now().Before(until) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(10 * time.Millisecond):
			}
		} else {
			return opened, err
		}
	}
}

// inner is what a driver's connection must offer; both drivers' do.
type inner interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Connect opens a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	in, ok := opened.(inner)
	if !ok {
		_ = opened.Close()
		return nil, fmt.Errorf("store: the driver's connection is a %T, which lacks what is needed", opened)
	}
	checker, _ := opened.(driver.NamedValueChecker)
	return &conn{inner: in, checker: checker, from: c, byQuery: map[string]*list.Element{}, recent: list.New()}, nil
}

// conn is one connection. As any driver's connection, it is used by one goroutine at a time.
type conn struct {
	inner
	checker driver.NamedValueChecker // of the driver's connection, if it has one
	from    *connector
	open    int  // how many queries' rows are open
	inTx    bool // within a transaction of BeginTx
	byQuery map[string]*list.Element
	recent  *list.List // of *statement, the most recently used first
}

// statement is a prepared statement that is kept.
type statement struct {
	driver.Stmt
	query string
	busy  bool // its rows are open: it cannot be run again until they are closed
}

var errOpenRows = errors.New("store: a statement was run while the rows of an earlier query in the same transaction were still open; close them first")

// QueryContext runs a query that returns rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	found, st, err := run(ctx, c, query, args, c.inner.QueryContext,
		func(st driver.Stmt) (driver.Rows, error) { return st.(driver.StmtQueryContext).QueryContext(ctx, args) })
	if err != nil {
		return nil, err
	}
	c.open++
	if st != nil {
		st.busy = true
	}
	return &rows{Rows: found, done: func() {
		c.open--
		if st != nil {
			st.busy = false
		}
	}}, nil
}

// ExecContext runs a statement that returns no rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, _, err := run(ctx, c, query, args, c.inner.ExecContext,
		func(st driver.Stmt) (driver.Result, error) { return st.(driver.StmtExecContext).ExecContext(ctx, args) })
	return result, err
}

// run runs a statement: directly without arguments, else prepared; and tells which kept statement was used, if one was.
func run[T any](ctx context.Context, c *conn, query string, args []driver.NamedValue,
	directly func(context.Context, string, []driver.NamedValue) (T, error), prepared func(driver.Stmt) (T, error),
) (result T, st *statement, err error) {
	if c.from.exclusive && c.open > 0 {
		return result, nil, errOpenRows
	}
	c.from.sent.Add(1)
	if len(args) == 0 {
		result, err = directly(ctx, query, args)
		return result, nil, err
	}
	for again := !c.inTx; ; again = false {
		if st, err = c.statement(ctx, query); err != nil {
			return result, nil, err
		}
		if st == nil {
			result, err = directly(ctx, query, args)
			return result, nil, err
		}
		if result, err = prepared(st.Stmt); err == nil || !outdated(err) {
			return result, st, err
		}
		// The tables have changed since it was prepared, so others may be outdated as well.
		if err := errors.Join(err, c.forget()); !again {
			return result, nil, err
		}
	}
}

// outdated tells whether PostgreSQL refuses a prepared statement because the tables changed under it, or knows it no more.
func outdated(err error) bool {
	p, ok := errors.AsType[*pq.Error](err)
	return ok && (p.Code == pqerror.FeatureNotSupported && p.Routine == "RevalidateCachedQuery" || p.Code == pqerror.InvalidSQLStatementName)
}

// statement is the kept statement of a query, prepared if need be; nil if the one that is kept is busy.
func (c *conn) statement(ctx context.Context, query string) (*statement, error) {
	if e, ok := c.byQuery[query]; ok {
		st := e.Value.(*statement)
		if st.busy {
			return nil, nil
		}
		c.recent.MoveToFront(e)
		return st, nil
	}
	if err := c.makeRoom(); err != nil {
		return nil, err
	}
	prepared, err := c.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	st := &statement{Stmt: prepared, query: query}
	c.byQuery[query] = c.recent.PushFront(st)
	return st, nil
}

// makeRoom closes the statements that were not used for the longest, until there is room for one more. Busy ones stay.
func (c *conn) makeRoom() error {
	for e := c.recent.Back(); e != nil && c.recent.Len() >= c.from.keep; {
		older := e.Prev()
		if st := e.Value.(*statement); !st.busy {
			delete(c.byQuery, st.query)
			c.recent.Remove(e)
			if err := st.Close(); err != nil {
				return err
			}
		}
		e = older
	}
	return nil
}

// forget closes all kept statements. Nothing is busy when it is called.
func (c *conn) forget() error {
	var err error
	for e := c.recent.Front(); e != nil; e = e.Next() {
		err = errors.Join(err, e.Value.(*statement).Close())
	}
	clear(c.byQuery)
	c.recent.Init()
	return err
}

// Close ends the connection. PostgreSQL drops its statements by itself; SQLite would keep the file open for them.
func (c *conn) Close() error {
	if c.from.exclusive {
		return c.inner.Close()
	}
	return errors.Join(c.forget(), c.inner.Close())
}

// PrepareContext prepares a statement for the caller, who closes it.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.from.exclusive && c.open > 0 {
		return nil, errOpenRows
	}
	c.from.sent.Add(1)
	return c.inner.PrepareContext(ctx, query)
}

// BeginTx begins a transaction.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	begun, err := c.inner.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	c.inTx = true
	return tx{begun, c}, nil
}

// CheckNamedValue converts an argument as the driver's connection would.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if c.checker == nil {
		return driver.ErrSkip
	}
	return c.checker.CheckNamedValue(v)
}

type tx struct {
	driver.Tx
	c *conn
}

func (t tx) Commit() error {
	t.c.inTx = false
	return t.Tx.Commit()
}

func (t tx) Rollback() error {
	t.c.inTx = false
	return t.Tx.Rollback()
}
