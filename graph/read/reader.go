package read

import (
	"context"
	"sync"
	"time"

	"granaio/engine"
	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// Engine is what is read through the engine.
type Engine interface {
	// Views reads members of one programme in one statement. Those that do not exist are not in the answer.
	Views(ctx context.Context, programme fact.ID, members []fact.ID) (map[fact.ID]*engine.View, error)
	// Marks tells how accounts of one programme stood, each at one past moment. Those that do not exist are not in the answer.
	Marks(ctx context.Context, programme fact.ID, moments []engine.Moment) (map[fact.ID]engine.Mark, error)
	// Lines sums stretches of accounts' movements, each by kind.
	Lines(ctx context.Context, stretches []engine.Stretch) (map[fact.ID][]engine.Line, error)
	// Traffic tells what a touchpoint brought from one day to another, by period.
	Traffic(ctx context.Context, programme fact.ID, zone *time.Location, touchpoint string, from, to fact.Day, r engine.Rhythm) (map[int64]engine.Traffic, error)
	// Judge tells what became of rules for interactions of one programme.
	Judge(ctx context.Context, programme fact.ID, interactions []fact.ID, q loyalty.Question) (map[fact.ID]*engine.Judgement, error)
	// Now is the engine's clock.
	Now() time.Time
	// Resolve is the member that a reference names, the zero id if there is none. A reference of a wrong form is a *fact.Refusal.
	Resolve(ctx context.Context, programme fact.ID, ref engine.Ref) (fact.ID, error)
}

// Library gives the programmes as they were published.
type Library interface {
	// Timeline is a programme's versions up to a number.
	Timeline(ctx context.Context, programme fact.ID, number int) (*programme.Timeline, error)
	// Latest is the timeline of all the versions that the programme has by now.
	Latest(ctx context.Context, programme fact.ID) (*programme.Timeline, error)
	// Standing is where the programme's definitions stand at an instant.
	Standing(ctx context.Context, programme fact.ID, now time.Time) (*programme.Standing, error)
	// Diff tells what differs between two versions, of which 0 stands for nothing.
	Diff(ctx context.Context, programme fact.ID, from, to int) ([]programme.Difference, error)
	// Export is a version as YAML.
	Export(ctx context.Context, programme fact.ID, number int) ([]byte, error)
}

// Sources are where everything is read from.
type Sources struct {
	Ent     *ent.Client
	Engine  Engine
	Library Library
}

// Reader reads for one operation, in one programme.
type Reader struct {
	Sources
	ID fact.ID // the programme's
	// Partner is whether it reads for a partner that is a third party, for which there are only members that agreed to be shown to those.
	Partner bool

	mu       sync.Mutex
	current  *loyalty.Programme
	timeline memo[*programme.Timeline]
	standing memo[*programme.Standing]

	budgetsOnce sync.Once
	budgets     map[fact.ID]*ent.Budget
	budgetsErr  error
}

// memo is something that is read once.
type memo[T any] struct {
	mu    sync.Mutex
	known bool
	value T
}

func (m *memo[T]) get(read func() (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known {
		return m.value, nil
	}
	value, err := read()
	m.value, m.known = value, err == nil
	return value, err
}

func (m *memo[T]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = false
}

// Forget has the programme read anew, since it was changed.
func (r *Reader) Forget() {
	r.timeline.forget()
	r.standing.forget()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = nil
}

// NewReader is a reader of the programme.
func NewReader(s Sources, programme fact.ID) *Reader { return &Reader{Sources: s, ID: programme} }

// Programme is the version in force: the same one for the whole operation. It costs nothing where a member was viewed before.
func (r *Reader) Programme(ctx context.Context) (*loyalty.Programme, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil {
		t, err := r.Timeline(ctx)
		if err != nil {
			return nil, err
		}
		if r.current, err = t.Current(ctx, r.Engine.Now()); err != nil {
			return nil, err
		}
	}
	return r.current, nil
}

// learn takes note of the version in force.
func (r *Reader) learn(p *loyalty.Programme) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil {
		r.current = p
	}
}

// At is the version that was in force at an instant; nil if that is before the programme began.
func (r *Reader) At(ctx context.Context, instant time.Time) (*loyalty.Programme, error) {
	p, err := r.Programme(ctx)
	if err != nil {
		return nil, err
	}
	timeline, err := r.Library.Timeline(ctx, r.ID, p.Number())
	if err != nil {
		return nil, err
	}
	return timeline.At(ctx, instant)
}

// Resolve is the member that a reference names; the zero id if there is none.
func (r *Reader) Resolve(ctx context.Context, ref engine.Ref) (fact.ID, error) {
	return r.Engine.Resolve(ctx, r.ID, ref)
}
