// Package observe lets operators see what the server does: its log, its metrics, and whether it is well.
//
// What it promises:
//   - Each HTTP request makes one line in the log, when it ends: method, path, status, duration, size, the caller's role and what handlers noted. No
//     token, body, query string, address or name is ever in it, and attributes that are called like secrets are hidden in any line.
//   - Each request has an id: the caller's own X-Request-Id if it is a plain one, else a new one. It is in the answer's header and in every line
//     that is logged with the request's context.
//   - A handler that panics is answered with 500, logged with its stack, and stops nothing else.
//   - Metrics have labels of few values: the route's pattern, never a path.
//   - /healthz says that the process runs and asks nobody; /readyz asks every part that is required, at once, and waits no more than 2 seconds. Neither
//     tells strangers why a part fails: the log does, once when it begins and once when it is over.
//
// The order around a mux: Requests, then the mux, then for each route that has callers auth.Middleware, then Caller.
package observe
