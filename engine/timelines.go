package engine

import (
	"context"
	"fmt"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// timelinesSQL reads how often members were changed.
func timelinesSQL(g grammar) string {
	return `SELECT s.id, s.version, m.merged_into, m.status = 'erased' FROM ` + g.ids(1, "r") + ` JOIN working_states s ON s.id = r.id JOIN members m ON m.id = r.id`
}

// Timelines reads how often members of any programme were changed by now. Those that do not exist are not in the answer.
func (e *Engine) Timelines(ctx context.Context, members []fact.ID) (map[fact.ID]loyalty.TimelineNews, error) {
	now := e.Now()
	rows, err := e.store.DB().QueryContext(ctx, e.sql.timelines, idList(members))
	if err != nil {
		return nil, fmt.Errorf("engine: timelines: %w", unavailable(err))
	}
	news := make(map[fact.ID]loyalty.TimelineNews, len(members))
	err = scanAll(rows, func(row scanner) error {
		n := loyalty.TimelineNews{At: now}
		err := row.Scan(&n.Member, &n.Version, &n.Into, &n.Erased)
		news[n.Member] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("engine: timelines: %w", unavailable(err))
	}
	return news, nil
}
