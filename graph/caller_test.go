package graph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"granaio/graph"
	"granaio/store"
	"granaio/store/storetest"
)

// Who cannot be told apart just now is asked to come again, not told that the token is bad; and nobody learns why.
func TestAFaultInTellingWhoCallsIsNotABadToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		h := open(t, db, func(c *graph.Config) { c.Verifier = away{} })
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url, strings.NewReader(`{"query":"{ __typename }"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer x")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), `"UNAVAILABLE"`) || strings.Contains(string(body), "10.1.2.3") {
			t.Errorf("%d %s", response.StatusCode, body)
		}
	})
}

// away is a verifier whose database is not there.
type away struct{}

func (away) Authenticate(ctx context.Context, _ string) (context.Context, error) {
	return ctx, errors.New("dial tcp 10.1.2.3:5432: connection refused")
}
