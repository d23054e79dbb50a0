package store

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"entgo.io/ent/dialect"
)

// source is a database's address, understood.
type source struct {
	dialect string
	dsn     string // as the driver wants it
	shown   string // for people: without a password
	path    string // of a SQLite file
}

// The options of a SQLite database. FULL, since what is acknowledged must survive a power cut; without the time format and zone, times and
// cursors break; an immediate lock, since a transaction that begins by reading and then writes could only fail; secure_delete, since what is erased must be gone from the file.
const sqliteOptions = "_txlock=immediate&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_pragma=secure_delete%281%29&_time_format=sqlite&_timezone=UTC"

// parse reads a database's address.
func parse(address string) (source, error) {
	scheme, rest, found := strings.Cut(address, ":")
	switch {
	case address == "":
		return source{}, errors.New("store: no database is named")
	case found && (scheme == "postgres" || scheme == "postgresql"):
		u, err := url.Parse(address)
		if err != nil {
			return source{}, errors.New("store: not a well-formed postgres:// address") // the cause would show the password
		}
		options := u.Query()
		options.Del("password")
		u.RawQuery = options.Encode()
		return source{dialect: dialect.Postgres, dsn: address, shown: u.Redacted()}, nil
	case found && (scheme == "sqlite" || scheme == "sqlite3" || scheme == "file"):
		return sqliteSource(strings.TrimPrefix(rest, "//"))
	case found && strings.HasPrefix(rest, "//"):
		return source{}, fmt.Errorf("store: a database of kind %q is not supported; name postgres://… or the path of a SQLite file", scheme)
	default:
		return sqliteSource(address)
	}
}

// sqliteSource reads a path with options: path?_synchronous=OFF&…. An option that is given wins over Granaio's own.
func sqliteSource(address string) (source, error) {
	path, given, _ := strings.Cut(address, "?")
	if path == "" || strings.Contains(path, ":memory:") {
		return source{}, errors.New("store: name the path of a SQLite file; a database in memory is not supported")
	}
	options, err := url.ParseQuery(sqliteOptions)
	if err != nil {
		return source{}, err
	}
	own, err := url.ParseQuery(given)
	if err != nil {
		return source{}, fmt.Errorf("store: the options of %s: %w", path, err)
	}
	for name, values := range own {
		options[name] = values
	}
	return source{
		dialect: dialect.SQLite, path: path, shown: path,
		dsn: "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode(),
	}, nil
}

// with is the source with one option of SQLite's set.
func (s source) with(name, value string) source {
	file, given, _ := strings.Cut(s.dsn, "?")
	options, _ := url.ParseQuery(given) // it was written by Encode
	options.Set(name, value)
	s.dsn = file + "?" + options.Encode()
	return s
}

// ErrNoDatabase is the error of opening a database that is to exist and does not, or whose tables are not this program's yet.
var ErrNoDatabase = errors.New("there is no database yet; `granaio serve`, `migrate` and `import` make one")

// makeFile makes a SQLite file and its folder, if they are missing. Others on the machine may not look into them.
func (s source) makeFile() error {
	if err := os.MkdirAll(cmp.Or(filepath.Dir(s.path), "."), 0o700); err != nil {
		return fmt.Errorf("store: the database's folder: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("store: the database's file: %w", err)
	}
	return f.Close()
}
