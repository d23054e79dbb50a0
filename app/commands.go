package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent"
	"granaio/ent/partner"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
)

// interruptible ends with Ctrl-C or a termination signal. A second one ends the program at once.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Migrate brings the tables up to date.
type Migrate struct{}

// Run runs the command.
func (Migrate) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	db, err := store.Open(ctx, store.Config{URL: s.database()})
	if err != nil {
		return err
	}
	applied, err := db.Migrate(ctx)
	for _, name := range applied {
		fmt.Fprintln(out, "applied", name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(out, "nothing to do: the tables are up to date")
	}
	return errors.Join(err, db.Close())
}

// withStore runs a command that needs nothing but the database.
func withStore(ctx context.Context, s *Settings, do func(*store.Store) error) error {
	db, err := openExisting(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// withProgramme does something with a programme that is there, by its key; without one, with the only one there is. An interrupt ends it.
func withProgramme(s *Settings, key string, do func(context.Context, *store.Store, *ent.Programme) error) error {
	ctx, stop := interruptible()
	defer stop()
	return withStore(ctx, s, func(db *store.Store) error {
		p, err := programmeOf(ctx, db, key)
		if err != nil {
			return err
		}
		return do(ctx, db, p)
	})
}

// programmeOf finds a programme by key; without one, the only one there is.
func programmeOf(ctx context.Context, db *store.Store, key string) (*ent.Programme, error) {
	library := programme.NewLibrary(db)
	if key != "" {
		p, err := library.ByKey(ctx, key)
		if ent.IsNotFound(err) {
			return nil, fmt.Errorf("there is no programme %q", key)
		}
		return p, err
	}
	all, err := library.All(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return nil, errors.New("there is no programme yet; `granaio import` publishes one")
	}
	keys := make([]string, len(all))
	for i, p := range all {
		keys[i] = p.Key
	}
	return nil, fmt.Errorf("name the programme: there are %d (%s)", len(all), strings.Join(keys, ", "))
}

// Token makes a token.
type Token struct {
	Programme string        `help:"The programme's key; may be left out if there is only one." env:"PROGRAMME"`
	Operator  string        `help:"Make one for an operator of this name." xor:"who"`
	Member    string        `help:"Make one for a member: its id, or kind:value of an identity, such as email:ada@example.com." xor:"who"`
	Partner   string        `help:"Make one for the partner of this key." xor:"who"`
	TTL       time.Duration `help:"How long it is good for; by default 24h for a member, 12h for an operator, 720h for a partner."`
}

// Run runs the command.
func (c Token) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		claims, err := c.claims(ctx, db, p.ID)
		if err != nil {
			return err
		}
		issuer, err := openIssuer(s)
		if err != nil {
			return err
		}
		token, err := issuer.Issue(claims)
		if err == nil {
			fmt.Fprintln(out, token)
		}
		return err
	})
}

func (c Token) claims(ctx context.Context, db *store.Store, id fact.ID) (auth.Claims, error) {
	claims := auth.Claims{Programme: id, TTL: c.TTL}
	switch {
	case c.Operator != "":
		claims.Role, claims.Subject = auth.RoleOperator, c.Operator
	case c.Partner != "":
		p, err := db.Ent().Partner.Query().Where(partner.Key(c.Partner)).Only(auth.System(ctx, id))
		if ent.IsNotFound(err) {
			return claims, fmt.Errorf("there is no partner %q", c.Partner)
		}
		if err != nil {
			return claims, err
		}
		if len(p.Scopes) == 0 {
			return claims, fmt.Errorf("the partner %q is no longer in the programme", c.Partner)
		}
		claims.Role, claims.Partner, claims.Scopes = auth.RolePartner, p.ID, p.Scopes
	case c.Member == "":
		return claims, errors.New("name whom it is for: --operator, --member or --partner")
	default:
		ref, err := refOf(c.Member)
		if err != nil {
			return claims, err
		}
		member, err := engine.Resolve(ctx, db, id, ref)
		if err != nil {
			return claims, err
		}
		if member.IsZero() {
			return claims, fmt.Errorf("there is no member %s", c.Member)
		}
		claims.Role, claims.Member = auth.RoleMember, member
	}
	return claims, nil
}

// refOf reads a member's id, or kind:value of an identity.
func refOf(text string) (engine.Ref, error) {
	if id, err := fact.ParseID(text); err == nil {
		return engine.Ref{ID: id}, nil
	}
	kind, value, ok := strings.Cut(text, ":")
	if !ok {
		return engine.Ref{}, fmt.Errorf("%q is neither a member's id nor kind:value of an identity", text)
	}
	return engine.Ref{Identity: engine.Identity{Kind: fact.IdentityKind(kind), Value: value}}, nil
}
