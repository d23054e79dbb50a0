package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Error is why a token is not taken. It tells which check failed, and nothing of the token.
type Error string

// Error is the message, which may be shown to the caller.
func (e Error) Error() string { return string(e) }

// The errors of tokens. Of several that apply, the first in this order is given.
const (
	ErrMalformed   Error = "the token is malformed"                       // not a JWT, or without a claim that it needs
	ErrSignature   Error = "the token is not signed by a key known here"  // another key, another algorithm, or changed since
	ErrIssuer      Error = "the token is from another issuer"             // iss
	ErrAudience    Error = "the token is meant for another audience"      // aud
	ErrNotYetValid Error = "the token is not valid yet"                   // nbf
	ErrExpired     Error = "the token has expired"                        // exp
	ErrBearer      Error = "the token is not one that Granaio lets in"    // a role, programme or subject that fits no caller
	ErrScheme      Error = "the Authorization header has no bearer token" // another scheme, or nothing behind it
)

// Leeway is how far the clocks of issuer and verifier may be apart.
const Leeway = 30 * time.Second

// maxToken is the length beyond which nothing is a token, in bytes.
const maxToken = 8 << 10

// Verifier tells who bears a token. It may be used by any number of goroutines.
type Verifier struct {
	parser *jwt.Parser
	keys   map[string]ed25519.PublicKey
	known  *memory
}

// NewVerifier takes the tokens of an issuer (iss), for an audience (aud), signed by one of the keys. Several keys let a new one take over from an old one.
func NewVerifier(issuer, audience string, keys ...ed25519.PublicKey) *Verifier {
	if issuer == "" || audience == "" {
		panic("auth: a verifier without an issuer or an audience") // it would check neither
	}
	v := &Verifier{
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithIssuer(issuer), jwt.WithAudience(audience),
			jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithLeeway(Leeway),
			jwt.WithStrictDecoding(),
		),
		keys:  make(map[string]ed25519.PublicKey, len(keys)),
		known: newMemory(memorySize),
	}
	for _, k := range keys {
		v.keys[thumbprint(k)] = k
	}
	return v
}

// Verify is the token's viewer, or an Error. The viewer is shared: it must not be changed.
func (v *Verifier) Verify(_ context.Context, token string) (*Viewer, error) {
	if len(token) > maxToken {
		return nil, ErrMalformed
	}
	digest := sha256.Sum256([]byte(token))
	if viewer := v.known.recall(digest); viewer != nil {
		if !time.Now().Before(viewer.Expires.Add(Leeway)) {
			v.known.forget(digest)
			return nil, ErrExpired
		}
		return viewer, nil
	}
	var body payload
	if _, err := v.parser.ParseWithClaims(token, &body, v.keyOf); err != nil {
		return nil, reason(err)
	}
	viewer, ok := body.viewer()
	if !ok {
		return nil, ErrBearer
	}
	v.known.keep(digest, viewer)
	return viewer, nil
}

// keyOf finds the key that a token names. A token with critical extensions (RFC 7515, 4.1.11) is refused, since none is understood.
func (v *Verifier) keyOf(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	key, ok := v.keys[kid]
	if _, critical := t.Header["crit"]; critical || !ok {
		return nil, ErrSignature
	}
	return key, nil
}

// reason is the one Error that stands for what the parser found.
func reason(err error) error {
	for _, r := range []struct {
		found error
		told  Error
	}{
		{jwt.ErrTokenMalformed, ErrMalformed},
		{jwt.ErrTokenSignatureInvalid, ErrSignature},
		{ErrSignature, ErrSignature},
		{jwt.ErrTokenInvalidIssuer, ErrIssuer},
		{jwt.ErrTokenInvalidAudience, ErrAudience},
		{jwt.ErrTokenRequiredClaimMissing, ErrMalformed},
		{jwt.ErrTokenNotValidYet, ErrNotYetValid},
		{jwt.ErrTokenExpired, ErrExpired},
		{jwt.ErrTokenUnverifiable, ErrSignature}, // an algorithm that nobody knows
	} {
		if errors.Is(err, r.found) {
			return r.told
		}
	}
	return ErrMalformed
}

// FromBearer is the token in an Authorization header's value ("Bearer …"), or ErrScheme.
func FromBearer(header string) (string, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", ErrScheme
	}
	return token, nil
}

// Authenticate is the context with the viewer whose token an Authorization header's value bears. An empty value leaves the context as it is: the
// caller is anonymous. Anything else that is no good token is an Error. A WebSocket's connection parameters go through it as requests do.
func (v *Verifier) Authenticate(ctx context.Context, header string) (context.Context, error) {
	if header == "" {
		return ctx, nil
	}
	token, err := FromBearer(header)
	if err != nil {
		return ctx, err
	}
	viewer, err := v.Verify(ctx, token)
	if err != nil {
		return ctx, err
	}
	return With(ctx, viewer), nil
}
