package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// What growth costs is measured by two servers on two databases of which one has grown, in turns.

// besides is a second server on a database that was the first's and then grew.
func (s *stage) besides(ctx context.Context, f figure, grow func(ctx context.Context) error, load func(*process) timed) (r result, err error) {
	if err := s.enrolBuyers(ctx); err != nil {
		return result{}, err
	}
	if err := s.copyDatabase(ctx, forGrown); err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, s.dropDatabase(context.Background(), forGrown)) }()
	if err := grow(ctx); err != nil {
		return result{}, err
	}
	grown, err := s.boot(ctx, forGrown)
	if err != nil {
		return result{}, err
	}
	profiler := s.profiler
	defer func() { err = errors.Join(err, grown.stop()) }()
	if err := grown.ready(ctx); err != nil {
		return result{}, err
	}
	small, err := s.serving(ctx)
	if err != nil {
		return result{}, err
	}
	s.profiler = profiler // it is the grown one that is looked into
	return s.compare(ctx, f, load(grown), load(small))
}

// pastSQL gives each buyer purchases that were long ago, of which the last twenty are not spent. Parameter 1 is how many.
var pastSQL = []string{
	`CREATE TEMPORARY TABLE past AS
SELECT a.id AS account, m.id AS member, m.programme_id AS programme, n, (a.sequence + n) AS number, a.available + 10 * n AS after,
  ('00000000-0000-7000-8000-' || lpad(((n * 1000000) + row_number() OVER (PARTITION BY n ORDER BY a.id))::text, 12, '0'))::uuid AS id,
  now() - interval '2 years' + n * interval '1 hour' AS at
FROM accounts a JOIN members m ON m.account_id = a.id, generate_series(1, $1) AS n`,
	`INSERT INTO commands (id, programme_id, digest, request, operation, member_id, answer, created_at)
SELECT id, programme, gen_random_uuid(), gen_random_uuid(), 'interactionTrack', member, '{"tracked":true,"movements":1}', at FROM past ORDER BY n`,
	`INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, occurred_at, received_at, value, properties, version)
SELECT id, programme, member, 'purchase', 'till', at, at, 1000, '{"items":3}', 1 FROM past ORDER BY n`,
	`INSERT INTO movements (id, programme_id, account_id, member_id, number, kind, points, occurred_at, booked_at, pending_after, available_after,
  held_after, debt_after, command_id, interaction_id, explanation)
SELECT id, programme, account, member, number, 'earn', 10, at, at, 0, after, 0, 0, id, id,
  '{"source":"rule","key":"spend","revision":1,"event":"purchase","value":1000,"currency":"EUR","per":100,"rate":1,"rounding":"down"}' FROM past ORDER BY n`,
	`INSERT INTO postings (id, programme_id, account_id, movement_id, lot_id, source, target, points)
SELECT id, programme, account, id, id, 'issued', 'available', 10 FROM past ORDER BY n`,
	`INSERT INTO lots (id, programme_id, account_id, contributor_id, funding, earned_at, activates_at, expires_at, amount, pending, available, held,
  spent, expired, reversed, moved)
SELECT id, programme, account, member, 'programme', at, at, now() + interval '1 year', 10, 0, CASE WHEN n > $1 - 20 THEN 10 ELSE 0 END, 0,
  CASE WHEN n > $1 - 20 THEN 0 ELSE 10 END, 0, 0, 0 FROM past ORDER BY n`,
	`UPDATE accounts SET sequence = p.number, available = p.after FROM past p WHERE p.account = accounts.id AND p.n = $1`,
	`DROP TABLE past`,
}

// measureMovements measures what purchases cost once there are millions.
func measureMovements(ctx context.Context, s *stage, f figure) (result, error) {
	grow := func(ctx context.Context) error {
		each := s.plan.grown / s.plan.buyers
		say("  filling a database with %d movements", each*s.plan.buyers)
		db, err := s.database(forGrown)
		if err != nil {
			return err
		}
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		for _, text := range pastSQL {
			// Numbers stand in the text: PostgreSQL could not tell their types everywhere.
			if _, err := c.ExecContext(ctx, strings.ReplaceAll(text, "$1", fmt.Sprint(each))); err != nil {
				return fmt.Errorf("a long past: %w", err)
			}
		}
		return errors.Join(s.settle(ctx, forGrown), s.checkpoint(ctx))
	}
	return s.besides(ctx, f, grow, func(p *process) timed { return s.atTill(p, f, s.buyers) })
}

// measureRules measures sprees, which five rules match, with eight rules and with a thousand that listen to other events.
func measureRules(ctx context.Context, s *stage, f figure) (result, error) {
	return s.withRules(ctx, f, "order", `event.value < 0`, 992, 0)
}

// measureRulesTried measures the same where the thousand listen to the same event and their conditions do not hold.
func measureRulesTried(ctx context.Context, s *stage, f figure) (result, error) {
	return s.withRules(ctx, f, "spree", `event.properties.items > 1000`, 992, 0)
}

// measureRulesFifty measures the same where fifty match.
func measureRulesFifty(ctx context.Context, s *stage, f figure) (result, error) {
	return s.withRules(ctx, f, "order", `event.value < 0`, 947, 45)
}

// rules is how sprees are measured with so many rules more of another event, and so many that match.
func rules(more, matching int) func(context.Context, *stage, figure) (result, error) {
	return func(ctx context.Context, s *stage, f figure) (result, error) {
		return s.withRules(ctx, f, "order", `event.value < 0`, more, matching)
	}
}

// withRules measures sprees on a programme that has so many rules more, of an event and with a condition, and so many that match.
func (s *stage) withRules(ctx context.Context, f figure, event, when string, rules, matching int) (result, error) {
	grow := func(ctx context.Context) error {
		var more bytes.Buffer
		for i := range rules {
			fmt.Fprintf(&more, "  - {key: more-%d, name: {en: More}, on: [%s], when: %q, award: {points: 1}}\n", i, event, when)
		}
		for i := range matching {
			fmt.Fprintf(&more, "  - {key: match-%d, name: {en: A match}, on: [spree], when: event.properties.items >= 1, award: {points: 1}}\n", i)
		}
		file := filepath.Join(s.folder, "rules.yaml")
		text := bytes.Replace(programmeFile, []byte("\nrules:\n"), append([]byte("\nrules:\n"), more.Bytes()...), 1)
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		_, err := s.granaioOn(ctx, forGrown, "import", file)
		return err
	}
	return s.besides(ctx, f, grow, func(p *process) timed { return s.loading(p, s.selling(f, "spree")) })
}

// selling is a load: each client sends one event of a random buyer, with a value, a request.
func (s *stage) selling(f figure, event string) []client {
	all := make([]client, f.clients)
	for i := range all {
		keys, chance, n := s.keys(f.name), rand.New(rand.NewPCG(uint64(i), uint64(s.serial))), int64(0)
		var body []byte
		all[i] = func(c *connection) (int, error) {
			n++
			body = append(body[:0], singleHead...)
			body = appendInput(body, keys, n, s.buyers[chance.IntN(len(s.buyers))], event, "till")
			body = append(appendValue(body, 500+chance.Int64N(9500)), `}}}`...)
			answered, err := c.send("POST", "/graphql", s.partner, body)
			if err == nil {
				err = taken(answered, 1, true)
			}
			return 1, err
		}
	}
	return all
}
