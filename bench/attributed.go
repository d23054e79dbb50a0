package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// How many of each a programme with profiles declares.
const (
	someAttributes = 50
	someMetrics    = 30
)

// metricsOfPurchases are those of the metrics that a purchase touches. The others are over orders and reviews.
var metricsOfPurchases = []string{
	"take: count", "take: sum", "take: first", "take: last", "take: most", "take: least", "take: interval", "take: sum, of: properties.items", "take: count, over: 30 days", "take: sum, over: 90 days",
	"take: sum, over: 12 months", "take: count, over: month", "take: sum, over: year", "take: distinct, of: day, over: 90 days", "take: count, when: event.value >= 5000",
}

// knownSQL gives every member a value of each attribute, as its profile has them. $1 is how many.
const knownSQL = `UPDATE working_states SET profile = (SELECT json_build_object('attributes', json_object_agg('a' || n,
 json_build_object('value', 'value ' || n, 'touchpoint', 'till', 'party', 'first', 'at', '2026-01-01T00:00:00Z'))) FROM generate_series(1, $1) AS n)`

// profiles measures purchases, so many a mutation, where attributes and metrics are declared and each member has a value of each: half of the metrics are touched by a purchase.
func profiles(batch int) func(context.Context, *stage, figure) (result, error) {
	return func(ctx context.Context, s *stage, f figure) (result, error) {
		return s.besides(ctx, f, s.declareProfiles, func(p *process) timed { return s.loading(p, s.buyersAtTill(f.name, f.clients, batch, s.buyers)) })
	}
}

// declareProfiles has attributes and metrics declared, and every member known by them.
func (s *stage) declareProfiles(ctx context.Context) error {
	declared := []byte("  attributes:\n")
	for n := range someAttributes {
		declared = fmt.Appendf(declared, "    a%d: {type: string}\n", n+1)
	}
	declared = append(declared, "  metrics:\n"...)
	for n := range someMetrics {
		on, take := "[order, review]", "take: count"
		if n < len(metricsOfPurchases) {
			on, take = "[purchase]", metricsOfPurchases[n]
		} else {
			take = fmt.Sprintf("take: count, over: %d days", 10*n)
		}
		declared = fmt.Appendf(declared, "    m%d: {name: {en: A metric}, on: %s, %s}\n", n, on, take)
	}
	file := filepath.Join(s.folder, "profile.yaml")
	const before = "\n  events:\n"
	text := bytes.Replace(programmeFile, []byte(before), append(append([]byte("\n"), declared...), before...), 1)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	if _, err := s.granaioOn(ctx, forGrown, "import", file); err != nil {
		return err
	}
	db, err := s.database(forGrown)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, strings.ReplaceAll(knownSQL, "$1", strconv.Itoa(someAttributes))); err != nil {
		return fmt.Errorf("attributes: %w", err)
	}
	if _, err := s.granaioOn(ctx, forGrown, "rebuild"); err != nil {
		return err
	}
	return errors.Join(s.settle(ctx, forGrown), s.checkpoint(ctx))
}
