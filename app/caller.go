package app

import (
	"context"
	"slices"
	"time"

	"granaio/auth"
	"granaio/dossier"
	"granaio/programme"
)

// caller tells who bears a token: of a partner, with no more than the programme grants it now.
type caller struct {
	verifier *auth.Verifier
	partners *programme.Partners
}

// Authenticate implements graph.Verifier.
func (c caller) Authenticate(ctx context.Context, header string) (context.Context, error) {
	ctx, err := c.verifier.Authenticate(ctx, header)
	if err != nil {
		return ctx, err
	}
	if v := auth.From(ctx); v != nil && v.Role == auth.RolePartner {
		granted, err := c.partners.Scopes(ctx, v.Programme, v.Partner)
		if err != nil {
			return ctx, err
		}
		narrowed := *v // a verified viewer is remembered and shared
		narrowed.Scopes = slices.DeleteFunc(slices.Clone(v.Scopes), func(s string) bool { return !slices.Contains(granted, s) })
		ctx = auth.With(ctx, &narrowed)
	}
	return ctx, nil
}

// caller tells who bears a token.
func (y *system) caller() caller {
	return caller{y.issuer.Verifier(), programme.NewPartners(y.store, 5*time.Second)}
}

// keeper shows what is stored of members, to whom the caller says may see it.
func (y *system) keeper(who caller) dossier.Keeper {
	return dossier.Keeper{Store: y.store, Authenticate: who.Authenticate, Log: y.log}
}
