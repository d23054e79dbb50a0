// Package transport carries operations in and answers out, at one address: HTTP (GET and POST), server-sent events, and WebSocket with the
// protocol graphql-transport-ws.
//
// What it promises:
//   - The bearer of a bad token is told so before anything is read. Without a token the caller is anonymous.
//   - No body, message or variable is echoed or logged.
//   - GET runs queries only. Array batching, multipart bodies and the older protocol graphql-ws are not offered.
//   - Every query and mutation ends within Options.Timeout. A subscription ends when its caller goes, when its token ends, or when the server drains.
//   - Whoever takes JSON is answered with JSON: server-sent events are for subscriptions, and for callers that take nothing else.
//   - A reader that takes nothing of a response or message for Options.WriteTimeout is let go.
//   - A caller has no more sockets and streams at once than Options.Place says: one too many is RATE_LIMITED, or closed with 4429.
//   - A socket is closed with a code that says why: 1000 if it has no token and asks for nothing, 1001 as the server drains, 4403 with a token that is no
//     good or has ended, and those of the protocol. A stream of server-sent events ends with the event complete once its operation is over, and without
//     it when the server drains: come again.
package transport
