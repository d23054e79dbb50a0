package simulate

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// The operations as their commands name them.
const (
	opTrack    = "interactionTrack"
	opEnrol    = "memberEnrol"
	opRedeem   = "rewardRedeem"
	opReverse  = "interactionReverse"
	opRefund   = "pointsRefund"
	opAdjust   = "pointsAdjust"
	opHold     = "pointsHold"
	opCapture  = "pointsCapture"
	opRelease  = "pointsRelease"
	opTransfer = "pointsTransfer"
	opSettle   = "settle"
	opConsent  = "consentRecord"
	opPrefer   = "contactPrefer"
	opContact  = "contactRecord"
	opErase    = "memberErase"

	opRegister        = "memberRegister"
	opSuspend         = "memberSuspend"
	opReinstate       = "memberReinstate"
	opIdentify        = "memberIdentify"
	opIdentityRemove  = "memberIdentityRemove"
	opMerge           = "memberMerge"
	opUpdate          = "memberUpdate"
	opDependentAdd    = "dependentAdd"
	opDependentUpdate = "dependentUpdate"
	opDependentRemove = "dependentRemove"
	opRemeasure       = "metricRebuild"
)

// item is one request as it was asked, and what the books say that was made of it.
type item struct {
	command   fact.ID
	operation string
	member    fact.ID
	now       time.Time // when it was decided
	own       []int     // places of the movements that it asked for

	interaction *fact.Interaction // without what raw holds
	version     int               // of the programme, which decided it
	lines       []byte
	properties  []byte

	reward    fact.ID           // of a redemption
	movements []moved           // that it asked for, in the order of own
	returned  *loyalty.Reversal // of a return
	expires   time.Time         // of an adjustment's lot, or of a hold
	credit    bool              // of an adjustment that gave points
	given     []given           // what was said of the member
	term      string            // after which an adjustment's points expire; empty for the programme's

	absorbed []fact.ID              // the members that were merged into the one that it is about
	drawn    map[string]fact.Points // of an erased member: what it drew on budgets, by their keys
	remade   []string               // the forms of the metrics that were worked out anew
	rehung   map[fact.ID]fact.ID    // of a merge: holds that were really set aside anew, by what they were
	person   *person
	others   []*person // those that it absorbs
	tier     string    // of what only the draft has time bring about: the member's before it
	other    *person   // who receives a transfer
	turn     int64     // its place among those that are decided one at a time; 0 for none
	meet     *meeting
}

// moved is a movement as the books have it.
type moved struct {
	id, account, of fact.ID
	points          fact.Points
	occurred        time.Time
	booked          time.Time
}

// happened is when the item counts: an interaction when it occurred, anything else when it was decided.
func (i *item) happened() time.Time {
	if i.interaction != nil && i.operation != opSettle {
		return i.interaction.Occurred
	}
	return i.now
}

// history reads what happened to a programme's members, page by page, in the order in which it was decided.
type history struct {
	tx        *sql.Tx
	programme fact.ID
	currency  fact.Currency
	last      fact.ID // the last command that was read
	latest    time.Time
	unasked   int64
}

// page is how many commands are read at once.
const page = 4096

// next is the next page of items; none at the end.
func (h *history) next(ctx context.Context) ([]*item, error) {
	items, kinds, from, err := make([]*item, 0, page), map[string]bool{}, h.last, error(nil)
	err = h.each(ctx, `SELECT c.id, c.operation, c.member_id, c.created_at, CASE WHEN c.operation = 'interactionTrack' THEN NULL ELSE c.answer END
FROM commands c WHERE c.programme_id = $1 AND c.id > $2 ORDER BY c.id LIMIT `+strconv.Itoa(page), func(row *sql.Rows) error {
		i := &item{}
		var answer sql.RawBytes
		if err := row.Scan(&i.command, &i.operation, &i.member, nullTime{&i.now}, &answer); err != nil {
			return err
		}
		h.last = i.command
		if i.now.After(h.latest) {
			h.latest = i.now
		}
		var a struct {
			Refusal  json.RawMessage `json:"refusal"`
			Own      []int           `json:"own"`
			Absorbed []fact.ID       `json:"absorbed"`
			Remade   []string        `json:"remade"`
		}
		if len(answer) > 0 {
			if err := json.Unmarshal(answer, &a); err != nil {
				return fmt.Errorf("the answer of %s: %w", i.command, err)
			}
		}
		if a.Refusal != nil {
			h.unasked++
			return nil
		}
		i.own, i.absorbed, i.remade = a.Own, a.Absorbed, a.Remade
		items, kinds[i.operation] = append(items, i), true
		return nil
	}, h.programme, h.last)
	if err != nil || len(items) == 0 && h.last == from {
		return nil, err
	}
	low, high := ceiling(from), ceiling(h.last)
	byCommand := &merged{items: items}
	err = h.interactions(ctx, byCommand, low, high)
	if err == nil && kinds[opRedeem] {
		err = h.redemptions(ctx, byCommand, low, high)
	}
	if err == nil && kinds[opReverse] {
		err = h.reversals(ctx, byCommand, low, high)
	}
	if err == nil && (kinds[opRefund] || kinds[opAdjust] || kinds[opHold] || kinds[opCapture] || kinds[opRelease] || kinds[opTransfer]) {
		err = h.movements(ctx, byCommand, low, high)
	}
	if err == nil && (kinds[opEnrol] || kinds[opRegister] || kinds[opUpdate] || kinds[opDependentAdd] || kinds[opDependentUpdate] || kinds[opDependentRemove]) {
		err = h.values(ctx, byCommand, low, high)
	}
	if err == nil && kinds[opHold] {
		err = h.holds(ctx, byCommand, low, high)
	}
	if err == nil && kinds[opAdjust] {
		err = h.lots(ctx, items)
	}
	if err != nil {
		return nil, err
	}
	whole := items[:0]
	for _, i := range items {
		if i.operation == opTrack && i.interaction == nil { // it was refused
			h.unasked++
			continue
		}
		whole = append(whole, i)
	}
	return whole, nil
}

// none is an id that comes before all others. The zero id would be null.
var none = fact.ID{15: 1}

// ceiling is the last name that what a command wrote can have.
func ceiling(command fact.ID) fact.ID {
	if command == none {
		return command
	}
	return command.At(fact.MaxPlace).As(fact.Kind(0xff))
}

// merged finds the items that rows belong to, which come in the same order.
type merged struct {
	items []*item
	place int
}

// of is the item of a command; nil if it is not among them.
func (m *merged) of(thing fact.ID) *item {
	command := thing.At(0).As(fact.KindCommand)
	for m.place < len(m.items) && bytes.Compare(m.items[m.place].command[:], command[:]) < 0 {
		m.place++
	}
	if m.place < len(m.items) && m.items[m.place].command == command {
		return m.items[m.place]
	}
	return nil
}

func (h *history) interactions(ctx context.Context, m *merged, low, high fact.ID) error {
	m.place = 0
	return h.each(ctx, `SELECT i.id, i.event, i.touchpoint, i.occurred_at, i.received_at, i.value, i.lines, i.properties, i.version
FROM interactions i WHERE i.programme_id = $1 AND i.id > $2 AND i.id <= $3 ORDER BY i.id`, func(row *sql.Rows) error {
		i := &fact.Interaction{}
		var value sql.NullInt64
		var lines, properties []byte
		var version int
		if err := row.Scan(&i.ID, &i.Event, &i.Touchpoint, nullTime{&i.Occurred}, nullTime{&i.Received}, &value, &lines, &properties, &version); err != nil {
			return err
		}
		if value.Valid {
			i.Value = &fact.Money{Minor: value.Int64, Currency: h.currency}
		}
		if of := m.of(i.ID); of != nil {
			of.interaction, of.lines, of.properties, of.version = i, lines, properties, version
		}
		return nil
	}, h.programme, low, high)
}

// unpack reads what was left as it was stored.
func (i *item) unpack() error {
	if i.interaction == nil {
		return nil
	}
	if len(i.lines) > 0 {
		if err := json.Unmarshal(i.lines, &i.interaction.Lines); err != nil {
			return fmt.Errorf("the lines of %s: %w", i.interaction.ID, err)
		}
	}
	if len(i.properties) > 0 {
		d := json.NewDecoder(bytes.NewReader(i.properties))
		d.UseNumber()
		if err := d.Decode(&i.interaction.Properties); err != nil {
			return fmt.Errorf("the properties of %s: %w", i.interaction.ID, err)
		}
		for name, v := range i.interaction.Properties {
			i.interaction.Properties[name] = plain(v)
		}
	}
	i.lines, i.properties = nil, nil
	return nil
}

// plain is a value of a JSON document as an interaction has it: whole numbers are int64.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plain(v[name])
		}
	}
	return v
}

func (h *history) redemptions(ctx context.Context, m *merged, low, high fact.ID) error {
	m.place = 0
	return h.each(ctx, `SELECT x.id, x.reward_id, x.movement_id, x.points FROM redemptions x
WHERE x.programme_id = $1 AND x.id > $2 AND x.id <= $3 ORDER BY x.id`, func(row *sql.Rows) error {
		var id, reward fact.ID
		var v moved
		if err := row.Scan(&id, &reward, &v.id, &v.points); err != nil {
			return err
		}
		if of := m.of(id); of != nil {
			of.reward, of.movements = reward, []moved{v}
		}
		return nil
	}, h.programme, low, high)
}

func (h *history) reversals(ctx context.Context, m *merged, low, high fact.ID) error {
	m.place = 0
	return h.each(ctx, `SELECT v.id, v.interaction_id, v.value, v.lines, v.whole, v.occurred_at FROM reversals v
WHERE v.programme_id = $1 AND v.id > $2 AND v.id <= $3 ORDER BY v.id`, func(row *sql.Rows) error {
		v := &loyalty.Reversal{}
		var lines []byte
		if err := row.Scan(&v.ID, &v.Interaction, &v.Value, &lines, &v.Whole, nullTime{&v.Occurred}); err != nil {
			return err
		}
		if len(lines) > 0 {
			if err := json.Unmarshal(lines, &v.Lines); err != nil {
				return fmt.Errorf("the lines of %s: %w", v.ID, err)
			}
		}
		if of := m.of(v.ID); of != nil {
			of.returned = v
		}
		return nil
	}, h.programme, low, high)
}

func (h *history) movements(ctx context.Context, m *merged, low, high fact.ID) error {
	m.place = 0
	return h.each(ctx, `SELECT m.id, m.account_id, m.points, m.occurred_at, m.booked_at, m.explanation FROM movements m
WHERE m.programme_id = $1 AND m.id > $2 AND m.id <= $3 AND m.kind IN ('adjust', 'hold', 'capture', 'release', 'transfer', 'reverse_spend') ORDER BY m.id`, func(row *sql.Rows) error {
		var v moved
		var text sql.RawBytes
		if err := row.Scan(&v.id, &v.account, &v.points, nullTime{&v.occurred}, nullTime{&v.booked}, &text); err != nil {
			return err
		}
		of := m.of(v.id)
		if of == nil {
			return nil
		}
		var x struct {
			Of fact.ID `json:"of"`
		}
		if err := json.Unmarshal(text, &x); err != nil {
			return fmt.Errorf("the explanation of %s: %w", v.id, err)
		}
		v.of = x.Of
		if of.movements == nil {
			of.movements = make([]moved, len(of.own))
		}
		for at, place := range of.own {
			if place == v.id.Place() {
				of.movements[at] = v
			}
		}
		return nil
	}, h.programme, low, high)
}

func (h *history) holds(ctx context.Context, m *merged, low, high fact.ID) error {
	m.place = 0
	return h.each(ctx, `SELECT h.id, h.expires_at FROM holds h WHERE h.programme_id = $1 AND h.id > $2 AND h.id <= $3 ORDER BY h.id`, func(row *sql.Rows) error {
		var id fact.ID
		var at time.Time
		if err := row.Scan(&id, nullTime{&at}); err != nil {
			return err
		}
		if of := m.of(id); of != nil {
			of.expires = at
		}
		return nil
	}, h.programme, low, high)
}

// lots finds out which adjustments gave points, and until when.
func (h *history) lots(ctx context.Context, items []*item) error {
	wanted := map[fact.ID]*item{}
	var args []any
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		marks := make([]string, len(args))
		for i := range marks {
			marks[i] = "$" + strconv.Itoa(i+1)
		}
		err := h.each(ctx, `SELECT l.id, l.expires_at FROM lots l WHERE l.id IN (`+strings.Join(marks, ", ")+`)`, func(row *sql.Rows) error {
			var id fact.ID
			var at time.Time
			if err := row.Scan(&id, nullTime{&at}); err != nil {
				return err
			}
			wanted[id].credit, wanted[id].expires = true, at
			return nil
		}, args...)
		args = args[:0]
		return err
	}
	for _, i := range items {
		if i.operation != opAdjust || len(i.movements) == 0 {
			continue
		}
		id := i.movements[0].id.As(fact.KindLot)
		wanted[id], args = i, append(args, id)
		if len(args) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// each asks, and scans what comes.
func (h *history) each(ctx context.Context, text string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := h.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// nullTime scans a time that may be null, as UTC.
type nullTime struct{ t *time.Time }

// Scan reads the column.
func (n nullTime) Scan(src any) error {
	var v sql.NullTime
	if err := v.Scan(src); err != nil {
		return err
	}
	*n.t = time.Time{}
	if v.Valid {
		*n.t = v.Time.UTC()
	}
	return nil
}
