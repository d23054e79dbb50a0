package loyalty_test

import (
	"fmt"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// customer is someone of whom all is stored that a return needs to know, as a database would.
type customer struct {
	*someone
	interactions map[fact.ID]fact.Interaction
	missions     map[fact.ID][]string
	reversals    map[fact.ID][]loyalty.Reversal
	movements    []ledger.Movement
	lots         map[fact.ID]ledger.Lot
}

func serve(t *testing.T, spec *loyalty.Spec) *customer {
	return &customer{meet(t, spec), map[fact.ID]fact.Interaction{}, map[fact.ID][]string{}, map[fact.ID][]loyalty.Reversal{}, nil, map[fact.ID]ledger.Lot{}}
}

// stores takes what followed from something.
func (c *customer) stores(e *loyalty.Effects) *loyalty.Effects {
	c.state, c.movements = e.State, append(c.movements, e.Movements...)
	for _, l := range e.Lots {
		c.lots[l.ID] = l
	}
	return e
}

// does has something happen; the interaction's id.
func (c *customer) does(i fact.Interaction, now ...string) fact.ID {
	c.t.Helper()
	e := c.stores(c.takes(i, now...))
	c.interactions[i.ID] = i
	for _, p := range e.Progress {
		c.missions[i.ID] = append(c.missions[i.ID], p.Key)
	}
	c.missions[i.ID] = append(c.missions[i.ID], e.Beyond...)
	return i.ID
}

func (c *customer) pays(when string, cents int64, now ...string) fact.ID {
	c.t.Helper()
	i := c.interaction("purchase", when)
	i.Value = &fact.Money{Minor: cents, Currency: c.p.Currency()}
	return c.does(i, now...)
}

func (c *customer) earned(ids []fact.ID) (all []loyalty.Earned) {
	for _, id := range ids {
		e := loyalty.Earned{Lot: c.lots[id.As(fact.KindLot)]}
		for _, m := range c.movements {
			if m.ID == id {
				e.Movement = m
			}
			if m.Reverses() == id {
				e.Before = append(e.Before, m)
			}
		}
		all = append(all, e)
	}
	return all
}

// past is what is stored of an interaction.
func (c *customer) past(id fact.ID) *loyalty.Past {
	p := &loyalty.Past{Interaction: c.interactions[id], Missions: c.missions[id], Reversals: c.reversals[id]}
	var ids []fact.ID
	for _, m := range c.movements {
		if m.Kind == ledger.Earn && m.Reason.Interaction == id {
			ids = append(ids, m.ID)
		}
	}
	p.Earnings, p.Awards = c.earned(ids), c.earned(c.p.Awards(c.state, &p.Interaction, p.Missions))
	for other, i := range c.interactions {
		gone := false
		for _, r := range c.reversals[other] {
			gone = gone || r.Whole
		}
		if other == id || gone || i.Event != p.Interaction.Event {
			continue
		}
		if p.Others.First.IsZero() || i.Occurred.Before(p.Others.First) {
			p.Others.First = i.Occurred
		}
		if i.Occurred.After(p.Others.Last) {
			p.Others.Last = i.Occurred
		}
	}
	return p
}

// asks returns an interaction at an instant, or is told why not.
func (c *customer) asks(id fact.ID, r loyalty.Return, when string) (*loyalty.Effects, *fact.Refusal) {
	c.t.Helper()
	if r.Occurred.IsZero() {
		r.Occurred = at(when)
	}
	command := c.interaction("x", when).ID.As(fact.KindCommand)
	e, refusal, err := loyalty.Reverse(c.p, c.p, c.state, c.past(id), r, command, at(when))
	if err != nil {
		c.t.Fatalf("a return: %v", err)
	}
	return e, refusal
}

// returns gives back so many cents of an interaction; 0 for all of it.
func (c *customer) returns(id fact.ID, when string, cents int64) *loyalty.Effects {
	c.t.Helper()
	var r loyalty.Return
	if cents > 0 {
		r.Value = &fact.Money{Minor: cents, Currency: c.p.Currency()}
	}
	e, refusal := c.asks(id, r, when)
	if refusal != nil {
		c.t.Fatalf("%d of %s are not returned: %v", cents, id, refusal)
	}
	c.reversals[id] = append(c.reversals[id], *e.Reversal)
	return c.stores(e)
}

// took is what each movement took back, and of what: "per-euro 12".
func took(e *loyalty.Effects) (all []string) {
	for _, m := range e.Movements {
		all = append(all, fmt.Sprint(m.Kind, " ", m.Reason.Explanation.Key, " ", m.Points))
	}
	return all
}
