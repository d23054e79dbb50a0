package replay_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/replay"
	"granaio/store"
	"granaio/store/storetest"
)

// shop is a programme on a database, with an engine.
type shop struct {
	store   *store.Store
	engine  *engine.Engine
	library *programme.Library
	id      fact.ID
}

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// opened imports the programme of the CDNOW test and starts an engine.
func opened(t *testing.T, db *store.Store) *shop {
	t.Helper()
	src, err := os.ReadFile("testdata/cdnow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return openedWith(t, db, src, nil)
}

// openedWith imports a programme and starts an engine with a clock; nil for the real one.
func openedWith(t *testing.T, db *store.Store, src []byte, now func() time.Time) *shop {
	t.Helper()
	file, problems := programme.Parse("cdnow.yaml", src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), db, file, "test", time.Now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	library := programme.NewLibrary(db)
	e := engine.New(db, shelf{library}, engine.Nobody{}, engine.Options{Now: now})
	t.Cleanup(e.Close)
	return &shop{db, e, library, report.Programme}
}

// each runs a test on both databases.
func each(t *testing.T, test func(*testing.T, *shop)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) { test(t, opened(t, db)) })
}

func (s *shop) deps() replay.Deps { return replay.Deps{Engine: s.engine, Library: s.library} }

// options are those of a file in the form of CDNOW's: white space, no header, the amount last.
func (s *shop) options(file string) replay.Options {
	return replay.Options{Programme: s.id, File: file, Touchpoint: "shop", Amount: "4", Properties: map[string]string{"items": "3"}}
}

// replay runs a replay that ends well.
func (s *shop) replay(t *testing.T, o replay.Options) *replay.Report {
	t.Helper()
	report, err := replay.Run(t.Context(), s.deps(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Complete || report.Lines != report.Tracked+report.Duplicates+report.Refused {
		t.Errorf("the report does not add up:\n%s", report)
	}
	return report
}

// history writes a file of lines.
func history(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "history.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// standing is what a member has come to.
type standing struct {
	Balance   int64
	Purchases int64
	Missions  int64 // how often it completed the mission
	Tier      string
}

// standings are those of all members, by the customer's name in the file.
func (s *shop) standings(t *testing.T) map[string]standing {
	t.Helper()
	rows, err := s.store.DB().QueryContext(t.Context(), `SELECT i.value, a.available + a.pending + a.held - a.debt, coalesce(m.tier, ''),
 coalesce(p.n, 0), coalesce(x.n, 0)
FROM identities i JOIN members m ON m.id = i.member_id JOIN accounts a ON a.id = m.account_id
LEFT JOIN (SELECT member_id, count(*) AS n FROM progresses WHERE completed_at IS NOT NULL GROUP BY member_id) p ON p.member_id = m.id
LEFT JOIN (SELECT member_id, count(*) AS n FROM interactions WHERE event = 'purchase' GROUP BY member_id) x ON x.member_id = m.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]standing{}
	for rows.Next() {
		var customer string
		var x standing
		if err := rows.Scan(&customer, &x.Balance, &x.Tier, &x.Missions, &x.Purchases); err != nil {
			t.Fatal(err)
		}
		all[customer] = x
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
