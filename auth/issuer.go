package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"

	"granaio/loyalty/fact"
)

// How long a token is good for unless its Claims say otherwise.
const (
	MemberTTL   = 24 * time.Hour
	OperatorTTL = 12 * time.Hour
	PartnerTTL  = 30 * 24 * time.Hour
)

// Claims is what a token is to say of its bearer.
type Claims struct {
	Role      Role          // RoleMember, RoleOperator or RolePartner
	Programme fact.ID       // the only one it sees
	Subject   string        // an operator's name, at most 128 bytes; empty for others, whose id it is
	Member    fact.ID       // of a member
	Partner   fact.ID       // of a partner
	Scopes    []string      // of a partner
	TTL       time.Duration // how long it is good for, in whole seconds; zero for the role's own (MemberTTL …)
}

// ErrClaims is the error of claims that fit no caller, such as a member's without a member.
var ErrClaims = errors.New("claims that fit no caller")

// payload is a token's body.
type payload struct {
	jwt.RegisteredClaims
	Role      Role   `json:"role"`
	Programme string `json:"programme"`
	Scope     string `json:"scope,omitempty"`
}

// Issuer makes tokens.
type Issuer struct {
	key      *Key
	name     string
	audience string
}

// NewIssuer is an issuer that signs with the key, under a name (iss) and for an audience (aud); neither may be empty.
func NewIssuer(key *Key, name, audience string) *Issuer {
	if name == "" || audience == "" {
		panic("auth: an issuer without a name or an audience")
	}
	return &Issuer{key: key, name: name, audience: audience}
}

// Verifier takes this issuer's tokens and no others.
func (i *Issuer) Verifier() *Verifier { return NewVerifier(i.name, i.audience, i.key.Public()) }

// Issue makes a token, good from now on.
func (i *Issuer) Issue(c Claims) (string, error) {
	subject, ttl := c.Subject, MemberTTL
	switch c.Role {
	case RoleMember:
		subject = c.Member.String()
	case RolePartner:
		subject, ttl = c.Partner.String(), PartnerTTL
	case RoleOperator:
		ttl = OperatorTTL
	}
	if c.Subject != "" && c.Subject != subject {
		return "", fmt.Errorf("%w: the subject of a %s is its id", ErrClaims, c.Role)
	}
	if c.TTL != 0 {
		ttl = c.TTL
	}
	if ttl < time.Second {
		return "", fmt.Errorf("%w: a token of %v is over before it is used", ErrClaims, ttl)
	}
	if c.Role != RolePartner && len(c.Scopes) > 0 {
		return "", fmt.Errorf("%w: only a partner has scopes", ErrClaims)
	}
	if slices.ContainsFunc(c.Scopes, func(s string) bool { return s == "" || strings.ContainsFunc(s, unicode.IsSpace) }) {
		return "", fmt.Errorf("%w: a scope is one word", ErrClaims)
	}
	now := time.Now()
	body := payload{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: i.name, Audience: jwt.ClaimStrings{i.audience}, Subject: subject,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		},
		Role: c.Role, Programme: c.Programme.String(), Scope: strings.Join(c.Scopes, " "),
	}
	if _, ok := body.viewer(); !ok {
		return "", fmt.Errorf("%w: a %s of programme %q with subject %q", ErrClaims, c.Role, body.Programme, subject)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, body)
	token.Header["kid"] = i.key.ID()
	signed, err := token.SignedString(i.key.private)
	if err == nil && len(signed) > maxToken {
		return "", fmt.Errorf("%w: so many scopes that no verifier would read them", ErrClaims)
	}
	return signed, err
}

// viewer is who the body speaks of; false if that is nobody.
func (p *payload) viewer() (*Viewer, bool) {
	v := &Viewer{Role: p.Role, Subject: p.Subject, Expires: p.ExpiresAt.UTC()}
	var ok bool
	if v.Programme, ok = idOf(p.Programme, fact.KindProgramme); !ok {
		return nil, false
	}
	switch p.Role {
	case RoleMember:
		v.Member, ok = idOf(p.Subject, fact.KindMember)
	case RolePartner:
		v.Partner, ok = idOf(p.Subject, fact.KindPartner)
		v.Scopes = strings.Fields(p.Scope)
	case RoleOperator:
		ok = p.Subject != "" && len(p.Subject) <= 128 && !strings.ContainsFunc(p.Subject, unicode.IsControl)
	default:
		ok = false
	}
	return v, ok
}

func idOf(s string, kind fact.Kind) (fact.ID, bool) {
	id, err := fact.ParseID(s)
	return id, err == nil && id.Kind() == kind
}

// JWKS serves the public key as a JSON Web Key Set (RFC 7517), for /.well-known/jwks.json.
func (i *Issuer) JWKS() http.Handler {
	set, err := json.Marshal(map[string]any{"keys": []any{jwk(i.key.Public())}})
	if err != nil {
		panic(err) // strings always marshal
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(set)
	})
}

func jwk(public ed25519.PublicKey) map[string]string {
	return map[string]string{
		"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
		"kid": thumbprint(public), "x": base64.RawURLEncoding.EncodeToString(public),
	}
}
