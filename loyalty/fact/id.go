package fact

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// ID names one thing in the whole of Granaio: a UUID of version 7 (RFC 9562) whose last byte is the Kind of the thing,
// so that node(id:) needs no look-up to find the table.
//
// Layout, in bytes: 0–5 milliseconds since 1970 (big endian), 6–7 the version and a counter that keeps ids of one process in order,
// 8–12 the variant and chance, 13–14 the place, 15 the kind.
//
// A fresh id has place 0. What one command writes is named after it: its movements, postings and lots carry the command's id with
// a place and a kind of their own (see At and As). They need no chance of their own, one range of the primary key holds all that a command
// wrote, and a row's name tells the command it came from.
//
// Outside, an ID is written as its kind's prefix, an underscore, and 26 characters of base 32 (Crockford's alphabet, lower case): mbr_06f….
// The database holds it as a UUID (PostgreSQL) or its canonical text (SQLite); both sort as the bytes do.
type ID [16]byte

// Kind tells what an ID names. The numbers are stored: they are never reused or changed.
type Kind byte

// The kinds.
const (
	KindProgramme        Kind = 1
	KindProgrammeVersion Kind = 2
	KindTouchpoint       Kind = 3
	KindRule             Kind = 4
	KindMission          Kind = 5
	KindTier             Kind = 6
	KindPersona          Kind = 7
	KindReward           Kind = 8
	KindRevision         Kind = 9  // one immutable version of a definition
	KindSettings         Kind = 10 // what a programme says of itself, as a definition
	KindDefinition       Kind = 11 // a definition of any kind, as what has a life
	KindChange           Kind = 12 // that somebody changed a definition
	KindMember           Kind = 16
	KindIdentity         Kind = 17
	KindState            Kind = 18
	KindAttributeValue   Kind = 19 // a value that was once given for an attribute
	KindDependent        Kind = 20
	KindAccount          Kind = 32
	KindMovement         Kind = 33
	KindPosting          Kind = 34
	KindLot              Kind = 35
	KindHold             Kind = 36
	KindCommand          Kind = 48
	KindInteraction      Kind = 49
	KindProgress         Kind = 50
	KindRedemption       Kind = 51
	KindStock            Kind = 52
	KindReversal         Kind = 53
	KindBudget           Kind = 54
	KindTierChange       Kind = 55
	KindMemberEvent      Kind = 56 // a step in a member's life
	KindDigest           Kind = 60 // what is known of a text that is not kept: see Digest
	KindPartner          Kind = 64
	KindLiability        Kind = 70
	KindFlow             Kind = 71
	KindVisit            Kind = 78
	KindTask             Kind = 80
	KindConsent          Kind = 96
	KindContact          Kind = 97
	KindErasure          Kind = 98
)

var prefixes = map[Kind]string{
	KindProgramme: "prg", KindProgrammeVersion: "pgv", KindTouchpoint: "tpt", KindRule: "rul", KindMission: "msn", KindTier: "tir",
	KindPersona: "psn", KindReward: "rwd", KindRevision: "rev", KindSettings: "set", KindDefinition: "def", KindChange: "chg", KindMember: "mbr", KindIdentity: "idn", KindState: "sta", KindAttributeValue: "atv", KindDependent: "dep",
	KindAccount: "acc", KindMovement: "mov", KindPosting: "pst", KindLot: "lot", KindHold: "hld", KindCommand: "cmd",
	KindInteraction: "itx", KindProgress: "pro", KindRedemption: "red", KindStock: "stk", KindReversal: "rvs",
	KindBudget: "bgt", KindTierChange: "tch", KindMemberEvent: "mev", KindDigest: "dig", KindPartner: "ptn", KindLiability: "lia", KindFlow: "flw", KindTask: "tsk", KindVisit: "vst",
	KindConsent: "cns", KindContact: "ctc", KindErasure: "ers",
}

var kinds = func() map[string]Kind {
	m := make(map[string]Kind, len(prefixes))
	for k, p := range prefixes {
		m[p] = k
	}
	return m
}()

// Prefix is what an ID of the kind begins with outside, "mbr" for a member; empty for an unknown kind.
func (k Kind) Prefix() string { return prefixes[k] }

// MaxPlace is the last place that At takes.
const MaxPlace = 1<<16 - 1

var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// clock keeps the ids that one process makes in order, also within a millisecond.
var clock struct {
	sync.Mutex
	millis  int64
	counter uint16
	chance  [512]byte
	left    int
}

// NewID makes an id of the kind at the present moment.
func NewID(kind Kind) ID {
	clock.Lock()
	defer clock.Unlock()
	now := time.Now().UnixMilli()
	switch {
	case now > clock.millis:
		clock.millis, clock.counter = now, 0
	case clock.counter == 1<<12-1:
		clock.millis, clock.counter = clock.millis+1, 0 // the process ran ahead of the clock: borrow from the next millisecond
	default:
		clock.counter++
	}
	if clock.left < 5 {
		_, _ = rand.Read(clock.chance[:]) // never fails: crypto/rand ends the program instead
		clock.left = len(clock.chance)
	}
	var id ID
	binary.BigEndian.PutUint64(id[0:8], uint64(clock.millis)<<16|0x7000|uint64(clock.counter))
	copy(id[8:13], clock.chance[clock.left-5:clock.left])
	clock.left -= 5
	id[8] = id[8]&0x3f | 0x80
	id[15] = byte(kind)
	return id
}

// FirstID is an id that is no later than any that was made at an instant or after it, and later than all that were made a millisecond before.
func FirstID(at time.Time) ID {
	var id ID
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	return id
}

// At is the id with another place, of 0 to MaxPlace.
func (id ID) At(place int) ID {
	if place < 0 || place > MaxPlace {
		panic("fact: a command of more than " + strconv.Itoa(MaxPlace) + " places")
	}
	binary.BigEndian.PutUint16(id[13:15], uint16(place))
	return id
}

// Place is the id's place in its command: 0 for the command itself.
func (id ID) Place() int { return int(binary.BigEndian.Uint16(id[13:15])) }

// As is the id with another kind.
func (id ID) As(kind Kind) ID {
	id[15] = byte(kind)
	return id
}

// Kind tells what the id names.
func (id ID) Kind() Kind { return Kind(id[15]) }

// IsZero tells whether the id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String is the id as the outside writes it.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	b := make([]byte, 0, 30)
	b = append(b, prefixes[id.Kind()]...)
	b = append(b, '_')
	return string(alphabet.AppendEncode(b, id[:]))
}

// ErrID is the error of a text that is no id.
var ErrID = errors.New("not an id")

// ParseID reads what String wrote. The prefix must be the kind's.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 30 || s[3] != '_' {
		return id, fmt.Errorf("%w: %q", ErrID, clip(s))
	}
	raw, err := alphabet.DecodeString(s[4:])
	if err != nil || len(raw) != 16 {
		return id, fmt.Errorf("%w: %q", ErrID, clip(s))
	}
	copy(id[:], raw)
	if k, ok := kinds[s[:3]]; !ok || k != id.Kind() || id.String() != s {
		return ID{}, fmt.Errorf("%w: %q", ErrID, clip(s))
	}
	return id, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// UUID is the canonical text form, which the database stores.
func (id ID) UUID() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

func (id *ID) parseUUID(s string) error {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return fmt.Errorf("%w: %q", ErrID, clip(s))
	}
	var digits [32]byte
	n := copy(digits[:], s[0:8])
	n += copy(digits[n:], s[9:13])
	n += copy(digits[n:], s[14:18])
	n += copy(digits[n:], s[19:23])
	copy(digits[n:], s[24:36])
	if _, err := hex.Decode(id[:], digits[:]); err != nil {
		return fmt.Errorf("%w: %q", ErrID, clip(s))
	}
	return nil
}

// ParseUUID reads what UUID wrote.
func ParseUUID(s string) (ID, error) {
	var id ID
	err := id.parseUUID(s)
	return id, err
}

// Value is how a database takes the id: its UUID, or null for the zero id.
func (id ID) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.UUID(), nil
}

// BinaryValue is how PostgreSQL takes the id where its driver sends bytes: the UUID's 16, or null for the zero id.
func (id ID) BinaryValue() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id[:], nil
}

// Scan reads the id from a database.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID{}
		return nil
	case string:
		return id.parseUUID(v)
	case []byte:
		if len(v) == 16 {
			copy(id[:], v)
			return nil
		}
		return id.parseUUID(string(v))
	default:
		return fmt.Errorf("%w: a %T", ErrID, src)
	}
}

// MarshalText writes the id as the outside knows it; JSON and YAML use it too.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote; an empty text is the zero id.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID{}
		return nil
	}
	parsed, err := ParseID(string(b))
	if err == nil {
		*id = parsed
	}
	return err
}

// MarshalGQL writes the id as a GraphQL ID.
func (id ID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(id.String())) }

// UnmarshalGQL reads a GraphQL ID.
func (id *ID) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok || s == "" {
		return fmt.Errorf("%w: a %T", ErrID, v)
	}
	parsed, err := ParseID(s)
	if err == nil {
		*id = parsed
	}
	return err
}
