package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
	"granaio/store"
)

// Moment is an account at a past instant.
type Moment struct {
	Account  fact.ID
	At       time.Time
	Sequence int64 // the account's: movements after it are not looked at
}

// Mark is how an account stood at a Moment, by its movements alone.
type Mark struct {
	Opened time.Time // when the account was made
	// Number is that of the last movement that had taken effect (ledger.InEffect); 0 if none had. If it is the moment's Sequence, more may have fallen
	// due that was not booked by then.
	Number int64
	After  ledger.Balances // after that movement
}

type momentRow struct {
	Account  uuid   `json:"account"`
	At       string `json:"at"`
	Sequence int64  `json:"sequence"`
}

// marksSQL finds the last movement that had taken effect, for each moment. Movements are booked in the order of their numbers, so halving the numbers
// finds the last one that was booked by then in as many look-ups as the number has bits. After it come those that time brought about by then and that were booked
// later: the first movement that is none of them ends the search.
func marksSQL(g grammar) string {
	return `WITH RECURSIVE asked AS (SELECT r.account, r.at, r.sequence, a.created_at FROM ` +
		g.rows(2, "r", columns("account uuid, at timestamptz, sequence int8")) + ` JOIN accounts a ON a.id = r.account AND a.programme_id = ` + g.param(1) + `),
halving (account, at, low, high) AS (
 SELECT account, at, CAST(0 AS bigint), sequence + 1 FROM asked
 UNION ALL SELECT s.account, s.at, CASE WHEN m.booked_at <= s.at THEN m.number ELSE s.low END, CASE WHEN m.booked_at <= s.at THEN s.high ELSE m.number END
 FROM halving s JOIN movements m ON m.account_id = s.account AND m.number = (s.low + s.high) / 2 WHERE s.high - s.low > 1),
booked AS (SELECT account, at, max(low) AS number FROM halving GROUP BY account, at),
marks AS (SELECT q.account, q.at, q.created_at, coalesce((SELECT m.number - 1 FROM movements m
  WHERE m.account_id = q.account AND m.number > b.number AND m.number <= q.sequence AND NOT (m.occurred_at <= q.at AND m.kind IN ('mature', 'expire', 'release')
   AND m.explanation ->> 'source' IN ('` + strings.Join(why.TimeSources(), "', '") + `'))
  ORDER BY m.number LIMIT 1), q.sequence) AS number
 FROM asked q JOIN booked b ON b.account = q.account AND b.at = q.at)
SELECT k.account, k.created_at, k.number, coalesce(m.pending_after, 0), coalesce(m.available_after, 0), coalesce(m.held_after, 0), coalesce(m.debt_after, 0)
FROM marks k LEFT JOIN movements m ON m.account_id = k.account AND m.number = k.number`
}

// Marks tells how accounts of one programme stood, each at one moment. Those that do not exist are not in the answer.
func (e *Engine) Marks(ctx context.Context, programme fact.ID, moments []Moment) (map[fact.ID]Mark, error) {
	asked := make([]momentRow, len(moments))
	for i, m := range moments {
		asked[i] = momentRow{uuid(m.Account), store.Time(m.At), m.Sequence}
	}
	parameter, err := encode(asked)
	if err != nil {
		return nil, err
	}
	rows, err := e.store.DB().QueryContext(ctx, e.sql.marks, programme, parameter)
	if err != nil {
		return nil, fmt.Errorf("engine: marks: %w", unavailable(err))
	}
	defer rows.Close()
	marks := make(map[fact.ID]Mark, len(moments))
	for rows.Next() {
		var account fact.ID
		var m Mark
		if err := rows.Scan(&account, nullTime{&m.Opened}, &m.Number, &m.After.Pending, &m.After.Available, &m.After.Held, &m.After.Debt); err != nil {
			return nil, fmt.Errorf("engine: marks: %w", err)
		}
		marks[account] = m
	}
	return marks, unavailable(rows.Err())
}

// Stretch is some of an account's movements: those after a number, up to another.
type Stretch struct {
	Account      fact.ID
	After, Until int64
}

// Line is the movements of one kind, summed.
type Line struct {
	Kind   ledger.Kind
	Count  int64
	Points fact.Points
	Change ledger.Balances // by how much they changed each bucket
}

type stretchRow struct {
	Account uuid  `json:"account"`
	After   int64 `json:"after"`
	Until   int64 `json:"until"`
}

func linesSQL(g grammar) string {
	var changes, sums []string
	for _, b := range []string{"pending", "available", "held", "debt"} {
		changes = append(changes, fmt.Sprintf("m.%[1]s_after - coalesce(lag(m.%[1]s_after) OVER w, 0) AS %[1]s", b))
		sums = append(sums, "CAST(sum("+b+") AS bigint)")
	}
	return `SELECT account, kind, count(*), CAST(sum(points) AS bigint), ` + strings.Join(sums, ", ") + ` FROM (
 SELECT r.account, r.after, m.number, m.kind, m.points, ` + strings.Join(changes, ", ") + `
 FROM ` + g.rows(1, "r", columns("account uuid, after int8, until int8")) + `
 JOIN movements m ON m.account_id = r.account AND m.number >= r.after AND m.number <= r.until
 WINDOW w AS (PARTITION BY m.account_id ORDER BY m.number)) AS changes
WHERE number > after GROUP BY account, kind ORDER BY min(number)`
}

// Lines sums stretches of accounts, each by kind, in the order in which the kinds first come. An account is in one of them at most.
func (e *Engine) Lines(ctx context.Context, stretches []Stretch) (map[fact.ID][]Line, error) {
	asked := make([]stretchRow, len(stretches))
	for i, s := range stretches {
		asked[i] = stretchRow{uuid(s.Account), s.After, s.Until}
	}
	parameter, err := encode(asked)
	if err != nil {
		return nil, err
	}
	rows, err := e.store.DB().QueryContext(ctx, e.sql.lines, parameter)
	if err != nil {
		return nil, fmt.Errorf("engine: lines: %w", unavailable(err))
	}
	defer rows.Close()
	lines := map[fact.ID][]Line{}
	for rows.Next() {
		var account fact.ID
		var l Line
		if err := rows.Scan(&account, &l.Kind, &l.Count, &l.Points, &l.Change.Pending, &l.Change.Available, &l.Change.Held, &l.Change.Debt); err != nil {
			return nil, fmt.Errorf("engine: lines: %w", err)
		}
		lines[account] = append(lines[account], l)
	}
	return lines, unavailable(rows.Err())
}
