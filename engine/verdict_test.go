package engine_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
	"granaio/programme"
)

// breaks publishes the shop with a rule and a mission whose conditions cannot be computed for a purchase of no items.
func (s *shop) breaks(t *testing.T) {
	t.Helper()
	src, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	src = bytes.Replace(src, []byte("missions:\n"), []byte(`  - {key: broken, name: {en: Broken}, on: [purchase], when: event.value / event.properties.items > 1, award: {points: 1}}
missions:
  - {key: odd, name: {en: Odd}, on: [purchase], when: event.value % event.properties.items == 1, target: 1, award: {points: 1}}
`), 1)
	file, problems := programme.Parse("shop.yaml", src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, problems, err := programme.Import(t.Context(), s.store, file, "test", time.Now()); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
}

// Who runs the programme learns that an expression fails: from a metric each time, from the log once in a while, and from the verdict where and why.
func TestAnExpressionThatFailsIsSeen(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.breaks(t)
		var log bytes.Buffer
		registry := prometheus.NewRegistry()
		e := engine.New(s.store, shelf{programme.NewLibrary(s.store)}, s, engine.Options{
			Workers: 1, Now: s.now, Metrics: registry, Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		granted(t)(e.Enrol(t.Context(), s.enrolment("anna@example.com")))
		var last fact.ID
		for _, key := range []string{"a", "b", "b"} { // the last is a duplicate, of which nothing fails again
			p := s.purchase(key, "anna@example.com", "10")
			p.Properties = map[string]any{"items": int64(0)}
			last = granted(t)(e.Track(t.Context(), p)).Interaction
		}
		e.Close() // so that the log is whole
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		counted := map[string]float64{}
		for _, f := range families {
			if f.GetName() == "granaio_engine_expression_faults_total" {
				for _, m := range f.GetMetric() {
					counted[fmt.Sprint(m.GetLabel())] = m.GetCounter().GetValue()
				}
			}
		}
		if len(counted) != 2 {
			t.Errorf("counted %v", counted)
		}
		for labels, n := range counted {
			if n != 2 || !strings.Contains(labels, "division_by_zero") || !strings.Contains(labels, "broken") && !strings.Contains(labels, "odd") {
				t.Errorf("counted %v of %s", n, labels)
			}
		}
		if n := strings.Count(log.String(), "key=broken"); n != 1 || !strings.Contains(log.String(), "cause=division_by_zero") {
			t.Errorf("it is logged %d times: %s", n, log.String())
		}
		all, err := s.Judge(t.Context(), s.id, []fact.ID{last}, loyalty.Question{Rules: []string{"broken"}})
		if err != nil || len(all) != 1 || len(all[last].Verdicts) != 1 {
			t.Fatal(all, err)
		}
		if v := all[last].Verdicts[0]; v.Obstacle != why.Fault || v.In != why.InCondition || v.Cause != "division_by_zero" || v.Line != 1 || v.Basis != why.Stored {
			t.Errorf("%+v", v)
		}
		// Of another programme there is nothing to tell.
		if all, err := s.Judge(t.Context(), published(t, s.store, "other"), []fact.ID{last}, loyalty.Question{}); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// An enrolment and the warnings of time are interactions too, though nobody sent them.
func TestVerdictsOnWhatNobodySent(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		id := granted(t)(s.Enrol(t.Context(), s.enrolment("anna@example.com"))).Interaction
		all, err := s.Judge(t.Context(), s.id, []fact.ID{id}, loyalty.Question{Rules: []string{"welcome", "spend"}})
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if v := all[id].Verdicts; v[0].Points != 50 || v[0].Obstacle != "" || v[1].Obstacle != why.OtherEvent {
			t.Errorf("%+v", v)
		}
	})
}
