package auth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"granaio/auth"
)

// asked is what a handler behind the middleware saw of one request.
func asked(t *testing.T, v *auth.Verifier, headers ...string) (seen *auth.Viewer, reached bool, answer *httptest.ResponseRecorder) {
	t.Helper()
	handler := auth.Middleware(v)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen, reached = auth.From(r.Context()), true
	}))
	request := httptest.NewRequest("POST", "/graphql", nil)
	for _, h := range headers {
		request.Header.Add("Authorization", h)
	}
	request.AddCookie(&http.Cookie{Name: "Authorization", Value: "Bearer nothing"})
	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return seen, reached, answer
}

func TestARequestIsItsBearers(t *testing.T) {
	i := auth.NewIssuer(auth.NewKey(), issuer, audience)
	token, err := i.Issue(auth.Claims{Role: auth.RoleMember, Programme: programme, Member: member})
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{"Bearer " + token, "bearer  " + token + " "} {
		seen, reached, _ := asked(t, i.Verifier(), header)
		if !reached || seen == nil || seen.Caller() != "member:"+member.String() {
			t.Errorf("%.10s…: %+v", header, seen)
		}
	}
}

func TestARequestWithoutAHeaderIsAnonymous(t *testing.T) {
	seen, reached, _ := asked(t, auth.NewIssuer(auth.NewKey(), issuer, audience).Verifier())
	if !reached || seen != nil {
		t.Errorf("reached %v, as %+v", reached, seen)
	}
}

func TestABadHeaderIsNeverAnonymous(t *testing.T) {
	i := auth.NewIssuer(auth.NewKey(), issuer, audience)
	token, err := i.Issue(auth.Claims{Role: auth.RoleMember, Programme: programme, Member: member})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		headers []string
		want    auth.Error
	}{
		"empty":          {[]string{""}, auth.ErrScheme},
		"no token":       {[]string{"Bearer "}, auth.ErrScheme},
		"another scheme": {[]string{"Basic YW5uYTpzZWNyZXQ="}, auth.ErrScheme},
		"no scheme":      {[]string{token}, auth.ErrScheme},
		"two headers":    {[]string{"Bearer " + token, "Bearer " + token}, auth.ErrScheme},
		"not a token":    {[]string{"Bearer secret"}, auth.ErrMalformed},
	} {
		_, reached, answer := asked(t, i.Verifier(), c.headers...)
		if reached || answer.Code != http.StatusUnauthorized {
			t.Errorf("%s: reached %v, answered with %d", name, reached, answer.Code)
			continue
		}
		var body struct {
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil || len(body.Errors) != 1 {
			t.Errorf("%s: %v: %s", name, err, answer.Body)
			continue
		}
		if e := body.Errors[0]; e.Message != string(c.want) || e.Extensions.Code != "UNAUTHENTICATED" {
			t.Errorf("%s: %+v, want %q", name, e, c.want)
		}
		if h := answer.Header().Get("WWW-Authenticate"); !strings.HasPrefix(h, "Bearer ") {
			t.Errorf("%s: WWW-Authenticate is %q", name, h)
		}
		if answer.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the refusal may be cached", name)
		}
	}
}

func TestASocketsParametersAreReadAsAHeaderIs(t *testing.T) {
	i := auth.NewIssuer(auth.NewKey(), issuer, audience)
	v := i.Verifier()
	token, err := i.Issue(auth.Claims{Role: auth.RoleOperator, Programme: programme, Subject: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if ctx, err := v.Authenticate(t.Context(), "Bearer "+token); err != nil || auth.From(ctx).Subject != "anna" {
		t.Errorf("%+v, %v", auth.From(ctx), err)
	}
	if ctx, err := v.Authenticate(t.Context(), ""); err != nil || auth.From(ctx) != nil {
		t.Errorf("without parameters: %+v, %v", auth.From(ctx), err)
	}
	if _, err := v.Authenticate(t.Context(), token); !errors.Is(err, auth.ErrScheme) {
		t.Errorf("without a scheme: %v", err)
	}
}
