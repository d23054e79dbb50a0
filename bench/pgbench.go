package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed pgbench.sql
var purchaseSQL []byte

//go:embed pgbench_seven.sql
var sevenSQL []byte

// The forms of a purchase that pgbench runs, by the names of their scripts.
const (
	formBest  = "purchase.sql" // one statement and transaction
	formSeven = "seven.sql"    // seven statements in a transaction
)

// pgbench is the rival of the interactions: it writes what they write, by hand-written statements.
type pgbench struct {
	stage   *stage
	program string
	texts   map[string]string // what a purchase writes besides numbers, by the names that the script has for it
	clients map[string]int    // how many suit each form best, once that is known
}

// openRival fills the rival's database like the server's.
func (s *stage) openRival(ctx context.Context) error {
	if s.rival != nil {
		return nil
	}
	say("  filling pgbench's database")
	b := &pgbench{stage: s, clients: map[string]int{}}
	bin, err := output(ctx, "scripts/postgres", "install")
	if err != nil {
		return err
	}
	b.program = filepath.Join(strings.TrimSpace(bin), "pgbench")
	if _, err := os.Stat(b.program); err != nil {
		return fmt.Errorf("there is no pgbench beside the PostgreSQL server: %w", err)
	}
	for name, script := range map[string][]byte{formBest: purchaseSQL, formSeven: sevenSQL} {
		if err := os.WriteFile(filepath.Join(s.folder, name), script, 0o644); err != nil {
			return err
		}
	}
	if err := b.sample(ctx); err != nil {
		return err
	}
	if err := b.fill(ctx); err != nil {
		return err
	}
	s.rival = b
	return errors.Join(s.settle(ctx, forRival), s.checkpoint(ctx))
}

// sampleSQL is what the server wrote for a buyer's latest purchase, of a buyer whose document is no longer and no shorter than most.
const sampleSQL = `SELECT c.operation, c.answer::text, c.programme_id, i.partner_id, i.properties::text, m.revision_id, m.explanation::text, w.doc::text
FROM interactions i
JOIN movements m ON m.interaction_id = i.id
JOIN commands c ON c.id = m.command_id
JOIN working_states w ON w.id = i.member_id
WHERE i.event = 'purchase'
ORDER BY abs(length(w.doc::text) - (SELECT avg(length(x.doc::text)) FROM working_states x JOIN interactions y ON y.member_id = x.id AND y.event = 'purchase'))
LIMIT 1`

// sample takes the texts of a purchase from the server's database.
func (b *pgbench) sample(ctx context.Context) error {
	db, err := b.stage.database(forServer)
	if err != nil {
		return err
	}
	names := []string{"operation", "answer", "programme", "partner", "properties", "revision", "explanation", "doc"}
	values, targets := make([]string, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := db.QueryRowContext(ctx, sampleSQL).Scan(targets...); err != nil {
		return fmt.Errorf("a purchase to copy: %w", err)
	}
	b.texts = map[string]string{}
	for i, name := range names {
		b.texts[name] = values[i]
	}
	return nil
}

// fillSQL makes the rival's members and their past purchases. Each statement takes what its parameters name.
var fillSQL = []struct {
	text       string
	parameters []string
}{
	{"CREATE SEQUENCE bench_numbers START 100000000001 CACHE 20", nil},
	{`CREATE TEMP TABLE who AS SELECT ('00000000-0000-7000-8000-' || n)::uuid AS id, n - 100000000000 AS n
 FROM generate_series(100000000001, 100000000000 + $1::bigint) n`, []string{"members"}},
	{`CREATE TEMP TABLE past AS SELECT ('10000000-0000-7000-8000-' || nextval('bench_numbers'))::uuid AS id, who.id AS member, k
 FROM generate_series(1, $1::int) k, who ORDER BY k, who.n`, []string{"each"}},
	{`INSERT INTO accounts (id, programme_id, sequence, available, last_moved_at, next_due_at, created_at)
 SELECT id, $1::uuid, $2::bigint, 10 * $2::bigint, now(), now() + interval '1 year', now() FROM who`, []string{"programme", "each"}},
	{`INSERT INTO members (id, programme_id, account_id, tier, enrolled_at, created_at) SELECT id, $1::uuid, id, 'seed', now(), now() FROM who`,
		[]string{"programme"}},
	{`INSERT INTO working_states (id, programme_id, version, doc) SELECT id, $1::uuid, 1, $2::json FROM who`, []string{"programme", "doc"}},
	{`INSERT INTO identities (id, programme_id, kind, value, created_at, member_id) SELECT id, $1::uuid, 'card', 'buyer' || n, now(), id FROM who`,
		[]string{"programme"}},
	{`INSERT INTO commands (id, programme_id, digest, request, operation, member_id, answer, created_at)
 SELECT id, $1::uuid, gen_random_uuid(), gen_random_uuid(), $2, member, $3::json, now() FROM past`, []string{"programme", "operation", "answer"}},
	{`INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, partner_id, occurred_at, received_at, value, properties, version)
 SELECT id, $1::uuid, member, 'purchase', 'till', $2::uuid, now(), now(), 1000, $3::json, 1 FROM past`, []string{"programme", "partner", "properties"}},
	{`INSERT INTO movements (id, programme_id, account_id, member_id, number, kind, points, occurred_at, booked_at, available_after, command_id,
 interaction_id, revision_id, explanation)
 SELECT id, $1::uuid, member, member, k, 'earn', 10, now(), now(), 10 * k, id, id, $2::uuid, $3::json FROM past`,
		[]string{"programme", "revision", "explanation"}},
	{`INSERT INTO postings (id, programme_id, account_id, movement_id, lot_id, source, target, points)
 SELECT id, $1::uuid, member, id, id, 'issued', 'available', 10 FROM past`, []string{"programme"}},
	{`INSERT INTO lots (id, programme_id, account_id, contributor_id, earned_at, activates_at, expires_at, amount, available)
 SELECT id, $1::uuid, member, member, now(), now(), now() + interval '1 year', 10, 10 FROM past`, []string{"programme"}},
}

// fill makes as many members as buy from the server, with as many past purchases as the server's database has interactions.
func (b *pgbench) fill(ctx context.Context) error {
	server, err := b.stage.database(forServer)
	if err != nil {
		return err
	}
	var interactions int
	if err := server.QueryRowContext(ctx, "SELECT count(*) FROM interactions").Scan(&interactions); err != nil {
		return err
	}
	members := b.stage.plan.buyers
	b.texts["members"], b.texts["each"] = strconv.Itoa(members), strconv.Itoa(max(1, interactions/members))
	db, err := b.stage.database(forRival)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx) // temporary tables are a connection's own
	if err != nil {
		return err
	}
	for _, s := range fillSQL {
		parameters := make([]any, len(s.parameters))
		for i, name := range s.parameters {
			parameters[i] = b.texts[name]
		}
		if _, err := conn.ExecContext(ctx, s.text, parameters...); err != nil {
			return errors.Join(fmt.Errorf("%.60s…: %w", s.text, err), conn.Close())
		}
	}
	return conn.Close()
}

var (
	processed = regexp.MustCompile(`(?m)^number of transactions actually processed: (\d+)`)
	rate      = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
	failed    = regexp.MustCompile(`(?m)^number of failed transactions: (\d+)`)
)

// run lets pgbench buy for a while, in whole seconds; how many purchases it made, and how many in a second.
func (b *pgbench) run(ctx context.Context, form string, clients int, length time.Duration) (did int, perSecond float64, err error) {
	arguments := []string{
		"-n", "-M", "prepared", "-f", filepath.Join(b.stage.folder, form), "-c", strconv.Itoa(clients), "-j", strconv.Itoa(min(clients, 2)),
		"-T", strconv.Itoa(max(1, int(length.Round(time.Second).Seconds()))),
	}
	for _, name := range slices.Sorted(maps.Keys(b.texts)) {
		arguments = append(arguments, "-D", name+"="+b.texts[name])
	}
	out, err := output(ctx, b.program, append(arguments, b.stage.address(forRival))...)
	if err != nil {
		return 0, 0, err
	}
	return readPgbench(out)
}

// readPgbench reads what pgbench prints at its end.
func readPgbench(out string) (did int, perSecond float64, err error) {
	count, speed := processed.FindStringSubmatch(out), rate.FindStringSubmatch(out)
	if count == nil || speed == nil {
		return 0, 0, fmt.Errorf("pgbench printed:\n%s", out)
	}
	if f := failed.FindStringSubmatch(out); f != nil && f[1] != "0" {
		return 0, 0, fmt.Errorf("transactions of pgbench failed:\n%s", out)
	}
	did, err = strconv.Atoi(count[1])
	perSecond, failed := strconv.ParseFloat(speed[1], 64)
	return did, perSecond, errors.Join(err, failed)
}

// suits is the number of clients at which a form is fastest, found out once.
func (b *pgbench) suits(ctx context.Context, form string) (int, error) {
	if b.clients[form] > 0 {
		return b.clients[form], nil
	}
	if _, _, err := b.run(ctx, form, 16, b.stage.plan.warm); err != nil {
		return 0, err
	}
	clients, best := 0, 0.0
	for _, n := range []int{8, 16, 32, 64} {
		_, perSecond, err := b.run(ctx, form, n, b.stage.plan.warm)
		if err != nil {
			return 0, err
		}
		say("  pgbench, %d clients: %.0f transactions/s", n, perSecond)
		if perSecond > best {
			clients, best = n, perSecond
		}
	}
	b.clients[form] = clients
	return clients, nil
}
