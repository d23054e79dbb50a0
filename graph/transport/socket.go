package transport

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"granaio/auth"
	"granaio/observe"
)

// socket is one WebSocket connection.
type socket struct {
	handler *Handler
	conn    *websocket.Conn
	header  http.Header
	place   string         // whose the socket is
	running sync.WaitGroup // operations, and the closing of the connection

	mu         sync.Mutex // of what follows
	ctx        context.Context
	ready      bool // connection_init was taken
	closing    bool
	operations map[string]*operation
	timer      *time.Timer // until connection_init, then until the token ends, or until nothing was asked for long
	asked      time.Time   // when something was asked last
	ping       *time.Timer
}

// serveSocket speaks graphql-transport-ws until either side has enough.
func (h *Handler) serveSocket(w http.ResponseWriter, r *http.Request) {
	place, most := h.Place(r.Context(), true)
	if !h.take(place, most) {
		h.writeFault(w, tooManyOpen())
		return
	}
	s := &socket{handler: h, place: place, header: r.Header, operations: map[string]*operation{}}
	defer func() { h.leave(s.place) }()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Subprotocol},
		OriginPatterns:     h.Origins,
		InsecureSkipVerify: slices.Contains(h.Origins, "*"),
	})
	if err != nil {
		return // Accept has answered
	}
	// The connection is ended by its own rules alone, so that it always ends with a close frame.
	s.conn, s.ctx = conn, context.WithoutCancel(r.Context())
	defer s.running.Wait()
	switch {
	case conn.Subprotocol() != Subprotocol:
		s.close(closeNotAcceptable, "Subprotocol not acceptable")
		return
	case !h.begin(s):
		s.close(closeGoingAway, errDrained.Error())
		return
	}
	defer h.end(s)
	defer s.leave()
	conn.SetReadLimit(h.MaxBody(s.ctx))
	s.mu.Lock()
	s.timer = time.AfterFunc(h.InitTimeout, func() { s.close(closeInitTimeout, "Connection initialisation timeout") })
	s.ping = time.AfterFunc(h.Ping, s.beat)
	s.mu.Unlock()
	for {
		kind, body, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		var m message
		if kind != websocket.MessageText || json.Unmarshal(body, &m) != nil {
			s.close(closeInvalid, "Invalid message")
			return
		}
		if !s.take(m) {
			return
		}
	}
}

// take acts on a message. It is false once the connection is to end.
func (s *socket) take(m message) bool {
	switch m.Type {
	case typeConnectionInit:
		return s.init(m.Payload)
	case typePing:
		s.write([]byte(messagePong))
	case typePong:
	case typeSubscribe:
		return s.subscribe(m)
	case typeComplete:
		s.mu.Lock()
		defer s.mu.Unlock()
		if o := s.operations[m.ID]; o != nil {
			o.cancel()
			delete(s.operations, m.ID)
		}
	default:
		s.close(closeInvalid, "Invalid message")
		return false
	}
	return true
}

// init learns who is calling: by the token in connection_init if it has one, else by that of the request that opened the socket.
func (s *socket) init(payload json.RawMessage) bool {
	if s.ready {
		s.close(closeTooMany, "Too many initialisation requests")
		return false
	}
	fields := map[string]json.RawMessage{}
	if len(payload) > 0 && json.Unmarshal(payload, &fields) != nil {
		s.close(closeInvalid, "Invalid message")
		return false
	}
	ctx, said := s.ctx, 0
	for name, value := range fields {
		if !strings.EqualFold(name, authorizationHeader) {
			continue
		}
		var header string
		err := json.Unmarshal(value, &header)
		if err == nil {
			ctx, err = s.handler.Authenticate(s.ctx, header)
		}
		if err != nil && header != "" && !badToken(err) {
			s.handler.Log.ErrorContext(s.ctx, "who is calling could not be told", "error", err)
			s.close(websocket.StatusTryAgainLater, "Try again later")
			return false
		}
		if said++; err != nil || said > 1 { // Authorization and authorization: who is to say which is meant?
			s.close(closeForbidden, "Forbidden")
			return false
		}
	}
	if !s.belong(ctx) {
		s.close(closeTooMany, "Too many sockets and streams")
		return false
	}
	observe.NoteCaller(ctx)
	s.mu.Lock()
	s.ctx, s.ready, s.asked = ctx, true, time.Now()
	s.timer.Stop()
	if v := auth.From(ctx); v == nil {
		s.timer = time.AfterFunc(s.handler.IdleTimeout, s.rest)
	} else if !v.Expires.IsZero() {
		s.timer = time.AfterFunc(time.Until(v.Expires.Add(auth.Leeway)), func() { s.close(closeForbidden, errExpired.Error()) })
	}
	s.mu.Unlock()
	s.conn.SetReadLimit(s.handler.MaxBody(ctx))
	s.write([]byte(messageAck))
	return true
}

// belong gives the socket to whom it says that it is. It is false if that caller has as many as it may.
func (s *socket) belong(ctx context.Context) bool {
	place, most := s.handler.Place(ctx, false)
	if place == s.place {
		return true
	}
	if !s.handler.take(place, most) {
		return false
	}
	s.handler.leave(s.place)
	s.place = place
	return true
}

// rest ends a socket on which nothing runs, and nothing was asked for long.
func (s *socket) rest() {
	s.mu.Lock()
	left := s.handler.IdleTimeout - time.Since(s.asked)
	if len(s.operations) > 0 {
		left = s.handler.IdleTimeout
	}
	again := left > 0 && s.operations != nil
	if again {
		s.timer.Reset(left)
	}
	s.mu.Unlock()
	if !again {
		s.close(closeIdle, "Idle")
	}
}

// write sends a message. A reader that takes nothing is let go.
func (s *socket) write(message []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), s.handler.WriteTimeout)
	defer cancel()
	_ = s.conn.Write(ctx, websocket.MessageText, message) // on failure the connection is gone, and the reading loop ends
}

// beat sends a sign of life and lets go of a peer that gives none.
func (s *socket) beat() {
	ctx, cancel := context.WithTimeout(context.Background(), s.handler.Ping)
	defer cancel()
	if s.conn.Ping(ctx) != nil {
		_ = s.conn.CloseNow()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.operations != nil {
		s.ping.Reset(s.handler.Ping)
	}
}

// close ends the connection with a code. The first one counts.
func (s *socket) close(code websocket.StatusCode, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.closing = true
	for _, o := range s.operations {
		o.cancel()
	}
	s.running.Go(func() { _ = s.conn.Close(code, reason[:min(len(reason), maxReason)]) })
}

// leave gives back what the socket holds, when nothing more is read.
func (s *socket) leave() {
	s.mu.Lock()
	s.timer.Stop()
	s.ping.Stop()
	for _, o := range s.operations {
		o.cancel()
	}
	s.operations = nil
	closing := s.closing
	s.closing = true
	s.mu.Unlock()
	if !closing {
		_ = s.conn.CloseNow()
	}
}

// drain ends subscriptions at once, lets queries and mutations end, and then closes the connection.
func (s *socket) drain() {
	s.mu.Lock()
	var last []*operation
	for _, o := range s.operations {
		if o.lasting {
			o.cancel()
		} else {
			last = append(last, o)
		}
	}
	s.mu.Unlock()
	for _, o := range last {
		<-o.done // each ends within Options.Timeout
	}
	s.close(closeGoingAway, errDrained.Error())
}
