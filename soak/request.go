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
)

// request is what a client wants. It never changes: it is sent in the same words until it is answered, and again later.
type request struct {
	Key       string    `json:"key"`
	Operation operation `json:"operation"`
	Email     string    `json:"email"`            // of the member
	Cents     int64     `json:"cents,omitempty"`  // of a purchase
	Reward    string    `json:"reward,omitempty"` // of a redemption
}

// movements are what must follow from the request if it is granted.
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
func (r request) gain() int64 {
	kind, points := r.movements()
	if kind == "spend" {
		return -points
	}
	return points
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
}

func newPlanner(seed uint64, client, hot int) *planner {
	return &planner{client: client, hot: hot, random: rand.New(rand.NewPCG(seed, uint64(client)))}
}

// next is what the client wants next: one thing, or a batch of purchases.
func (p *planner) next() []request {
	switch n := p.random.IntN(100); {
	case n < 4:
		p.enrolled++
		return []request{{Key: p.key(), Operation: enrolment, Email: p.own(p.enrolled)}}
	case n < 50:
		return []request{p.purchase()}
	case n < 65:
		batch := make([]request, 2+p.random.IntN(9))
		for i := range batch {
			batch[i] = p.purchase()
		}
		return batch
	case n < 70:
		return []request{{Key: p.key(), Operation: redemption, Email: p.member(), Reward: pin}}
	default:
		return []request{{Key: p.key(), Operation: redemption, Email: p.member(), Reward: mug}}
	}
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
