package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"granaio/engine"
	"granaio/loyalty/fact"
)

// watching is what is watched of a member, in one way: the next message's data, false once it is complete.
type watching func() (answer, bool)

// until reads messages until one says so.
func (w watching) until(t *testing.T, at, want string) answer {
	t.Helper()
	var got []string
	for range 20 {
		a, more := w()
		if !more {
			break
		}
		if len(a.Errors) > 0 {
			t.Fatalf("errors %v", a.Errors)
		}
		if got = append(got, fmt.Sprint(a.at(at))); got[len(got)-1] == want {
			return a
		}
	}
	t.Fatalf("%s was %s, and never %s", at, strings.Join(got, ", "), want)
	return answer{}
}

// ends reads to the end, and is what came last.
func (w watching) ends(t *testing.T) (last answer) {
	t.Helper()
	for range 20 {
		a, more := w()
		if !more {
			return last
		}
		last = a
	}
	t.Fatal("it does not end")
	return last
}

// watches are the ways to watch a member: its own token on a socket, an operator by server-sent events.
func (h *house) watches(t *testing.T, id fact.ID, name, fields string) map[string]watching {
	t.Helper()
	own := h.member(t, id).hello(t)
	own.subscribe("1", "subscription { "+name+" "+fields+" }")
	operators := h.operator(t).stream(t, fmt.Sprintf("subscription { %s(member: %q) %s }", name, id, fields))
	return map[string]watching{
		"itself": func() (answer, bool) {
			f, err := own.read()
			if err != nil {
				t.Fatal(err)
			}
			if f.Type == "complete" {
				return answer{}, false
			}
			a := answer{house: h}
			if err := json.Unmarshal(f.Payload, &a); err != nil {
				t.Fatal(err)
			}
			return a, true
		},
		"an operator": func() (answer, bool) {
			kind, a := operators.next()
			a.house = h
			return a, kind == "next"
		},
	}
}

// Whoever watches a member that is merged into another goes on with that one, by itself and as it then is: told by the process that did it, or by another whose word was lost. Once the
// member is erased, the watch is over.
func TestAWatchGoesOnAfterAMerge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna, nonno, zio := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com"), h.enrolled(t, "zio@example.com")
		h.buys(t, nonno, 60, 1)
		balances := h.watches(t, nonna, "balanceChanged", "{ account available version }")
		tiers := h.watches(t, nonna, "tierChanged", "{ member tier { key } }")
		timelines := h.watches(t, nonna, "timelineChanged", "{ member entries(first: 20) { kind interaction { event } } }")
		survivor := h.watches(t, nonno, "timelineChanged", "{ member entries(first: 20) { kind interaction { event } } }")
		for _, w := range balances {
			w.until(t, "balanceChanged.available", "50")
		}
		for _, w := range tiers {
			w.until(t, "tierChanged.tier", "<nil>")
		}
		for _, w := range timelines {
			w.until(t, "timelineChanged.member", nonna.String())
		}
		for _, w := range survivor {
			w.until(t, "timelineChanged.member", nonno.String())
		}
		events := func(a answer, event string) (n int) {
			return strings.Count(fmt.Sprint(a.at("timelineChanged.entries")), "event:"+event)
		}
		h.merges(t, nonna, nonno)
		for who, w := range balances {
			a := w.until(t, "balanceChanged.account", nonno.As(fact.KindAccount).String())
			if a.is(t, "balanceChanged.available", "160"); t.Failed() {
				t.Fatal(who)
			}
		}
		for _, w := range tiers {
			w.until(t, "tierChanged.member", nonno.String()).is(t, "tierChanged.tier.key", `"silver"`)
		}
		for who, w := range timelines {
			a := w.until(t, "timelineChanged.member", nonno.String())
			if n := events(a, "member.enrolled"); n != 2 {
				t.Errorf("%s sees %d enrolments: %v", who, n, a.at("timelineChanged.entries"))
			}
		}
		for who, w := range survivor {
			if a, _ := w(); events(a, "member.enrolled") != 2 {
				t.Errorf("%s sees, of whom it absorbed, %v", who, a.at("timelineChanged.entries"))
			}
		}
		h.buys(t, nonna, 10, 1) // by its old id
		for _, w := range balances {
			w.until(t, "balanceChanged.available", "170")
		}

		mute := engine.New(h.store, shelf{h.library}, engine.Nobody{}, engine.Options{Now: h.now})
		defer mute.Close()
		o, err := mute.Merge(t.Context(), engine.Merge{
			Origin: engine.Origin{Programme: h.id, Caller: "operator:anna", Key: "elsewhere"}, From: engine.Ref{ID: nonno}, Into: engine.Ref{ID: zio}, Reason: "again",
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		for _, w := range balances {
			w.until(t, "balanceChanged.account", zio.As(fact.KindAccount).String()).is(t, "balanceChanged.available", "220")
		}
		for _, w := range tiers {
			w.until(t, "tierChanged.member", zio.String())
		}
		for who, w := range timelines {
			if a := w.until(t, "timelineChanged.member", zio.String()); events(a, "member.enrolled") != 3 {
				t.Errorf("%s sees %v", who, a.at("timelineChanged.entries"))
			}
		}

		h.operator(t).ask(t, erase, input(variables{"idempotencyKey": "x", "member": variables{"id": nonna}})).sound(t).is(t, "memberErase.userErrors", "[]")
		for _, w := range balances {
			w.ends(t).is(t, "balanceChanged.available", "0")
		}
		for _, w := range tiers {
			w.ends(t).is(t, "tierChanged.tier", "null")
		}
		for _, w := range timelines {
			w.ends(t).is(t, "timelineChanged.member", fmt.Sprintf("%q", zio))
		}
		for _, w := range h.watches(t, zio, "balanceChanged", "{ available }") { // and whoever comes later is told at once
			w.ends(t).is(t, "balanceChanged.available", "0")
		}
	})
}

// A merge that moves no point is told too: an account without movements is followed.
func TestAWatchOfNothingGoesOnAfterAMerge(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonno := h.enrolled(t, "nonno@example.com")
		o, err := h.engine.Enrol(t.Context(), engine.Enrol{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "device"}, Touchpoint: "app", Identities: []engine.Identity{{Kind: fact.Device, Value: "phone"}}, Status: "anonymous",
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		watches := h.watches(t, o.Member, "balanceChanged", "{ available version }")
		for _, w := range watches {
			w.until(t, "balanceChanged.available", "0").is(t, "balanceChanged.version", "0")
		}
		h.merges(t, o.Member, nonno)
		for _, w := range watches {
			a, _ := w()
			a.is(t, "balanceChanged.available", "50")
		}
	})
}
