package graph

import (
	"context"

	"granaio/engine"
	"granaio/graph/fault"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/loyalty/fact"
)

func checkBatch(n int) *fact.Refusal {
	switch {
	case n == 0:
		return fact.Refuse(fact.CodeRequired, "interactions", "at least one interaction is needed")
	case n > maxBatch:
		return fact.Refuse(fact.CodeTooMany, "interactions", "at most %d interactions are taken at once, not %d", maxBatch, n)
	}
	return nil
}

// trackBatch has the engine take those of the interactions that are not refused here, and answers all in their order.
func (r *Resolver) trackBatch(ctx context.Context, s *session, inputs []*model.InteractionTrackInput) ([]engine.Result, error) {
	results := make([]engine.Result, len(inputs))
	requests, places := make([]engine.Track, 0, len(inputs)), make([]int, 0, len(inputs))
	for i, in := range inputs {
		t, refusal, err := s.track(ctx, *in)
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			results[i].Outcome = &engine.Outcome{Refusal: refusal}
			continue
		}
		requests, places = append(requests, t), append(places, i)
	}
	for i, result := range r.engine.TrackBatch(ctx, requests) {
		results[places[i]] = result
	}
	return results, nil
}

// maxKeys is how many keys each list of a filter may name.
const maxKeys = read.MaxItems

func filterOf(in *model.MemberFilter) (read.Filter, error) {
	if in == nil {
		return read.Filter{}, nil
	}
	if max(len(in.Statuses), len(in.Tiers), len(in.Personas)) > maxKeys {
		return read.Filter{}, fault.Beyond("keys", "a list of a filter has at most %d keys", maxKeys)
	}
	f := read.Filter{Statuses: in.Statuses, Tiers: in.Tiers, Personas: in.Personas, MinAvailable: in.MinAvailable}
	if in.EnrolledFrom != nil {
		f.EnrolledFrom = *in.EnrolledFrom
	}
	if in.EnrolledBefore != nil {
		f.EnrolledBefore = *in.EnrolledBefore
	}
	return f, nil
}
