package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"granaio/loyalty/fact"
)

// What followed is asked for as a till would: what moved, what the balance is, and what is wrong. Pgbench is told as much. What was sent is not asked
// for again: that would be one more statement.
const followed = `{ outcome { duplicate movements { id points after { available } } } userErrors { field code message } }`

const (
	trackMutation = `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) ` + followed + ` }`
	batchMutation = `mutation($input: InteractionTrackBatchInput!) { interactionTrackBatch(input: $input) { results ` + followed +
		` userErrors { field code message } } }`
)

var (
	singleHead = fmt.Appendf(nil, `{"query":%q,"variables":{"input":`, trackMutation)
	batchHead  = fmt.Appendf(nil, `{"query":%q,"variables":{"input":{"interactions":[`, batchMutation)
)

// appendInput begins an interaction; its end, "}", is the caller's.
func appendInput(body []byte, keys string, n int64, member fact.ID, event, touchpoint string) []byte {
	body = append(append(body, `{"idempotencyKey":"`...), keys...)
	body = append(strconv.AppendInt(body, n, 10), `","member":{"id":"`...)
	body = append(append(body, member.String()...), `"},"event":"`...)
	body = append(append(body, event...), `","touchpoint":"`...)
	return append(append(body, touchpoint...), '"')
}

// appendValue adds what was paid, in cents, and how many pieces.
func appendValue(body []byte, cents int64) []byte {
	body = strconv.AppendInt(append(body, `,"value":{"amount":"`...), cents/100, 10)
	body = append(body, '.', byte('0'+cents/10%10), byte('0'+cents%10))
	return append(body, `"},"properties":{"items":3}`...)
}

// appendPurchase adds a whole purchase.
func appendPurchase(body []byte, keys string, n int64, member fact.ID, cents int64) []byte {
	return append(appendValue(appendInput(body, keys, n, member, "purchase", "till"), cents), '}')
}

func beginBatch(body []byte) []byte { return append(body, batchHead...) }

// endBatch ends a batch whose every interaction is followed by a comma.
func endBatch(body []byte) []byte { return append(body[:len(body)-1], `]}}}`...) }

// buyersAtTill is a load: each client sends one random purchase of some of the buyers a request, or so many.
func (s *stage) buyersAtTill(name string, clients, batch int, buyers []fact.ID) []client {
	all := make([]client, clients)
	for i := range all {
		keys, chance, n := s.keys(name), rand.New(rand.NewPCG(uint64(i), uint64(s.serial))), int64(0)
		var body []byte
		purchase := func(body []byte) []byte {
			n++
			return appendPurchase(body, keys, n, buyers[chance.IntN(len(buyers))], 500+chance.Int64N(9500))
		}
		all[i] = func(c *connection) (int, error) {
			if batch == 1 {
				body = append(purchase(append(body[:0], singleHead...)), `}}`...)
			} else {
				body = beginBatch(body[:0])
				for range batch {
					body = append(purchase(body), ',')
				}
				body = endBatch(body)
			}
			answered, err := c.send("POST", "/graphql", s.partner, body)
			if err == nil {
				err = taken(answered, batch, false)
			}
			return batch, err
		}
	}
	return all
}

// measureSingle measures one purchase a mutation, at the figure's number of clients.
func measureSingle(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.readyToBuy(ctx); err != nil {
		return result{}, err
	}
	rivals := f.clients
	if f.clients > 1 {
		var err error
		if rivals, err = s.rival.suits(ctx, f.form()); err != nil {
			return result{}, err
		}
	}
	return s.measurePurchases(ctx, f, f.clients, 1, rivals)
}

// batchSize is how many interactions a call of interaction_batch has.
const batchSize = 100

// measureBatch measures batches, from as many callers at once as suit best.
func measureBatch(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.readyToBuy(ctx); err != nil {
		return result{}, err
	}
	rivals, err := s.rival.suits(ctx, f.form())
	if err != nil {
		return result{}, err
	}
	callers, best := 0, 0.0
	for _, n := range []int{1, 2, 4} {
		_, perSecond, err := load(ctx, s.server.address, s.buyersAtTill(f.name, n, batchSize, s.buyers), s.plan.warm)
		if err != nil {
			return result{}, err
		}
		say("  %d callers: %.0f %s", n, perSecond, f.unit)
		if perSecond > best {
			callers, best = n, perSecond
		}
	}
	return s.measurePurchases(ctx, f, callers, batchSize, rivals)
}

// readyToBuy starts the server, and fills both databases.
func (s *stage) readyToBuy(ctx context.Context) error {
	if err := s.enrolBuyers(ctx); err != nil {
		return err
	}
	if _, err := s.serving(ctx); err != nil {
		return err
	}
	return s.openRival(ctx)
}

// measurePurchases measures purchases of both sides in turns, after a warm-up, and makes sure that everything that was said to be taken is stored.
func (s *stage) measurePurchases(ctx context.Context, f figure, clients, batch, rivals int) (result, error) {
	var ours, theirs counted
	sides := []*counted{&ours, &theirs}
	for i, purpose := range []string{forServer, forRival} {
		db, err := s.database(purpose)
		if err != nil {
			return result{}, err
		}
		sides[i].who, sides[i].db = purpose, db
		if sides[i].before, err = sides[i].rows(ctx); err != nil {
			return result{}, err
		}
	}
	till := s.buyersAtTill(f.name, clients, batch, s.buyers)
	mine := func(length time.Duration) side {
		return func(ctx context.Context) (float64, error) {
			did, perSecond, err := load(ctx, s.server.address, till, length)
			ours.did += did
			return perSecond, err
		}
	}
	rival := func(length time.Duration) side {
		return func(ctx context.Context) (float64, error) {
			did, perSecond, err := s.rival.run(ctx, f.form(), rivals, length)
			theirs.did += did
			return perSecond, err
		}
	}
	for _, warmUp := range []side{mine(s.plan.warm), rival(s.plan.warm)} {
		if _, err := warmUp(ctx); err != nil {
			return result{}, err
		}
	}
	r, err := inTurns(ctx, s, f, mine(s.plan.length), rival(s.plan.length))
	if err != nil {
		return result{}, err
	}
	return r, errors.Join(ours.check(ctx), theirs.check(ctx))
}
