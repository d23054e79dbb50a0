package graph_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
)

const (
	standingNow = `{ member tier { key name } since until next { tier { key } remaining by } version at }`
	watchTier   = `subscription { tierChanged ` + standingNow + ` }`
)

// A member and an operator watch a tier: as it is at once, then as it rises by a purchase and falls by the clock. Another member hears nothing of it.
func TestATierIsWatched(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		l := newLodge(t, h)
		o, err := h.engine.Enrol(t.Context(), engine.Enrol{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "another"}, Touchpoint: "hut", Identities: []engine.Identity{{Kind: fact.Card, Value: "4712"}},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		other := &lodge{&dairy{house: h, rome: l.rome, who: o.Member, ask: l.ask, keys: 100}}
		y, m, _ := l.now().In(l.rome).Date()
		l.until(time.Date(y, m+1, 10, 12, 0, 0, 0, l.rome))

		own, stranger := l.member(t, l.who).hello(t), l.member(t, other.who).hello(t)
		own.subscribe("1", watchTier)
		stranger.subscribe("1", watchTier)
		operators := l.ask.stream(t, fmt.Sprintf(`subscription { tierChanged(member: %q) %s }`, l.who, standingNow))
		version, at := 0.0, ""
		everyone := func(key, until, remaining string) (a answer) { // what the member's screen and the operator's show next
			t.Helper()
			_, b := operators.next()
			a = own.expect("next", "1")
			for _, a := range []answer{a, b} {
				says(t, a, "tierChanged.member", l.who.String())
				says(t, a, "tierChanged.tier.key", key)
				says(t, a, "tierChanged.until", until)
				says(t, a, "tierChanged.next.remaining", remaining)
			}
			v, _ := a.at("tierChanged.version").(float64)
			now, _ := a.at("tierChanged.at").(string)
			if v < version || now <= at {
				t.Errorf("version %v at %s comes after %v at %s", v, now, version, at)
			}
			version, at = v, now
			return a
		}
		a := everyone("valley", "<nil>", "100.00")
		says(t, a, "tierChanged.tier.name", "Valle")
		says(t, a, "tierChanged.next.tier.key", "ridge")
		says(t, a, "tierChanged.next.by", time.Date(y, m+2, 1, 0, 0, 0, 0, l.rome).UTC().Format(time.RFC3339))
		says(t, stranger.expect("next", "1"), "tierChanged.member", other.who.String())

		l.does(t, "purchase", `, value: {amount: "100.50"}`)
		falls := time.Date(y, m+3, 6, 0, 0, 0, 0, l.rome)
		everyone("ridge", falls.UTC().Format(time.RFC3339), "<nil>")

		l.until(falls.Add(time.Minute))
		l.settles(t)
		a = everyone("valley", "<nil>", "100.00")
		says(t, a, "tierChanged.since", falls.UTC().Format(time.RFC3339))

		l.does(t, "purchase", `, value: {amount: "100"}`) // what the clock booked is not shown twice
		everyone("ridge", time.Date(y, m+5, 6, 0, 0, 0, 0, l.rome).UTC().Format(time.RFC3339), "<nil>")

		other.does(t, "guided", "")
		for {
			a := stranger.expect("next", "1")
			says(t, a, "tierChanged.member", other.who.String())
			if fmt.Sprint(a.at("tierChanged.tier.key")) == "summit" {
				break
			}
			says(t, a, "tierChanged.tier.key", "valley") // of another month
		}
	})
}

// Whoever begins to watch after a tier has ended sees the member fallen, before anybody books it; and how far it is to the next tier is kept up to date.
func TestATierIsWatchedAsOfNow(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		l := newLodge(t, h)
		y, m, _ := l.now().In(l.rome).Date()
		l.until(time.Date(y, m+1, 10, 12, 0, 0, 0, l.rome))
		l.does(t, "purchase", `, value: {amount: "100"}`)
		me := l.member(t, l.who)
		a := me.first(t, watchTier)
		says(t, a, "tierChanged.tier.key", "ridge")
		version := a.at("tierChanged.version")

		l.until(time.Date(y, m+3, 6, 0, 1, 0, 0, l.rome))
		events := me.stream(t, watchTier)
		_, a = events.next()
		says(t, a, "tierChanged.tier.key", "valley")
		says(t, a, "tierChanged.version", fmt.Sprint(version))
		says(t, a, "tierChanged.next.remaining", "100.00")

		l.does(t, "purchase", `, value: {amount: "12.50"}`)
		_, a = events.next()
		says(t, a, "tierChanged.tier.key", "valley")
		if got, _ := a.at("tierChanged.version").(float64); got <= version.(float64) {
			t.Errorf("version %v comes after %v", got, version)
		}
		says(t, a, "tierChanged.next.remaining", "87.50")
	})
}
