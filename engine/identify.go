package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// MaxOwn is how many identities a member has at most.
const MaxOwn = 100

// Identify says of a member how it is recognised besides. Whoever was known by one of the identities is the same person.
type Identify struct {
	Origin
	Member     Ref
	Identities []Identity // 1 to MaxIdentities; of IdentityRemove, the one that goes
	// Claimed is whether the member says so of itself, which nobody has made sure of: see loyalty.Programme's Claims.
	Claimed bool
}

// IdentityRemove takes an identity from a member.
type IdentityRemove struct {
	Origin
	Member   Ref
	Identity Identity
}

func identifyJob(op operation, n *Identify, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(op, n.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	ref, refusal := normaliseRef(n.Member, "member")
	switch {
	case refusal != nil:
		return nil, refusal
	case len(n.Identities) == 0:
		return nil, fact.Refuse(fact.CodeRequired, "identities", "at least one identity is needed")
	case len(n.Identities) > MaxIdentities:
		return nil, fact.Refuse(fact.CodeTooMany, "identities", "at most %d identities are taken", MaxIdentities)
	}
	j.identify, j.refs = n, []Ref{ref}
	for i, identity := range n.Identities {
		field := listField("identities", i)
		if op == opIdentityRemove {
			field = "identity"
		}
		value, refusal := fact.Normalise(identity.Kind, identity.Value, field+".value")
		if refusal != nil {
			return nil, refusal
		}
		r := Ref{Identity: Identity{identity.Kind, value}}
		if slices.Contains(j.refs[1:], r) {
			return nil, fact.Refuse(fact.CodeInvalid, field, "the identity is named twice")
		}
		j.refs = append(j.refs, r)
	}
	return j, j.seal(j.refs)
}

func (n *Identify) job(now time.Time) (*job, *fact.Refusal) { return identifyJob(opIdentify, n, now) }

func (r *IdentityRemove) job(now time.Time) (*job, *fact.Refusal) {
	return identifyJob(opIdentityRemove, &Identify{Origin: r.Origin, Member: r.Member, Identities: []Identity{r.Identity}}, now)
}

// Identify adds identities to a member, and joins whoever was known by them.
func (e *Engine) Identify(ctx context.Context, n Identify) (*Outcome, error) {
	j, refusal := identifyJob(opIdentify, &n, e.Now())
	return e.do(ctx, j, refusal)
}

// RemoveIdentity takes an identity from a member.
func (e *Engine) RemoveIdentity(ctx context.Context, r IdentityRemove) (*Outcome, error) {
	j, refusal := r.job(e.Now())
	return e.do(ctx, j, refusal)
}

// reshapes tells whether a request changes who is who. It has a batch of its own.
func (j *job) reshapes() bool {
	return j.op == opIdentify || j.op == opIdentityRemove || j.op == opMerge || j.op == opRegister
}

// aside are the places at which a batch is cut so that each request which changes who is who is by itself.
func (b *batch) aside() (cuts []int) {
	for i, j := range b.jobs {
		if !j.reshapes() {
			continue
		}
		for _, at := range []int{i, i + 1} {
			if at > 0 && at < len(b.jobs) && !slices.Contains(cuts, at) {
				cuts = append(cuts, at)
			}
		}
	}
	return cuts
}

func ownedSQL(g grammar) string {
	return `SELECT i.id, i.member_id, i.kind, i.value, i.programme_id FROM ` + g.ids(1, "r") + ` JOIN identities i ON i.member_id = r.id ORDER BY i.id`
}

// loadOwned reads the identities of those whom a request is about that changes who is who. Somebody else may have changed them since the references were looked up: then the
// batch is lost.
func (b *batch) loadOwned(ctx context.Context, db queries) error {
	if !b.jobs[0].reshapes() {
		return nil
	}
	b.owned = map[fact.ID][]identityRow{}
	err := each(ctx, db, b.engine.sql.owned, sortedIDs(b.persons), func(row scanner) error {
		var i identityRow
		err := row.Scan(&i.id, &i.member, &i.Kind, &i.Value, &i.programme)
		b.owned[i.member] = append(b.owned[i.member], i)
		return err
	})
	if err != nil {
		return fmt.Errorf("load identities: %w", err)
	}
	for _, r := range b.jobs[0].refs {
		if p := b.byRef[refKey{b.jobs[0].origin.Programme, r}]; p != nil && r.ID.IsZero() && !b.owns(p, r.Identity) {
			return errLost
		}
	}
	return nil
}

// owns tells whether a member is recognised by an identity.
func (b *batch) owns(p *person, i Identity) bool {
	return slices.ContainsFunc(b.owned[p.state.Member.ID], func(o identityRow) bool { return o.Identity == i })
}

func (b *batch) decideIdentify(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if refusal := alive(p, "member"); refusal != nil {
		return decision{refusal: refusal}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	d := decision{person: p, programme: programme}
	var known []*person // that the identities stand for, each once
	for i, r := range j.refs[1:] {
		field := listField("identities", i)
		other := b.byRef[refKey{j.origin.Programme, r}]
		if d.refusal = b.mayIdentify(j, programme, p, other, r.Identity, field); d.refusal != nil {
			return d, nil
		}
		switch {
		case other == nil:
			d.added = append(d.added, r.Identity)
			continue
		case other == p || slices.Contains(known, other):
			continue
		}
		known = append(known, other)
		if other.state.Member.Outranks(&d.person.state.Member) {
			d.person = other
		} else if m := &other.state.Member; m.Status != loyalty.Anonymous && !d.person.state.Member.Outranks(m) {
			d.refusal = fact.Refuse(fact.CodeIdentityConflict, field, "the identity belongs to another member who is known as well: an operator merges the two")
			d.person = p
			return d, nil
		}
	}
	return b.join(d, j, append([]*person{p}, known...))
}

// alive refuses a member that there is not, and one that was erased.
func alive(p *person, field string) *fact.Refusal {
	switch {
	case p == nil:
		return fact.Refuse(fact.CodeUnknownMember, field, "there is no such member")
	case p.state.Member.Status == loyalty.Erased:
		return fact.Refuse(fact.CodeMemberErased, field, "the member was erased")
	}
	return nil
}

// mayIdentify refuses an identity that the caller may not say to be the member's.
func (b *batch) mayIdentify(j *job, programme *loyalty.Programme, p, other *person, i Identity, field string) *fact.Refusal {
	switch {
	case p.state.Member.Status == loyalty.Suspended, other != nil && other.state.Member.Status == loyalty.Suspended && other != p:
		return fact.Refuse(fact.CodeMemberSuspended, "member", "the member, or whom the identity belongs to, is suspended")
	case other == p || !j.identify.Claimed:
		return nil
	case !programme.Claims(i.Kind):
		return fact.Refuse(fact.CodeNotAllowed, field+".kind", "a member does not say that of itself: somebody who has made sure of it does")
	case other != nil && (other.state.Member.Status != loyalty.Anonymous || i.Kind != fact.Device):
		return fact.Refuse(fact.CodeIdentityTaken, field, "the identity belongs to a member already")
	}
	return nil
}

// join merges those whom a decision is about into its person, and gives that one the identities.
func (b *batch) join(d decision, j *job, persons []*person) (decision, error) {
	if n := b.ownedBy(persons) + len(d.added); n > MaxOwn {
		d.refusal = fact.Refuse(fact.CodeTooMany, "identities", "a member has at most %d identities", MaxOwn)
		return d, nil
	}
	others := slices.DeleteFunc(persons, func(p *person) bool { return p == d.person })
	if len(others) == 0 {
		state := *d.person.input(b)
		d.effects = &loyalty.Effects{State: &state}
	} else if err := b.merge(&d, j, others); err != nil || d.refusal != nil {
		return d, err
	}
	if m := &d.effects.State.Member; len(d.added) > 0 {
		d.effects.Life = append(d.effects.Life, loyalty.Step{Kind: loyalty.StepIdentified, From: d.person.state.Member.Status, To: m.Status})
	}
	return d, nil
}

func (b *batch) ownedBy(persons []*person) (n int) {
	for _, p := range persons {
		n += len(b.owned[p.state.Member.ID])
	}
	return n
}

func (b *batch) decideIdentityRemove(j *job) (decision, error) {
	p, named := b.byRef[refKey{j.origin.Programme, j.refs[0]}], j.refs[1].Identity
	if refusal := alive(p, "member"); refusal != nil {
		return decision{refusal: refusal}, nil
	}
	owned := b.owned[p.state.Member.ID]
	at := slices.IndexFunc(owned, func(i identityRow) bool { return i.Identity == named })
	d := decision{person: p}
	switch {
	case at < 0:
		return decision{refusal: fact.Refuse(fact.CodeUnknownIdentity, "identity", "the member has no such identity")}, nil
	case p.state.Member.Status == loyalty.Suspended:
		d.refusal = fact.Refuse(fact.CodeMemberSuspended, "member", "the member is suspended")
		return d, nil
	case len(owned) == 1:
		d.refusal = fact.Refuse(fact.CodeLastIdentity, "identity", "it is the only way to recognise the member")
		return d, nil
	}
	state := *p.input(b)
	status := state.Member.Status
	d.effects = &loyalty.Effects{State: &state, Life: []loyalty.Step{{Kind: loyalty.StepIdentityRemoved, From: status, To: status}}}
	d.removed = owned[at : at+1]
	delete(b.byRef, refKey{j.origin.Programme, j.refs[1]})
	return d, nil
}
