package auth_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"granaio/auth"
	"granaio/loyalty/fact"
)

const issuer, audience = "https://granaio.example", "granaio"

var (
	programme = fact.NewID(fact.KindProgramme)
	member    = fact.NewID(fact.KindMember)
	partner   = fact.NewID(fact.KindPartner)
)

// forge signs any claims with any key, as an attacker or another issuer might.
func forge(t *testing.T, method jwt.SigningMethod, key any, header, claims map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	maps.Copy(token.Header, header)
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// good is a member's claims, with changes; a nil value takes the claim away.
func good(changes map[string]any) map[string]any {
	now := time.Now().Unix()
	claims := map[string]any{
		"iss": issuer, "aud": audience, "sub": member.String(), "iat": now, "nbf": now, "exp": now + 3600,
		"role": "member", "programme": programme.String(),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

// signer is a key whose private half the test knows.
func signer(t *testing.T) (ed25519.PrivateKey, string, *auth.Verifier) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return private, auth.Thumbprint(public), auth.NewVerifier(issuer, audience, public)
}

func TestATokenSaysWhoItsBearerIs(t *testing.T) {
	key, err := auth.LoadOrCreateKey(filepath.Join(t.TempDir(), "signing.pem"))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		i := auth.NewIssuer(key, issuer, audience)
		v := i.Verifier()
		now := time.Now()
		for _, c := range []struct {
			claims auth.Claims
			want   auth.Viewer
		}{
			{auth.Claims{Role: auth.RoleMember, Programme: programme, Member: member},
				auth.Viewer{Role: auth.RoleMember, Subject: member.String(), Member: member, Expires: now.Add(24 * time.Hour)}},
			{auth.Claims{Role: auth.RoleOperator, Programme: programme, Subject: "anna", TTL: time.Minute},
				auth.Viewer{Role: auth.RoleOperator, Subject: "anna", Expires: now.Add(time.Minute)}},
			{auth.Claims{Role: auth.RolePartner, Programme: programme, Partner: partner, Scopes: []string{"interactions:write", "members:read"}},
				auth.Viewer{Role: auth.RolePartner, Subject: partner.String(), Partner: partner,
					Scopes: []string{"interactions:write", "members:read"}, Expires: now.Add(auth.PartnerTTL)}},
		} {
			c.want.Programme, c.want.Expires = programme, c.want.Expires.UTC()
			token, err := i.Issue(c.claims)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // read, and remembered
				got, err := v.Verify(t.Context(), token)
				if err != nil || !reflect.DeepEqual(*got, c.want) {
					t.Errorf("%s: got %+v, %v; want %+v", c.claims.Role, got, err, c.want)
				}
			}
		}
	})
}

func TestClaimsThatFitNobodyAreNotIssued(t *testing.T) {
	i := auth.NewIssuer(auth.NewKey(), issuer, audience)
	for name, c := range map[string]auth.Claims{
		"no role":               {Programme: programme, Subject: "anna"},
		"the system":            {Role: auth.RoleSystem, Programme: programme, Subject: "granaio"},
		"no programme":          {Role: auth.RoleOperator, Subject: "anna"},
		"a member as programme": {Role: auth.RoleOperator, Programme: member, Subject: "anna"},
		"no member":             {Role: auth.RoleMember, Programme: programme},
		"a partner as member":   {Role: auth.RoleMember, Programme: programme, Member: partner},
		"another subject":       {Role: auth.RoleMember, Programme: programme, Member: member, Subject: "anna"},
		"no name":               {Role: auth.RoleOperator, Programme: programme},
		"a name of two lines":   {Role: auth.RoleOperator, Programme: programme, Subject: "anna\nrole=system"},
		"an operator's scopes":  {Role: auth.RoleOperator, Programme: programme, Subject: "anna", Scopes: []string{"all"}},
		"two scopes in one":     {Role: auth.RolePartner, Programme: programme, Partner: partner, Scopes: []string{"a b"}},
		"already over":          {Role: auth.RoleMember, Programme: programme, Member: member, TTL: -time.Hour},
		"beyond any bound":      {Role: auth.RolePartner, Programme: programme, Partner: partner, Scopes: []string{strings.Repeat("a", 10_000)}},
	} {
		if token, err := i.Issue(c); !errors.Is(err, auth.ErrClaims) {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
}

func TestEveryFlawOfATokenIsFound(t *testing.T) {
	private, kid, v := signer(t)
	stranger, strangerID, _ := signer(t)
	now := time.Now().Unix()
	named := map[string]any{"kid": kid}
	sign := func(changes map[string]any) string {
		return forge(t, jwt.SigningMethodEdDSA, private, named, good(changes))
	}
	whole := sign(nil)
	parts := strings.Split(whole, ".")
	for _, c := range []struct {
		name  string
		token string
		want  error
	}{
		{"nothing wrong", whole, nil},
		{"empty", "", auth.ErrMalformed},
		{"no token", "hello", auth.ErrMalformed},
		{"too long", strings.Repeat("a", 10_000), auth.ErrMalformed},
		{"cut", whole[:len(whole)-1], auth.ErrMalformed},
		{"without its signature", parts[0] + "." + parts[1] + ".", auth.ErrSignature},
		{"another body", parts[0] + "." + strings.Split(sign(map[string]any{"role": "operator", "sub": "anna"}), ".")[1] + "." + parts[2], auth.ErrSignature},
		{"algorithm none", forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, named, good(nil)), auth.ErrSignature},
		{"HS256 with the public key", forge(t, jwt.SigningMethodHS256, []byte(private.Public().(ed25519.PublicKey)), named, good(nil)), auth.ErrSignature},
		{"an algorithm nobody knows", forge(t, jwt.SigningMethodEdDSA, private, map[string]any{"kid": kid, "alg": "XX99"}, good(nil)), auth.ErrSignature},
		{"another issuer's key under its own name", forge(t, jwt.SigningMethodEdDSA, stranger, map[string]any{"kid": strangerID}, good(nil)), auth.ErrSignature},
		{"another issuer's key under our name", forge(t, jwt.SigningMethodEdDSA, stranger, named, good(nil)), auth.ErrSignature},
		{"no key named", forge(t, jwt.SigningMethodEdDSA, private, nil, good(nil)), auth.ErrSignature},
		{"a critical extension", forge(t, jwt.SigningMethodEdDSA, private, map[string]any{"kid": kid, "crit": []string{"exp"}}, good(nil)), auth.ErrSignature},
		{"wrong issuer", sign(map[string]any{"iss": "https://other.example"}), auth.ErrIssuer},
		{"no issuer", sign(map[string]any{"iss": nil}), auth.ErrMalformed},
		{"wrong audience", sign(map[string]any{"aud": "shop"}), auth.ErrAudience},
		{"one audience of several", sign(map[string]any{"aud": []string{"shop", audience}}), nil},
		{"no audience", sign(map[string]any{"aud": nil}), auth.ErrMalformed},
		{"expired", sign(map[string]any{"exp": now - 31}), auth.ErrExpired},
		{"expired within the leeway", sign(map[string]any{"exp": now - 20}), nil},
		{"expired and for others", sign(map[string]any{"exp": now - 31, "aud": "shop"}), auth.ErrAudience},
		{"no end", sign(map[string]any{"exp": nil}), auth.ErrMalformed},
		{"an end that is no number", sign(map[string]any{"exp": "never"}), auth.ErrMalformed},
		{"from the future", sign(map[string]any{"nbf": now + 60}), auth.ErrNotYetValid},
		{"from the future within the leeway", sign(map[string]any{"nbf": now + 20}), nil},
		{"no beginning", sign(map[string]any{"nbf": nil}), auth.ErrMalformed},
		{"an unknown role", sign(map[string]any{"role": "admin"}), auth.ErrBearer},
		{"the system", sign(map[string]any{"role": "system"}), auth.ErrBearer},
		{"no programme", sign(map[string]any{"programme": nil}), auth.ErrBearer},
		{"a programme that is none", sign(map[string]any{"programme": "prg_x"}), auth.ErrBearer},
		{"a programme of another kind", sign(map[string]any{"programme": member.String()}), auth.ErrBearer},
		{"a member that is none", sign(map[string]any{"sub": "anna"}), auth.ErrBearer},
		{"a member of another kind", sign(map[string]any{"sub": partner.String()}), auth.ErrBearer},
		{"a partner of another kind", sign(map[string]any{"role": "partner"}), auth.ErrBearer},
		{"an operator without a name", sign(map[string]any{"role": "operator", "sub": ""}), auth.ErrBearer},
	} {
		for range 2 { // what was refused stays refused
			viewer, err := v.Verify(t.Context(), c.token)
			if !errors.Is(err, c.want) || (err == nil) != (viewer != nil) {
				t.Errorf("%s: %+v, %v; want %v", c.name, viewer, err, c.want)
			}
			if err != nil && len(c.token) > 5 && strings.Contains(err.Error(), c.token[:5]) {
				t.Errorf("%s: the error quotes the token: %v", c.name, err)
			}
		}
	}
}

func TestARememberedTokenEndsWhenItSays(t *testing.T) {
	key := auth.NewKey()
	synctest.Test(t, func(t *testing.T) {
		i := auth.NewIssuer(key, issuer, audience)
		v := i.Verifier()
		token, err := i.Issue(auth.Claims{Role: auth.RoleMember, Programme: programme, Member: member, TTL: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after time.Duration
			want  error
		}{{0, nil}, {59 * time.Second, nil}, {30 * time.Second, nil}, {time.Second, auth.ErrExpired}, {0, auth.ErrExpired}} {
			time.Sleep(step.after)
			if _, err := v.Verify(t.Context(), token); !errors.Is(err, step.want) {
				t.Errorf("after another %v: %v, want %v", step.after, err, step.want)
			}
		}
	})
}

func TestAnOldKeyIsTakenBesideANewOne(t *testing.T) {
	before, after := auth.NewKey(), auth.NewKey()
	v := auth.NewVerifier(issuer, audience, after.Public(), before.Public())
	for _, k := range []*auth.Key{before, after} {
		token, err := auth.NewIssuer(k, issuer, audience).Issue(auth.Claims{Role: auth.RoleMember, Programme: programme, Member: member})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Error(err)
		}
	}
}

func TestManyAtOnceSeeTheirOwnViewer(t *testing.T) {
	i := auth.NewIssuer(auth.NewKey(), issuer, audience)
	v := i.Verifier()
	members, tokens := make([]fact.ID, 50), make([]string, 50)
	for n := range members {
		members[n] = fact.NewID(fact.KindMember)
		token, err := i.Issue(auth.Claims{Role: auth.RoleMember, Programme: programme, Member: members[n]})
		if err != nil {
			t.Fatal(err)
		}
		tokens[n] = token
	}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 400 {
				n = (n*7 + g) % len(tokens)
				viewer, err := v.Verify(context.Background(), tokens[n])
				if err != nil || viewer.Member != members[n] {
					t.Errorf("token %d: %+v, %v", n, viewer, err)
					return
				}
			}
		})
	}
	all.Wait()
}
