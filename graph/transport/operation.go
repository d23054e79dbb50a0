package transport

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/graph/fault"
)

// operation is one that runs on a socket.
type operation struct {
	cancel  context.CancelFunc
	done    chan struct{}
	lasting bool // a subscription
}

// subscribe runs an operation beside the others. It is false once the connection is to end.
func (s *socket) subscribe(m message) bool {
	start := time.Now()
	params, f := readParams(m.Payload)
	s.mu.Lock()
	s.asked = start
	ready, taken, many := s.ready, s.operations[m.ID] != nil, len(s.operations) >= s.handler.MaxStreams
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Unlock()
	switch {
	case !ready:
		s.close(closeUnauthorized, "Unauthorized")
	case m.ID == "" || len(m.ID) > maxOperationID || f != nil && len(m.Payload) == 0:
		s.close(closeInvalid, "Invalid message")
	case taken:
		s.close(closeSubscriberIs, "Subscriber for "+m.ID+" already exists")
	case f != nil:
		s.write(failed(m.ID, gqlerror.List{f.GraphQL()}))
		cancel()
		return true
	case many:
		s.write(failed(m.ID, gqlerror.List{fault.Beyond("streams", "a socket carries at most %d operations at once", s.handler.MaxStreams).GraphQL()}))
		cancel()
		return true
	default:
		s.start(ctx, cancel, m.ID, params, start)
		return true
	}
	cancel()
	return false
}

func (s *socket) start(ctx context.Context, cancel context.CancelFunc, id string, params *graphql.RawParams, start time.Time) {
	ctx, rc, errs := s.handler.create(ctx, s.header, params)
	if len(errs) > 0 {
		response := s.handler.Exec.DispatchError(ctx, errs)
		s.handler.observe(ctx, "websocket", rc, response, start)
		s.write(failed(id, response.Errors))
		cancel()
		return
	}
	o := &operation{cancel: cancel, done: make(chan struct{}), lasting: rc.Operation.Operation == ast.Subscription}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		cancel()
		return
	}
	s.operations[id] = o
	s.running.Go(func() { s.run(ctx, id, o, rc, start) })
}

// run sends the operation's responses. One that the client has ended gets no complete.
func (s *socket) run(ctx context.Context, id string, o *operation, rc *graphql.OperationContext, start time.Time) {
	var last *graphql.Response
	defer close(o.done)
	defer func() {
		if p := recover(); p != nil {
			s.handler.Log.ErrorContext(ctx, "a socket's operation panicked", "panic", p, "stack", string(debug.Stack()))
			s.close(closeInternal, "Internal server error")
		}
	}()
	defer func() {
		o.cancel()
		s.handler.observe(ctx, "websocket", rc, last, start)
		s.mu.Lock()
		ours := s.operations[id] == o
		if ours {
			delete(s.operations, id)
		}
		silent := s.closing
		s.mu.Unlock()
		if ours && !silent {
			s.write(complete(id))
		}
	}()
	if !o.lasting {
		last = s.handler.runOnce(ctx, rc)
		s.write(next(id, last))
		return
	}
	responses, ctx := s.handler.Exec.DispatchOperation(ctx, rc)
	for response := responses(ctx); response != nil; response = responses(ctx) {
		last = response
		s.write(next(id, response))
	}
}
