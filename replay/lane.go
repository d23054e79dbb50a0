package replay

import (
	"context"
	"fmt"
	"strconv"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// lane takes the records of its share of customers, in order, a batch at a time.
type lane struct {
	run     *run
	waiting []record // of the dealer
	batches chan []record
	members map[string]bool // customers that were enrolled or are members already
}

// send hands on what waits, once the lane is free.
func (l *lane) send(ctx context.Context) error {
	if len(l.waiting) == 0 {
		return nil
	}
	select {
	case l.batches <- l.waiting:
		l.waiting = make([]record, 0, l.run.options.Batch)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// request is what became of one request of a batch: the record behind it, and whether it was the enrolment of its customer.
type request struct {
	record *record
	enrol  bool
}

// handle sends a batch, and reports what became of it. It answers false if nothing of it could be done.
func (l *lane) handle(ctx context.Context, batch []record) bool {
	asked, requests := l.requests(batch)
	results := l.run.deps.Engine.All(ctx, requests)
	var bytes int64
	for _, x := range batch {
		bytes += int64(x.size)
	}
	l.run.tell(func(r *Report) { l.account(r, asked, results) })
	l.run.progress.add(int64(len(batch)), bytes)
	for _, result := range results {
		if result.Err == nil {
			return true
		}
	}
	l.run.tell(func(*Report) {
		if l.run.fault == nil {
			l.run.fault = fmt.Errorf("line %d: %w", batch[0].line, results[0].Err)
		}
	})
	return false
}

// requests are what the records ask of the engine: a customer's enrolment, unless it is a member, and each interaction.
func (l *lane) requests(batch []record) ([]request, []engine.Request) {
	o := l.run.options
	origin := engine.Origin{Programme: o.Programme, Caller: Caller}
	asked := make([]request, 0, len(batch)+len(batch)/2)
	requests := make([]engine.Request, 0, cap(asked))
	for i := range batch {
		x := &batch[i]
		identity := engine.Identity{Kind: o.Identity, Value: x.customer}
		if !l.members[x.customer] && !o.KnownOnly {
			l.members[x.customer] = true
			origin.Key = o.Source + ":member:" + x.customer
			asked = append(asked, request{x, true})
			requests = append(requests, &engine.Enrol{
				Origin: origin, Identities: []engine.Identity{identity}, Touchpoint: o.Touchpoint, Occurred: x.occurred,
			})
		}
		origin.Key = o.Source + ":" + strconv.Itoa(x.line)
		track := &engine.Track{
			Origin: origin, Member: engine.Ref{Identity: identity}, Event: o.Event, Touchpoint: o.Touchpoint, Occurred: x.occurred,
			Properties: x.properties,
		}
		if x.amount != nil {
			track.Value = &engine.MoneyIn{Amount: *x.amount}
		}
		asked = append(asked, request{x, false})
		requests = append(requests, track)
	}
	return asked, requests
}

// account adds a batch's results to the report.
func (l *lane) account(r *Report, asked []request, results []engine.Result) {
	failed := map[string]string{} // why customers could not be enrolled
	for i, a := range asked {
		outcome, reason := results[i].Outcome, ""
		switch {
		case results[i].Err != nil:
			reason = "it failed: " + results[i].Err.Error()
		case outcome.Refusal != nil:
			reason = outcome.Refusal.Message
		}
		customer := a.record.customer
		switch {
		case a.enrol && reason == "" && !outcome.Duplicate:
			r.Enrolled++
		case a.enrol && (reason == "" || outcome != nil && isMember(outcome.Refusal)):
			r.Known++
		case a.enrol:
			failed[customer] = reason
			delete(l.members, customer) // the customer's next line tries again
		case reason != "":
			if why := failed[customer]; why != "" && (outcome == nil || outcome.Refusal.Code == fact.CodeUnknownMember) {
				reason = "the customer cannot be enrolled: " + why
			}
			r.refuse(a.record.line, reason)
		case outcome.Duplicate:
			r.Duplicates++
		default:
			r.Tracked++
		}
		if reason == "" {
			for _, m := range outcome.Movements {
				r.Points[ledger.Kind(m.Kind)] += m.Points
			}
		}
	}
}

// isMember tells whether a refused enrolment means that the customer is a member already: under its identity, or enrolled by an earlier run whose
// first line of the customer was another one.
func isMember(r *fact.Refusal) bool {
	return r != nil && (r.Code == fact.CodeIdentityTaken || r.Code == fact.CodeKeyReused)
}
