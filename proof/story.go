package proof

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"granaio/loyalty/fact"
	"granaio/store"
)

// ErrNoMember is the error of a story of somebody who is not there.
var ErrNoMember = errors.New("there is no such member")

// Story tells what happened to a member's account, for an operator who looks into a finding: its balances, its movements in order with their postings
// and the figures behind them, its lots and its holds with what became of each. It is taken from one snapshot, as it is stored: what is due is not projected.
func Story(ctx context.Context, s *store.Store, member fact.ID) (string, error) {
	tx, err := s.Snapshot(ctx)
	if err != nil {
		return "", fmt.Errorf("proof: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	n := narrator{ctx: ctx, tx: tx}
	if err := n.tell(member); err != nil {
		return "", fmt.Errorf("proof: the story of %s: %w", member, err)
	}
	return n.text.String(), nil
}

// narrator writes a story.
type narrator struct {
	ctx  context.Context
	tx   *sql.Tx
	text strings.Builder
}

func (n *narrator) line(format string, args ...any) { fmt.Fprintf(&n.text, format+"\n", args...) }

// each reads the rows of a query about one thing, its only parameter, into the targets, one after another.
func (n *narrator) each(query string, about fact.ID, targets []any, then func()) error {
	rows, err := n.tx.QueryContext(n.ctx, query, about)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		then()
	}
	return rows.Err()
}

// four are an account's buckets.
type four struct{ pending, available, held, debt fact.Points }

func (f four) String() string {
	return fmt.Sprintf("%d pending, %d available, %d held, %d owed", f.pending, f.available, f.held, f.debt)
}

func (n *narrator) tell(member fact.ID) error {
	var (
		account       fact.ID
		status        string
		tier, persona sql.NullString
		enrolled      time.Time
		sequence      int64
		is            four
		last, due     sql.NullTime
		active        sql.NullTime
	)
	err := n.each(`SELECT m.account_id, m.status, m.tier, m.persona, m.enrolled_at, a.sequence, a.pending, a.available, a.held, a.debt,
 a.last_moved_at, a.next_due_at, a.active_at FROM members m JOIN accounts a ON a.id = m.account_id WHERE m.id = $1`, member,
		[]any{&account, &status, &tier, &persona, &enrolled, &sequence, &is.pending, &is.available, &is.held, &is.debt, &last, &due, &active},
		func() {
			n.line("member %s, %s, enrolled %s%s%s", member, status, moment(enrolled), named(", tier ", tier), named(", persona ", persona))
			n.line("account %s: %s", account, is)
			n.line("  movement %d was its last%s%s", sequence, when(", booked ", last), when("; something is due at ", due))
			if active.Valid {
				n.line("  last active %s", moment(active.Time))
			}
		})
	switch {
	case err != nil:
		return err
	case account.IsZero():
		return ErrNoMember
	}
	if err := n.movements(account); err != nil {
		return err
	}
	if err := n.lots(account); err != nil {
		return err
	}
	return n.holds(account)
}

// posting is one row, told.
type posting struct {
	movement fact.ID
	text     string
}

func (n *narrator) postings(account fact.ID) (all []posting, err error) {
	var (
		p              posting
		lot            fact.ID
		source, target string
		points         fact.Points
	)
	err = n.each(`SELECT movement_id, lot_id, source, target, points FROM postings WHERE account_id = $1 ORDER BY id`, account,
		[]any{&p.movement, &lot, &source, &target, &points}, func() {
			p.text = strings.TrimRight(fmt.Sprintf("      %-9s → %-9s %8d  %s", source, target, points, lot), " ")
			all = append(all, p)
		})
	return all, err
}

func (n *narrator) movements(account fact.ID) error {
	postings, err := n.postings(account)
	if err != nil {
		return err
	}
	byMovement := map[fact.ID][]string{}
	for _, p := range postings {
		byMovement[p.movement] = append(byMovement[p.movement], p.text)
	}
	var (
		id, of, reverses  fact.ID
		number            int64
		kind, explanation string
		points            fact.Points
		occurred, booked  time.Time
		after             four
	)
	n.line("\nmovements")
	err = n.each(`SELECT id, number, kind, points, occurred_at, booked_at, explanation, interaction_id, reverses_id,
 pending_after, available_after, held_after, debt_after FROM movements WHERE account_id = $1 ORDER BY number`, account,
		[]any{&id, &number, &kind, &points, &occurred, &booked, &explanation, &of, &reverses, &after.pending, &after.available, &after.held, &after.debt},
		func() {
			n.line("%4d  %s %d  occurred %s, booked %s  %s", number, kind, points, moment(occurred), moment(booked), id)
			if !of.IsZero() {
				n.line("      of %s", of)
			}
			if !reverses.IsZero() {
				n.line("      takes or gives back %s", reverses)
			}
			n.line("      %s", explanation)
			for _, text := range byMovement[id] {
				n.line("%s", text)
			}
			delete(byMovement, id)
			n.line("      then %s", after)
		})
	if err != nil {
		return err
	}
	for _, p := range postings {
		if byMovement[p.movement] != nil {
			n.line("      without its movement, %s:\n%s", p.movement, p.text)
		}
	}
	return nil
}

func (n *narrator) lots(account fact.ID) error {
	var (
		id        fact.ID
		amount    fact.Points
		earned    time.Time
		activates sql.NullTime
		expires   sql.NullTime
		ageing    sql.NullString
		parts     [7]fact.Points
	)
	n.line("\nlots")
	return n.each(`SELECT id, amount, earned_at, activates_at, expires_at, ageing, pending, available, held, spent, expired, reversed, moved
FROM lots WHERE account_id = $1 ORDER BY earned_at, id`, account,
		[]any{&id, &amount, &earned, &activates, &expires, &ageing, &parts[0], &parts[1], &parts[2], &parts[3], &parts[4], &parts[5], &parts[6]},
		func() {
			spendable := ", to be spent once what it waits for comes"
			if activates.Valid {
				spendable = ", to be spent from " + moment(activates.Time)
			}
			n.line("  %s  %d, earned %s%s%s", id, amount, moment(earned), spendable, when(", lost at ", expires))
			if ageing.Valid {
				n.line("      %s", digests.ReplaceAllString(ageing.String, `"waits":"…"`))
			}
			var has []string
			for i, name := range []string{"pending", "available", "held", "spent", "expired", "reversed", "moved"} {
				if parts[i] != 0 {
					has = append(has, fmt.Sprintf("%d %s", parts[i], name))
				}
			}
			n.line("      %s", strings.Join(has, ", "))
		})
}

// digests are those of what lots wait for, which say nothing to anybody.
var digests = regexp.MustCompile(`"waits": ?"[^"]*"`)

func (n *narrator) holds(account fact.ID) error {
	var (
		id                         fact.ID
		expires                    time.Time
		points, captured, released fact.Points
		some                       bool
	)
	return n.each(`SELECT id, expires_at, points, captured, released FROM holds WHERE account_id = $1 ORDER BY id`, account,
		[]any{&id, &expires, &points, &captured, &released},
		func() {
			if !some {
				n.line("\nholds")
				some = true
			}
			n.line("  %s  %d until %s: %d captured, %d released", id, points, moment(expires), captured, released)
		})
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func when(before string, t sql.NullTime) string {
	if !t.Valid {
		return ""
	}
	return before + moment(t.Time)
}

func named(before string, name sql.NullString) string {
	if name.String == "" {
		return ""
	}
	return before + name.String
}
