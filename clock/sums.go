package clock

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// queries is a database, or a transaction on it.
type queries interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// last is an id after all others.
var last = fact.ID(bytes.Repeat([]byte{0xff}, len(fact.ID{})))

func compare(a, b fact.ID) int { return bytes.Compare(a[:], b[:]) }

// grain is what the instants of bookings are summed by before they are sorted into months: no zone begins its days at another moment than a full quarter of
// an hour.
const grain = 15 * time.Minute

// foldSQL sums postings of a range of ids. Their movements lie in a range of ids too, since both are named after their commands; without it a database would
// look through all movements there are.
func foldSQL(d string) string {
	quarter := "unixepoch(m.booked_at) / %d"
	if d == dialect.Postgres {
		quarter = "CAST(floor(extract(epoch FROM m.booked_at) / %d) AS bigint)"
	}
	return `SELECT p.programme_id, ` + fmt.Sprintf(quarter, grain/time.Second) + `, p.source, p.target, sum(p.points)
FROM postings p JOIN movements m ON m.id = p.movement_id
WHERE p.id >= $1 AND p.id < $2 AND m.id >= $3 AND m.id <= $4
 AND (p.source IN ('issued', 'redeemed', 'debt') OR p.target IN ('redeemed', 'expired', 'reversed', 'debt'))
GROUP BY 1, 2, 3, 4`
}

// fold sums the postings from an id on and before another, by programme and month.
func (r *refresh) fold(ctx context.Context, db queries, from, until fact.ID) (map[fact.ID][]ledger.Flow, error) {
	if compare(from, until) >= 0 {
		return nil, nil
	}
	rows, err := db.QueryContext(ctx, foldSQL(r.Store.Dialect()), from.UUID(), until.UUID(), from.At(0).As(0).UUID(), until.At(fact.MaxPlace).As(0xff).UUID())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	movements := map[fact.ID][]ledger.Movement{}
	for rows.Next() {
		var programme fact.ID
		var quarter int64
		var p ledger.Posting
		if err := rows.Scan(&programme, &quarter, &p.Source, &p.Target, &p.Points); err != nil {
			return nil, err
		}
		booked := time.Unix(quarter*int64(grain/time.Second), 0)
		movements[programme] = append(movements[programme], ledger.Movement{Booked: booked, Postings: []ledger.Posting{p}})
	}
	flows := map[fact.ID][]ledger.Flow{}
	for programme, of := range movements {
		zone := r.zones[programme]
		if zone == nil {
			return nil, fmt.Errorf("postings of a programme that is not published: %s", programme)
		}
		flows[programme] = ledger.Flows(of, zone)
	}
	return flows, rows.Err()
}

// lots are the open lots of each programme, those of one funding and expiry added up.
func (r *refresh) lots(ctx context.Context, db queries) (map[fact.ID][]ledger.Lot, error) {
	rows, err := db.QueryContext(ctx, `SELECT programme_id, funding, expires_at, sum(pending), sum(available), sum(held) FROM lots
WHERE pending + available + held > 0 GROUP BY programme_id, funding, expires_at`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	lots := map[fact.ID][]ledger.Lot{}
	for rows.Next() {
		var programme fact.ID
		var l ledger.Lot
		var expires sql.NullTime
		if err := rows.Scan(&programme, &l.Funding, &expires, &l.Pending, &l.Available, &l.Held); err != nil {
			return nil, err
		}
		l.Expires = expires.Time
		lots[programme] = append(lots[programme], l)
	}
	return lots, rows.Err()
}

// known are the flows that are kept of each programme.
func (r *refresh) known(ctx context.Context, db queries) (map[fact.ID][]ledger.Flow, error) {
	rows, err := db.QueryContext(ctx, `SELECT programme_id, month, issued, redeemed, expired, reversed, debt FROM flows`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	flows := map[fact.ID][]ledger.Flow{}
	for rows.Next() {
		var programme fact.ID
		var f ledger.Flow
		if err := rows.Scan(&programme, &f.Month, &f.Issued, &f.Redeemed, &f.Expired, &f.Reversed, &f.Debt); err != nil {
			return nil, err
		}
		flows[programme] = append(flows[programme], f)
	}
	return flows, rows.Err()
}
