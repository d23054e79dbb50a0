package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/dossier"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// A member's file holds every row of the member and of those it absorbed, though most tables have no index on members: their rows are found from others'. It reads no table whole.
func TestAFileIsWholeAndReadsNoOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db)
		member, who := s.given(t, "ada@example.com")
		_, card := s.given(t, "card@example.com")
		_, other := s.given(t, "ben@example.com")
		for i, of := range []engine.Ref{who, card, card, other, who} {
			o := granted(t)(s.Track(t.Context(), s.bought(fmt.Sprint("purchase ", i), of, "40.00")))
			if i%2 == 0 {
				granted(t)(s.Reverse(t.Context(), s.returned(fmt.Sprint("return ", i), o.Interaction, "15.00")))
			}
		}
		do := func(key string, op loyalty.Operation, of ...engine.Ref) *engine.Outcome {
			return granted(t)(s.Operate(t.Context(), s.operation(key, op, of...)))
		}
		do("gift", loyalty.Adjust{Points: 25, Reason: "a gift"}, who)
		captured := held(do("hold 1", loyalty.Hold{Points: 9, ExpiresIn: time.Hour}, card))
		left := held(do("hold 2", loyalty.Hold{Points: 4, ExpiresIn: time.Hour}, card))
		do("capture", loyalty.Capture{Hold: captured}, engine.Ref{Hold: captured})
		do("send", loyalty.Transfer{Points: 12}, who, other)
		do("receive", loyalty.Transfer{Points: 7}, other, card)
		granted(t)(s.Redeem(t.Context(), engine.Redeem{Origin: s.origin("mug"), Member: who, Reward: s.reward(t, "mug")}))
		granted(t)(s.Merge(t.Context(), s.merge("one", card, who)))
		do("release", loyalty.Release{Hold: left}, engine.Ref{Hold: left})
		do("suspend", loyalty.Suspend{Reason: "x"}, who)

		var text strings.Builder
		if err := dossier.Write(t.Context(), db, s.id, member, s.now(), &text); err != nil {
			t.Fatal(err)
		}
		file := map[string]any{}
		if err := json.Unmarshal([]byte(text.String()), &file); err != nil {
			t.Fatal(err)
		}
		kin := append([]fact.ID{member}, s.view(t, member).State.Doc.Absorbed...)
		for _, table := range dossier.Tables {
			if table.Told != "" {
				continue
			}
			var there int
			for _, id := range kin {
				of := any(id)
				if table.Account {
					of = id.As(fact.KindAccount)
				}
				var n int
				if err := db.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM "+table.Name+" WHERE "+table.Column+" = $1", of).Scan(&n); err != nil {
					t.Fatal(err)
				}
				there += n
			}
			rows, _ := file[table.Name].([]any)
			if len(rows) != there {
				t.Errorf("of %d rows of %s the file has %d", there, table.Name, len(rows))
			}
			if there == 0 && slices.Contains([]string{"lots", "holds", "postings", "commands", "reversals", "interactions", "movements"}, table.Name) {
				t.Errorf("there are no %s", table.Name)
			}
			if db.Dialect() == dialect.SQLite && table.Name != "erasures" { // of which there are few; and what PostgreSQL plans depends on how much there is; it is told to look nothing up in another way
				query, ids := table.Query(db.Dialect(), kin...)
				if plan := explained(t, db, query, ids...); strings.Contains(plan, "SCAN t\n") || strings.Contains(plan, "SCAN i\n") || strings.Contains(plan, "SCAN "+table.Name) {
					t.Errorf("%s is read whole:\n%s%s", table.Name, query, plan)
				}
			}
		}
	})
}

// explained is how SQLite goes about a query.
func explained(t *testing.T, db *store.Store, query string, ids ...any) string {
	t.Helper()
	rows, err := db.DB().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, ids...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan.WriteString("\n" + step)
	}
	return plan.String() + "\n"
}
