package proof

import "granaio/loyalty/fact"

// undone is how much of each movement was taken or given back, points included that had expired by then or were let go.
func undone(g grammar) string {
	return `undone AS (SELECT reverses_id AS id, sum(points + ` + g.number("explanation", "expired") + ` + ` + g.number("explanation", "forgiven") + `) AS points
  FROM movements WHERE reverses_id IS NOT NULL GROUP BY reverses_id)`
}

// overdone complains of what was undone more than it was: a movement, or an interaction, which is returned at most as a whole, and then all of it.
func overdone() []string {
	return []string{
		complaint("m.id", "FROM movements m JOIN undone u ON u.id = m.id", wrong{"u.points > m.points", "more of it was taken or given back than it was of"}),
		complaint("i.id", `FROM interactions i JOIN (SELECT interaction_id, sum(value) AS value, sum(CASE WHEN whole THEN 1 ELSE 0 END) AS wholes
  FROM reversals GROUP BY interaction_id) v ON v.interaction_id = i.id`,
			wrong{"v.value > coalesce(i.value, 0)", "more of it was returned than was paid"},
			wrong{"v.wholes > 1", "it was returned twice as a whole"},
			wrong{"v.wholes = 1 AND v.value <> coalesce(i.value, 0)", "it was returned as a whole, and not all that was paid"}),
	}
}

// ungrounded complains of reversals that do not say what they undo, or not what can be undone so, and of what was to follow from them.
func ungrounded(g grammar) []string {
	return []string{
		complaint("m.id", "FROM movements m LEFT JOIN movements o ON o.id = m.reverses_id",
			wrong{"(m.kind IN ('reverse_earn', 'reverse_spend')) <> (m.reverses_id IS NOT NULL)", "it takes back or gives back and does not say what, or says so and does not"},
			wrong{"m.kind = 'reverse_earn' AND o.kind <> 'earn' OR m.kind = 'reverse_spend' AND o.kind NOT IN ('spend', 'capture')",
				"what it takes back is no earning, or what it gives back no spend"}),
		complaint("r.id", "FROM redemptions r LEFT JOIN undone u ON u.id = r.movement_id",
			wrong{"(r.state = 'cancelled') <> (coalesce(u.points, 0) = r.points)", "it is cancelled and paid for, or neither"}),
		complaint("c.id", "FROM commands c LEFT JOIN reversals v ON v.id = "+g.as("c.id", fact.KindReversal),
			wrong{"v.id IS NULL AND " + g.flag("c.answer", "reversed"), "it answered with a reversal that is not there"}),
	}
}
