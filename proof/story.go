package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/lot"
	"granaio/ent/movement"
	"granaio/ent/posting"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
	"granaio/store"
)

// Story tells what happened to a member's account, for an operator who looks into a finding: its balances, its movements in order with their postings
// and why they happened, and its lots with what became of each. It is taken from one snapshot, as it is stored: what is due is not projected.
func Story(ctx context.Context, s *store.Store, member fact.ID) (string, error) {
	tx, err := snapshot(ctx, s)
	if err != nil {
		return "", fmt.Errorf("proof: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	n := narrator{ctx: auth.System(ctx, fact.ID{}), client: s.EntIn(tx)}
	err = n.tell(member)
	switch {
	case ent.IsNotFound(err):
		return "", fmt.Errorf("proof: there is no member %s: %w", member, err)
	case err != nil:
		return "", fmt.Errorf("proof: the story of %s: %w", member, err)
	}
	return n.text.String(), nil
}

// narrator writes a story.
type narrator struct {
	ctx    context.Context
	client *ent.Client
	text   strings.Builder
}

func (n *narrator) line(format string, args ...any) { fmt.Fprintf(&n.text, format+"\n", args...) }

func (n *narrator) tell(member fact.ID) error {
	m, err := n.client.Member.Get(n.ctx, member)
	if err != nil {
		return err
	}
	a, err := n.client.Account.Get(n.ctx, m.AccountID)
	if err != nil {
		return err
	}
	n.line("member %s, %s, enrolled %s%s%s", m.ID, m.Status, moment(m.EnrolledAt), named(", tier ", m.Tier), named(", persona ", m.Persona))
	n.line("account %s: %s", a.ID, amounts(a.Pending, a.Available, a.Held, a.Debt))
	n.line("  movement %d was its last%s%s", a.Sequence, when(", booked ", a.LastMovedAt), when("; something is due at ", a.NextDueAt))
	if err := n.movements(a.ID); err != nil {
		return err
	}
	return n.lots(a.ID)
}

func (n *narrator) movements(account fact.ID) error {
	postings, err := n.client.Posting.Query().Where(posting.AccountID(account)).Order(posting.ByID()).All(n.ctx)
	if err != nil {
		return err
	}
	byMovement := map[fact.ID][]*ent.Posting{}
	for _, p := range postings {
		byMovement[p.MovementID] = append(byMovement[p.MovementID], p)
	}
	movements, err := n.client.Movement.Query().Where(movement.AccountID(account)).Order(movement.ByNumber()).All(n.ctx)
	if err != nil {
		return err
	}
	n.line("\n%d movements", len(movements))
	for _, m := range movements {
		var e why.Explanation
		if err := json.Unmarshal(m.Explanation, &e); err != nil {
			return fmt.Errorf("the explanation of %s: %w", m.ID, err)
		}
		n.line("%4d  %s %d  occurred %s, booked %s  %s", m.Number, m.Kind, m.Points, moment(m.OccurredAt), moment(m.BookedAt), m.ID)
		n.line("      %s", e.Sentence(m.Points, why.Names{}, "en"))
		if m.InteractionID != nil {
			n.line("      interaction %s", m.InteractionID)
		}
		for _, p := range byMovement[m.ID] {
			of := ""
			if p.LotID != nil {
				of = "  " + p.LotID.String()
			}
			n.line("      %-9s → %-9s %8d%s", p.Source, p.Target, p.Points, of)
		}
		delete(byMovement, m.ID)
		n.line("      then %s", amounts(m.PendingAfter, m.AvailableAfter, m.HeldAfter, m.DebtAfter))
	}
	for _, p := range postings {
		if byMovement[p.MovementID] != nil {
			n.line("      without its movement: %s, %d points from %s to %s", p.ID, p.Points, p.Source, p.Target)
		}
	}
	return nil
}

func (n *narrator) lots(account fact.ID) error {
	lots, err := n.client.Lot.Query().Where(lot.AccountID(account)).Order(lot.ByEarnedAt(), lot.ByID()).All(n.ctx)
	if err != nil {
		return err
	}
	n.line("\n%d lots", len(lots))
	for _, l := range lots {
		n.line("  %s  %d, earned %s, to be spent from %s%s", l.ID, l.Amount, moment(l.EarnedAt), moment(l.ActivatesAt), when(", lost at ", l.ExpiresAt))
		var parts []string
		for _, p := range []struct {
			name   string
			points fact.Points
		}{
			{"pending", l.Pending}, {"available", l.Available}, {"held", l.Held}, {"spent", l.Spent}, {"expired", l.Expired},
			{"reversed", l.Reversed}, {"moved", l.Moved},
		} {
			if p.points != 0 {
				parts = append(parts, fmt.Sprintf("%d %s", p.points, p.name))
			}
		}
		n.line("      %s", strings.Join(parts, ", "))
	}
	return nil
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func when(before string, t *time.Time) string {
	if t == nil {
		return ""
	}
	return before + moment(*t)
}

func named(before, name string) string {
	if name == "" {
		return ""
	}
	return before + name
}

func amounts(pending, available, held, debt fact.Points) string {
	return fmt.Sprintf("%d pending, %d available, %d held, %d owed", pending, available, held, debt)
}
