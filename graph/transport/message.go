package transport

import (
	"encoding/json"

	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/99designs/gqlgen/graphql"
)

// Subprotocol is the one that is spoken: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
const Subprotocol = "graphql-transport-ws"

// The codes a socket is closed with: the protocol's own, and 1001.
const (
	closeIdle           = websocket.StatusNormalClosure // 1000: nobody asked for anything
	closeGoingAway      = websocket.StatusGoingAway     // 1001: the server drains; come again
	closeInternal       = websocket.StatusCode(4500)
	closeInvalid        = websocket.StatusCode(4400)
	closeUnauthorized   = websocket.StatusCode(4401) // an operation before connection_init
	closeForbidden      = websocket.StatusCode(4403) // a token that is no good, or has ended; come again with a new one
	closeNotAcceptable  = websocket.StatusCode(4406) // another subprotocol
	closeInitTimeout    = websocket.StatusCode(4408)
	closeSubscriberIs   = websocket.StatusCode(4409)
	closeTooMany        = websocket.StatusCode(4429) // connection_init twice, or more sockets than the caller may have
	maxOperationID      = 128                        // bytes
	maxReason           = 120                        // bytes; a close frame takes 123
	typeConnectionInit  = "connection_init"
	typeConnectionAck   = "connection_ack"
	typePing            = "ping"
	typePong            = "pong"
	typeSubscribe       = "subscribe"
	typeNext            = "next"
	typeError           = "error"
	typeComplete        = "complete"
	messageAck          = `{"type":"` + typeConnectionAck + `"}`
	messagePong         = `{"type":"` + typePong + `"}`
	authorizationHeader = "Authorization"
)

// message is one that a client sends.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// next is the message that carries an operation's response.
func next(id string, r *graphql.Response) []byte { return compose(id, typeNext, encode(r)) }

// failed is the message that ends an operation that could not be run.
func failed(id string, errs gqlerror.List) []byte { return compose(id, typeError, mustJSON(errs)) }

// complete is the message that ends an operation.
func complete(id string) []byte { return compose(id, typeComplete, nil) }

func compose(id, kind string, payload []byte) []byte {
	b := make([]byte, 0, len(id)+len(payload)+48)
	b = append(b, `{"id":`...)
	b = append(b, mustJSON(id)...)
	b = append(b, `,"type":"`...)
	b = append(b, kind...)
	b = append(b, '"')
	if payload != nil {
		b = append(b, `,"payload":`...)
		b = append(b, payload...)
	}
	return append(b, '}')
}
