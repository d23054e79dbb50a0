package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"time"

	"granaio/auth"
	"granaio/loyalty/fact"
)

// reader is a member that looks at its home screen, with its token.
type reader struct {
	id    fact.ID
	token string
}

// Events of a reader's past, and how long ago the first may have been. None has expired: that takes a year.
const (
	pastEvents = 50
	pastDays   = 360
)

// enrolClients is how many connections members are enrolled over.
const enrolClients = 64

// enrolBuyers makes the members that interactions happen to, and lets each buy once, so that what is measured is not a first purchase.
func (s *stage) enrolBuyers(ctx context.Context) error {
	if s.buyers != nil {
		return nil
	}
	say("  enrolling %d members who buy", s.plan.buyers)
	members, err := s.enrol(ctx, "buyer", s.plan.buyers)
	if err != nil {
		return err
	}
	keys := s.keys("first")
	err = s.track(ctx, len(members), func(place int, body []byte) []byte {
		return appendPurchase(body, keys, int64(place), members[place], 1000)
	})
	if err != nil {
		return err
	}
	s.buyers = members
	return s.settle(ctx, forServer)
}

// enrolReaders makes the members that look at their home screens, with a past: four orders to a review, at random times.
func (s *stage) enrolReaders(ctx context.Context) error {
	if s.readers != nil {
		return nil
	}
	say("  enrolling %d members with a past of %d events", s.plan.readers, pastEvents)
	members, err := s.enrol(ctx, "reader", s.plan.readers)
	if err != nil {
		return err
	}
	keys, chance, now := s.keys("past"), rand.New(rand.NewPCG(1, 2)), time.Now()
	err = s.track(ctx, len(members)*pastEvents, func(place int, body []byte) []byte {
		at := now.Add(-time.Hour - time.Duration(chance.Int64N(int64(pastDays*24*time.Hour))))
		if place%5 == 4 {
			body = appendInput(body, keys, int64(place), members[place/pastEvents], "review", "app")
		} else {
			body = appendInput(body, keys, int64(place), members[place/pastEvents], "order", "app")
			body = appendValue(body, 500+chance.Int64N(9500))
		}
		return append(at.UTC().AppendFormat(append(body, `,"occurredAt":"`...), time.RFC3339), `"}`...)
	})
	if err != nil {
		return err
	}
	key, err := auth.LoadOrCreateKey(filepath.Join(s.data(), "issuer.pem"))
	if err != nil {
		return err
	}
	issuer := auth.NewIssuer(key, "granaio", "granaio")
	readers := make([]reader, len(members))
	for i, id := range members {
		token, err := issuer.Issue(auth.Claims{Role: auth.RoleMember, Programme: s.programme, Member: id})
		if err != nil {
			return err
		}
		readers[i] = reader{id, token}
	}
	s.readers = readers
	return s.settle(ctx, forServer)
}

const enrolMutation = `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) { member { id } userErrors { field code message } } }`

// enrol makes members through the API.
func (s *stage) enrol(ctx context.Context, name string, n int) ([]fact.ID, error) {
	server, err := s.serving(ctx)
	if err != nil {
		return nil, err
	}
	members := make([]fact.ID, n)
	err = each(ctx, server.address, enrolClients, n, func(c *connection, place int) error {
		body := fmt.Appendf(nil, `{"query":%q,"variables":{"input":{"idempotencyKey":"%s %d","touchpoint":"till","identities":[{"kind":"CARD","value":"%s%d"}]}}}`,
			enrolMutation, name, place, name, place)
		answered, err := c.send("POST", "/graphql", s.operator, body)
		if err != nil {
			return err
		}
		var answer struct {
			Data struct {
				MemberEnrol struct{ Member *struct{ ID fact.ID } }
			}
		}
		if err := json.Unmarshal(answered, &answer); err != nil {
			return err
		}
		if answer.Data.MemberEnrol.Member == nil {
			return fmt.Errorf("a member was not enrolled: %.600s", answered)
		}
		members[place] = answer.Data.MemberEnrol.Member.ID
		return nil
	})
	return members, err
}

// track sends n interactions in batches, one after the other. Input appends the one of a place.
func (s *stage) track(ctx context.Context, n int, input func(place int, body []byte) []byte) error {
	server, err := s.serving(ctx)
	if err != nil {
		return err
	}
	const size = 500
	return each(ctx, server.address, 1, (n+size-1)/size, func(c *connection, place int) error {
		first, last := place*size, min(n, (place+1)*size)
		body := beginBatch(nil)
		for i := first; i < last; i++ {
			body = append(input(i, body), ',')
		}
		answered, err := c.send("POST", "/graphql", s.partner, endBatch(body))
		if err != nil {
			return err
		}
		return taken(answered, last-first, true)
	})
}

// keys begins idempotency keys that were not used before.
func (s *stage) keys(name string) string {
	s.serial++
	return name + " " + strconv.Itoa(s.serial) + " "
}

var (
	noErrors = []byte(`"userErrors":[]`)
	isNew    = []byte(`"duplicate":false`)
	moved    = []byte(`"id":"mov_`)
)

// taken makes sure that an answer says of n interactions that they were taken, and were new. Each moved points once, or more often if it may.
func taken(answer []byte, n int, more bool) error {
	lists := n // of user errors: one each, and in a batch its own
	if bytes.Contains(answer, []byte(`"results"`)) {
		lists++
	}
	movements := bytes.Count(answer, moved)
	if bytes.Count(answer, noErrors) != lists || bytes.Count(answer, isNew) != n || movements < n || movements > n && !more {
		return fmt.Errorf("%d interactions were not taken as they should: %.1000s", n, answer)
	}
	return nil
}
