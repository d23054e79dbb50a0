package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const outcomeFields = `duplicate movements { id number kind points after { available } } progress { count }`

const trackFields = `{ interaction { id } outcome { ` + outcomeFields + ` } userErrors { code message } }`

const (
	enrolQuery  = `mutation($input: MemberEnrolInput!) { one: memberEnrol(input: $input) { member { id } outcome { ` + outcomeFields + ` } userErrors { code message } } }`
	trackQuery  = `mutation($input: InteractionTrackInput!) { one: interactionTrack(input: $input) ` + trackFields + ` }`
	batchQuery  = `mutation($input: InteractionTrackBatchInput!) { many: interactionTrackBatch(input: $input) { results ` + trackFields + ` userErrors { code message } } }`
	redeemQuery = `mutation($input: RewardRedeemInput!) { one: rewardRedeem(input: $input) {
 redemption { id } movement { id number kind points after { available } } duplicate userErrors { code message } } }`
	reverseQuery = `mutation($input: InteractionReverseInput!) { one: interactionReverse(input: $input) {
 reversal { id value { amount } whole } duplicate outcome { ` + outcomeFields + ` } userErrors { code message } } }`
	refundQuery = `mutation($input: PointsRefundInput!) { one: pointsRefund(input: $input) {
 movement { id number kind points after { available } } cancelled: redemption { id } duplicate userErrors { code message } } }`
)

type object = map[string]any

// movedFields is a movement in an answer.
type movedFields struct {
	ID     string
	Number int64
	Kind   string
	Points int64
	After  struct{ Available int64 }
}

// payload is the answer to one request, whatever it asked for.
type payload struct {
	Interaction, Member, Redemption *struct{ ID string }
	Cancelled                       *struct{ ID string }
	Reversal                        *struct {
		ID    string
		Value struct{ Amount string }
		Whole bool
	}
	Outcome *struct {
		Duplicate bool
		Movements []movedFields
		Progress  []struct{ Count int64 }
	}
	Movement   *movedFields
	Duplicate  bool
	UserErrors []struct{ Code, Message string }
}

// facts are what an answer says, and whether it says that it was given before.
func (p *payload) facts() (a answer, duplicate bool, err error) {
	if len(p.UserErrors) > 0 {
		return answer{Refused: p.UserErrors[0].Code}, false, nil
	}
	moved := []movedFields(nil)
	duplicate = p.Duplicate
	if p.Outcome != nil {
		moved, duplicate = p.Outcome.Movements, p.Outcome.Duplicate
		for _, g := range p.Outcome.Progress {
			a.Count = g.Count
		}
	}
	if p.Movement != nil {
		moved = append(moved, *p.Movement)
	}
	for _, subject := range []*struct{ ID string }{p.Interaction, p.Member, p.Redemption} {
		if subject != nil {
			a.ID = subject.ID
		}
	}
	if v := p.Reversal; v != nil {
		if a.Back, err = cents(v.Value.Amount); err != nil {
			return a, false, err
		}
		a.ID, a.Whole = v.ID, v.Whole
	} else if a.ID == "" && p.Movement != nil {
		a.ID = p.Movement.ID
	}
	if p.Cancelled != nil {
		a.Cancelled = p.Cancelled.ID
	}
	if a.ID == "" {
		return a, false, errors.New("an answer that neither grants nor refuses")
	}
	for _, m := range moved {
		a.Movements = append(a.Movements, movement{m.ID, m.Number, strings.ToLower(m.Kind), m.Points, m.After.Available})
	}
	return a, duplicate, nil
}

// cents are an amount of euros.
func cents(amount string) (int64, error) {
	euros, rest, _ := strings.Cut(amount, ".")
	return strconv.ParseInt(euros+(rest + "00")[:2], 10, 64)
}

// body is what GraphQL answers.
type body struct {
	Data   json.RawMessage
	Errors []struct{ Message string }
}

var caller = &http.Client{
	Timeout:   15 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
}

// post sends a query. An answer with data and errors is both.
func post(ctx context.Context, url, token, query string, variables object) (body, error) {
	var b body
	content, err := json.Marshal(object{"query": query, "variables": variables})
	if err != nil {
		return b, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(content))
	if err != nil {
		return b, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := caller.Do(request)
	if err != nil {
		return b, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return b, err // the connection broke on the way: nothing was acknowledged
	}
	if err := json.Unmarshal(text, &b); err != nil || response.StatusCode != http.StatusOK {
		return b, fmt.Errorf("status %d: %.200s", response.StatusCode, text)
	}
	if len(b.Errors) > 0 {
		err = fmt.Errorf("%s", b.Errors[0].Message)
	}
	return b, err
}

// client sends one thing after another.
type client struct {
	*load
	plan *planner
	past []request // that were answered, the latest last
	seen int64     // how many faults it has noticed
}

// patience is how long a request may stay without an answer.
const patience = time.Minute

// memory is how many of its requests a client remembers, to send them again.
const memory = 64

// step wants one thing more, and sends it until it is answered. Sometimes it asks again for what it was answered before: always after a fault.
func (c *client) step(ctx context.Context) error {
	wanted := slices.DeleteFunc(c.plan.next(), func(r request) bool { return r.undoes() && c.journal.undone(r) == "" }) // it was refused
	chance := c.plan.random.IntN(100)
	if now := c.struck.Load(); now != c.seen {
		c.seen = now
		if err := c.settle(ctx, c.past[max(0, len(c.past)-8):]); err != nil {
			return err
		}
	}
	switch {
	case chance < 5: // twice at once
		var twin error
		var both sync.WaitGroup
		both.Go(func() { twin = c.settle(ctx, wanted) })
		err := c.settle(ctx, wanted)
		both.Wait()
		if err := errors.Join(err, twin); err != nil {
			return err
		}
	default:
		if err := c.settle(ctx, wanted); err != nil {
			return err
		}
	}
	if chance >= 90 && len(c.past) > 0 {
		i := c.plan.random.IntN(len(c.past))
		if err := c.settle(ctx, c.past[i:i+1]); err != nil {
			return err
		}
	}
	c.past = append(c.past, wanted...)
	c.past = c.past[max(0, len(c.past)-memory):]
	return nil
}

// settle sends requests until each of them is answered. Purchases go together, and what undoes something goes at once.
func (c *client) settle(ctx context.Context, wanted []request) error {
	var purchases, undoing []request
	for _, r := range wanted {
		switch {
		case r.Operation == purchase:
			purchases = append(purchases, r)
		case r.undoes():
			undoing = append(undoing, r)
		default:
			if err := c.until(ctx, []request{r}); err != nil {
				return err
			}
		}
	}
	errs := make([]error, len(undoing))
	var all sync.WaitGroup
	for i, r := range undoing {
		all.Go(func() { errs[i] = c.until(ctx, []request{r}) })
	}
	all.Wait()
	return errors.Join(append(errs, c.until(ctx, purchases))...)
}

// until sends requests, purchases if they are several, until all are answered.
func (c *client) until(ctx context.Context, open []request) error {
	deadline := time.Now().Add(patience)
	for len(open) > 0 {
		payloads, err := c.send(ctx, open)
		var left []request
		for i, r := range open {
			if payloads == nil || payloads[i] == nil {
				left = append(left, r)
				continue
			}
			a, duplicate, wrong := payloads[i].facts()
			if wrong != nil {
				c.journal.miss(r, wrong)
				left, err = append(left, r), wrong
				continue
			}
			if err := c.journal.write(r, a, duplicate); err != nil {
				return err
			}
		}
		if open = left; len(open) == 0 {
			return nil
		}
		c.failed.Add(1)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("soak: %s was not answered within %v: %v", open[0].Key, patience, err)
		}
		pause(ctx, time.Duration(5+c.attempts.Add(1)%32)*time.Millisecond)
	}
	return nil
}

var errNobody = errors.New("no server runs")

// send sends requests once. The payloads come in their order, nil for those that were not answered.
func (c *client) send(ctx context.Context, rs []request) ([]*payload, error) {
	url := c.site.address()
	if url == "" {
		return nil, errNobody
	}
	if len(rs) > 1 {
		inputs := make([]object, len(rs))
		for i, r := range rs {
			inputs[i] = c.input(r)
		}
		b, err := post(ctx, url, c.site.token, batchQuery, object{"input": object{"interactions": inputs}})
		var data struct {
			Many *struct {
				Results    []*payload
				UserErrors []struct{ Code, Message string }
			}
		}
		if len(b.Data) == 0 || json.Unmarshal(b.Data, &data) != nil || data.Many == nil || len(data.Many.Results) != len(rs) {
			return nil, err
		}
		for i, p := range data.Many.Results {
			if err != nil && p != nil && len(p.UserErrors) == 0 && (p.Interaction == nil || p.Outcome == nil) {
				data.Many.Results[i] = nil // an error kept it, or what followed from it, from being shown
			}
		}
		return data.Many.Results, err
	}
	query := map[operation]string{enrolment: enrolQuery, purchase: trackQuery, redemption: redeemQuery, reversal: reverseQuery, refund: refundQuery}[rs[0].Operation]
	b, err := post(ctx, url, c.site.token, query, object{"input": c.input(rs[0])})
	var data struct{ One *payload }
	if err != nil || json.Unmarshal(b.Data, &data) != nil || data.One == nil {
		return nil, err
	}
	return []*payload{data.One}, nil
}

// input is a request as the API takes it, the same words each time.
func (c *client) input(r request) object {
	identity := object{"kind": "EMAIL", "value": r.Email}
	switch r.Operation {
	case enrolment:
		return object{"idempotencyKey": r.Key, "touchpoint": "web", "identities": []object{identity}}
	case purchase:
		return object{
			"idempotencyKey": r.Key, "event": "purchase", "touchpoint": "till", "member": object{"identity": identity},
			"value": money(r.Cents), "properties": object{"ref": r.Key},
		}
	case reversal:
		in := object{"idempotencyKey": r.Key, "interaction": c.journal.undone(r)}
		if r.Cents > 0 {
			in["value"] = money(r.Cents)
		}
		return in
	case refund:
		in := object{"idempotencyKey": r.Key, "movement": c.journal.undone(r)}
		if r.Points > 0 {
			in["points"] = r.Points
		}
		return in
	default:
		return object{"idempotencyKey": r.Key, "reward": c.site.rewards[r.Reward], "member": object{"identity": identity}}
	}
}

func money(cents int64) object {
	return object{"amount": fmt.Sprintf("%d.%02d", cents/100, cents%100)}
}
