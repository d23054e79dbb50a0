package programme_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// edition is the small programme, whose second rule gives so many points.
func edition(t *testing.T, points int) string {
	t.Helper()
	return with(t, small(t), "award: {points: 5}", fmt.Sprintf("award: {points: %d}", points))
}

func timeline(t *testing.T, l *programme.Library, id fact.ID, number int) *programme.Timeline {
	t.Helper()
	line, err := l.Timeline(t.Context(), id, number)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func current(t *testing.T, line *programme.Timeline) *loyalty.Programme {
	t.Helper()
	p, err := line.Current(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(t *testing.T, line *programme.Timeline, instant time.Time) *loyalty.Programme {
	t.Helper()
	p, err := line.At(t.Context(), instant)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatWasInForceDecides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		first := take(t, s, edition(t, 5), noon)
		second := noon.Add(24 * time.Hour)
		take(t, s, edition(t, 6), second)
		l := programme.NewLibrary(s)
		line := timeline(t, l, first.Programme, 2)
		begins := time.Date(2024, time.December, 31, 23, 0, 0, 0, time.UTC)
		for instant, want := range map[time.Time]int{begins: 1, noon: 1, second.Add(-time.Microsecond): 1, second: 2, second.Add(time.Hour): 2} {
			if p := at(t, line, instant); p == nil || p.Number() != want {
				t.Errorf("at %s there is %v, not version %d", instant, p, want)
			}
		}
		if p := at(t, line, begins.Add(-time.Microsecond)); p != nil {
			t.Errorf("before the programme began there is version %d", p.Number())
		}
		if current(t, line).Number() != 2 {
			t.Errorf("current is version %d", current(t, line).Number())
		}
		// Whoever read an older number sees the programme as it then was.
		if old := timeline(t, l, first.Programme, 1); current(t, old).Number() != 1 || at(t, old, second.Add(time.Hour)).Number() != 1 {
			t.Error("the timeline up to version 1 knows a later one")
		}
	})
}

func TestAProgrammeIsCompiledFromItsRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		report := take(t, s, small(t), noon)
		l := programme.NewLibrary(s)
		p, err := l.Current(t.Context(), report.Programme)
		if err != nil {
			t.Fatal(err)
		}
		if p.ID() != report.Programme || p.Key() != "small" || p.Currency().Code != "EUR" || p.Zone().String() != "Europe/Rome" {
			t.Errorf("the programme is %s %s", p.ID(), p.Key())
		}
		r := p.Rule("parents")
		if r == nil || r.Definition.Kind() != fact.KindRule || r.Revision.Kind() != fact.KindRevision || r.Number != 1 {
			t.Fatalf("the rule is %+v", r)
		}
		row := s.Ent().Definition.GetX(system, r.Definition)
		if row.Key != "parents" || s.Ent().Revision.GetX(system, r.Revision).DefinitionID != row.ID {
			t.Errorf("the rule's names are those of %v", row)
		}
		if m := p.Reward(p.RewardByKey("mug").Definition); m == nil || m.Key != "mug" {
			t.Errorf("the reward is %+v", m)
		}
	})
}

func TestAKnownNumberCostsNoStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		report := take(t, s, edition(t, 5), noon)
		take(t, s, edition(t, 6), noon.Add(time.Hour))
		l := programme.NewLibrary(s)
		first := timeline(t, l, report.Programme, 2)
		at(t, first, noon)
		before := s.Statements()
		again := timeline(t, l, report.Programme, 2)
		if current(t, again) != current(t, first) || at(t, again, noon) != at(t, first, noon) {
			t.Error("a version was compiled twice")
		}
		timeline(t, l, report.Programme, 1)
		if sent := s.Statements() - before; sent != 0 {
			t.Errorf("%d statements were sent for what is at hand", sent)
		}
		take(t, s, edition(t, 7), noon.Add(2*time.Hour))
		if line := timeline(t, l, report.Programme, 3); current(t, line).Number() != 3 || at(t, line, noon) != at(t, first, noon) {
			t.Error("the third version is not seen, or the first was compiled again")
		}
	})
}

func TestManyWhoAskAtOnceGetOneProgramme(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		report := take(t, s, edition(t, 5), noon)
		take(t, s, edition(t, 6), noon.Add(time.Hour))
		l := programme.NewLibrary(s)
		before := s.Statements()
		var all sync.WaitGroup
		current, earlier := make([]*loyalty.Programme, 50), make([]*loyalty.Programme, 50)
		for i := range current {
			all.Go(func() {
				line, err := l.Timeline(t.Context(), report.Programme, 2)
				if err != nil {
					t.Error(err)
					return
				}
				if current[i], err = line.Current(t.Context(), time.Now()); err != nil {
					t.Error(err)
				}
				if earlier[i], err = line.At(t.Context(), noon); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for i := range current {
			if current[i] == nil || current[i] != current[0] || earlier[i] == nil || earlier[i] != earlier[0] {
				t.Fatal("not everyone got the same programme")
			}
		}
		if sent := s.Statements() - before; sent > 20 {
			t.Errorf("%d statements were sent for two versions", sent)
		}
	})
}

func TestWhoGivesUpDoesNotSpoilItForOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		report := take(t, s, small(t), noon)
		l := programme.NewLibrary(s)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Timeline(gone, report.Programme, 1); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		timeline(t, l, report.Programme, 1)
	})
}

func TestWhatWasNeverPublishedIsAnError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		report := take(t, s, small(t), noon)
		l := programme.NewLibrary(s)
		for _, number := range []int{-1, 0, 2} {
			if _, err := l.Timeline(t.Context(), report.Programme, number); err == nil {
				t.Errorf("there is a version %d", number)
			}
		}
		timeline(t, l, report.Programme, 1)
		for _, number := range []int{-1, 0, 2} {
			if _, err := l.Timeline(t.Context(), report.Programme, number); err == nil {
				t.Errorf("there is a version %d, once the first is at hand", number)
			}
		}
		if _, err := l.Timeline(t.Context(), fact.NewID(fact.KindProgramme), 1); err == nil {
			t.Error("there is a programme that nobody made")
		}
	})
}

func TestProgrammesAreFoundByKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := take(t, s, small(t), noon)
		two := take(t, s, with(t, small(t), "key: small", "key: another"), noon)
		l := programme.NewLibrary(s)
		if row, err := l.ByKey(t.Context(), "small"); err != nil || row.ID != one.Programme {
			t.Errorf("by key there is %v, %v", row, err)
		}
		if _, err := l.ByKey(t.Context(), "smal"); !ent.IsNotFound(err) {
			t.Errorf("of an unknown key it says %v", err)
		}
		if all, err := l.All(t.Context()); err != nil || len(all) != 2 || all[0].ID != two.Programme || all[1].ID != one.Programme {
			t.Errorf("all are %v, %v", all, err)
		}
	})
}
