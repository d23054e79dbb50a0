package engine

import (
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Remembered is a member as an engine remembers it.
type Remembered struct {
	Member  loyalty.Member
	Account ledger.Account
	Doc     loyalty.Doc
	Version int64
	Due     time.Time
}

// Remembered are the members that the engine remembers.
func (e *Engine) Remembered() map[fact.ID]Remembered {
	r := e.recollection
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[fact.ID]Remembered{}
	for _, g := range []generation{r.before, r.recent} {
		for id, m := range g.members {
			all[id] = Remembered{m.member, m.account, m.doc, m.version, m.due}
		}
	}
	return all
}
