// Package storetest gives each test a database of its own, migrated and empty, on SQLite and on PostgreSQL.
//
// What touches a database is tested on both: Each runs a test on either. A PostgreSQL server is named by TEST_DATABASE_URL, as `make test` does;
// without one the test fails, it does not skip. The databases are copies of one that was migrated once, so that a test pays milliseconds.
package storetest
