package scalar

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"strconv"

	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

// Cursor is a place in a connection: behind the object with the id, whose place in the order is the value.
type Cursor struct {
	Value int64 // what the connection is ordered by; of an instant, its microseconds since 1970
	ID    fact.ID
}

// MarshalGQL writes the cursor, opaque to the caller.
func (c Cursor) MarshalGQL(w io.Writer) {
	raw := binary.BigEndian.AppendUint64(nil, uint64(c.Value))
	_, _ = io.WriteString(w, strconv.Quote(base64.RawURLEncoding.EncodeToString(append(raw, c.ID[:]...))))
}

// UnmarshalGQL reads what MarshalGQL wrote.
func (c *Cursor) UnmarshalGQL(v any) error {
	s, _ := v.(string)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != 24 {
		return fault.Malformed("not a cursor that a connection gave")
	}
	c.Value = int64(binary.BigEndian.Uint64(raw))
	copy(c.ID[:], raw[8:])
	return nil
}
