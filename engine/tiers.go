package engine

import (
	"context"
	"fmt"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// tiersSQL reads what members' tiers follow from, each member in one row.
func tiersSQL(g grammar) string {
	return `SELECT m.programme_id, p.current, ` + stateColumns + `
FROM ` + g.ids(1, "r") + ` JOIN members m ON m.id = r.id JOIN programmes p ON p.id = m.programme_id
JOIN working_states s ON s.id = m.id JOIN accounts a ON a.id = m.account_id`
}

// Tiers reads where members of any programme stand among the tiers now, falls that are not booked yet counted in. Those that do not exist are not in the answer.
func (e *Engine) Tiers(ctx context.Context, members []fact.ID) (map[fact.ID]loyalty.TierNews, error) {
	parameter := idList(members)
	now := e.Now()
	rows, err := e.store.DB().QueryContext(ctx, e.sql.tiers, parameter)
	if err != nil {
		return nil, fmt.Errorf("engine: tiers: %w", unavailable(err))
	}
	news := make(map[fact.ID]loyalty.TierNews, len(members))
	err = scanAll(rows, func(row scanner) error {
		var x stateScan
		var owner fact.ID
		var current int
		if err := row.Scan(append([]any{&owner, &current}, x.targets()...)...); err != nil {
			return err
		}
		state, err := x.state()
		if err != nil {
			return err
		}
		timeline, err := e.programs.Timeline(ctx, owner, current)
		if err != nil {
			return err
		}
		programme, err := timeline.Current(ctx, now)
		if err != nil {
			return err
		}
		news[x.id] = programme.TierNews(state, x.version.Int64, now)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("engine: tiers: %w", unavailable(err))
	}
	return news, nil
}

// announceTier tells of a member whose tier is another than it was when it was loaded, or who is no more. What cannot be told now is read by whoever watches.
func (b *batch) announceTier(p *person) {
	if m := p.state.Member; p.isNew || m.Tier == p.wasTier && m.TierSince.Equal(p.wasSince) && m.Fate() == p.was.Fate() {
		return // nobody watches a member before there is one
	}
	ctx := context.Background()
	timeline, err := b.timeline(ctx, p.programme)
	if err != nil {
		return
	}
	if programme, err := timeline.Current(ctx, b.now); err == nil {
		b.engine.announcer.Tier(p.programme, programme.TierNews(p.state, p.version+1, b.now))
	}
}
