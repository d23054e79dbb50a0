package graph

import (
	"context"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/fault"
	"granaio/graph/model"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// maxExpiring is how many days ahead one may ask what expires: as long as a term can be.
const maxExpiring = 36525

var errNoMember = fault.Malformed("member: there is no such member")

// watched is the account that a subscription is about.
func (s *session) watched(ctx context.Context, member *fact.ID) (fact.ID, error) {
	of := s.viewer.Member
	switch {
	case s.viewer.Role == auth.RoleMember:
		if member != nil && *member != of {
			return fact.ID{}, errNoMember
		}
	case member == nil:
		return fact.ID{}, fault.Malformed("member: it must be said which member")
	default:
		of = *member
	}
	id, err := s.Resolve(ctx, engine.Ref{ID: of})
	if err == nil && id.IsZero() {
		err = errNoMember
	}
	return id.As(fact.KindAccount), err
}

// newsOf reads an account as it is now.
func (r *Resolver) newsOf(account fact.ID) func(context.Context) (loyalty.AccountNews, error) {
	return func(ctx context.Context) (loyalty.AccountNews, error) {
		news, err := r.engine.Accounts(ctx, []fact.ID{account})
		if err != nil {
			return loyalty.AccountNews{}, err
		}
		n, ok := news[account]
		if !ok {
			return n, errNoMember
		}
		return n, nil
	}
}

// snapshots shows news as it comes. A reader that is slower than the news gets the newest and misses those before.
func snapshots(ctx context.Context, news <-chan loyalty.AccountNews) <-chan *model.BalanceSnapshot {
	shown := make(chan *model.BalanceSnapshot)
	go func() {
		defer close(shown)
		var next *model.BalanceSnapshot
		var out chan<- *model.BalanceSnapshot // nil while there is nothing to send
		for {
			select {
			case n, ok := <-news:
				if !ok {
					return
				}
				out, next = shown, &model.BalanceSnapshot{
					Account: n.Account, Available: n.Available, Pending: n.Pending, Held: n.Held, Debt: n.Debt, Version: int(n.Version), At: n.At,
				}
			case out <- next:
				out = nil
			case <-ctx.Done():
				return
			}
		}
	}()
	return shown
}
