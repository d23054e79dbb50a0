package e2e

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"granaio/soak"
)

// Whatever is killed under load, and when the disk is full: what was acknowledged is there, once, and the same request gets the same answer. `make soak`
// is the same for longer.
func TestWhatWasAcknowledgedSurvivesCrashes(t *testing.T) {
	script, err := filepath.Abs("../scripts/postgres")
	if err != nil {
		t.Fatal(err)
	}
	for database, faults := range map[string][]soak.Fault{
		soak.SQLite:   {soak.Process, soak.Limit, soak.Process},
		soak.Postgres: {soak.Process, soak.Crash, soak.Power},
	} {
		t.Run(database, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			var told strings.Builder
			report, err := soak.Run(ctx, soak.Options{
				Binary: binary, Script: script, Database: database, Faults: faults, Strikes: len(faults), Gap: 600 * time.Millisecond, Clients: 8, Log: &told,
			})
			if report != nil {
				if err := soak.Print(&told, report); err != nil {
					t.Fatal(err)
				}
			}
			t.Log(told.String())
			if err != nil {
				t.Fatal(err)
			}
			if report.Wrong() > 0 {
				t.Errorf("%d lost, %d doubled, %d changed, %d invariants violated", report.Lost, report.Doubled, report.Changed, report.Violations)
			}
			struck := 0
			for _, n := range report.Faults {
				struck += n
			}
			if struck != len(faults) || report.Again == 0 || report.Answers <= report.Commands {
				t.Errorf("it was no test: %d faults, %d requests sent again, %d answers to %d commands", struck, report.Again, report.Answers, report.Commands)
			}
		})
	}
}
