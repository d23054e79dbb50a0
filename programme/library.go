package programme

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"granaio/auth"
	"granaio/ent"
	entprogramme "granaio/ent/programme"
	"granaio/ent/programmeversion"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Library gives programmes as they were published, compiled. It keeps the version in force of every programme that was asked for, and a bounded
// number of others. Any number of goroutines may use it.
type Library struct {
	store     *store.Store
	now       func() time.Time
	timelines sync.Map // fact.ID → *Timeline, the longest that is known
	flights   singleflight.Group
	keep      int

	shelf  sync.Mutex
	others []*edition // the compiled editions that no timeline has at hand
	round  atomic.Int64
}

// keepOthers is how many compiled versions that are not in force a library keeps at hand.
const keepOthers = 64

// patience is how long a version may take to load and compile. Whoever waits for it may give up earlier.
const patience = time.Minute

// NewLibrary is a library of the programmes in a store.
func NewLibrary(s *store.Store) *Library {
	return &Library{store: s, now: time.Now, keep: keepOthers}
}

// edition is one version of a programme, compiled or not.
type edition struct {
	id       fact.ID
	number   int
	from     time.Time
	compiled atomic.Pointer[loyalty.Programme]
	used     atomic.Int64 // the round in which it was last asked for
}

// Timeline is a programme's versions from the first to a number, those that are yet to come included. What it says never changes: which of them is in
// force is a matter of the instant alone, so a version comes into force at its own, in every process, whoever has looked.
type Timeline struct {
	library   *Library
	programme fact.ID
	editions  []*edition // by number, without gaps
	course    course
	hand      atomic.Pointer[tenure]
}

// tenure is the time for which an edition is in force.
type tenure struct {
	span      fact.Span
	programme *loyalty.Programme
}

// Timeline is the programme's versions up to the number, which the caller read from the programme's row in its own transaction. It asks the database
// nothing if that number was asked for before.
func (l *Library) Timeline(ctx context.Context, programme fact.ID, number int) (*Timeline, error) {
	known, _ := l.timelines.Load(programme)
	if t, ok := known.(*Timeline); ok && len(t.editions) >= number {
		return t.upTo(number)
	}
	if number < 1 {
		return nil, fmt.Errorf("programme: %s has published nothing yet", programme)
	}
	found, err := l.fly(ctx, fmt.Sprintf("%s:%d", programme, number), func(ctx context.Context) (any, error) {
		return l.extend(ctx, programme, number)
	})
	if err != nil {
		return nil, err
	}
	return found.(*Timeline).upTo(number)
}

// fly does something once for all who ask for it at the same time. It goes on when one of them gives up.
func (l *Library) fly(ctx context.Context, what string, do func(context.Context) (any, error)) (any, error) {
	landed := l.flights.DoChan(what, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		return do(ctx)
	})
	select {
	case r := <-landed:
		return r.Val, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// extend reads which versions there are beyond those that are known.
func (l *Library) extend(ctx context.Context, programme fact.ID, number int) (*Timeline, error) {
	var editions []*edition
	before, _ := l.timelines.Load(programme)
	if t, ok := before.(*Timeline); ok {
		if len(t.editions) >= number { // somebody else was quicker
			return t, nil
		}
		editions = slices.Clone(t.editions)
	}
	rows, err := l.store.Ent().ProgrammeVersion.Query().
		Where(programmeversion.ProgrammeID(programme), programmeversion.NumberGT(len(editions))).Order(programmeversion.ByNumber()).
		Select(programmeversion.FieldID, programmeversion.FieldNumber, programmeversion.FieldEffectiveFrom).All(auth.System(ctx, programme))
	if err != nil {
		return nil, fmt.Errorf("programme: versions of %s: %w", programme, err)
	}
	for _, r := range rows {
		if r.Number != len(editions)+1 {
			return nil, fmt.Errorf("programme: %s has no version %d", programme, len(editions)+1)
		}
		editions = append(editions, &edition{id: r.ID, number: r.Number, from: r.EffectiveFrom.UTC()})
	}
	if len(editions) < number {
		return nil, fmt.Errorf("programme: %s has no version %d", programme, number)
	}
	t := l.timeline(programme, editions)
	if _, err := t.Current(ctx, l.now()); err != nil { // before anybody waits for it
		return nil, err
	}
	for {
		now, loaded := l.timelines.LoadOrStore(programme, t)
		known := now.(*Timeline)
		switch {
		case !loaded:
			return t, nil
		case len(known.editions) >= len(t.editions):
			return known, nil
		case l.timelines.CompareAndSwap(programme, known, t):
			return t, nil
		}
	}
}

func (l *Library) timeline(programme fact.ID, editions []*edition) *Timeline {
	from := make([]time.Time, len(editions))
	for i, e := range editions {
		from[i] = e.from
	}
	return &Timeline{library: l, programme: programme, editions: editions, course: newCourse(from)}
}

// upTo is the timeline as it was when the number was the last.
func (t *Timeline) upTo(number int) (*Timeline, error) {
	if number == len(t.editions) {
		return t, nil
	}
	if number < 1 {
		return nil, fmt.Errorf("programme: %s has no version %d", t.programme, number)
	}
	return t.library.timeline(t.programme, t.editions[:number]), nil
}

// Current is the version in force now; if the programme has not begun yet, the one that it will begin with.
func (t *Timeline) Current(ctx context.Context, now time.Time) (*loyalty.Programme, error) {
	if begins := t.course.begins(); now.Before(begins) {
		now = begins
	}
	if hand := t.hand.Load(); hand != nil && hand.span.Holds(now) {
		return hand.programme, nil
	}
	i, span := t.course.at(now)
	p, err := t.edition(ctx, t.editions[i])
	if err == nil {
		t.hand.Store(&tenure{span, p})
	}
	return p, err
}

// At is the version that was or will be in force at an instant; nil if that is before the programme began.
func (t *Timeline) At(ctx context.Context, instant time.Time) (*loyalty.Programme, error) {
	if hand := t.hand.Load(); hand != nil && hand.span.Holds(instant) {
		return hand.programme, nil
	}
	i, _ := t.course.at(instant)
	if i < 0 {
		return nil, nil
	}
	return t.edition(ctx, t.editions[i])
}

// Version is the version of a number.
func (t *Timeline) Version(ctx context.Context, number int) (*loyalty.Programme, error) {
	if number < 1 || number > len(t.editions) {
		return nil, fmt.Errorf("programme: %s has no version %d", t.programme, number)
	}
	return t.edition(ctx, t.editions[number-1])
}

// State tells whether the version of a number is in force, was, or will be. The number is one of the timeline's.
func (t *Timeline) State(number int, now time.Time) VersionState {
	if begins := t.course.begins(); now.Before(begins) {
		now = begins
	}
	return t.course.state(number-1, now)
}

// From is when the version of a number comes into force, if it ever does.
func (t *Timeline) From(number int) time.Time { return t.editions[number-1].from }

// Last is the number of the last version, which may be one that is yet to come.
func (t *Timeline) Last() int { return len(t.editions) }

// edition is a version, compiled.
func (t *Timeline) edition(ctx context.Context, e *edition) (*loyalty.Programme, error) {
	if round := t.library.round.Load(); e.used.Load() != round {
		e.used.Store(round)
	}
	if p := e.compiled.Load(); p != nil {
		return p, nil
	}
	p, err := t.library.fly(ctx, e.id.String(), func(ctx context.Context) (any, error) {
		p, err := t.library.compile(ctx, t.programme, e)
		if err == nil {
			t.library.put(e)
		}
		return p, err
	})
	if err != nil {
		return nil, err
	}
	return p.(*loyalty.Programme), nil
}

// put takes note that an edition is compiled, and forgets the one that was not asked for longest if there are too many. A timeline that has it at
// hand keeps it all the same.
func (l *Library) put(e *edition) {
	l.shelf.Lock()
	defer l.shelf.Unlock()
	if !slices.Contains(l.others, e) {
		l.others = append(l.others, e)
	}
	e.used.Store(l.round.Add(1))
	if len(l.others) > l.keep {
		oldest := 0
		for i, other := range l.others {
			if other.used.Load() < l.others[oldest].used.Load() {
				oldest = i
			}
		}
		l.others[oldest].compiled.Store(nil)
		l.others = slices.Delete(l.others, oldest, oldest+1)
	}
}

// compile loads a version's rows and compiles them.
func (l *Library) compile(ctx context.Context, programme fact.ID, e *edition) (*loyalty.Programme, error) {
	if p := e.compiled.Load(); p != nil {
		return p, nil
	}
	ctx = auth.System(ctx, programme)
	client := l.store.Ent()
	spec, refs, err := versionSpec(ctx, client, programme, e.number)
	if err != nil {
		return nil, fmt.Errorf("programme: version %d of %s: %w", e.number, programme, err)
	}
	owner, err := client.Programme.Query().Where(entprogramme.ID(programme)).Select(entprogramme.FieldSecret).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("programme: %s: %w", programme, err)
	}
	p, problems := loyalty.Compile(spec, loyalty.Identity{Programme: programme, Number: e.number, From: e.from, Secret: owner.Secret}, refs)
	if len(problems) > 0 {
		return nil, fmt.Errorf("programme: version %d of %s no longer compiles: %s", e.number, programme, problems[0])
	}
	e.compiled.Store(p)
	return p, nil
}

// Latest is the timeline of all the versions that the programme has by now. It reads the programme's row: one statement, if they are at hand.
func (l *Library) Latest(ctx context.Context, programme fact.ID) (*Timeline, error) {
	row, err := l.store.Ent().Programme.Get(auth.System(ctx, programme), programme)
	if err != nil {
		return nil, fmt.Errorf("programme: %s: %w", programme, err)
	}
	return l.Timeline(ctx, programme, row.Current)
}

// Current is the version of the programme that is in force now. It costs what Latest costs.
func (l *Library) Current(ctx context.Context, programme fact.ID) (*loyalty.Programme, error) {
	t, err := l.Latest(ctx, programme)
	if err != nil {
		return nil, err
	}
	return t.Current(ctx, l.now())
}

// ByKey is the programme's row, by the key that names it in files and tokens; an error that ent.IsNotFound knows if there is none.
func (l *Library) ByKey(ctx context.Context, key string) (*ent.Programme, error) {
	return l.store.Ent().Programme.Query().Where(entprogramme.Key(key)).Only(auth.System(ctx, fact.ID{}))
}

// All are the programmes' rows, by key.
func (l *Library) All(ctx context.Context) ([]*ent.Programme, error) {
	return l.store.Ent().Programme.Query().Order(entprogramme.ByKey()).All(auth.System(ctx, fact.ID{}))
}
