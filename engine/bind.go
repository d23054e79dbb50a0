package engine

import (
	"encoding/binary"
	"time"

	"granaio/loyalty/fact"
)

// epoch is where PostgreSQL begins to count microseconds.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// bind gives values the form in which they travel. PostgreSQL takes ids and instants as bytes, in the binary format of its protocol: it need not read
// text then, of which a batch has thousands. What is not bytes travels as text.
func (g grammar) bind(values []any) []any {
	if !g.postgres() {
		return values
	}
	bound := make([]any, len(values))
	wide := make([]byte, 0, 16*len(values))
	for i, v := range values {
		from := len(wide)
		switch v := v.(type) {
		case fact.ID:
			wide = append(wide, v[:]...)
		case time.Time:
			wide = binary.BigEndian.AppendUint64(wide, uint64(v.UnixMicro()-epoch))
		default:
			bound[i] = v
			continue
		}
		bound[i] = wide[from:len(wide):len(wide)]
	}
	return bound
}
