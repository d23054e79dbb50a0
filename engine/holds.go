package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// namedHolds are those that some request is to end.
func (b *batch) namedHolds() (named []fact.ID) {
	for _, j := range b.jobs {
		for _, r := range j.refs {
			if !r.Hold.IsZero() {
				named = append(named, b.hold(r.Hold))
			}
		}
	}
	return named
}

// named is whom a request names by a hold.
func (b *batch) named(hold fact.ID) *person {
	for _, j := range b.jobs {
		for _, r := range j.refs {
			if !r.Hold.IsZero() && b.hold(r.Hold) == hold {
				return b.byRef[refKey{j.origin.Programme, r}]
			}
		}
	}
	return nil
}

const holdFields = `h.id, h.account_id, h.expires_at, h.points, h.slices, h.captured, h.released`

// holdsSQL reads all open holds of accounts, and the holds that are named, in one list of ids: their kinds keep them apart.
func holdsSQL(g grammar) string {
	ids := g.ids(1, "r")
	return `SELECT ` + holdFields + ` FROM ` + ids + ` JOIN holds h ON h.account_id = r.id AND h.points > h.captured + h.released
UNION ALL SELECT ` + holdFields + ` FROM ` + ids + ` JOIN holds h ON h.id = r.id`
}

// loadHolds reads the open holds of those accounts whose open lots were read, and the holds that are to be ended.
func (b *batch) loadHolds(ctx context.Context, db queries) error {
	wanted := b.namedHolds()
	byAccount := map[fact.ID]*person{}
	for _, p := range b.persons {
		byAccount[p.state.Account.ID] = p
		if p.allLots && p.state.Account.Held > 0 {
			wanted = append(wanted, p.state.Account.ID)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	parameter := idList(wanted)
	rows, err := db.QueryContext(ctx, b.engine.sql.holds, parameter)
	if err != nil {
		return fmt.Errorf("load holds: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var h ledger.Holding
		var slices []byte
		if err := rows.Scan(&h.ID, &h.Account, nullTime{&h.Expires}, &h.Points, &slices, &h.Captured, &h.Released); err != nil {
			return fmt.Errorf("load holds: %w", err)
		}
		if h.Slices, err = decodeSlices(slices); err != nil {
			return err
		}
		p := byAccount[h.Account]
		if p == nil && !h.IsOpen() { // of a member that was absorbed since: whoever names it is told that it is over
			if p = b.named(h.ID); p != nil {
				h.Account = p.state.Account.ID
			}
		}
		if p != nil {
			p.holds.all[h.ID] = h
		}
	}
	return rows.Err()
}

// sliceRow is a slice of a hold as it is stored: with the lot's id as the database knows it, so that the database can look at it.
type sliceRow struct {
	Lot    uuid        `json:"lot"`
	Points fact.Points `json:"points"`
}

func decodeSlices(text []byte) ([]why.Slice, error) {
	var rows []sliceRow
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("engine: a hold: %w", err)
	}
	slices := make([]why.Slice, len(rows))
	for i, r := range rows {
		slices[i] = why.Slice{Lot: fact.ID(r.Lot), Points: r.Points}
	}
	return slices, nil
}

// collectHolds makes the rows of a member's holds.
func (p *person) collectHolds(all *[parts]rows) error {
	for _, id := range sortedIDs(p.holds.changed) {
		h := p.holds.all[id]
		if to, moved := p.rehung[id]; moved {
			all[partHoldsRehung].add(id, int64(h.Captured), int64(h.Released), to)
			continue
		}
		if !p.holds.isNew[id] {
			all[partHolds].add(id, int64(h.Captured), int64(h.Released))
			continue
		}
		slices := make([]sliceRow, len(h.Slices))
		for i, s := range h.Slices {
			slices[i] = sliceRow{uuid(s.Lot), s.Points}
		}
		text, err := encode(slices)
		if err != nil {
			return fmt.Errorf("engine: a hold: %w", err)
		}
		all[partHoldsNew].add(id, p.programme, h.Account, h.Expires, int64(h.Points), text, int64(h.Captured), int64(h.Released))
	}
	return nil
}

// holdPairs is a hold as a JSON object. Its slices are a document of their own in it, as text.
const holdPairs = `'id', h.id, 'account_id', h.account_id, 'expires_at', h.expires_at, 'points', h.points, 'slices', CAST(h.slices AS text)`

// holdRow is an open hold as holdPairs has it.
type holdRow struct {
	ID      uuid        `json:"id"`
	Account uuid        `json:"account_id"`
	Expires stamp       `json:"expires_at"`
	Points  fact.Points `json:"points"`
	Slices  string      `json:"slices"`
}

func decodeHolds(text []byte) ([]ledger.Holding, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var rows []holdRow
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("engine: holds: %w", err)
	}
	holds := make([]ledger.Holding, len(rows))
	for i, r := range rows {
		slices, err := decodeSlices([]byte(r.Slices))
		if err != nil {
			return nil, err
		}
		holds[i] = ledger.Holding{ID: fact.ID(r.ID), Account: fact.ID(r.Account), Expires: time.Time(r.Expires), Points: r.Points, Slices: slices}
	}
	return holds, nil
}
