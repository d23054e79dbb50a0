// Package app puts the parts together: typed configuration, the commands, and the order in which things start and stop. Nothing else is in it.
//
// The order of start: database, migrations, programmes, live, engine, doors. The order of stop is the reverse: doors take nothing new and finish what
// they have, the engine answers what it holds, live tells what was committed, the database closes.
package app
