package store

import (
	"database/sql/driver"
	"io"
	"reflect"
)

// rows are a query's rows, which tell their connection when they are closed. What the driver's rows can tell of the columns, they tell too.
type rows struct {
	driver.Rows
	done func()
}

// Close ends the query.
func (r *rows) Close() error {
	if r.done != nil {
		r.done()
		r.done = nil
	}
	return r.Rows.Close()
}

// HasNextResultSet tells whether another statement's rows follow.
func (r *rows) HasNextResultSet() bool {
	next, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && next.HasNextResultSet()
}

// NextResultSet goes on to the rows of the next statement.
func (r *rows) NextResultSet() error {
	if next, ok := r.Rows.(driver.RowsNextResultSet); ok {
		return next.NextResultSet()
	}
	return io.EOF
}

// ColumnTypeDatabaseTypeName is the database's name of a column's type; empty if it is not known.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if typed, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return typed.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// ColumnTypeScanType is the Go type that a column's values have.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if typed, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return typed.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}
