package engine

import (
	"maps"
	"slices"
	"sync"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// recollection is what an engine remembers of members and programmes from its last batches, so that they need not be loaded for the next. Another process may have changed them since:
// the statement that saves finds that out by its fences, and the batch is decided again on what is loaded. Nothing is answered on memory alone: even a batch that saves nothing for a
// member, since it refuses all, has that statement look whether the member is as it was remembered, and whether each programme's current version is.
//
// So whoever changes something that a decision reads of a member (its row, or which member a name stands for) must also move the version of its working state.
type recollection struct {
	size, most int // members and bytes of documents of a generation; there are two

	mu         sync.Mutex
	programmes map[fact.ID]edition
	recent     generation
	before     generation
	mistrust   int // how many batches more are loaded, since members were found to have changed
	penalty    int // how many will be, the next time
	right      int // how often memory was right since then
}

// edition is what a batch knows of a programme.
type edition struct {
	number int
	secret string
}

// generation is what was remembered in a time: members, and which of them the names may stand for.
type generation struct {
	members map[fact.ID]*memory
	names   map[refKey]fact.ID
	bytes   int // of their documents, as they are stored
}

// memory is a member as its last batch left it. It is never changed.
type memory struct {
	programme         fact.ID
	member            loyalty.Member
	account           ledger.Account
	doc               loyalty.Doc
	version, sequence int64
	nextDue, active   time.Time
	due               time.Time
	bytes             int
	names             []refKey // that stand for the member, as far as is known
}

// remembered is how many members a generation has at most, and rememberedBytes how many bytes of documents, which take several times as much in memory.
const (
	remembered      = 16384
	rememberedBytes = 16 << 20
)

// The penalties for being wrong. Where several processes take turns with the same members, memory is wrong every time.
const (
	leastPenalty = 16
	mostPenalty  = 4096
	forgiven     = 64
)

func newRecollection(size, most int) *recollection {
	r := &recollection{size: size, most: most, programmes: map[fact.ID]edition{}, penalty: leastPenalty}
	r.recent, r.before = newGeneration(), newGeneration()
	return r
}

func newGeneration() generation {
	return generation{members: map[fact.ID]*memory{}, names: map[refKey]fact.ID{}}
}

// find is what is remembered of the member of a name, nil for nothing.
func (r *recollection) find(key refKey) *memory {
	id := key.ref.ID
	if id.IsZero() {
		var ok bool
		if id, ok = r.recent.names[key]; !ok {
			if id, ok = r.before.names[key]; !ok {
				return nil
			}
		}
	}
	m := r.recent.members[id]
	if m == nil {
		m = r.before.members[id]
	}
	if m == nil || m.programme != key.programme || key.ref.ID.IsZero() && !slices.Contains(m.names, key) {
		return nil
	}
	return m
}

// recall makes those persons of a batch of interactions whom memory has; the others are to be loaded.
func (r *recollection) recall(b *batch) {
	for _, j := range b.jobs {
		if j.op != opTrack {
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mistrust > 0 {
		r.mistrust--
		return
	}
	for _, j := range b.jobs {
		key := refKey{j.origin.Programme, j.refs[0]}
		e, known := r.programmes[key.programme]
		named := key
		named.ref.ID = b.engine.redirects.final(key.ref.ID)
		m := r.find(named)
		if !known || m == nil {
			continue
		}
		b.recalled = true
		b.numbers[key.programme], b.secrets[key.programme] = e.number, e.secret
		p := b.persons[m.member.ID]
		if p == nil {
			p = newPerson(key.programme, &loyalty.State{Member: m.member, Account: m.account, Doc: m.doc})
			p.version, p.sequence, p.nextDue, p.active = m.version, m.sequence, m.nextDue, m.active
			p.due, p.wasDue, p.bytes, p.names, p.was = m.due, m.due, m.bytes, m.names, m.member
			b.persons[m.member.ID] = p
		}
		b.byRef[refKey{key.programme, Ref{ID: m.member.ID}}] = p
		b.byRef[key] = p
	}
}

// remember takes in what a batch has saved, or only seen.
func (r *recollection) remember(b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.recent.members)+len(b.persons) > r.size || r.recent.bytes > r.most {
		r.recent, r.before = newGeneration(), r.recent
	}
	for programme, number := range b.numbers {
		r.programmes[programme] = edition{number, b.secrets[programme]}
	}
	for key, p := range b.byRef {
		if key.ref.ID.IsZero() && key.ref.thing().IsZero() && !slices.Contains(p.names, key) {
			p.names = append(slices.Clip(p.names), key)
		}
	}
	for id, p := range b.persons {
		if !p.state.Member.Into.IsZero() { // whatever names it names another
			r.drop(id)
			continue
		}
		m := &memory{
			programme: p.programme, member: p.state.Member, account: p.state.Account, doc: p.state.Doc, version: p.version, sequence: p.state.Account.Sequence,
			nextDue: p.state.Account.NextDue, active: p.state.Account.Active, due: p.due, bytes: p.bytes, names: p.names,
		}
		if p.changed {
			m.version++
		}
		if old := r.recent.members[id]; old != nil {
			r.recent.bytes -= old.bytes
		}
		r.recent.members[id] = m
		r.recent.bytes += m.bytes
		for _, key := range m.names {
			r.recent.names[key] = id
		}
	}
	if b.recalled {
		if r.right++; r.right >= forgiven {
			r.penalty = leastPenalty
		}
	}
}

// forget drops what a batch had from memory, since it may have been wrong.
func (r *recollection) forget(b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range b.persons {
		r.drop(id)
	}
	clear(r.programmes)
}

// erase drops the members that a batch has erased, and the names that stood for them.
func (r *recollection) erase(b *batch) {
	if len(b.erased) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range b.erased {
		id := b.byRef[refKey{j.origin.Programme, j.refs[0]}].state.Member.ID
		r.drop(id)
		for _, g := range []generation{r.recent, r.before} {
			maps.DeleteFunc(g.names, func(_ refKey, of fact.ID) bool { return of == id })
		}
	}
}

// drop forgets a member.
func (r *recollection) drop(id fact.ID) {
	if m := r.recent.members[id]; m != nil {
		r.recent.bytes -= m.bytes
	}
	delete(r.recent.members, id)
	delete(r.before.members, id)
}

// compare looks at what a batch had from memory beside what was loaded for it then. Where members had changed, memory is not asked for a while.
func (r *recollection) compare(recalled, loaded *batch) {
	wrong := false
	for id, p := range recalled.persons {
		l := loaded.persons[id]
		wrong = wrong || l == nil || l.version != p.version || l.sequence != p.sequence
	}
	if !wrong {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mistrust, r.right = r.penalty, 0
	r.penalty = min(2*r.penalty, mostPenalty)
}
