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

// Library gives programmes as they were published, compiled. It keeps the current version of every programme that was asked for, and a bounded
// number of earlier ones. Any number of goroutines may use it.
type Library struct {
	store     *store.Store
	timelines sync.Map // fact.ID → *Timeline, the longest that is known
	flights   singleflight.Group
	keep      int

	shelf   sync.Mutex
	earlier []*edition // the compiled editions that no timeline needs as its current one
	round   atomic.Int64
}

// keepEarlier is how many compiled versions that are no longer in force a library keeps at hand.
const keepEarlier = 64

// patience is how long a version may take to load and compile. Whoever waits for it may give up earlier.
const patience = time.Minute

// NewLibrary is a library of the programmes in a store.
func NewLibrary(s *store.Store) *Library { return &Library{store: s, keep: keepEarlier} }

// edition is one version of a programme, compiled or not.
type edition struct {
	id       fact.ID
	number   int
	from     time.Time
	compiled atomic.Pointer[loyalty.Programme]
	used     atomic.Int64 // the round in which it was last asked for
}

// Timeline is a programme's versions from the first to a number. It never changes.
type Timeline struct {
	library   *Library
	programme fact.ID
	editions  []*edition // by number, without gaps
	current   *loyalty.Programme
}

// Timeline is the programme's versions up to the number, which the caller read from the programme's row in its own transaction. It asks the database
// nothing if that number was asked for before.
func (l *Library) Timeline(ctx context.Context, programme fact.ID, number int) (*Timeline, error) {
	known, _ := l.timelines.Load(programme)
	if t, ok := known.(*Timeline); ok && len(t.editions) >= number {
		return t.upTo(ctx, number)
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
	return found.(*Timeline).upTo(ctx, number)
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

// extend reads which versions there are beyond those that are known, and compiles the last.
func (l *Library) extend(ctx context.Context, programme fact.ID, number int) (*Timeline, error) {
	var editions []*edition
	before, _ := l.timelines.Load(programme)
	if t, ok := before.(*Timeline); ok {
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
	t := &Timeline{library: l, programme: programme, editions: editions}
	if t.current, err = l.compile(ctx, programme, editions[len(editions)-1]); err != nil {
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
			l.put(known.editions[len(known.editions)-1])
			return t, nil
		}
	}
}

// upTo is the timeline as it was when the number was the last.
func (t *Timeline) upTo(ctx context.Context, number int) (*Timeline, error) {
	if number == len(t.editions) {
		return t, nil
	}
	if number < 1 {
		return nil, fmt.Errorf("programme: %s has no version %d", t.programme, number)
	}
	current, err := t.edition(ctx, t.editions[number-1])
	if err != nil {
		return nil, err
	}
	return &Timeline{t.library, t.programme, t.editions[:number], current}, nil
}

// Current is the version in force now: the last one, even if the programme has not begun yet.
func (t *Timeline) Current() *loyalty.Programme { return t.current }

// At is the version that was in force at an instant; nil if that is before the programme began.
func (t *Timeline) At(ctx context.Context, instant time.Time) (*loyalty.Programme, error) {
	for i, e := range slices.Backward(t.editions) {
		if e.from.After(instant) {
			continue
		}
		if i == len(t.editions)-1 {
			return t.current, nil
		}
		return t.edition(ctx, e)
	}
	return nil, nil
}

// Version is the version of a number.
func (t *Timeline) Version(ctx context.Context, number int) (*loyalty.Programme, error) {
	switch {
	case number < 1 || number > len(t.editions):
		return nil, fmt.Errorf("programme: %s has no version %d", t.programme, number)
	case number == len(t.editions):
		return t.current, nil
	}
	return t.edition(ctx, t.editions[number-1])
}

// edition is an earlier version, compiled.
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

// put takes note that an edition that is not in force is compiled, and forgets the one that was not asked for longest if there are too many.
func (l *Library) put(e *edition) {
	l.shelf.Lock()
	defer l.shelf.Unlock()
	if !slices.Contains(l.earlier, e) {
		l.earlier = append(l.earlier, e)
	}
	e.used.Store(l.round.Add(1))
	if len(l.earlier) > l.keep {
		oldest := 0
		for i, other := range l.earlier {
			if other.used.Load() < l.earlier[oldest].used.Load() {
				oldest = i
			}
		}
		l.earlier[oldest].compiled.Store(nil)
		l.earlier = slices.Delete(l.earlier, oldest, oldest+1)
	}
}

// compile loads a version's rows and compiles them.
func (l *Library) compile(ctx context.Context, programme fact.ID, e *edition) (*loyalty.Programme, error) {
	if p := e.compiled.Load(); p != nil {
		return p, nil
	}
	ctx = auth.System(ctx, programme)
	client := l.store.Ent()
	row, err := versionOf(ctx, client, programme, e.number)
	if err != nil {
		return nil, fmt.Errorf("programme: version %d of %s: %w", e.number, programme, err)
	}
	spec, refs, err := assemble(ctx, client, row)
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

// Current is the version of the programme that is in force now. It reads the programme's row: one statement, if that version is at hand.
func (l *Library) Current(ctx context.Context, programme fact.ID) (*loyalty.Programme, error) {
	row, err := l.store.Ent().Programme.Get(auth.System(ctx, programme), programme)
	if err != nil {
		return nil, fmt.Errorf("programme: %s: %w", programme, err)
	}
	t, err := l.Timeline(ctx, programme, row.Current)
	if err != nil {
		return nil, err
	}
	return t.Current(), nil
}

// ByKey is the programme's row, by the key that names it in files and tokens; an error that ent.IsNotFound knows if there is none.
func (l *Library) ByKey(ctx context.Context, key string) (*ent.Programme, error) {
	return l.store.Ent().Programme.Query().Where(entprogramme.Key(key)).Only(auth.System(ctx, fact.ID{}))
}

// All are the programmes' rows, by key.
func (l *Library) All(ctx context.Context) ([]*ent.Programme, error) {
	return l.store.Ent().Programme.Query().Order(entprogramme.ByKey()).All(auth.System(ctx, fact.ID{}))
}
