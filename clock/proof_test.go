package clock_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"granaio/clock"
)

// process is one of those that share a database: its figures, and what it logs.
type process struct {
	registry *prometheus.Registry
	log      bytes.Buffer
	proof    clock.Duty
	owed     clock.Duty
}

func (m *market) process() *process {
	p := &process{registry: prometheus.NewRegistry()}
	log := slog.New(slog.NewTextHandler(&p.log, nil))
	proof := clock.NewProof(m.store, log, p.registry)
	p.proof = clock.Duty{Name: clock.ProofDuty, Every: time.Hour, Most: time.Minute, Do: proof.Check, Look: proof.Look, Store: m.store, Log: log}
	p.owed = m.liability(time.Microsecond, &p.log)
	p.owed.Look = clock.NewOwed(m.store, m.library, p.registry).Look
	return p
}

// figures are those that Prometheus would collect, by name and labels' values.
func (p *process) figures(t *testing.T) map[string]float64 {
	t.Helper()
	families, err := p.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			all[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return all
}

// looks runs both duties until figures are there.
func (p *process) looks(t *testing.T, figures ...string) map[string]float64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan struct{}, 2)
	for _, d := range []clock.Duty{p.proof, p.owed} {
		go func() {
			d.Run(ctx)
			done <- struct{}{}
		}()
	}
	missing := func(figure string) bool { return p.figures(t)[figure] == 0 }
	for slices.ContainsFunc(figures, missing) && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	<-done
	<-done
	return p.figures(t)
}

// One process proves the ledger and works out what is owed, and all processes show it.
func TestAllProcessesShowWhatOneFound(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.buys(t, m.stalls[0], refOf(m.stalls[0].members[0]), 9) // 9 pending, 9 more by the multiplier, beside three welcomes
		first, second := m.process(), m.process()
		if err := first.proof.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := first.owed.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*process{first, second} {
			found := p.looks(t, "granaio_points_outstanding_timestamp_seconds bazaar", "granaio_check_seconds")
			if n, ok := found["granaio_check_violations 4 movements follow one another without a gap"]; !ok || n != 0 {
				t.Errorf("%v", found)
			}
			if at := time.Unix(int64(found["granaio_check_timestamp_seconds"]), 0); time.Since(at) > time.Minute || found["granaio_check_seconds"] <= 0 {
				t.Errorf("%v", found)
			}
			if found["granaio_points_outstanding pending market"] != 9 || found["granaio_points_outstanding available market"] != 39 || found["granaio_points_outstanding available bazaar"] != 30 {
				t.Errorf("%v", found)
			}
		}
		if _, err := m.store.DB().ExecContext(t.Context(), `UPDATE accounts SET sequence = sequence + 1`); err != nil {
			t.Fatal(err)
		}
		if err := second.proof.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*process{first, second} {
			if n := p.looks(t, "granaio_check_violations 4 movements follow one another without a gap")["granaio_check_violations 4 movements follow one another without a gap"]; n != 6 {
				t.Errorf("it shows %v violations", n)
			}
		}
		if !strings.Contains(second.log.String(), "violations=6") || !strings.Contains(second.log.String(), "example=") || strings.Contains(first.log.String(), "violat") {
			t.Errorf("the one logs\n%s\nthe other\n%s", &first.log, &second.log)
		}
	})
}

// A check that takes longer than it may is given up, and that shows.
func TestACheckIsBoundInTime(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		p := m.process()
		p.proof.Most = time.Nanosecond
		if err := p.proof.Once(t.Context()); err == nil {
			t.Error("it came to an end")
		}
		if n := p.figures(t)["granaio_check_failures_total"]; n != 1 {
			t.Errorf("it shows %v failures", n)
		}
	})
}
