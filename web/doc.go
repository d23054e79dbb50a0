// Package web holds the pages that Granaio serves to browsers, embedded in the binary: nothing is fetched from elsewhere, so they work
// without access to the internet.
//
// GraphiQL is the query editor at "/". What it promises:
//   - It talks to /graphql beside it: HTTP for queries and mutations, WebSocket (graphql-transport-ws) for subscriptions, with the token
//     in the Authorization header that its headers editor holds. A subscription passes it as the connection's parameter "Authorization".
//   - A link may carry a token, as in "/#token=eyJ…"; it fills the headers editor and leaves the address bar. A browser never sends that
//     part of an address to a server.
//   - Tokens, queries and their history are kept for one browser tab and go when it is closed.
//   - Its Content-Security-Policy allows the page's own script, and connections to its own origin alone: no inline script, no eval, no frame.
//   - A file is sent again only when it has changed, and compressed to whoever accepts gzip.
//
// The sources are in graphiql/; "make -C web" builds dist/ from them, and the same sources give the same bytes. dist/ is committed: building
// Granaio needs Go alone.
package web
