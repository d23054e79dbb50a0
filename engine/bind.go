package engine

import (
	"encoding/binary"
	"fmt"
	"time"

	"granaio/loyalty/fact"
)

// PostgreSQL takes what is bytes in the binary format of its protocol, and so need not read text, of which a batch has thousands of pieces. The formats
// are those of the types' receive functions: an id is its 16 bytes, a number 4 or 8 with the highest first, an instant the microseconds since 2000, a
// text itself; an array is its dimensions, then each element with its length before it.

// epoch is where PostgreSQL begins to count microseconds.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func appendInstant(b []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t.UnixMicro()-epoch))
}

// bind gives values the form in which they travel one by one. What is not bytes travels as text.
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
			wide = appendInstant(wide, v)
		default:
			bound[i] = v
			continue
		}
		bound[i] = wide[from:len(wide):len(wide)]
	}
	return bound
}

// elements are the types of columns, by PostgreSQL's numbers for them, which never change.
var elements = map[string]uint32{"uuid": 2950, "int8": 20, "int4": 23, "text": 25, "timestamptz": 1184, "json": 114, "bool": 16}

// arrays gives rows the form in which they travel as one array for each column. The values are those of the rows, one row after another.
func arrays(values []any, cs []column) []any {
	width := len(cs)
	n := len(values) / width
	all := make([]any, width)
	size := 20 * (len(values) + width)
	for _, v := range values {
		if text, ok := v.(string); ok {
			size += len(text)
		}
	}
	b := make([]byte, 0, size)
	for c := range cs {
		from := len(b)
		b = appendArray(b, cs[c].kind, n)
		for i := c; i < len(values); i += width {
			b = appendElement(b, values[i], cs[c])
		}
		all[c] = b[from:len(b):len(b)]
	}
	return all
}

// appendArray begins an array of n elements.
func appendArray(b []byte, kind string, n int) []byte {
	b = binary.BigEndian.AppendUint32(b, 1) // dimensions
	b = binary.BigEndian.AppendUint32(b, 1) // there may be nulls
	b = binary.BigEndian.AppendUint32(b, elements[kind])
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	return binary.BigEndian.AppendUint32(b, 1) // the first index
}

// appendElement adds an element and the length before it.
func appendElement(b []byte, v any, c column) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	switch v := v.(type) {
	case nil:
		return append(b[:at], 0xff, 0xff, 0xff, 0xff)
	case fact.ID:
		b = append(b, v[:]...)
	case int64:
		if c.kind == "int4" {
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		} else {
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		}
	case bool:
		if b = append(b, 0); v {
			b[len(b)-1] = 1
		}
	case time.Time:
		b = appendInstant(b, v)
	case string:
		b = append(b, v...)
	default:
		panic(fmt.Sprintf("engine: a %T for column %s", v, c.name))
	}
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}
