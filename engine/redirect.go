package engine

import (
	"fmt"
	"sync"
	"sync/atomic"

	"granaio/loyalty/fact"
)

// redirects are members that were merged into others, as far as the engine has seen: for ever, so nothing of it is ever wrong; only that the other was merged into a third
// since may not be known. Whoever is loaded tells that.
type redirects struct {
	any  atomic.Bool // so that nobody waits for the lock where there are none
	mu   sync.RWMutex
	into map[fact.ID]fact.ID
}

// mostRedirects is how many are kept. What is forgotten is found out again.
const mostRedirects = 1 << 16

// learn takes note that a member was merged into another.
func (r *redirects) learn(member, into fact.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.into == nil || len(r.into) >= mostRedirects {
		r.into = map[fact.ID]fact.ID{}
	}
	r.into[member] = into
	r.any.Store(true)
}

// final is the member that an id stands for, as far as is known.
func (r *redirects) final(member fact.ID) fact.ID {
	if !r.any.Load() {
		return member
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for range 64 { // nobody is merged into itself, and so this ends; a chain is as long as the merges that were not seen
		into, ok := r.into[member]
		if !ok {
			return member
		}
		member = into
	}
	return member
}

// errRedirected is the error of a batch that has locked members who were merged into others: those are to be locked, in their order.
var errRedirected = fmt.Errorf("engine: a member was merged into another: %w", errLost)

// redirect gives every reference to a member that was merged into another to that one, and answers which are still to be loaded.
func (b *batch) redirect() (wanted []refRow) {
	var absorbed []*person
	for id, p := range b.persons {
		if into := p.state.Member.Into; !into.IsZero() && !p.changed {
			b.engine.redirects.learn(id, into)
			absorbed = append(absorbed, p)
			delete(b.persons, id)
		}
	}
	for _, p := range absorbed {
		to := b.persons[p.state.Member.Into]
		for key, named := range b.byRef {
			if named != p {
				continue
			}
			if b.byRef[key] = to; to == nil {
				delete(b.byRef, key)
				b.moved = append(b.moved, redirected{key, p.state.Member.Into})
			}
		}
		if to == nil {
			wanted = append(wanted, refRow{P: uuid(p.programme), M: uuid(p.state.Member.Into)})
		}
	}
	return wanted
}

// redirected is a reference to a member that is to be loaded under another id.
type redirected struct {
	key refKey
	to  fact.ID
}

// settleRefs gives references their members, once those are loaded under the ids that they have now.
func (b *batch) settleRefs() {
	left := b.moved[:0]
	for _, m := range b.moved {
		if p := b.persons[b.engine.redirects.final(m.to)]; p != nil {
			b.byRef[m.key] = p
		} else {
			left = append(left, m)
		}
	}
	b.moved = left
}

// absorb gives whatever names a member that the batch has merged into another to that one.
func (b *batch) absorb(p, into *person) {
	for key, named := range b.byRef {
		if named == p {
			b.byRef[key] = into
		}
	}
}
