package machine

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"granaio/auth"
	"granaio/engine"
	entcommand "granaio/ent/command"
	entidentity "granaio/ent/identity"
	entmember "granaio/ent/member"
	entmovement "granaio/ent/movement"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/proof"
)

// look compares what members' screens show, and what was announced.
func (m *machine) look(t *rapid.T) {
	if !m.looked {
		if wrong := m.model.unlike(m, m.screens(t)); wrong != "" {
			m.fail(t, "another screen", "%s", wrong)
		}
		m.looked = true
	}
	for _, n := range m.heard() {
		if n.stored < n.Version {
			m.fail(t, "news too early", "movement %d of %s was announced when %d were stored", n.Version, n.Account, n.stored)
		}
		i := slices.IndexFunc(m.model.members, func(p *member) bool { return p.id == n.Account.As(fact.KindMember) })
		if i < 0 {
			continue // of a run before, whose points are still due
		}
		history := append([]movement{{}}, m.model.members[i].account.history...) // nothing is there before the first movement
		if n.Version < 0 || n.Version >= int64(len(history)) || history[n.Version].After != balancesOf(n.Balances) {
			m.fail(t, "false news", "it was announced that %s has %+v after %d movements", n.Account, n.Balances, n.Version)
		}
	}
}

func balancesOf(b ledger.Balances) balances {
	return balances{int64(b.Pending), int64(b.Available), int64(b.Held), int64(b.Debt)}
}

// screens are what each engine shows of each member.
func (m *machine) screens(t *rapid.T) (all [2]map[fact.ID]string) {
	rows, err := m.stores[0].Ent().Member.Query().Where(entmember.ProgrammeID(m.programme)).IDs(auth.System(m.ctx, m.programme))
	if err != nil {
		m.fail(t, "the database failed", "%v", err)
	}
	for i, e := range m.engines {
		views, err := e.Views(m.ctx, m.programme, rows)
		if err != nil {
			m.fail(t, "the database failed", "%v", err)
		}
		all[i] = make(map[fact.ID]string, len(views))
		for id, v := range views {
			all[i][id] = shown(v)
		}
	}
	return all
}

// unlike tells in what the screens are not what they should be; empty if they are.
func (m *model) unlike(on *machine, screens [2]map[fact.ID]string) string {
	for i, shown := range screens {
		for _, p := range m.members {
			if want := m.final(p).screen(on.clock(i), m.taken); shown[p.id] != want {
				return fmt.Sprintf("engine %d shows %s\n    %s\nit should be\n    %s", i, p.id, shown[p.id], want)
			}
		}
		if len(shown) != len(m.members) {
			return fmt.Sprintf("engine %d shows %d members, there should be %d", i, len(shown), len(m.members))
		}
	}
	return ""
}

// shown is a member as the engine shows it.
func shown(v *engine.View) string {
	var s string
	for _, x := range ledger.Expiring(v.State.Account, v.State.Lots, v.Now, v.Now.Add(engine.ViewHorizon), v.State.Holds...) {
		s += fmt.Sprintf(" %d until %s", x.Points, x.At.Format(time.RFC3339))
	}
	taken := int64(0)
	for _, n := range v.State.Taken {
		taken += n
	}
	d := v.State.Doc
	var bought loyalty.Series
	if purchases := d.Events["purchase"]; purchases != nil {
		bought = *purchases
	}
	return fmt.Sprintf("%s, %s, %d movements, %+v, tier %q, persona %q, %d qualifying, %d pins of its own, %d things taken, %d purchases of %d,%s",
		v.State.Member.ID, v.State.Member.Status, v.State.Account.Sequence, balancesOf(v.Balances()), v.State.Member.Tier, v.State.Member.Persona, d.Qualifying.Sum, d.Redeemed["pin"], taken,
		bought.Count, bought.Sum, s)
}

// screen is a member as it should be shown.
func (p *member) screen(now time.Time, mugs int64) string {
	a := p.account.clone(copies{})
	b := (&command{clock: now}).open(a)
	slices.SortFunc(a.lots, func(x, y *lot) int { return x.expires.Compare(y.expires) })
	var s string
	var last time.Time
	sum := int64(0)
	end := func() {
		if sum > 0 {
			s += fmt.Sprintf(" %d until %s", sum, last.Format(time.RFC3339))
		}
		sum = 0
	}
	for _, l := range a.lots {
		if l.available > 0 && !l.expires.IsZero() && !l.expires.After(now.Add(engine.ViewHorizon)) {
			if !l.expires.Equal(last) {
				end()
			}
			last, sum = l.expires, sum+l.available
		}
	}
	end()
	count, spent := 0, int64(0)
	for _, d := range p.deeds {
		if d.event == "purchase" && !d.returned {
			count, spent = count+1, spent+d.left
		}
	}
	return fmt.Sprintf("%s, %s, %d movements, %+v, tier %q, persona %q, %d qualifying, %d pins of its own, %d things taken, %d purchases of %d,%s",
		p.id, p.status, len(p.account.history), b.balances(), p.tier, p.persona, p.qualifying, p.rewards["pin"], mugs, count, spent, s)
}

// examine compares what is stored with the model, and has the ledger proved.
func (m *machine) examine(t *rapid.T) {
	ctx, client := auth.System(m.ctx, m.programme), m.stores[0].Ent()
	rows, err := client.Movement.Query().Where(entmovement.ProgrammeID(m.programme)).All(ctx)
	if err != nil {
		m.fail(t, "the database failed", "%v", err)
	}
	stored := map[fact.ID][]movement{}
	for _, r := range rows {
		stored[r.MemberID] = append(stored[r.MemberID], movementOf(r))
	}
	for _, p := range m.model.members {
		got := stored[p.id]
		slices.SortFunc(got, func(a, b movement) int { return int(a.Number - b.Number) })
		delete(stored, p.id)
		if !slices.Equal(got, p.account.history) {
			m.fail(t, "other movements", "the movements of %s are stored as\n    %v\nthey should be\n    %v", p.id, got, p.account.history)
		}
	}
	if len(stored) > 0 {
		m.fail(t, "other movements", "nobody's movements: %v", stored)
	}
	names, err := client.Identity.Query().Where(entidentity.ProgrammeID(m.programme)).All(ctx)
	if err != nil {
		m.fail(t, "the database failed", "%v", err)
	}
	all := 0
	for _, p := range m.model.members {
		all += len(p.names)
	}
	for _, x := range names {
		if p := m.model.find(ref{Name: x.Value}); p == nil || p.id != x.MemberID || len(names) != all {
			m.fail(t, "other identities", "%s is of %s, of %d there are; there should be %d", x.Value, x.MemberID, len(names), all)
		}
	}
	commands, err := client.Command.Query().Where(entcommand.ProgrammeID(m.programme), entcommand.OperationNEQ("settle")).Count(ctx)
	if err != nil || commands != len(m.model.answered) {
		m.fail(t, "other commands", "%d commands are stored, %d should be; %v", commands, len(m.model.answered), err)
	}
	budget, err := client.Budget.Get(ctx, m.pot)
	if err != nil || budget.Spent != m.model.drawn {
		m.fail(t, "another budget", "%+v, of which %d should be spent; %v", budget, m.model.drawn, err)
	}
	findings, err := proof.Check(m.ctx, m.stores[0])
	if err != nil || !proof.Holds(findings) {
		m.fail(t, "an invariant is violated", "%v %v", findings, err)
	}
}
