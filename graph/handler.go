package graph

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"

	"granaio/auth"
	"granaio/ent"
	"granaio/graph/generated"
	"granaio/graph/read"
	"granaio/graph/transport"
)

// Verifier tells who bears a token. Package auth has one.
type Verifier interface {
	// Authenticate is the context with the viewer whose token an Authorization header's value bears; with an empty value the caller is anonymous.
	Authenticate(ctx context.Context, header string) (context.Context, error)
}

// Config is what the API needs. The first nine are required.
type Config struct {
	Ent       *ent.Client
	Engine    Engine
	Library   read.Library
	Simulator Simulator
	Rebuilder Rebuilder
	Desk      Desk
	Editor    Editor
	Watcher   Watcher
	Keeper    Keeper
	Verifier  Verifier

	// Budget is the cost that a member may use in a second, over time; partners and operators have more, callers without a token less. 0 for no
	// bound.
	Budget        int
	Limits        Limits   // DefaultLimits if it is zero
	Introspection bool     // whether the schema may be asked for
	Origins       []string // those that browsers may call from, as https://shop.example; "*" for any
	Log           *slog.Logger
	Metrics       prometheus.Registerer // nil for none
	Now           func() time.Time      // of the budgets; time.Now by default

	// The rhythm of streams; zero for sound defaults.
	InitTimeout, WriteTimeout, Ping time.Duration
	// IdleTimeout is how long a socket without a token is kept open for nothing; zero for a minute.
	IdleTimeout time.Duration
}

// Handler serves the API at one address. It may be used by any number of goroutines.
type Handler struct{ transport *transport.Handler }

// New makes the API.
func New(c Config) (*Handler, error) {
	if c.Ent == nil || c.Engine == nil || c.Library == nil || c.Editor == nil || c.Simulator == nil || c.Rebuilder == nil || c.Desk == nil || c.Watcher == nil || c.Keeper == nil || c.Verifier == nil {
		return nil, errors.New("graph: something that the API needs is missing")
	}
	c.fill()
	r := &Resolver{engine: c.Engine, watcher: c.Watcher, editor: c.Editor, simulator: c.Simulator, rebuilder: c.Rebuilder, desk: c.Desk, keeper: c.Keeper, sources: read.Sources{Ent: c.Ent, Engine: c.Engine, Library: c.Library}}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: r, Directives: generated.DirectiveRoot{Allow: allow}})
	exec := executor.New(schema)
	exec.SetErrorPresenter(presenter(c.Log))
	exec.SetRecoverFunc(recovered(c.Log))
	exec.SetParserTokenLimit(c.Limits.Tokens)
	documents := newCache[*ast.QueryDocument](maxDocuments)
	exec.SetQueryCache(documents)
	exec.SetDisableSuggestion(!c.Introspection)
	hashes, limits := &persisted{newCache[string](maxDocuments)}, &guard{&c.Limits, newBudgets(maxCallers, c.Budget, c.Now), c.Introspection}
	quick, err := newQuick(exec, schema.Schema(), documents, hashes, limits)
	if err != nil {
		return nil, err
	}
	exec.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(r.begin(ctx))
	})
	m := newMetrics()
	h := &Handler{transport.New(transport.Options{
		Exec: quick, Authenticate: c.Verifier.Authenticate, Observe: m.observe, Log: c.Log, Origins: c.Origins,
		MaxBody: func(ctx context.Context) int64 { return c.Limits.of(auth.From(ctx)).Body },
		Place:   c.Limits.place,
		Timeout: c.Limits.Timeout, MaxStreams: c.Limits.Streams, InitTimeout: c.InitTimeout, WriteTimeout: c.WriteTimeout, Ping: c.Ping, IdleTimeout: c.IdleTimeout,
	})}
	return h, m.register(c.Metrics, h.transport)
}

func (c *Config) fill() {
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	for d, standard := range map[*time.Duration]time.Duration{
		&c.InitTimeout: 5 * time.Second, &c.WriteTimeout: 10 * time.Second, &c.Ping: 25 * time.Second, &c.IdleTimeout: time.Minute,
	} {
		if *d == 0 {
			*d = standard
		}
	}
}

// ServeHTTP serves one request, stream or socket.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := withSpeech(withOrigin(r.Context(), r.RemoteAddr), r.Header.Get("Accept-Language"))
	h.transport.ServeHTTP(w, r.WithContext(ctx))
}

// Drain takes no new streams, ends those that are open in their protocol's way, and returns when they have ended or the context is over. Requests that
// are under way are the HTTP server's to wait for.
func (h *Handler) Drain(ctx context.Context) error { return h.transport.Drain(ctx) }
