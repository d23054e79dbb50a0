package graph

import (
	"context"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/fault"
	"granaio/loyalty"
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

// following shows what is news of a member as it comes. A reader that is slower than the news gets the newest and misses those before. Once the member is merged into another, the news is
// that one's, from its present state on; once it is erased, there is no more.
func following[N, S any](ctx context.Context, member fact.ID, watch func(ctx context.Context, member fact.ID) (<-chan N, error), fate func(N) loyalty.Fate, show func(N) *S) (<-chan *S, error) {
	life, leave := context.WithCancel(ctx)
	news, err := watch(life, member)
	if err != nil {
		leave()
		return nil, err
	}
	shown := make(chan *S)
	go func() {
		defer close(shown)
		defer func() { leave() }()
		var next *S
		var out chan<- *S // nil while there is nothing to send
		over := false
		for !over || out != nil {
			select {
			case n, ok := <-news:
				if !ok {
					return
				}
				f := fate(n)
				if f.Into.IsZero() {
					if out, next, over = shown, show(n), f.Erased; over {
						news = nil
					}
					continue
				}
				leave()
				life, leave = context.WithCancel(ctx)
				out = nil
				if news = persist(life, f.Into, watch); news == nil {
					return
				}
			case out <- next:
				out = nil
			case <-ctx.Done():
				return
			}
		}
	}()
	return shown, nil
}

// pause is how long a watch that cannot begin waits before it is tried again.
const pause = time.Second

// persist begins a watch that may fail for now, such as while the database is away; nil once the context is over.
func persist[N any](ctx context.Context, member fact.ID, watch func(ctx context.Context, member fact.ID) (<-chan N, error)) <-chan N {
	for {
		if news, err := watch(ctx, member); err == nil {
			return news
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
