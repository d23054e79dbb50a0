package engine

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// Many movements of many accounts: number 1 to 20 of each.
const (
	manyAccounts = 1000
	manyEach     = 20
)

// fillMovements writes them, and has the database learn how many there are; the accounts' ids.
func fillMovements(t *testing.T, s *store.Store, programme fact.ID, from time.Time) []fact.ID {
	t.Helper()
	accounts := make([]fact.ID, manyAccounts)
	var a, m []map[string]any
	for i := range accounts {
		accounts[i] = fact.NewID(fact.KindAccount)
		a = append(a, map[string]any{
			"id": uuid(accounts[i]), "programme_id": uuid(programme), "sequence": manyEach, "pending": 0, "available": manyEach, "held": 0, "debt": 0,
			"last_moved_at": store.Time(from), "created_at": store.Time(from),
		})
		command := fact.NewID(fact.KindCommand)
		for n := range manyEach {
			at := store.Time(from.Add(time.Duration(n+1) * time.Hour))
			m = append(m, map[string]any{
				"id": uuid(command.At(n + 1).As(fact.KindMovement)), "programme_id": uuid(programme), "account_id": uuid(accounts[i]),
				"member_id": uuid(accounts[i].As(fact.KindMember)), "number": n + 1, "kind": "earn", "points": 1, "occurred_at": at, "booked_at": at,
				"pending_after": 0, "available_after": n + 1, "held_after": 0, "debt_after": 0, "command_id": uuid(command),
				"explanation": map[string]any{"source": "rule"},
			})
		}
	}
	fill(t, s, "movements", movementColumns, m)
	fill(t, s, "accounts", accountColumns, a)
	learn(t, s)
	return accounts
}

// fill writes rows into a table.
func fill(t *testing.T, s *store.Store, table, list string, rows []map[string]any) {
	t.Helper()
	parameter, err := encode(rows)
	if err != nil {
		t.Fatal(err)
	}
	g := grammar{s.Dialect()}
	if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO "+table+" ("+names(list, "")+") SELECT "+names(list, "r.")+" FROM "+g.rows(1, "r", columns(list)), parameter); err != nil {
		t.Fatal(err)
	}
}

// learn has the database find out how much it holds.
func learn(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// What is read of the past of an account is looked up by its movements' numbers, however many movements there are: no table is read whole.
func TestThePastIsLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s, err := db.Lookups(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		programme, from := fact.NewID(fact.KindProgramme), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		accounts := fillMovements(t, s, programme, from)
		e := &Engine{store: s, sql: newStatements(grammar{s.Dialect()})}
		var moments []Moment
		var stretches []Stretch
		for i, a := range accounts[:60] {
			moments = append(moments, Moment{a, from.Add(time.Duration(i%25)*time.Hour + time.Minute), manyEach})
			stretches = append(stretches, Stretch{a, int64(i % 5), int64(5 + i%5)})
		}
		marks, err := e.Marks(t.Context(), programme, moments)
		if err != nil || len(marks) != len(moments) {
			t.Fatal(len(marks), err)
		}
		for i, m := range moments {
			want := min(int64(i%25), manyEach)
			if got := marks[m.Account]; got.Number != want || int64(got.After.Available) != want || !got.Opened.Equal(from) {
				t.Errorf("by %v it is %+v, not number %d", m.At, got, want)
			}
		}
		lines, err := e.Lines(t.Context(), stretches)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range stretches {
			if got := lines[x.Account]; len(got) != 1 || got[0].Count != 5 || got[0].Change.Available != 5 {
				t.Errorf("of %+v it is %+v", x, got)
			}
		}
		asked := make([]momentRow, len(moments))
		for i, m := range moments {
			asked[i] = momentRow{uuid(m.Account), store.Time(m.At), m.Sequence}
		}
		first, _ := encode(asked)
		second, _ := encode([]stretchRow{{uuid(accounts[0]), 3, 9}})
		for query, args := range map[string][]any{e.sql.marks: {programme, first}, e.sql.lines: {second}} {
			if plan := planOf(t, s, query, args...); strings.Contains(plan, "Seq Scan on movements") || strings.Contains(plan, "SCAN m\n") ||
				strings.Contains(plan, "Seq Scan on accounts") || strings.Contains(plan, "SCAN a\n") {
				t.Errorf("a whole table is read:\n%s", plan)
			}
		}
	})
}

// Members are looked up one by one, by their ids or by a way to recognise them, however many the programme has: neither a table nor a programme's part of one is read.
func TestMembersAreLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s, err := db.Lookups(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		programme, now := fact.NewID(fact.KindProgramme), store.Time(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
		var accounts, members, states, identities, holds []map[string]any
		var ids []fact.ID
		var named []refRow
		for n := range 3000 {
			id := fact.NewID(fact.KindMember)
			account := id.As(fact.KindAccount)
			ids = append(ids, id)
			named = append(named, refRow{P: uuid(programme), K: "card", V: fmt.Sprint(n)})
			accounts = append(accounts, map[string]any{"id": uuid(account), "programme_id": uuid(programme), "sequence": 0, "pending": 0, "available": 0, "held": 0, "debt": 0, "last_moved_at": now, "created_at": now})
			members = append(members, map[string]any{"id": uuid(id), "programme_id": uuid(programme), "account_id": uuid(account), "status": "registered", "enrolled_at": now, "created_at": now})
			holds = append(holds, map[string]any{"id": uuid(id.As(fact.KindHold)), "programme_id": uuid(programme), "account_id": uuid(account), "expires_at": now, "points": 1, "slices": []any{}, "captured": 0, "released": 0})
			states = append(states, map[string]any{"id": uuid(id), "programme_id": uuid(programme), "version": 1, "doc": map[string]any{}})
			identities = append(identities, map[string]any{"id": uuid(id.As(fact.KindIdentity)), "programme_id": uuid(programme), "member_id": uuid(id), "kind": "card", "value": fmt.Sprint(n), "created_at": now})
		}
		fill(t, s, "accounts", accountColumns, accounts)
		fill(t, s, "holds", holdColumns, holds)
		fill(t, s, "members", memberColumns, members)
		fill(t, s, "working_states", workingColumns, states)
		fill(t, s, "identities", identityColumns, identities)
		g := grammar{s.Dialect()}
		refs, err := g.bindRefs(named[:50])
		if err != nil {
			t.Fatal(err)
		}
		for _, learnt := range []bool{false, true} { // on SQLite nobody else has it learn
			if learnt {
				learn(t, s)
			} else if g.postgres() {
				continue
			}
			for query, args := range map[string][]any{viewSQL(g): {programme, idList(ids[:50]), now}, loadSQL(g, false): refs, accountsSQL(g): {idList(ids[:50]), now}, holdsSQL(g): {idList(ids[:50])}} {
				plan := planOf(t, s, query, args...)
				for _, whole := range []string{
					"Seq Scan on members", "Seq Scan on working_states", "Seq Scan on accounts", "Seq Scan on identities", "Seq Scan on holds", "SCAN m\n", "SCAN s\n", "SCAN a\n", "SCAN i\n", "SCAN h\n", "SEARCH m USING INDEX member_programme_id",
				} {
					if strings.Contains(plan, whole) {
						t.Errorf("%s:\n%s", whole, plan)
					}
				}
			}
		}
	})
}

// No statement of the engine reads a table that grows with the members, or a programme's part of one: SQLite plans as it did on the first day, since nobody has it learn how much it holds.
// (On PostgreSQL such plans are not considered at all: see store.Lookups.)
func TestNoTableIsReadWhole(t *testing.T) {
	s := storetest.On(t, dialect.SQLite)
	texts := map[string]string{}
	all := reflect.ValueOf(newStatements(grammar{s.Dialect()}))
	for i := range all.NumField() {
		switch f, name := all.Field(i), all.Type().Field(i).Name; f.Kind() {
		case reflect.String:
			texts[name] = f.String()
		case reflect.Map:
			texts[name] = f.MapIndex(reflect.ValueOf(false)).String()
		}
	}
	growing := regexp.MustCompile(`(?:FROM|JOIN) (accounts|attribute_values|commands|consents|contacts|holds|identities|interactions|lots|member_events|members|movements|notes|postings|progresses|redemptions|reversals|tier_changes|visits|working_states) (\w+)`)
	tables := 0
	for name, text := range texts {
		var args []any
		for strings.Contains(text, fmt.Sprint("?", len(args)+1)) {
			args = append(args, nil)
		}
		plan := planOf(t, s, text, args...)
		for _, of := range growing.FindAllStringSubmatch(text, -1) {
			tables++
			for line := range strings.Lines(plan) {
				words := strings.Fields(line)
				if words[0] == "SCAN" && words[1] == of[2] && !strings.Contains(plan, "CO-ROUTINE "+of[2]) || words[0] == "SEARCH" && words[1] == of[2] && strings.HasSuffix(line, " (programme_id=?)\n") {
					t.Errorf("%s reads all %s:\n%s%s", name, of[1], text, plan)
				}
			}
		}
	}
	if len(texts) < 25 || tables < 40 {
		t.Errorf("only %d statements on %d tables were looked at", len(texts), tables)
	}
}

// What is undone is looked up by its movements' ids, and by what reverses them.
func TestWhatIsUndoneIsLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s, err := db.Lookups(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		accounts := fillMovements(t, s, fact.NewID(fact.KindProgramme), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
		plan := planOf(t, s, undoneSQL(grammar{s.Dialect()}), idList(accounts[:2]))
		if strings.Count(plan, "reverses_id") == 0 || !strings.Contains(plan, "BitmapOr") && !strings.Contains(plan, "MULTI-INDEX OR") {
			t.Errorf("movements are walked through:\n%s", plan)
		}
	})
}

// planOf is how the database goes about a query.
func planOf(t *testing.T, s *store.Store, query string, args ...any) string {
	t.Helper()
	explain := map[bool]string{true: "EXPLAIN ", false: "EXPLAIN QUERY PLAN "}[grammar{s.Dialect()}.postgres()]
	rows, err := s.DB().QueryContext(t.Context(), explain+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		columns, _ := rows.Columns()
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&plan, *values[len(values)-1].(*any))
	}
	return plan.String()
}
