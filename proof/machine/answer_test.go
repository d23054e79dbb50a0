package machine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"granaio/engine"
	"granaio/ent"
	"granaio/loyalty/fact"
)

// answer is the facts of an answer.
type answer struct {
	Refused   string // code and field
	Duplicate bool
	Member    fact.ID
	Movements []movement
	Own       []int // places of those movements that were asked for
	Progress  []string
	Tier      string // from>to
	Reward    string
	Returned  string  // so many cents, and whether nothing is left
	Cancelled fact.ID // redemption
	Absorbed  []fact.ID
	Hold      fact.ID // that another one's id stands for by now
}

func refusal(code fact.Code, field string) answer {
	return answer{Refused: strings.TrimSpace(string(code) + " " + field)}
}

// ids are the names in an answer, which the same request gets again.
type ids struct {
	command               fact.ID
	interaction, redeemed fact.ID
	returned              fact.ID
	movements, own        []fact.ID
}

// read is what the engine answered to a request. Of a repeated answer, which has no movements, they are those of the first.
func read(op operation, o *engine.Outcome, rewards map[fact.ID]string) (answer, ids) {
	a := answer{Duplicate: o.Duplicate, Member: o.Member, Absorbed: o.Absorbed, Hold: o.Hold}
	if o.Refusal != nil {
		a = refusal(o.Refusal.Code, o.Refusal.Field)
		a.Duplicate = o.Duplicate
		return a, ids{}
	}
	names := ids{interaction: o.Interaction, redeemed: o.RedemptionID, returned: o.ReversalID, movements: o.MovementIDs, own: o.Own}
	switch {
	case !o.Interaction.IsZero():
		names.command = o.Interaction.As(fact.KindCommand)
	case !o.ReversalID.IsZero():
		names.command = o.ReversalID.As(fact.KindCommand)
	case len(o.MovementIDs) > 0:
		names.command = o.MovementIDs[0].At(0).As(fact.KindCommand)
	}
	for _, m := range o.Movements {
		a.Movements = append(a.Movements, movementOf(m))
	}
	for _, id := range o.Own {
		a.Own = append(a.Own, id.Place())
	}
	for _, p := range o.Progress {
		a.Progress = append(a.Progress, fmt.Sprintf("%s %s %d/%d %t", p.Key, p.Period, p.Count, p.Target, !p.Completed.IsZero()))
	}
	if o.Tier != nil {
		a.Tier = o.Tier.From + ">" + o.Tier.To
	}
	if o.Redemption != nil {
		a.Reward = fmt.Sprint(rewards[o.Redemption.RewardID], " ", o.Redemption.Points)
	}
	if op == giveBack {
		a.Cancelled = o.RedemptionID
	}
	if o.Reversal != nil {
		a.Returned = fmt.Sprint(o.Reversal.Value, " ", o.Reversal.Whole)
	}
	return a, names
}

// movementOf is a movement as it is stored.
func movementOf(m *ent.Movement) movement {
	return movement{
		m.AccountID.As(fact.KindMember), string(m.Kind), m.Number, int64(m.Points), m.OccurredAt.UTC(), m.BookedAt.UTC(),
		balances{int64(m.PendingAfter), int64(m.AvailableAfter), int64(m.HeldAfter), int64(m.DebtAfter)},
	}
}

func (n ids) equal(o ids) bool {
	return n.command == o.command && n.interaction == o.interaction && n.redeemed == o.redeemed && n.returned == o.returned && slices.Equal(n.movements, o.movements) && slices.Equal(n.own, o.own)
}

func (a answer) equal(b answer) bool { return reflect.DeepEqual(a, b) }

// String tells the answer in a few lines.
func (a answer) String() string {
	var b strings.Builder
	if a.Duplicate {
		b.WriteString("again: ")
	}
	if a.Refused != "" {
		return b.String() + "refused with " + a.Refused
	}
	fmt.Fprintf(&b, "granted to %s", a.Member)
	for _, x := range append(slices.Clone(a.Progress), a.Reward, a.Returned) {
		if x != "" {
			b.WriteString(", " + x)
		}
	}
	if a.Tier != "" {
		b.WriteString(", tier " + a.Tier)
	}
	for _, id := range a.Absorbed {
		fmt.Fprintf(&b, ", which absorbs %s", id)
	}
	if !a.Hold.IsZero() {
		fmt.Fprintf(&b, ", it is %s", a.Hold)
	}
	if len(a.Own) > 0 {
		fmt.Fprintf(&b, ", own %v", a.Own)
	}
	for _, m := range a.Movements {
		b.WriteString("\n        " + m.String())
	}
	return b.String()
}

func (m movement) String() string {
	return fmt.Sprintf("%s %d. %s %d, occurred %s, booked %s, then %d pending, %d available, %d held, %d owed", m.Member, m.Number, m.Kind, m.Points,
		m.Occurred.Format(time.RFC3339Nano), m.Booked.Format(time.RFC3339Nano), m.After.Pending, m.After.Available, m.After.Held, m.After.Debt)
}
