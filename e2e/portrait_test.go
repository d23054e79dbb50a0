package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// whole is a person as an operator sees it, by one query.
const whole = `query($who: MemberRef!) { viewer { operator { member(ref: $who) {
  id status absorbed identities { kind value } locale
  attributes { name value party touchpoint { key } lacking } dependents { kind attributes { name value touchpoint { key } } }
  consents { purpose { key } state textVersion touchpoint { key } } contact { channel allowed reason }
  metrics { metric { key } number state } account { available pending debt } tier { current { key } } persona { key }
  missions { mission { key } count completedAt } redemptions(first: 5) { edges { node { reward { key } } } }
  timeline(first: 50, filter: {kinds: [INTERACTION]}) { totalCount edges { node { interaction { event touchpoint { key } } } } } } } } }`

// portrait is what that query tells, a line each, without what changes from run to run. Of the timeline it has what came after the first so many.
func portrait(a answer, seen int) string {
	const of = "viewer.operator.member."
	var b strings.Builder
	line := func(name string, parts ...string) {
		if len(parts) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(parts, ", "))
		}
	}
	// each is what there is to say of each of a list, where there is something.
	each := func(list string, say func(at string) string) []string {
		var all []string
		for i := 0; a.at(fmt.Sprint(of, list, ".", i)) != nil; i++ {
			if s := say(fmt.Sprint(of, list, ".", i, ".")); s != "" {
				all = append(all, s)
			}
		}
		return all
	}
	value := func(path string) string { return strings.Trim(fmt.Sprint(a.at(path)), "[]") }
	line("life", strings.ToLower(a.text(of+"status")))
	line("identities", each("identities", func(at string) string { return strings.ToLower(a.text(at+"kind")) + " " + a.text(at+"value") })...)
	known := each("attributes", func(at string) string {
		s := fmt.Sprintf("%s %s (%s, %s)", a.text(at+"name"), value(at+"value"), strings.ToLower(a.text(at+"party")), a.text(at+"touchpoint.key"))
		if lacking := value(at + "lacking"); lacking != "" {
			s += " without " + lacking
		}
		return s
	})
	slices.Sort(known)
	line("known", known...)
	line("dependents", each("dependents", func(at string) string {
		s := a.text(at + "kind")
		for i := 0; a.at(fmt.Sprint(at, "attributes.", i)) != nil; i++ {
			s += " " + value(fmt.Sprint(at, "attributes.", i, ".value"))
		}
		return s
	})...)
	line("consents", each("consents", func(at string) string {
		s := a.text(at+"purpose.key") + " " + strings.ToLower(a.text(at+"state"))
		if where := a.text(at + "touchpoint.key"); where != "" {
			s += " (" + where + ", text " + a.text(at+"textVersion") + ")"
		}
		return s
	})...)
	line("contact", each("contact", func(at string) string {
		if a.at(at+"allowed") == true {
			return a.text(at+"channel") + " yes"
		}
		return a.text(at+"channel") + " " + strings.ToLower(a.text(at+"reason"))
	})...)
	line("metrics", each("metrics", func(at string) string { return a.text(at+"metric.key") + " " + value(at+"number") })...)
	line("points", fmt.Sprintf("%d available, %d pending, %d owed", a.number(of+"account.available"), a.number(of+"account.pending"), a.number(of+"account.debt")))
	line("missions", each("missions", func(at string) string {
		if a.at(at+"completedAt") != nil {
			return a.text(at+"mission.key") + " completed"
		}
		return fmt.Sprint(a.text(at+"mission.key"), " ", a.number(at+"count"))
	})...)
	if tier, persona := a.text(of+"tier.current.key"), a.text(of+"persona.key"); tier+persona != "" {
		line("tier and persona", strings.TrimSpace(tier+" "+persona))
	}
	line("rewards", each("redemptions.edges", func(at string) string { return a.text(at + "node.reward.key") })...)
	news := each("timeline.edges", func(at string) string {
		return a.text(at+"node.interaction.event") + " at " + a.text(at+"node.interaction.touchpoint.key")
	})
	slices.Reverse(news)
	line("since then", news[min(seen, len(news)):]...)
	return b.String()
}

// mill is a programme on a running server, and everybody who takes part in the story.
type mill struct {
	*server
	t                  *testing.T
	url                string // of the database
	anna               *client
	site, till         *client
	seen               int // of the timeline
	keys               int
	birth, childsBirth string
}

func (m *mill) key() string { m.keys++; return fmt.Sprint("story ", m.keys) }

// sees fails the test if the single view of whoever is named is another. In what is expected, BIRTH and CHILD are two birthdays.
func (m *mill) sees(who variables, want string) {
	m.t.Helper()
	a := m.anna.ask(m.t, whole, variables{"who": who})
	got := portrait(a, m.seen)
	want = strings.NewReplacer("BIRTH", m.birth, "CHILD", m.childsBirth, "\t", "").Replace(strings.TrimPrefix(want, "\n"))
	if got != want {
		m.t.Errorf("the single view is\n%s\nnot\n%s", got, want)
	}
	m.seen = a.number("viewer.operator.member.timeline.totalCount")
}

// does sends a mutation that must be granted; its answer.
func (m *mill) does(c *client, mutation, input, selection string, in variables) answer {
	m.t.Helper()
	in["idempotencyKey"] = m.key()
	a := c.ask(m.t, fmt.Sprintf(`mutation($input: %s!) { %s(input: $input) { %s userErrors { field code message } } }`, input, mutation, selection), variables{"input": in})
	if errs, _ := a.at(mutation + ".userErrors").([]any); len(errs) > 0 {
		m.t.Fatalf("%s: %v", mutation, errs)
	}
	return a
}

// tells sends an interaction of somebody; the points that it brought, by what gave them, and its id.
func (m *mill) tells(c *client, event, touchpoint string, in variables) (earned, id string) {
	m.t.Helper()
	in["event"], in["touchpoint"] = event, touchpoint
	a := m.does(c, "interactionTrack", "InteractionTrackInput", `interaction { id } outcome { movements { points why { key } } }`, in)
	var all []string
	for i := 0; a.at(fmt.Sprint("interactionTrack.outcome.movements.", i)) != nil; i++ {
		at := fmt.Sprint("interactionTrack.outcome.movements.", i, ".")
		all = append(all, fmt.Sprint(a.text(at+"why.key"), " ", a.number(at+"points")))
	}
	return strings.Join(all, ", "), a.text("interactionTrack.interaction.id")
}

func (m *mill) is(what, got, want string) {
	m.t.Helper()
	if got != want {
		m.t.Errorf("%s: %q, not %q", what, got, want)
	}
}

func (m *mill) token(arguments ...string) *client {
	m.t.Helper()
	out, code := granaio(m.t, append([]string{"token", "--data", m.data, "--database-url", m.url}, arguments...)...)
	if code != 0 {
		m.t.Fatal(out)
	}
	return m.as(strings.TrimSpace(out))
}

func named(kind, value string) variables {
	return variables{"identity": variables{"kind": kind, "value": value}}
}

func paid(amount string, who, at any) variables {
	return variables{"member": who, "value": variables{"amount": amount}, "occurredAt": at}
}

// lives watches a person's timeline. What it gives back waits until an interaction is the latest.
func (m *mill) lives(id string) func(event, touchpoint string) {
	m.t.Helper()
	s := m.anna.dial(m.t)
	s.subscribe("life", fmt.Sprintf(`subscription { timelineChanged(member: %q) { interactions(first: 1) { event touchpoint { key } } } }`, id))
	return func(event, touchpoint string) {
		m.t.Helper()
		want, last := event+" at "+touchpoint, ""
		for late := time.Now().Add(20 * time.Second); last != want; {
			f, err := s.next(time.Until(late))
			if err != nil || f.Type != "next" {
				m.t.Fatalf("%s was not seen live, the last was %q: %v %s %s", want, last, err, f.Type, f.Payload)
			}
			var a answer
			if err := json.Unmarshal(f.Payload, &a); err != nil || len(a.Errors) > 0 {
				m.t.Fatal(err, a.Errors)
			}
			last = a.text("timelineChanged.interactions.0.event") + " at " + a.text("timelineChanged.interactions.0.touchpoint.key")
		}
	}
}
