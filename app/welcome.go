package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent"
	"granaio/ent/partner"
	"granaio/examples"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// The example programme, and the member that a newcomer sees it as.
const (
	exampleKey     = "chicchi"
	examplePartner = "till"
)

var exampleMember = engine.Identity{Kind: fact.Email, Value: "ada@example.com"}

// importExample publishes the example programme if the database has none, with a member who has done something already.
func (y *system) importExample(ctx context.Context) error {
	all, err := y.library.All(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	file, problems := programme.Parse(examples.ChicchiName, examples.Chicchi)
	if len(problems) > 0 {
		return fmt.Errorf("the example programme: %s", problems[0])
	}
	report, problems, err := programme.Import(ctx, y.store, file, "granaio", time.Now())
	switch {
	case err != nil:
		return fmt.Errorf("the example programme: %w", err)
	case len(problems) > 0:
		return fmt.Errorf("the example programme: %s", problems[0])
	}
	y.log.Info("the database was empty: the example programme was published", "programme", report.Key, "version", report.Version)
	outcome, err := y.engine.Enrol(ctx, engine.Enrol{
		Origin:     engine.Origin{Programme: report.Programme, Caller: "system:granaio", Key: "the example's member"},
		Identities: []engine.Identity{exampleMember}, Touchpoint: "web", Locale: "en",
		Consents: []loyalty.Choice{{Purpose: "profile", State: consent.Given}, {Purpose: "news", State: consent.Given}, {Purpose: "partners", State: consent.Given}},
	})
	if err == nil && outcome.Refusal != nil {
		err = outcome.Refusal
	}
	if err != nil {
		return fmt.Errorf("the example's member: %w", err)
	}
	return nil
}

// welcome tells where the server is. As long as the example is the only programme, it hands out tokens to try it with.
func (y *system) welcome(ctx context.Context, out io.Writer, url string) error {
	fmt.Fprintf(out, "\nGranaio is at %s\n", url)
	fmt.Fprintf(out, "  API       %s/graphql (HTTP, WebSocket and SSE)\n  GraphiQL  %s/\n", url, url)
	all, err := y.library.All(ctx)
	if err != nil {
		return err
	}
	if len(all) == 1 && all[0].Key == exampleKey {
		if err := y.tokens(ctx, out, url, all[0].ID); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\nCtrl-C stops it.")
	return nil
}

func (y *system) tokens(ctx context.Context, out io.Writer, url string, id fact.ID) error {
	callers := []struct {
		name   string
		claims auth.Claims
	}{{"operator", auth.Claims{Role: auth.RoleOperator, Subject: "olivia"}}}
	member, err := y.engine.Resolve(ctx, id, engine.Ref{Identity: exampleMember})
	if err != nil {
		return err
	}
	if !member.IsZero() {
		callers = append(callers, struct {
			name   string
			claims auth.Claims
		}{"member", auth.Claims{Role: auth.RoleMember, Member: member}})
	}
	till, err := y.store.Ent().Partner.Query().Where(partner.Key(examplePartner)).Only(auth.System(ctx, id))
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	if err == nil {
		callers = append(callers, struct {
			name   string
			claims auth.Claims
		}{"partner", auth.Claims{Role: auth.RolePartner, Partner: till.ID, Scopes: till.Scopes}})
	}
	fmt.Fprintf(out, "\nTokens to try it with (the example programme is the only one):\n")
	first := ""
	for _, c := range callers {
		c.claims.Programme = id
		token, err := y.issuer.Issue(c.claims)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-8s  %s\n", c.name, token)
		if c.name == "member" || first == "" {
			first = token
		}
	}
	fmt.Fprintf(out, "\nA first query:\n  curl -s %s/graphql -H 'Content-Type: application/json' \\\n    -H 'Authorization: Bearer %s' \\\n    -d '%s'\n", url, first, firstQuery)
	fmt.Fprintf(out, "\nor in the browser, with the token filled in:\n  %s/#token=%s\n", url, first)
	return nil
}

// firstQuery asks for what an app's home screen shows.
const firstQuery = `{"query":"{ viewer { programme { name } member { account { available expiring { at points } } tier { current { name } next { name } missing } movements(first: 3) { edges { node { points why { sentence } } } } } } }"}`
