// Package store opens the database, SQLite or PostgreSQL, and keeps its tables current. It knows no rule of the business.
//
// What it promises:
//   - The same program runs on either database. The address decides: postgres://… is PostgreSQL, anything else a SQLite file.
//   - What a transaction of InTx has committed survives a power cut, on both. A transaction that another one got in the way of is tried again.
//   - Times come back in UTC, to the microsecond, as they went in.
//   - Migrate brings the tables from whatever version they are at to this program's, once, however many processes start together; a SQLite
//     database is never migrated under the hands of another process.
//   - A query with arguments is parsed and planned once per connection, and costs one round trip after that.
//
// Package migration holds the history of the tables, package storetest gives tests a database of their own.
package store
