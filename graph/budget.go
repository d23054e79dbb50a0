package graph

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxCallers is how many callers' budgets are remembered. Whoever was not seen for longest begins anew.
const maxCallers = 50_000

// budgets holds what each caller may still use.
type budgets struct {
	now    func() time.Time
	size   int
	budget int // a member's, per second; 0 for no bound
	mu     sync.Mutex
	known  map[string]*list.Element // of budget
	recent list.List                // most recently used first
}

// burst is how many seconds of its budget a caller may use at once.
const burst = 5

type budget struct {
	caller  string
	limiter *rate.Limiter
}

func newBudgets(size, budget int, now func() time.Time) *budgets {
	return &budgets{now: now, size: size, budget: budget, known: map[string]*list.Element{}}
}

// take pays a cost from the caller's budget. If there is not enough, it pays nothing and says after how long there will be.
func (b *budgets) take(caller string, a *Allowance, cost int) time.Duration {
	if b.budget <= 0 {
		return 0
	}
	now := b.now()
	r := b.limiter(caller, a).ReserveN(now, cost)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (b *budgets) limiter(caller string, a *Allowance) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.known[caller]; ok {
		b.recent.MoveToFront(e)
		return e.Value.(budget).limiter
	}
	if len(b.known) >= b.size {
		delete(b.known, b.recent.Remove(b.recent.Back()).(budget).caller)
	}
	perSecond := float64(b.budget) * a.Share
	l := rate.NewLimiter(rate.Limit(perSecond), max(a.Cost, int(perSecond*burst)))
	b.known[caller] = b.recent.PushFront(budget{caller, l})
	return l
}
