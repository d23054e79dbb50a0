package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// requestsSQL gives the buyers purchases one after another, as a simulation reads them. $1 is how many.
var requestsSQL = []string{
	`CREATE TEMPORARY TABLE asked AS
SELECT m.id AS member, m.programme_id AS programme, now() - interval '30 days' + n * interval '1 second' AS at, 500 + n::bigint * 7919 % 9500 AS value,
  'ffffffff-ffff-7000-80' || substr(lpad(to_hex(n), 8, '0'), 1, 2) || '-' || substr(lpad(to_hex(n), 8, '0'), 3, 6) || '0000' AS id
FROM generate_series(1, $1) AS n
JOIN (SELECT id, programme_id, row_number() OVER (ORDER BY id) - 1 AS place FROM members) m ON m.place = n % (SELECT count(*) FROM members)`,
	`INSERT INTO commands (id, programme_id, digest, request, operation, member_id, answer, created_at)
SELECT (id || '30')::uuid, programme, gen_random_uuid(), gen_random_uuid(), 'interactionTrack', member, '{"tracked":true,"movements":1}', at FROM asked ORDER BY id`,
	`INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, occurred_at, received_at, value, properties, version)
SELECT (id || '31')::uuid, programme, member, 'purchase', 'till', at, at, value, '{"items":3}', 1 FROM asked ORDER BY id`,
	`DROP TABLE asked`,
}

// streamSQL is the rows that a simulation reads of each request.
const streamSQL = `SELECT c.id, c.operation, c.member_id, c.created_at, i.event, i.touchpoint, i.occurred_at, i.received_at, i.value, i.lines, i.properties, i.version
FROM commands c JOIN interactions i ON i.member_id = c.member_id AND i.occurred_at = c.created_at WHERE c.operation = 'interactionTrack'`

// measureSimulate measures how fast a past is replayed under a draft, reading included. Both sides do all of it, however long that takes.
func measureSimulate(ctx context.Context, s *stage, f figure) (r result, err error) {
	if err := s.enrolBuyers(ctx); err != nil {
		return result{}, err
	}
	if err := s.copyDatabase(ctx, forGrown); err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, s.dropDatabase(context.Background(), forGrown)) }()
	db, err := s.database(forGrown)
	if err != nil {
		return result{}, err
	}
	say("  filling a database with %d purchases", s.plan.past)
	c, err := db.Conn(ctx)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = c.Close() }()
	for _, text := range requestsSQL {
		if _, err := c.ExecContext(ctx, strings.ReplaceAll(text, "$1", strconv.Itoa(s.plan.past))); err != nil {
			return result{}, fmt.Errorf("a past: %w", err)
		}
	}
	if err := s.settle(ctx, forGrown); err != nil {
		return result{}, err
	}
	draft := filepath.Join(s.folder, "draft.yaml")
	const award = `award: {per: "1.00", points: 1, rounding: down}`
	if err := os.WriteFile(draft, bytes.Replace(programmeFile, []byte(award), []byte(strings.Replace(award, "points: 1", "points: 2", 1)), 1), 0o644); err != nil {
		return result{}, err
	}
	return inTurns(ctx, s, f, s.simulating(draft), func(ctx context.Context) (float64, error) {
		began, n := time.Now(), 0
		rows, err := c.QueryContext(ctx, streamSQL)
		if err != nil {
			return 0, err
		}
		defer func() { _ = rows.Close() }()
		columns, err := rows.Columns()
		if err != nil {
			return 0, err
		}
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		for rows.Next() {
			if err := rows.Scan(values...); err != nil {
				return 0, err
			}
			n++
		}
		return float64(n) / time.Since(began).Seconds(), rows.Err()
	})
}

// simulating runs the command, which begins with the interactions after the enrolments.
func (s *stage) simulating(draft string) side {
	return func(ctx context.Context) (float64, error) {
		began := time.Now()
		command := exec.CommandContext(ctx, s.binary, "simulate", "--from", "2020-01-01", "--draft", draft, "--json", "--data", s.data(), "--database-url", s.address(forGrown))
		text, err := command.Output()
		if err != nil {
			return 0, fmt.Errorf("simulate: %w", err)
		}
		took := time.Since(began)
		var r struct{ Interactions, Members, Touched int64 }
		if err := json.Unmarshal(text, &r); err != nil {
			return 0, err
		}
		if int(r.Interactions) < s.plan.past || r.Touched == 0 {
			return 0, fmt.Errorf("%d interactions were replayed, not %d and the enrolments, and %d members touched", r.Interactions, s.plan.past, r.Touched)
		}
		if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
			say("  %d interactions of %d members in %.1f s; at most %d MiB, %.1f KiB a member", r.Interactions, r.Members, took.Seconds(),
				usage.Maxrss>>10, float64(usage.Maxrss)/float64(r.Members))
		}
		return float64(r.Interactions) / took.Seconds(), nil
	}
}
