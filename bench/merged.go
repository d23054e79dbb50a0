package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

const (
	pastOfMerged = 10000 // purchases of each of two that are merged
	mergePause   = time.Second
)

const mergeMutation = `mutation($input: MemberMergeInput!) { memberMerge(input: $input) { absorbed duplicate userErrors { field code message } } }`

// measureMerge measures purchases while two members with a long past are merged each second, against purchases while nobody is.
func measureMerge(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.enrolBuyers(ctx); err != nil {
		return result{}, err
	}
	p, err := s.serving(ctx)
	if err != nil {
		return result{}, err
	}
	pairs := s.plan.runs*int(s.plan.length/mergePause+1) + int(s.plan.warm/mergePause+1)
	say("  %d members make %d purchases each", 2*pairs, pastOfMerged)
	members, err := s.enrol(ctx, s.keys("merged"), 2*pairs)
	if err != nil {
		return result{}, err
	}
	keys := s.keys("merged")
	err = s.track(ctx, len(members)*pastOfMerged, func(place int, body []byte) []byte {
		return appendPurchase(body, keys, int64(place), members[place/pastOfMerged], 1000)
	})
	if err != nil {
		return result{}, err
	}
	if err := s.settle(ctx, forServer); err != nil {
		return result{}, err
	}
	var took []time.Duration
	merge := func(c *connection) (int, error) {
		if len(members) < 2 {
			return 0, fmt.Errorf("nobody is left to be merged after %d merges", len(took))
		}
		began := time.Now()
		if err := s.merge(c, members[0], members[1]); err != nil {
			return 0, err
		}
		members, took = members[2:], append(took, time.Since(began))
		time.Sleep(mergePause - time.Since(began))
		return 0, nil
	}
	buyers := func() []client { return s.buyersAtTill(f.name, f.clients, 1, s.buyers) }
	r, err := s.compare(ctx, f, s.loading(p, append(buyers(), merge)), s.loading(p, buyers()))
	if err == nil {
		slices.Sort(took)
		say("  %d merges took %s at the median, %s at most", len(took), took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	}
	return r, err
}

// merge makes one member of two.
func (s *stage) merge(c *connection, from, into fact.ID) error {
	answered, err := c.send("POST", "/graphql", s.operator, fmt.Appendf(nil, `{"query":%q,"variables":{"input":{"idempotencyKey":"merge %s","from":{"id":"%s"},"into":{"id":"%s"},"reason":"one person"}}}`,
		mergeMutation, from, from, into))
	if err == nil && !bytes.Contains(answered, fmt.Appendf(nil, `"absorbed":["%s"],"duplicate":false`, from)) {
		err = fmt.Errorf("a merge: %.600s", answered)
	}
	return err
}
