// Package migration holds the history of the database's tables: one folder of SQL files per database, in the format of goose, which Up applies
// and no one edits once they are released.
//
// The files come from ent/schema: `make migration NAME=what_changed` compares the schema with what the files make, and writes what is missing as
// one more file; a test fails while something is. What ent cannot say (a table's storage parameters; dropping a table) is written by hand, as
// one more file beside the generated ones.
//
// Until the first release there is one generated file, 00001_first.sql, which `make migration` without a name writes anew. Later ones begin with
// the time that they were made.
package migration
