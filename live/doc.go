// Package live is the door out to whoever watches: it carries news of what was committed to those who watch it, in this process and in others.
//
// News travels over NATS: a server inside the process by default, a cluster by configuration; the code is the same, and so is the way of a
// message to a watcher of its own process. An account's news is JSON on the subject granaio.<programme>.account.<account>, that of a member's tier on
// granaio.<programme>.tier.<member>, and that something happened to a member on granaio.<programme>.timeline.<member>.
//
// What it promises:
//   - News is the whole new state with its version, never a difference. What a watcher sees only grows, by version and then by instant
//     (loyalty.AccountNews.Newer, loyalty.TierNews.Newer): nothing twice, nothing older than what it has seen. Of a tier, what changes nothing is left out.
//   - A watcher gets the present state first. The hub listens before it reads that state, so nothing falls between the two.
//   - A watcher has room for one value, the latest. A slow one skips what it missed and never lags, and it delays nobody.
//   - NATS may lose a message, the database never does. Every few seconds whatever is watched is compared with the database, many in one read, and
//     so after a reconnection: the final state always arrives. While NATS is away, news comes by that way alone, late but whole.
//   - Something that matures, expires or falls by time alone is shown when it falls due, though nothing is booked and nothing is sent.
//   - Announcing never blocks: the engine does not wait for NATS. What cannot be sent is dropped, and repaired as above.
//   - However many watch an account, a tier or a timeline, a process listens to it once. A watcher costs no goroutine. Its channel closes when its context ends or the hub closes.
package live
