package model

import (
	"context"

	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Why tells why a movement happened.
type Why struct {
	Sentence string
	Source   string
	Key      *string
	Revision *int

	movement    *read.Movement
	explanation why.Explanation
}

// NewWhy tells why a movement happened, in the programme's words: as they are now, or as they were then if the programme has dropped what it speaks of.
func NewWhy(ctx context.Context, m *read.Movement, s Speech) (*Why, error) {
	e, err := m.Explain()
	if err != nil {
		return nil, err
	}
	p, err := m.Programme(ctx)
	if err != nil {
		return nil, err
	}
	names := namesOf(e, p)
	if names.Definition == nil && e.Revision > 0 || names.Event == nil && e.Event != "" {
		then, err := m.Then(ctx)
		if err != nil {
			return nil, err
		}
		if then != nil {
			was := namesOf(e, then)
			names.Definition, names.Event = either(names.Definition, was.Definition), either(names.Event, was.Event)
		}
	}
	w := &Why{Sentence: e.Sentence(m.Points, names, s.In(p)...), Source: e.Source, movement: m, explanation: e}
	if e.Key != "" {
		w.Key = &e.Key
	}
	if e.Revision > 0 {
		w.Revision = &e.Revision
	}
	return w, nil
}

// namesOf are a version's words for what an explanation speaks of.
func namesOf(e why.Explanation, p *loyalty.Programme) why.Names {
	names := why.Names{One: p.PointName(), Many: p.PointsName(), Definition: p.NameOf(e.Source, e.Key)}
	if event := p.Event(e.Event); event != nil {
		names.Event = event.Name
	}
	return names
}

func either(now, then fact.Text) fact.Text {
	if now == nil {
		return then
	}
	return now
}

// Interaction is the one behind it, nil if there is none.
func (w *Why) Interaction(ctx context.Context) (*read.Interaction, error) {
	return w.movement.Interaction(ctx)
}

// Lots are those that the movement touched.
func (w *Why) Lots(ctx context.Context) ([]*read.LotSlice, error) { return w.movement.Lots(ctx) }

// Of is the movement that it captures, releases, takes back or gives back.
func (w *Why) Of(ctx context.Context) (*read.Movement, error) { return w.movement.Concerned(ctx) }

// Figures are what went in, without what has a field of its own.
func (w *Why) Figures() (*scalar.Object, error) { return figuresOf(w.explanation), nil }
