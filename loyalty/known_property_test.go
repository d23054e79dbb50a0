package loyalty_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// said is a value that somebody gave for an attribute.
type said struct {
	value any // nil for a removal
	party fact.Party
	day   int
}

// beats tells whether a value is believed, of two whose order is certain: that of the better source, or else the newer one.
func (x said) beats(y said, parties []fact.Party) bool {
	if mine, other := slices.Index(parties, x.party), slices.Index(parties, y.party); mine != other && parties != nil {
		return mine < other
	}
	return x.day > y.day
}

// best is the value that none beats; the last of those that are alike, and whether that is the only one.
func best(all []said, parties []fact.Party) (b said, certain bool) {
	for _, x := range all {
		if b.value == nil || !b.beats(x, parties) {
			b = x
		}
	}
	alike := 0
	for _, x := range all {
		if !b.beats(x, parties) {
			alike++
		}
	}
	return b, alike == 1
}

// another is somebody else in the same programme.
func (s *someone) another(n int) *someone {
	member := id(fact.KindMember, n)
	return &someone{t: s.t, p: s.p, n: 1000 * n, state: &loyalty.State{Member: loyalty.Member{
		ID: member, Account: member.As(fact.KindAccount), Status: loyalty.Registered, Enrolled: at("2026-01-02 10:00"),
	}, Account: ledger.Account{ID: member.As(fact.KindAccount)}}}
}

// absorbs is the one that the two are, if the other joins this one.
func (s *someone) absorbs(o *someone) *loyalty.State {
	s.t.Helper()
	all, refusal, err := loyalty.Merge(s.p, id(fact.KindCommand, 9999), at("2026-06-01 00:00"), s.state, o.state)
	if err != nil || refusal != nil {
		s.t.Fatal(refusal, err)
	}
	return all[0].State
}

// What is known of a member is what the best source said last, in whatever order it is heard; also of two who turn out to be one, whichever joins the other.
func TestWhatIsBelievedDoesNotDependOnTheOrder(t *testing.T) {
	s := meet(t, nursery())
	for attribute, parties := range map[string][]fact.Party{"favourite": fact.Parties, "motto": nil} {
		rapid.Check(t, func(rt *rapid.T) {
			two := []*someone{s.another(1), s.another(2)}
			var heard [2][]said
			for n := range rapid.IntRange(1, 8).Draw(rt, "values") {
				x := said{fmt.Sprint("v", n), rapid.SampledFrom(fact.Parties).Draw(rt, "party"), rapid.IntRange(1, 9).Draw(rt, "day")}
				who := rapid.IntRange(0, 1).Draw(rt, "who")
				heard[who] = append(heard[who], x)
				e, r := two[who].says(fmt.Sprintf("2026-05-0%d 10:00", x.day), loyalty.Update{Party: x.party, Attributes: map[string]any{attribute: x.value}})
				want, _ := best(heard[who], parties)
				if r != nil || two[who].told(attribute) != fmt.Sprintf("%v %s", want.value, want.party) {
					rt.Fatalf("%+v: known is %s, not %+v; %v", heard[who], two[who].told(attribute), want, r)
				}
				if taken := e.Attributes[0].State == loyalty.Taken; taken != (want == x) {
					rt.Fatalf("%+v: the last is %s", heard[who], e.Attributes[0].State)
				}
			}
			want, certain := best(slices.Concat(heard[0], heard[1]), parties)
			for i, o := range two {
				if got := o.absorbs(two[1-i]).Doc.Profile.Known().Attributes[attribute]; certain && got.Value != want.value {
					rt.Fatalf("%+v: of both together %v is known, not %v", heard, got.Value, want.value)
				}
			}
		})
	}
}

// What was removed is not brought back by what was said before; and what two who turn out to be one are known by does not depend on which joins the other.
func TestWhatWasRemovedStaysAway(t *testing.T) {
	s := meet(t, nursery())
	rapid.Check(t, func(rt *rapid.T) {
		two := []*someone{s.another(1), s.another(2)}
		removed, days := [2]int{}, rapid.Permutation([]int{1, 2, 3, 4, 5, 6, 7, 8, 9}).Draw(rt, "days")
		for n := range rapid.IntRange(1, 9).Draw(rt, "values") {
			who, x := rapid.IntRange(0, 1).Draw(rt, "who"), said{nil, rapid.SampledFrom(fact.Parties).Draw(rt, "party"), days[n]}
			if rapid.IntRange(0, 2).Draw(rt, "removed") > 0 {
				x.value = fmt.Sprint("v", n)
			}
			e, r := two[who].says(fmt.Sprintf("2026-05-0%d 10:00", x.day), loyalty.Update{Party: x.party, Attributes: map[string]any{"favourite": x.value}})
			if r != nil {
				rt.Fatal(r)
			}
			if e != nil && e.Attributes[0].State == loyalty.Removed {
				removed[who] = max(removed[who], x.day)
			}
			if known := two[who].state.Doc.Profile.Known().Attributes["favourite"]; known.Value != nil && known.At.Day() < removed[who] {
				rt.Fatalf("%v of day %d is known, and it was removed on day %d", known.Value, known.At.Day(), removed[who])
			}
		}
		one, other := two[0].absorbs(two[1]), two[1].absorbs(two[0])
		a, b := one.Doc.Profile.Known().Attributes["favourite"], other.Doc.Profile.Known().Attributes["favourite"]
		if a.Value != b.Value || a.Party != b.Party || !a.At.Equal(b.At) {
			rt.Fatalf("known is %+v if the second joins the first, and else %+v", a, b)
		}
		for _, c := range s.p.Conflicts(&two[0].state.Doc, &two[1].state.Doc) {
			if c.Kept.Value != a.Value || c.Kept.Value == c.Dropped.Value {
				rt.Fatalf("it was said that %v would be kept and %v dropped, and known is %v", c.Kept.Value, c.Dropped.Value, a.Value)
			}
		}
	})
}

// decided is a decision about a purpose.
type decided struct {
	state consent.State
	day   int
}

// What a member decided last holds, in whatever order it is heard: without a yes nothing is concluded from what needs it, and what is promised for buying is paid all the
// same. Of two who turn out to be one, the later decision holds; of two at one instant the one that is no yes.
func TestWhatWasDecidedLastHolds(t *testing.T) {
	s := meet(t, asking())
	rapid.Check(t, func(rt *rapid.T) {
		two := []*someone{s.another(1), s.another(2)}
		diet := rapid.SampledFrom([]string{"vegan", "any"}).Draw(rt, "diet")
		holds := [2]map[string]decided{{}, {}}
		gives := func(who int, purpose string) bool { return holds[who][purpose].state == consent.Given }
		for _, o := range two {
			o.state.Doc.Profile = knows("diet", diet, "children", int64(2))
		}
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			who, day := rapid.IntRange(0, 1).Draw(rt, "who"), rapid.IntRange(1, 4).Draw(rt, "day")
			when := fmt.Sprintf("2026-05-0%d 10:00", day)
			if rapid.Bool().Draw(rt, "buys") {
				got := order(two[who].buys(when, 1000, "2026-06-01 00:00"))
				for rule, want := range map[string]bool{
					"per-euro": true, "green": gives(who, "profile") && diet == "vegan", "others": gives(who, "profile") && diet != "vegan", "kids": gives(who, "family"),
				} {
					if slices.Contains(got, rule) != want {
						rt.Fatalf("with %v it is %v that %s gives: %v", holds[who], !want, rule, got)
					}
				}
				continue
			}
			purpose := rapid.SampledFrom([]string{"profile", "family", "news"}).Draw(rt, "purpose")
			x := decided{rapid.SampledFrom(consent.Decisions).Draw(rt, "state"), day}
			if _, r := two[who].decides(when, loyalty.Choice{Purpose: purpose, State: x.state}); r != nil {
				rt.Fatal(r)
			}
			if x.day >= holds[who][purpose].day {
				holds[who][purpose] = x
			}
			if is := len(two[who].state.Doc.Affinities) > 0; is != gives(who, "profile") {
				rt.Fatalf("with %v it is %v that it is likened to personas", holds[who], is)
			}
		}
		both := map[string]decided{}
		for _, h := range holds {
			for purpose, x := range h {
				if y, ok := both[purpose]; !ok || x.day > y.day || x.day == y.day && x.state != consent.Given {
					both[purpose] = x
				}
			}
		}
		for i, o := range two {
			one := o.absorbs(two[1-i])
			for _, purpose := range []string{"profile", "family", "news"} {
				if got := one.Doc.Consents.Gives(purpose); got != (both[purpose].state == consent.Given) {
					rt.Fatalf("%s is given by both together: %v; %v", purpose, got, holds)
				}
			}
			if is := len(one.Doc.Affinities) > 0; is != one.Doc.Consents.Gives("profile") {
				rt.Fatalf("both together are likened to personas: %v; %v", is, holds)
			}
		}
	})
}
