package programme_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/revision"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

var (
	noon   = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	system = auth.System(context.Background(), fact.ID{})
)

// take imports a text that has to be taken.
func take(t *testing.T, s *store.Store, text string, now time.Time) *programme.Report {
	t.Helper()
	report, problems, err := programme.Import(t.Context(), s, parse(t, text), "operator:anna", now)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return report
}

// counts are the counts of a kind.
func counts(r *programme.Report, kind string) programme.Count {
	for _, c := range r.Definitions {
		if c.Kind == kind {
			return c
		}
	}
	return programme.Count{}
}

// rows is how many rows there are of everything an import writes.
func rows(t *testing.T, s *store.Store) [5]int {
	t.Helper()
	c := s.Ent()
	return [5]int{
		c.Programme.Query().CountX(system), c.ProgrammeVersion.Query().CountX(system), c.Definition.Query().CountX(system),
		c.Revision.Query().CountX(system), c.Partner.Query().CountX(system),
	}
}

func versions(t *testing.T, s *store.Store) []*ent.ProgrammeVersion {
	t.Helper()
	return s.Ent().ProgrammeVersion.Query().Order(ent.Asc("number")).AllX(system)
}

func TestTheFirstImportPublishesTheFirstVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		report := take(t, s, small(t), noon)
		if !report.Published || report.Version != 1 || report.Key != "small" || report.Unchanged() {
			t.Errorf("reported %+v", report)
		}
		if got := counts(report, "rule"); got != (programme.Count{Kind: "rule", Created: 2}) {
			t.Errorf("of the rules it says %+v", got)
		}
		if len(report.Partners) != 1 || report.Partners[0].Key != "till" || report.Partners[0].Change != programme.Created || report.Partners[0].ID.Kind() != fact.KindPartner {
			t.Errorf("of the partners it says %+v", report.Partners)
		}
		row := s.Ent().Programme.Query().OnlyX(system)
		if row.ID != report.Programme || row.Key != "small" || row.Currency != "EUR" || row.Current != 1 {
			t.Errorf("the programme is %v", row)
		}
		v := versions(t, s)[0]
		if want := time.Date(2024, time.December, 31, 23, 0, 0, 0, time.UTC); !v.EffectiveFrom.Equal(want) {
			t.Errorf("in force from %s: the first version is from the programme's start, %s", v.EffectiveFrom, want)
		}
		if !v.PublishedAt.Equal(noon) || v.PublishedBy != "operator:anna" || len(v.Revisions) != 8 {
			t.Errorf("the version is %v", v)
		}
		for _, d := range s.Ent().Definition.Query().AllX(system) {
			if d.ID.Kind().Prefix() == "" || d.ProgrammeID != report.Programme {
				t.Errorf("a definition of no kind: %v", d)
			}
		}
		if n := s.Ent().Revision.Query().Where(revision.Number(1)).CountX(system); n != 8 {
			t.Errorf("there are %d revisions, of the settings and 7 definitions", n)
		}
	})
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		take(t, s, small(t), noon)
		before := rows(t, s)
		same := with(t, small(t), `{key: web, kind: web, name: {en: Web}}`, `{name: {"en": "Web"}, kind: 'web', key: web} # the same, written otherwise`)
		report := take(t, s, same, noon.Add(time.Hour))
		if !report.Unchanged() || report.Version != 1 || counts(report, "rule").Unchanged != 2 {
			t.Errorf("reported %+v", report)
		}
		if after := rows(t, s); after != before {
			t.Errorf("rows %v became %v", before, after)
		}
		if !strings.HasPrefix(report.String(), "small: version 1, unchanged") {
			t.Errorf("it says %q", report)
		}
	})
}

func TestAChangeWritesOneRevisionAndTheNextVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		take(t, s, small(t), noon)
		before := versions(t, s)[0]
		later := noon.Add(24 * time.Hour)
		report := take(t, s, with(t, small(t), "award: {points: 5}", "award: {points: 6}"), later)
		if !report.Published || report.Version != 2 {
			t.Errorf("reported %+v", report)
		}
		if got := counts(report, "rule"); got != (programme.Count{Kind: "rule", Changed: 1, Unchanged: 1}) {
			t.Errorf("of the rules it says %+v", got)
		}
		all := versions(t, s)
		if !all[1].EffectiveFrom.Equal(later) {
			t.Errorf("the second version is in force from %s, not from its publication", all[1].EffectiveFrom)
		}
		changed := 0
		for i, id := range all[1].Revisions {
			if old := before.Revisions[i]; old != id {
				changed++
				was, is := s.Ent().Revision.GetX(system, old), s.Ent().Revision.GetX(system, id)
				if is.Number != 2 || is.DefinitionID != was.DefinitionID {
					t.Errorf("%v was followed by %v", was, is)
				}
			}
		}
		if changed != 1 {
			t.Errorf("%d revisions changed, of one", changed)
		}
	})
}

func TestWhatTheFileNoLongerHasIsRetiredAndMayComeBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mug := "rewards:\n  - {key: mug, name: {en: Mug}, kind: product, price: 500, stock: 10}\n"
		till := "partners:\n  - {key: till, name: Tills, scopes: [interactions:write]}\n"
		first := take(t, s, small(t), noon)
		report := take(t, s, with(t, small(t), mug, "", till, ""), noon.Add(time.Hour))
		if counts(report, "reward").Retired != 1 || report.Version != 2 || len(versions(t, s)[1].Revisions) != 7 {
			t.Errorf("reported %+v", report)
		}
		if len(report.Partners) != 1 || report.Partners[0].Change != programme.Retired {
			t.Errorf("of the partners it says %+v", report.Partners)
		}
		if p := s.Ent().Partner.Query().OnlyX(system); len(p.Scopes) != 0 {
			t.Errorf("the partner that is gone may still do %v", p.Scopes)
		}
		before := rows(t, s)
		back := take(t, s, small(t), noon.Add(2*time.Hour))
		if counts(back, "reward").Restored != 1 || back.Version != 3 || back.Partners[0].ID != first.Partners[0].ID || back.Partners[0].Change != programme.Changed {
			t.Errorf("reported %+v", back)
		}
		before[1]++ // the version; nothing else is new
		if after := rows(t, s); after != before {
			t.Errorf("rows %v became %v", before, after)
		}
		all := versions(t, s)
		if got, want := all[2].Revisions[7], all[0].Revisions[7]; got != want {
			t.Errorf("the reward came back as %s, not as %s", got, want)
		}
	})
}

func TestWhatTheProgrammesPastForbidsIsToldAndNothingIsWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		take(t, s, small(t), noon)
		before := rows(t, s)
		other := with(t, small(t), "currency: EUR", "currency: USD", "time_zone: Europe/Rome", "time_zone: Europe/Athens",
			"starts: 2025-01-01", "starts: 2026-01-01", "award: {points: 5}", "award: {points: 6}")
		report, problems, err := programme.Import(t.Context(), s, parse(t, other), "operator:anna", noon)
		if report != nil || err != nil {
			t.Fatal(report, err)
		}
		told(t, problems,
			"5:13 programme.currency: is EUR since the programme began, and can never change",
			"6:14 programme.time_zone: is Europe/Rome since the programme began, and can never change",
			"8:11 programme.starts: the programme began at 2024-12-31T23:00:00Z, and that can never change")
		if after := rows(t, s); after != before {
			t.Errorf("rows %v became %v", before, after)
		}
	})
}

func TestTwoProgrammesDoNotMeet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := take(t, s, small(t), noon)
		two := take(t, s, with(t, small(t), "key: small", "key: other"), noon)
		if one.Programme == two.Programme || counts(two, "rule").Created != 2 {
			t.Errorf("reported %+v and %+v", one, two)
		}
		if again := take(t, s, small(t), noon.Add(time.Hour)); !again.Unchanged() {
			t.Errorf("reported %+v", again)
		}
	})
}

func TestImportsAtOnceTakeTurns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		texts := []string{"5", "6", "7", "8"}
		for i := range texts {
			texts[i] = with(t, small(t), "award: {points: 5}", "award: {points: "+texts[i]+"}")
		}
		var all sync.WaitGroup
		reports := make([]*programme.Report, len(texts))
		for i, text := range texts {
			f := parse(t, text)
			all.Go(func() {
				report, problems, err := programme.Import(t.Context(), s, f, "operator:anna", noon)
				if err != nil || len(problems) > 0 {
					t.Error(err, problems)
				}
				reports[i] = report
			})
		}
		all.Wait()
		seen := map[int]bool{}
		for _, r := range reports {
			if r == nil || !r.Published || seen[r.Version] {
				t.Fatalf("reported %+v", r)
			}
			seen[r.Version] = true
		}
		if got := rows(t, s); got != [5]int{1, 4, 8, 11, 1} {
			t.Errorf("there are %v programmes, versions, definitions, revisions, partners", got)
		}
		if last := s.Ent().Programme.Query().OnlyX(system).Current; last != 4 {
			t.Errorf("version %d is the last", last)
		}
	})
}
