package soak

import (
	"fmt"
	"math/rand/v2"
)

// The arithmetic of shop.yaml.
const (
	welcome  = 50
	mug, pin = "mug", "pin"
	pins     = 40 // in stock
)

var prices = map[string]int64{mug: 30, pin: 5}

// operation is what a request asks for.
type operation string

// The operations, by the names that the database keeps.
const (
	enrolment  operation = "memberEnrol"
	purchase   operation = "interactionTrack"
	redemption operation = "rewardRedeem"
	reversal   operation = "interactionReverse"
	refund     operation = "pointsRefund"
)

// operations are all of them, in the order they are told of.
var operations = []operation{enrolment, purchase, redemption, reversal, refund}

// request is what a client wants. It never changes: it is sent in the same words until it is answered, and again later.
type request struct {
	Key       string    `json:"key"`
	Operation operation `json:"operation"`
	Email     string    `json:"email"`            // of the member
	Cents     int64     `json:"cents,omitempty"`  // of a purchase; of a return, 0 for all that is left
	Reward    string    `json:"reward,omitempty"` // of a redemption
	Of        string    `json:"of,omitempty"`     // of a return or a refund: the key of the purchase or redemption that is undone
	Points    int64     `json:"points,omitempty"` // of a refund; 0 for all that are left
}

// undoes tells whether the request is a return or a refund.
func (r request) undoes() bool { return r.Of != "" }

// movements are what must follow from the request if it is granted, unless it undoes another: what follows then depends on what was undone before.
func (r request) movements() (kind string, points int64) {
	switch r.Operation {
	case enrolment:
		return "earn", welcome
	case purchase:
		return "earn", r.Cents / 100
	default:
		return "spend", prices[r.Reward]
	}
}

// gain is what the request, granted, changes a balance by.
func (e *entry) gain() (sum int64) {
	if e.undoes() {
		for _, m := range e.Movements {
			sum += m.gain()
		}
		return sum
	}
	kind, points := e.movements()
	return movement{Kind: kind, Points: points}.gain()
}

// gain is what the movement changes a balance by.
func (m movement) gain() int64 {
	if m.Kind == "spend" || m.Kind == "reverse_earn" {
		return -m.Points
	}
	return m.Points
}

// hot is the address of one of the members that everybody contends for.
func hot(i int) string { return fmt.Sprintf("hot%d@example.com", i) }

// planner decides what one client wants. It depends on the seed and the client's number alone.
type planner struct {
	client   int
	hot      int // how many members all clients contend for
	random   *rand.Rand
	sent     int
	enrolled int
	// bought and had are the latest purchases and redemptions, granted or not.
	bought, had []request
}

// memories is how many purchases and redemptions a planner remembers, to undo them.
const memories = 24

func newPlanner(seed uint64, client, hot int) *planner {
	return &planner{client: client, hot: hot, random: rand.New(rand.NewPCG(seed, uint64(client)))}
}

// next is what the client wants next: one thing, a batch of purchases, or two that contend for undoing the same.
func (p *planner) next() []request {
	wanted := p.draw()
	for _, r := range wanted {
		switch r.Operation {
		case purchase:
			p.bought = append(p.bought, r)
		case redemption:
			p.had = append(p.had, r)
		}
	}
	p.bought, p.had = p.bought[max(0, len(p.bought)-memories):], p.had[max(0, len(p.had)-memories):]
	return wanted
}

func (p *planner) draw() []request {
	switch n := p.random.IntN(100); {
	case n < 4:
		p.enrolled++
		return []request{{Key: p.key(), Operation: enrolment, Email: p.own(p.enrolled)}}
	case n < 40:
		return []request{p.purchase()}
	case n < 52:
		batch := make([]request, 2+p.random.IntN(9))
		for i := range batch {
			batch[i] = p.purchase()
		}
		return batch
	case n < 59:
		return []request{{Key: p.key(), Operation: redemption, Email: p.member(), Reward: pin}}
	case n < 75:
		return []request{{Key: p.key(), Operation: redemption, Email: p.member(), Reward: mug}}
	case n < 88 && len(p.bought) > 0:
		return p.undo(reversal, p.bought[p.random.IntN(len(p.bought))])
	case len(p.had) > 0:
		return p.undo(refund, p.had[p.random.IntN(len(p.had))])
	default:
		return []request{p.purchase()}
	}
}

// undo wants something undone: a part of it, as a whole, or as a whole by two requests at once. Parts of purchases are whole euros, so that what they cost in
// points does not depend on their order.
func (p *planner) undo(o operation, of request) []request {
	r := request{Key: p.key(), Operation: o, Email: of.Email, Of: of.Key}
	switch n := p.random.IntN(6); {
	case n < 3 && o == reversal:
		r.Cents = 100 * (1 + p.random.Int64N(of.Cents/100+1))
	case n < 3:
		r.Points = 1 + p.random.Int64N(prices[of.Reward])
	case n == 3:
		rival := r
		rival.Key = p.key()
		return []request{r, rival}
	}
	return []request{r}
}

func (p *planner) purchase() request {
	return request{Key: p.key(), Operation: purchase, Email: p.member(), Cents: int64(p.random.IntN(1000))}
}

func (p *planner) key() string {
	p.sent++
	return fmt.Sprintf("c%d-%d", p.client, p.sent)
}

// member is whom the next request is about: mostly one of those that all contend for.
func (p *planner) member() string {
	if p.enrolled == 0 || p.random.IntN(5) > 0 {
		return hot(p.random.IntN(p.hot))
	}
	return p.own(1 + p.random.IntN(p.enrolled))
}

// own is the n-th member that the client enrols. Two neighbours want to enrol the same ones: only one of them can.
func (p *planner) own(n int) string { return fmt.Sprintf("pair%d-%d@example.com", p.client/2, n) }
