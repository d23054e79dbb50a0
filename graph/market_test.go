package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// market is a house whose programme is the market, with members to whom things happen at random.
type market struct {
	*house
	chance  *rand.Rand
	members []fact.ID
	open    []fact.ID // holds that were made
	tracked []fact.ID // interactions
	spent   []fact.ID // movements by which points were spent
	ask     *client
	keys    int
}

// newMarket has so many members.
func newMarket(t *testing.T, h *house, members int) *market {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	m := &market{house: h, chance: rand.New(rand.NewPCG(seed, 0))}
	h.id = h.publishes(t, "market", "")
	for range members {
		m.enrols(t)
	}
	m.ask = h.operator(t)
	return m
}

func (m *market) origin() engine.Origin {
	m.keys++
	return engine.Origin{Programme: m.id, Caller: "operator:anna", Key: fmt.Sprint("key ", m.keys)}
}

func (m *market) enrols(t *testing.T) {
	t.Helper()
	o, err := m.engine.Enrol(t.Context(), engine.Enrol{
		Origin: m.origin(), Touchpoint: "app", Identities: []engine.Identity{{Kind: fact.CRM, Value: fmt.Sprint("c", len(m.members))}},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	m.members = append(m.members, o.Member)
}

// happens does something at random to one of the members, and lets some time pass before or after. What is refused changes nothing, and counts too.
func (m *market) happens(t *testing.T) {
	t.Helper()
	who := m.members[m.chance.IntN(len(m.members))]
	points := fact.Points(1 + m.chance.IntN(15))
	switch m.chance.IntN(17) {
	case 0, 1:
		m.passes(time.Duration(m.chance.IntN(100)) * time.Hour)
	case 2:
		m.settles(t)
	case 3, 4:
		m.tracks(t, who, "purchase", int64(points), time.Duration(m.chance.IntN(40*24))*time.Hour*time.Duration(m.chance.IntN(2)))
	case 5:
		m.tracks(t, who, "visit", 0, 0)
	case 6:
		if m.chance.IntN(3) == 0 {
			points = -points
		}
		m.does(t, loyalty.Adjust{Points: points, Reason: "because", ExpireAfter: map[bool]string{true: "4 days"}[points > 8]}, engine.Ref{ID: who})
	case 7, 8:
		if o := m.does(t, loyalty.Hold{Points: points, ExpiresIn: time.Duration(1+m.chance.IntN(24*3600)) * time.Second}, engine.Ref{ID: who}); o.Refusal == nil {
			m.open = append(m.open, o.Own[0].As(fact.KindHold))
		}
	case 9:
		if len(m.open) > 0 {
			hold := m.open[m.chance.IntN(len(m.open))]
			if m.chance.IntN(2) == 0 {
				m.does(t, loyalty.Release{Hold: hold}, engine.Ref{Hold: hold})
			} else {
				m.does(t, loyalty.Capture{Hold: hold, Points: &points}, engine.Ref{Hold: hold})
			}
		}
	case 10:
		m.does(t, loyalty.Transfer{Points: points}, engine.Ref{ID: who}, engine.Ref{ID: m.members[m.chance.IntN(len(m.members))]})
	case 11:
		if o := m.redeems(t, who); o.Refusal == nil {
			m.spent = append(m.spent, o.MovementIDs[len(o.MovementIDs)-1])
		}
	case 12:
		m.tracks(t, who, "order", int64(points), 0)
	case 13:
		m.tracks(t, who, "delivery", 0, time.Duration(m.chance.IntN(48))*time.Hour)
	case 14:
		m.tracks(t, who, []string{"stay", "look"}[m.chance.IntN(2)], 0, 0)
	case 15:
		if len(m.tracked) > 0 {
			m.returns(t, m.tracked[m.chance.IntN(len(m.tracked))])
		}
	case 16:
		if len(m.spent) > 0 {
			m.refunds(t, m.spent[m.chance.IntN(len(m.spent))], points)
		}
	}
}

// returns an interaction.
func (m *market) returns(t *testing.T, interaction fact.ID) *engine.Outcome {
	t.Helper()
	o, err := m.engine.Reverse(t.Context(), engine.Reverse{Origin: m.origin(), Interaction: interaction})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// refunds points of a spend.
func (m *market) refunds(t *testing.T, spend fact.ID, points fact.Points) *engine.Outcome {
	t.Helper()
	o, err := m.engine.Refund(t.Context(), engine.Refund{Origin: m.origin(), Movement: spend, Points: &points})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// settles books what is due, as the clock does.
func (m *market) settles(t *testing.T) {
	t.Helper()
	if _, err := m.engine.Settle(t.Context(), 500); err != nil {
		t.Fatal(err)
	}
}

// tracks an event that occurred some time ago, worth so many whole euros.
func (m *market) tracks(t *testing.T, who fact.ID, event string, euros int64, ago time.Duration) *engine.Outcome {
	t.Helper()
	r := engine.Track{Origin: m.origin(), Member: engine.Ref{ID: who}, Event: event, Touchpoint: "stall"}
	if event == "order" || event == "delivery" {
		r.Properties = map[string]any{"number": int64(m.chance.IntN(3))}
	}
	if euros > 0 {
		r.Value = &engine.MoneyIn{Amount: decimal.NewFromInt(euros)}
	}
	if ago > 0 {
		r.Occurred = m.now().Add(-ago)
	}
	o, err := m.engine.Track(t.Context(), r)
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	m.tracked = append(m.tracked, o.Interaction)
	return o
}

func (m *market) does(t *testing.T, op loyalty.Operation, members ...engine.Ref) *engine.Outcome {
	t.Helper()
	o, err := m.engine.Operate(t.Context(), engine.Operate{Origin: m.origin(), Members: members, Operation: op})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (m *market) redeems(t *testing.T, who fact.ID) *engine.Outcome {
	t.Helper()
	p, err := m.library.Current(t.Context(), m.id)
	if err != nil {
		t.Fatal(err)
	}
	o, err := m.engine.Redeem(t.Context(), engine.Redeem{Origin: m.origin(), Member: engine.Ref{ID: who}, Reward: p.RewardByKey("basket").Definition})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// balances are an account's, as the API writes them.
type balances struct{ Pending, Available, Held, Debt int64 }

func (b balances) plus(c balances) balances {
	return balances{b.Pending + c.Pending, b.Available + c.Available, b.Held + c.Held, b.Debt + c.Debt}
}

const buckets = " pending available held debt "

// read reads what lies at a path of an answer.
func read[V any](t *testing.T, a answer, path string) (v V) {
	t.Helper()
	text, err := json.Marshal(a.at(path))
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// of asks for fields of a member's account as an operator.
func (m *market) account(t *testing.T, who fact.ID, fields string) answer {
	t.Helper()
	return m.ask.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { account { %s } } } } }`, who, fields), nil)
}

const account = "viewer.operator.member.account"
