package clock

import (
	"context"
	"encoding/json"
	"time"

	"granaio/ent"
	"granaio/loyalty/fact"
)

// MomentsDuty is the name of the lease.
const MomentsDuty = "moments"

// Foreseer works out when time next brings something about for members. Package engine has one.
type Foreseer interface {
	// Foresee does so for up to so many members of a programme after an id, by the version in force of those up to a number; the last of them, and how many there were.
	Foresee(ctx context.Context, programme, after fact.ID, number, most int) (last fact.ID, n int, err error)
}

// Moments has every member know when time next brings something about, once another version of its programme comes into force: one that has triggers, or tiers
// that end. Members who do something know by themselves; this is for those who do nothing.
type Moments struct {
	Engine  Foreseer
	Library Library
	Most    int              // members at once; 500 by default
	Now     func() time.Time // the clock; time.Now by default
}

// settling is how long after a version came into force what was decided by the one before may still be written. A pass that began within it may be overwritten, and
// miss who is just being enrolled: another one follows.
const settling = time.Minute

// foreseen is the outcome of the duty: how far it is with each programme, by id.
type foreseen map[string]passage

// passage is how far it is with one programme.
type passage struct {
	Version int     `json:"version"`         // the number of the version by which members were or are being looked at
	After   fact.ID `json:"after,omitzero"`  // the last member that was
	Early   bool    `json:"early,omitempty"` // whether the pass began before the version had settled
	Again   bool    `json:"again,omitempty"` // whether an early pass is over, so that one that is not early is still to come
	Done    bool    `json:"done,omitempty"`  // all were, by a pass that was not early
}

// Do looks at the members of those programmes whose version in force is another than it was: at once, and again when it has settled. It goes on where an earlier turn stopped.
func (m *Moments) Do(ctx context.Context, t *Turn) error {
	if m.Most == 0 {
		m.Most = 500
	}
	if m.Now == nil {
		m.Now = time.Now
	}
	far := foreseen{}
	if len(t.Outcome) > 0 {
		if err := json.Unmarshal(t.Outcome, &far); err != nil {
			return err
		}
	}
	programmes, err := m.Library.All(ctx)
	if err != nil {
		return err
	}
	for _, p := range programmes {
		if err := m.look(ctx, t, far, p.ID, p.Current); err != nil {
			return err
		}
	}
	return nil
}

func (m *Moments) look(ctx context.Context, t *Turn, far foreseen, programme fact.ID, published int) error {
	if published == 0 {
		return nil
	}
	current, err := m.Library.Current(ctx, programme)
	if err != nil {
		return err
	}
	key := programme.String()
	at, early := far[key], m.Now().Before(current.From().Add(settling))
	switch {
	case at.Version != current.Number():
		at = passage{Version: current.Number(), Early: early, Done: !current.Timed()}
	case at.Done || at.Again && early:
		return nil
	case at.Again:
		at.Again = false
	}
	for {
		if !at.Done {
			last, n, err := m.Engine.Foresee(ctx, programme, at.After, published, m.Most)
			if err != nil {
				return err
			}
			if at.After = last; n < m.Most {
				at.After, at.Done, at.Again, at.Early = fact.ID{}, !at.Early, at.Early, false
			}
		}
		far[key] = at
		if err := t.Write(ctx, far, func(context.Context, *ent.Client) error { return nil }); err != nil || at.Done || at.Again {
			return err
		}
	}
}

// within is how long one turn may take; the next goes on.
const within = 10 * time.Minute

// Duty is the work that is done from time to time: so often it is asked whether there is anything to do.
func (m *Moments) Duty(every time.Duration) Duty {
	return Duty{Name: MomentsDuty, Every: every, Most: within, Do: m.Do}
}
