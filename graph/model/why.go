package model

import (
	"context"
	"encoding/json"

	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty"
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

// NewWhy tells why a movement happened, in the programme's words.
func NewWhy(m *read.Movement, p *loyalty.Programme, s Speech) (*Why, error) {
	e, err := m.Explain()
	if err != nil {
		return nil, err
	}
	names := why.Names{One: p.PointName(), Many: p.PointsName(), Definition: p.NameOf(e.Source, e.Key)}
	if event := p.Event(e.Event); event != nil {
		names.Event = event.Name
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

// Interaction is the one behind it, nil if there is none.
func (w *Why) Interaction(ctx context.Context) (*read.Interaction, error) {
	return w.movement.Interaction(ctx)
}

// Figures are what went in, without what has a field of its own.
func (w *Why) Figures() (*scalar.Object, error) {
	e := w.explanation
	e.Source, e.Key, e.Revision, e.Event = "", "", 0, ""
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	figures := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &figures); err != nil {
		return nil, err
	}
	delete(figures, "source") // which is written even if it is empty
	raw, err = json.Marshal(figures)
	return &scalar.Object{Raw: raw}, err
}
