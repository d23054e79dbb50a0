package graph_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/dossier"
	"granaio/engine"
	enttask "granaio/ent/task"
	"granaio/graph"
	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/rebuild"
	"granaio/simulate"
	"granaio/store"
	"granaio/store/storetest"
	"granaio/task"
)

// house is the API over a real engine, with one programme.
type house struct {
	url     string
	id      fact.ID // the programme's
	store   *store.Store
	engine  *engine.Engine
	library *programme.Library
	handler *graph.Handler
	config  graph.Config
	issuer  *auth.Issuer
	log     *journal
	runner  task.Runner
	working sync.Once    // the runner
	ahead   atomic.Int64 // how far its clock is ahead of the world's
}

// works has tasks be worked on from now to the end of the test: only where there are any, since it looks for them by statements that others count.
func (h *house) works(t *testing.T) {
	t.Helper()
	h.working.Do(func() {
		working, stop := context.WithCancel(context.Background())
		var works sync.WaitGroup
		works.Go(func() { h.runner.Run(working) })
		t.Cleanup(func() { stop(); works.Wait() })
	})
}

// now is the house's clock.
func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

// passes lets time pass.
func (h *house) passes(d time.Duration) { h.ahead.Add(int64(d)) }

// journal is what was logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// each runs a test on both databases.
func each(t *testing.T, test func(*testing.T, *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) { test(t, open(t, db)) })
}

// plain is a house for tests to which it is all the same which database there is.
func plain(t *testing.T, change ...func(*graph.Config)) *house {
	return open(t, storetest.New(t), change...)
}

func open(t *testing.T, db *store.Store, change ...func(*graph.Config)) *house {
	t.Helper()
	h := &house{store: db, log: new(journal), library: programme.NewLibrary(db)}
	h.id = h.publish(t, "")
	key, err := auth.LoadOrCreateKey(filepath.Join(t.TempDir(), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	h.issuer = auth.NewIssuer(key, "granaio", "granaio")
	hub, err := live.Open(t.Context(), live.Config{
		Accounts: func(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.AccountNews, error) {
			return h.engine.Accounts(ctx, ids)
		},
		Tiers: func(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.TierNews, error) {
			return h.engine.Tiers(ctx, ids)
		},
		Timelines: func(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.TimelineNews, error) {
			return h.engine.Timelines(ctx, ids)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hub.Close(context.Background()) })
	h.engine = engine.New(db, shelf{h.library}, hub, engine.Options{Now: h.now})
	t.Cleanup(h.engine.Close)
	simulator, desk := simulate.Simulator{Store: db, Library: h.library}, task.NewDesk(db)
	rebuilder := rebuild.Rebuilder{Ent: db.Ent(), Engine: h.engine, Library: h.library}
	h.runner = task.Runner{Desk: desk, Every: 20 * time.Millisecond, Works: map[enttask.Kind]task.Work{enttask.KindSimulation: simulator.Work, enttask.KindMetricRebuild: rebuilder.Work}}
	c := graph.Config{
		Ent: db.Ent(), Engine: h.engine, Library: h.library, Editor: programme.NewEditor(db, time.Now), Simulator: simulator, Rebuilder: rebuilder, Desk: desk, Watcher: hub, Keeper: dossier.Keeper{Store: db}, Verifier: h.issuer.Verifier(), Introspection: true,
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
	}
	for _, f := range change {
		f(&c)
	}
	h.config = c
	if h.handler, err = graph.New(c); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.handler)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// publish imports the bakery, under another key if one is given; the programme's id.
func (h *house) publish(t *testing.T, key string) fact.ID {
	t.Helper()
	return h.publishes(t, "bakery", key)
}

// publishes imports a programme of testdata, under another key if one is given; the programme's id.
func (h *house) publishes(t *testing.T, name, key string) fact.ID {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		src = bytes.Replace(src, []byte("key: "+name), []byte("key: "+key), 1)
	}
	return h.publishText(t, src)
}

// bakery is the programme's text.
func (h *house) bakery(t *testing.T) []byte {
	t.Helper()
	src, err := os.ReadFile("testdata/bakery.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// publishText imports a programme; its id.
func (h *house) publishText(t *testing.T, src []byte) fact.ID {
	t.Helper()
	file, problems := programme.Parse("programme.yaml", src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), h.store, file, "test", time.Now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	return report.Programme
}

// client is somebody who calls.
type client struct {
	*house
	token  string
	header http.Header
}

func (h *house) as(t *testing.T, c auth.Claims) *client {
	t.Helper()
	if c.Programme.IsZero() {
		c.Programme = h.id
	}
	token, err := h.issuer.Issue(c)
	if err != nil {
		t.Fatal(err)
	}
	return &client{h, token, http.Header{}}
}

func (h *house) anonymous() *client { return &client{h, "", http.Header{}} }

func (h *house) operator(t *testing.T) *client {
	t.Helper()
	return h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "anna"})
}

func (h *house) member(t *testing.T, id fact.ID) *client {
	t.Helper()
	return h.as(t, auth.Claims{Role: auth.RoleMember, Member: id})
}

func (h *house) partner(t *testing.T, scopes ...string) *client {
	t.Helper()
	row, err := h.store.Ent().Partner.Query().First(auth.System(t.Context(), h.id))
	if err != nil {
		t.Fatal(err)
	}
	return h.as(t, auth.Claims{Role: auth.RolePartner, Partner: row.ID, Scopes: scopes})
}

// enrolled makes a member with an e-mail address.
func (h *house) enrolled(t *testing.T, address string) fact.ID {
	t.Helper()
	o, err := h.engine.Enrol(t.Context(), engine.Enrol{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "enrol " + address}, Touchpoint: "app",
		Identities: []engine.Identity{{Kind: fact.Email, Value: address}}, Locale: "en-GB", Attributes: map[string]any{"diet": "vegan"},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	return o.Member
}

// buys has a member buy for so many whole euros, so many times.
func (h *house) buys(t *testing.T, member fact.ID, euros int64, times int) {
	t.Helper()
	for i := range times {
		o, err := h.engine.Track(t.Context(), engine.Track{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: fmt.Sprint(member, euros, i)}, Member: engine.Ref{ID: member},
			Event: "purchase", Touchpoint: "till", Value: &engine.MoneyIn{Amount: decimal.NewFromInt(euros)}, Properties: map[string]any{"items": int64(2)},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
	}
}

// operates has an operator do an operation on members' points.
func (h *house) operates(t *testing.T, op loyalty.Operation, members ...engine.Ref) *engine.Outcome {
	t.Helper()
	o, err := h.engine.Operate(t.Context(), engine.Operate{
		Origin: engine.Origin{Programme: h.id, Caller: "operator:anna", Key: fact.NewID(fact.KindCommand).String()}, Members: members, Operation: op,
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	return o
}

// answer is what GraphQL answers.
type answer struct {
	house  *house
	Status int
	Header http.Header
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
}

type variables = map[string]any

// ask sends a query.
func (c *client) ask(t *testing.T, query string, v variables) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		t.Fatal(err)
	}
	return c.post(t, string(body))
}

// post sends a body.
func (c *client) post(t *testing.T, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return c.send(t, r)
}

func (c *client) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	for name, values := range c.header {
		r.Header[name] = values
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	a := answer{house: c.house, Status: response.StatusCode, Header: response.Header}
	if err != nil || len(body) > 0 && json.Unmarshal(body, &a) != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return a
}

// code is the first error's code.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// at is the value at a dotted path of the data, with list places.
func (a answer) at(path string) any {
	var v any = a.Data
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// sound fails the test if there are errors.
func (a answer) sound(t *testing.T) answer {
	t.Helper()
	if len(a.Errors) > 0 || a.Status != http.StatusOK {
		t.Fatalf("status %d, errors %v\n%.2000s", a.Status, a.Errors, a.house.log)
	}
	return a
}

// is fails the test if a value is not as expected, written as JSON.
func (a answer) is(t *testing.T, path, want string) {
	t.Helper()
	if got, _ := json.Marshal(a.at(path)); string(got) != want {
		t.Errorf("%s is %s, not %s; errors %v", path, got, want, a.Errors)
	}
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}
