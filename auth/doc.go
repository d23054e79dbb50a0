// Package auth says who is calling. A request's bearer token (a JWT) becomes a Viewer, which travels in the context; ent's privacy
// policies, the API's verdicts per field and the engine ask it. It is a leaf: it imports no ent and no door.
//
// What it promises:
//   - A Viewer that comes from a token is what the Issuer's key signed: the algorithm is pinned to EdDSA (Ed25519), and issuer, audience, key,
//     beginning, end, role and ids are all checked. Nothing in a token can make its bearer the system.
//   - No header, no viewer: the caller is anonymous. A header that is no good is answered with 401, never taken for anonymous.
//   - Tokens come in the Authorization header (or in a WebSocket's connection parameters) and nowhere else: no cookies, no query strings.
//   - An error says which check failed and nothing more: never the token, never a part of it.
//   - A token that was verified once costs a hash and a look-up until it ends. A token cannot be called back: it is good until it ends, so
//     that is soon for those that people carry.
//
// A token's claims: iss, aud, iat, nbf and exp as RFC 7519 has them; role ("member", "operator", "partner"); programme (its id, "prg_…"); sub,
// the member's or the partner's id ("mbr_…", "ptn_…") or the operator's name; scope, of a partner, words parted by spaces. The header's kid is
// the key's thumbprint (RFC 7638), by which it is found in /.well-known/jwks.json.
package auth
