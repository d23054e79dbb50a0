package machine

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"pgregory.net/rapid"

	"granaio/engine"
	"granaio/loyalty/fact"
)

// quick is how many runs there are unless -rapid.checks says otherwise; thorough, where RAPID_CHECKS asks all properties for more than they look at by themselves.
const (
	quick    = "15"
	thorough = "40"
)

func TestMain(m *testing.M) {
	flag.Parse()
	checks, said := quick, false
	if _, more := os.LookupEnv("RAPID_CHECKS"); more {
		checks = thorough
	}
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		_ = flag.Set("rapid.checks", checks)
	}
	os.Exit(m.Run())
}

// The engine answers every command, one by one, in batches and at once, as the model does.
func TestTheEngineIsWhatTheModelSays(t *testing.T) {
	for name, d := range map[string]string{"sqlite": dialect.SQLite, "postgres": dialect.Postgres} {
		t.Run(name, func(t *testing.T) {
			h := &host{dialect: d}
			defer h.leave(t)
			rapid.Check(t, func(t *rapid.T) {
				m := begin(t, h)
				t.Repeat(map[string]func(*rapid.T){
					"":                    m.look,
					"a request":           m.one,
					"one request more":    m.one,
					"requests at once":    m.atOnce,
					"a batch of requests": m.batch,
					"time passes":         m.pass,
					"the clock books":     m.sweep,
					"a new version":       m.publish,
				})
				m.examine(t)
			})
		})
	}
}

// host gives runs their ground, and keeps the shortest story that ended badly: rapid tells only of failures that happen again.
type host struct {
	dialect string
	ground  *ground
	story   []string
	why     string
}

// enter is the ground for one run more.
func (h *host) enter() (*ground, error) {
	if h.ground != nil && h.ground.runs >= most {
		if err := h.ground.close(); err != nil {
			return nil, err
		}
		h.ground = nil
	}
	if h.ground == nil {
		var err error
		if h.ground, err = raise(context.Background(), h.dialect); err != nil {
			return nil, err
		}
	}
	h.ground.runs++
	return h.ground, nil
}

// failed remembers what happened. What is wrong in a database stays wrong, so the next run gets another.
func (h *host) failed(story []string, why string) {
	h.ground.runs = most
	if h.why == "" || len(story) < len(h.story) {
		h.story, h.why = story, why
	}
}

// leave tells the shortest story that ended badly.
func (h *host) leave(t *testing.T) {
	if h.why != "" {
		t.Logf("the shortest story that ends so:\n%s\n=> %s", strings.Join(h.story, "\n"), h.why)
	}
	if h.ground != nil {
		if err := h.ground.close(); err != nil {
			t.Error(err)
		}
	}
}

// machine is one run.
type machine struct {
	*ground
	host      *host
	key       string
	programme fact.ID
	rewards   map[string]fact.ID
	pot       fact.ID
	keys      map[fact.ID]string // of rewards
	model     *model
	now       time.Time
	behind    time.Duration // how much the second engine's clock is
	sent      []*request
	holds     []fact.ID
	returns   []fact.ID
	unique    int       // keys so far that are used once
	published time.Time // when the last version was
	looked    bool      // nothing has changed since the screens were compared
	story     []string
	ctx       context.Context
}

// begin makes a programme of its own, with two members.
func begin(t *rapid.T, h *host) *machine {
	g, err := h.enter()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{
		ground: g, host: h, key: fmt.Sprint("run-", g.runs), rewards: map[string]fact.ID{}, keys: map[fact.ID]string{}, model: newModel(),
		now: time.Date(2026, 1, 20, 10, 0, 0, 0, time.UTC), ctx: context.Background(),
	}
	m.behind = time.Duration(rapid.IntRange(0, 2).Draw(t, "hours that the second clock is behind")) * time.Hour
	m.set(m.now, m.behind)
	if m.programme, err = m.ground.publish(m.ctx, m.key, m.model.editions[0], m.now); err != nil {
		t.Fatal(err)
	}
	p, err := m.library.Current(m.ctx, m.programme)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rewards() {
		m.rewards[r.Key], m.keys[r.Definition] = r.Definition, r.Key
	}
	m.pot, m.published = p.Budgets()[0].Definition, m.now
	for _, email := range emails[:2] {
		r := &request{op: enrol, key: "enrol " + email, caller: "operator:anna", content: content{who: ref{Name: email}, status: registered, touchpoint: "web"}}
		m.run(t, []*task{{request: r}}, false)
	}
	return m
}

// tell goes on with the story.
func (m *machine) tell(format string, args ...any) {
	m.story = append(m.story, m.plain(fmt.Sprintf(format, args...)))
}

// plain is a text with names in the place of ids.
func (m *machine) plain(text string) string {
	for i, p := range m.model.members {
		for n, d := range p.deeds {
			text = strings.ReplaceAll(text, d.id.String(), fmt.Sprintf("deed %d of member %d", n+1, i+1))
		}
		for _, b := range p.account.booked {
			text = strings.ReplaceAll(text, b.id.String(), fmt.Sprintf("movement %d of member %d", b.Number, i+1))
		}
		text = strings.ReplaceAll(text, p.id.String(), fmt.Sprint("member ", i+1))
	}
	for i, h := range m.holds {
		text = strings.ReplaceAll(text, h.String(), fmt.Sprint("hold ", i+1))
	}
	return text
}

// fail ends the run. The message is the same each time, or rapid would take it for another failure and not make it short.
func (m *machine) fail(t *rapid.T, what, format string, args ...any) {
	t.Helper()
	why := m.plain(fmt.Sprintf(format, args...))
	m.host.failed(m.story, what+": "+why)
	t.Fatal(what)
}

// limit is how far the clock goes: as long as the programme keeps days for late interactions.
var limit = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

func (m *machine) pass(t *rapid.T) {
	step := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, -time.Hour}).Draw(t, "step")
	m.now = m.now.Add(step * time.Duration(rapid.IntRange(1, 4).Draw(t, "steps")))
	if m.now.After(limit) {
		m.now = limit
	}
	m.set(m.now, m.behind)
	m.looked = false
	m.tell("it is %s", m.now.Format(time.RFC3339))
}

func (m *machine) publish(t *rapid.T) {
	last := m.model.editions[len(m.model.editions)-1]
	next := later(last, m.now)
	if m.published.After(m.now) { // the clock lags, and what was published stays
		next.from = m.published
	}
	m.published = next.from
	if _, err := m.ground.publish(m.ctx, m.key, next, m.now); err != nil {
		t.Fatal(err)
	}
	m.model = m.model.clone()
	m.model.editions = append(m.model.editions[:len(m.model.editions):len(m.model.editions)], next)
	m.tell("version %d gives %d for each euro; a return takes from other lots: %t, and leaves a debt of at most %d; a merge takes back: %t", next.number, next.rate, next.others, next.debt, next.takesBack)
}

func (m *machine) sweep(t *rapid.T) {
	m.run(t, []*task{{engine: m.draw(t, "engine", 2)}}, false)
}

func (m *machine) one(t *rapid.T) {
	m.run(t, []*task{{request: m.request(t), engine: m.draw(t, "engine", 2)}}, false)
}

// batch sends requests together, as one caller does.
func (m *machine) batch(t *rapid.T) {
	e := m.draw(t, "engine", 2)
	tasks := make([]*task, 2+m.draw(t, "more", 3))
	for i := range tasks {
		tasks[i] = &task{request: m.request(t), engine: e}
	}
	m.run(t, tasks, true)
}

// atOnce sends requests at once, to either engine, and sometimes lets the clock book meanwhile.
func (m *machine) atOnce(t *rapid.T) {
	tasks := make([]*task, 2+m.draw(t, "more", 3))
	for i := range tasks {
		tasks[i] = &task{request: m.request(t), engine: m.draw(t, "engine", 2)}
	}
	if m.draw(t, "the clock too", 4) == 3 {
		tasks = append(tasks, &task{engine: m.draw(t, "engine", 2)})
	}
	m.run(t, tasks, false)
}

// draw is one of n.
func (m *machine) draw(t *rapid.T, what string, n int) int {
	return rapid.IntRange(0, n-1).Draw(t, what)
}

// task is a request on its way, or the clock's booking if it has none.
type task struct {
	request *request
	engine  int
	answer  answer
	ids     ids
	err     error
}

// run lets tasks be done and finds the order that explains the answers. In a batch, what has one queue keeps its order.
func (m *machine) run(t *rapid.T, tasks []*task, batch bool) {
	how := "then"
	switch {
	case batch:
		how = "together"
	case len(tasks) > 1:
		how = "at once"
	}
	switch {
	case batch:
		requests := make([]engine.Request, len(tasks))
		for i, x := range tasks {
			requests[i] = x.request.engine(m.programme, m.rewards)
		}
		for i, r := range m.engines[tasks[0].engine].All(m.ctx, requests) {
			tasks[i].take(r, m.keys)
		}
	default:
		var all sync.WaitGroup
		for _, x := range tasks {
			all.Go(func() { m.do(x) })
		}
		all.Wait()
	}
	for _, x := range tasks {
		if x.err != nil {
			m.fail(t, "a request failed", "%s: %v", x, x.err)
		}
		if x.request != nil {
			m.sent = append(m.sent, x.request)
			if x.request.op == setAside && len(x.ids.own) > 0 && !x.answer.Duplicate {
				m.holds = append(m.holds, x.ids.own[0].As(fact.KindHold))
			}
			if !x.ids.returned.IsZero() && !x.answer.Duplicate {
				m.returns = append(m.returns, x.ids.returned)
			}
		}
	}
	left, seen := m.open(tasks, batch), m.screens(t)
	some := m.explain(m.model, left, func(*model) bool { return true })
	next := m.explain(m.model, left, func(after *model) bool { return after.unlike(m, seen) == "" })
	before := m.model
	if some != nil {
		m.model = some
	}
	for _, x := range tasks {
		m.tell("%s, by engine %d: %s", how, x.engine, x)
	}
	switch {
	case some == nil:
		m.fail(t, "another answer", "%s", m.puzzle(before, tasks, batch))
	case next == nil:
		m.fail(t, "another screen", "%s", some.unlike(m, seen))
	}
	m.model, m.looked = next, true
}

func (m *machine) do(x *task) {
	e := m.engines[x.engine]
	if x.request == nil {
		_, x.err = e.Settle(m.ctx, 100_000)
		return
	}
	x.take(e.All(m.ctx, []engine.Request{x.request.engine(m.programme, m.rewards)})[0], m.keys)
}

func (x *task) take(r engine.Result, keys map[fact.ID]string) {
	if x.err = r.Err; r.Err == nil {
		x.answer, x.ids = read(x.request.op, r.Outcome, keys)
	}
}

func (x *task) String() string {
	if x.request == nil {
		return "the clock books what is due"
	}
	return fmt.Sprintf("%s\n    %s", x.request, x.answer)
}
