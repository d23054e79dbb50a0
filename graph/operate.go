package graph

import (
	"context"
	"time"

	"granaio/engine"
	"granaio/graph/model"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// named is one member that an operation on so many points is about.
func named(in *model.MemberRef, points *scalar.GivenPoints) ([]engine.Ref, *fact.Refusal) {
	r, refusal := ref(*in, "member")
	if refusal == nil && points.Refusal != nil {
		refusal = under("points", points.Refusal)
	}
	return []engine.Ref{r}, refusal
}

// held is the hold that an operation ends, with so many points if it says how many.
func held(hold *scalar.GivenID, points *scalar.GivenPoints) ([]engine.Ref, *fact.Refusal) {
	switch {
	case hold.Refusal != nil:
		return nil, under("hold", hold.Refusal)
	case points != nil && points.Refusal != nil:
		return nil, under("points", points.Refusal)
	}
	return []engine.Ref{{Hold: hold.Value}}, nil
}

// operate has the engine do an operation on one member's points, and shows what became of it, with the hold if it is about one that there is.
func (r *Resolver) operate(ctx context.Context, key string, members []engine.Ref, refusal *fact.Refusal, op loyalty.Operation) (*model.PointsPayload, error) {
	s := sessionOf(ctx)
	if refusal != nil {
		return &model.PointsPayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	o, err := r.engine.Operate(ctx, engine.Operate{Origin: s.origin(key), Members: members, Operation: op})
	if err != nil {
		return nil, err
	}
	hold := members[0].Hold
	if !o.Hold.IsZero() {
		hold = o.Hold
	}
	return model.NewPointsPayload(model.NewAnswers(s.Reader, speechOf, o), s.Reader, o, hold), nil
}

// transfer has the engine give points of one member to another.
func (r *Resolver) transfer(ctx context.Context, in model.PointsTransferInput) (*model.PointsTransferPayload, error) {
	s := sessionOf(ctx)
	from, refusal := ref(*in.From, "from")
	to, wrong := ref(*in.To, "to")
	switch {
	case refusal != nil:
	case wrong != nil:
		refusal = wrong
	case in.Points.Refusal != nil:
		refusal = under("points", in.Points.Refusal)
	}
	if refusal != nil {
		return &model.PointsTransferPayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	o, err := r.engine.Operate(ctx, engine.Operate{
		Origin: s.origin(in.IdempotencyKey), Members: []engine.Ref{from, to}, Operation: loyalty.Transfer{Points: in.Points.Value},
	})
	if err != nil {
		return nil, err
	}
	return model.NewPointsTransferPayload(model.NewAnswers(s.Reader, speechOf, o), s.Reader, o), nil
}

// seconds is a time in seconds; one that is too long for a Duration is longer than whatever is taken.
func seconds(n int) time.Duration {
	return time.Duration(max(min(n, 1<<30), -1)) * time.Second
}

// text is what is said, empty for nothing.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
