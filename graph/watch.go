package graph

import (
	"context"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

var errNoMember = fault.Malformed("member: there is no such member")

// watched is the member that a subscription is about.
func (s *session) watched(ctx context.Context, member *fact.ID) (fact.ID, error) {
	of := s.viewer.Member
	switch {
	case s.viewer.Role == auth.RoleMember:
		if member != nil {
			if own, err := s.is(ctx, *member); err != nil {
				return fact.ID{}, err
			} else if !own {
				return fact.ID{}, errNoMember
			}
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
	return id, err
}

// present reads one of what is read many at once, as it is now.
func present[N any](many func(context.Context, []fact.ID) (map[fact.ID]N, error), id fact.ID) func(context.Context) (N, error) {
	return func(ctx context.Context) (n N, err error) {
		found, err := many(ctx, []fact.ID{id})
		if err != nil {
			return n, err
		}
		n, ok := found[id]
		if !ok {
			return n, errNoMember
		}
		return n, nil
	}
}

// snapshots shows news as it comes. A reader that is slower than the news gets the newest and misses those before.
func snapshots[N, S any](ctx context.Context, news <-chan N, show func(N) *S) <-chan *S {
	shown := make(chan *S)
	go func() {
		defer close(shown)
		var next *S
		var out chan<- *S // nil while there is nothing to send
		for {
			select {
			case n, ok := <-news:
				if !ok {
					return
				}
				out, next = shown, show(n)
			case out <- next:
				out = nil
			case <-ctx.Done():
				return
			}
		}
	}()
	return shown
}
