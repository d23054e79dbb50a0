// Package e2e boots the real program, as a user would, and talks to it as clients do: HTTP, WebSocket and SSE written against the protocols, never with
// the server's own code. Each file tells one story.
package e2e
