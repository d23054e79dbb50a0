package proof

// due: a lot has an instant from which it may be spent unless it waits for something, and then nothing of it was ever available. An account knows of the
// next thing that falls due in its open lots and holds, or of something earlier. Of points that expire at one instant a member is warned once.
func due(g grammar) string {
	open := "l.pending + l.available + l.held > 0"
	idle := "l.expires_at IS NULL AND l.activates_at IS NOT NULL AND l.pending + l.available > 0 AND l.ageing ->> 'validity' LIKE '%without activity'"
	falls := `CASE WHEN l.pending > 0 AND l.activates_at IS NOT NULL AND (l.expires_at IS NULL OR l.activates_at <= l.expires_at) THEN l.activates_at
  WHEN l.pending + l.available > 0 THEN l.expires_at END`
	return union(`falls AS (SELECT l.account_id, `+falls+` AS at FROM lots l WHERE `+open+`
  UNION ALL SELECT account_id, expires_at FROM holds WHERE captured + released = 0),
 next AS (SELECT account_id, min(at) AS at FROM falls GROUP BY account_id),
 idle AS (SELECT DISTINCT l.account_id FROM lots l WHERE `+idle+`),
 warnings AS (SELECT id, row_number() OVER (PARTITION BY member_id, properties ->> 'expires_at' ORDER BY id) AS time
  FROM interactions WHERE event = 'points.expiring' AND properties IS NOT NULL)`,
		complaint("l.id", "FROM lots l",
			wrong{"l.activates_at IS NULL AND coalesce(l.ageing ->> 'waits', '') = ''", "it waits for nothing and has no instant from which it may be spent"},
			wrong{"l.activates_at IS NULL AND l.available + l.held + l.spent <> 0", "it was spent though it still waits"}),
		complaint("a.id", "FROM next n JOIN accounts a ON a.id = n.account_id",
			wrong{"n.at IS NOT NULL AND (a.next_due_at IS NULL OR a.next_due_at > n.at)", "something of it falls due before it knows"}),
		complaint("a.id", "FROM idle i JOIN accounts a ON a.id = i.account_id",
			wrong{"a.next_due_at IS NULL", "points of it are lost by inactivity and it does not know"}),
		complaint("id", "FROM warnings", wrong{"time > 1", "it warns again of what was warned of"}))
}
