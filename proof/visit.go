package proof

// visited: of each member as many interactions are rolled up, by touchpoint, as there are before the watermark, and the points that were given for them.
func visited(g grammar) string {
	return union(`came AS (SELECT i.member_id, i.touchpoint, count(*) AS n, sum(coalesce(e.points, 0)) AS points FROM leases w JOIN interactions i ON i.id < `+g.uuid("w.outcome ->> 'until'")+`
  LEFT JOIN (SELECT interaction_id, sum(points) AS points FROM movements WHERE kind = 'earn' AND interaction_id IS NOT NULL GROUP BY interaction_id) e ON e.interaction_id = i.id
  WHERE w.id = 'visits' AND i.touchpoint <> '' GROUP BY i.member_id, i.touchpoint),
 told AS (SELECT member_id, touchpoint, sum(interactions) AS n, sum(points) AS points FROM visits GROUP BY member_id, touchpoint)`,
		complaint("coalesce(c.member_id, t.member_id)", "FROM came c FULL JOIN told t ON t.member_id = c.member_id AND t.touchpoint = c.touchpoint",
			wrong{"coalesce(c.n, 0) <> coalesce(t.n, 0) OR coalesce(c.points, 0) <> coalesce(t.points, 0)", "what touchpoints are said to have brought of it is not what came by them: granaio rebuild counts it anew"}))
}
