package proof

// mergers: a member that was merged into another has no points, owes none, has no hold that is open and no identity, and nothing is due for it; the other was not merged itself, and
// knows how many it has absorbed.
func mergers(g grammar) string {
	known := "json_array_length(s.doc, '$.absorbed')"
	if g.postgres() {
		known = "json_array_length(s.doc -> 'absorbed')"
	}
	return union(`gone AS (SELECT merged_into AS id, count(*) AS members FROM members WHERE merged_into IS NOT NULL GROUP BY merged_into)`,
		complaint("m.id", `FROM members m JOIN accounts a ON a.id = m.account_id JOIN members i ON i.id = m.merged_into`,
			wrong{"a.pending <> 0 OR a.available <> 0 OR a.held <> 0 OR a.debt <> 0", "it was merged into another, and its account is not empty"},
			wrong{"a.next_due_at IS NOT NULL OR m.due_at IS NOT NULL", "it was merged into another, and something is still due for it"},
			wrong{"i.merged_into IS NOT NULL OR i.id = m.id", "it was merged into one who was merged itself"},
			wrong{"EXISTS (SELECT 1 FROM identities x WHERE x.member_id = m.id)", "it was merged into another, and has an identity"}),
		complaint("g.id", "FROM gone g JOIN working_states s ON s.id = g.id", wrong{"coalesce(" + known + ", 0) <> g.members", "it does not know of all whom it absorbed"}))
}
