package store

import (
	"time"

	"granaio/loyalty/fact"
)

// timeLayout is how SQLite keeps a time. PostgreSQL reads it too.
const timeLayout = "2006-01-02 15:04:05.999999999-07:00"

// Time writes an instant as text that either database takes for a time column: for parameters that the driver does not convert itself, such
// as those inside a JSON document. It reads back through ent as the same instant, cut to the microsecond, and in SQLite, which compares texts,
// it sorts among the times that the driver wrote.
func Time(t time.Time) string { return fact.Instant(t).Format(timeLayout) }
