package programme_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// office is where a programme is edited, by a clock that a test sets.
type office struct {
	*programme.Editor
	store   *store.Store
	library *programme.Library
	id      fact.ID
	now     time.Time
}

// offices runs a test on both databases, with the small programme published.
func offices(t *testing.T, test func(*testing.T, *office)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := &office{store: s, library: programme.NewLibrary(s), now: noon.Add(time.Hour)}
		o.id = take(t, s, small(t), noon).Programme
		o.Editor = programme.NewEditor(s, func() time.Time { return o.now })
		test(t, o)
	})
}

func (o *office) anna() programme.Author {
	return programme.Author{Programme: o.id, Caller: "operator:anna"}
}

// done fails the test unless an edit was granted.
func done(t *testing.T, e *programme.Edit, err error) *programme.Edit {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if e.Refusal != nil || len(e.Problems) > 0 {
		t.Fatalf("refused: %v, %v", e.Refusal, e.Problems)
	}
	return e
}

// refused fails the test unless an edit was refused with the code, in words that hold the others.
func refused(t *testing.T, e *programme.Edit, err error, code fact.Code, words ...string) {
	t.Helper()
	switch {
	case err != nil:
		t.Fatal(err)
	case e.Refusal == nil || e.Refusal.Code != code:
		t.Fatalf("not refused with %s: %v %v", code, e.Refusal, e.Problems)
	}
	for _, w := range words {
		if !strings.Contains(e.Refusal.Message, w) {
			t.Errorf("it says nothing of %q: %s", w, e.Refusal.Message)
		}
	}
}

// wrong compares the problems of an edit with what is expected: each "the definition: path: part of the message".
func wrong(t *testing.T, e *programme.Edit, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i := range max(len(want), len(e.Problems)) {
		switch {
		case i >= len(want):
			t.Errorf("an unexpected problem: %s", e.Problems[i])
		case i >= len(e.Problems):
			t.Errorf("not told: %s", want[i])
		case !strings.HasPrefix(e.Problems[i].String(), want[i]):
			t.Errorf("told   %s\nwanted %s", e.Problems[i], want[i])
		}
	}
}

func (o *office) draft(t *testing.T, kind, text string, expected int) *programme.Edit {
	t.Helper()
	e, err := o.Draft(t.Context(), o.anna(), programme.Draft{Kind: kind, Text: programme.Text{YAML: text}, Expected: expected})
	return done(t, e, err)
}

func (o *office) publish(t *testing.T, p programme.Publication) *programme.Edit {
	t.Helper()
	e, err := o.Publish(t.Context(), o.anna(), p)
	return done(t, e, err)
}

// at is the programme as it is in force at an instant, to a process that has not looked before.
func (o *office) at(t *testing.T, instant time.Time) *loyalty.Programme {
	t.Helper()
	line, err := programme.NewLibrary(o.store).Latest(t.Context(), o.id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := line.Current(t.Context(), instant)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// gives is how many points the rule that the tests change gives at an instant: 0 if it is not in force, -1 if it rests.
func (o *office) gives(t *testing.T, instant time.Time) fact.Points {
	t.Helper()
	p := o.at(t, instant)
	if p.Paused(fact.KindRule, "parents") {
		return -1
	}
	r := p.Rule("parents")
	if r == nil {
		return 0
	}
	return r.Award.Fixed
}

func parents(points string) string {
	return "key: parents\nname: {en: Parents}\non: [purchase]\nwhen: member.attributes.children > 0\naward: {points: " + points + "}\n"
}

func step(action programme.Action, kind, key string) programme.Step {
	return programme.Step{Definition: programme.Name{Kind: kind, Key: key}, Action: action}
}

func number(n int) *int { return &n }

func TestADraftIsInForceOnceItIsPublished(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.draft(t, "rule", parents("7"), 1)
		if got := o.gives(t, o.now); got != 5 {
			t.Errorf("a draft gives %d points already", got)
		}
		e := o.publish(t, programme.Publication{Expected: number(1)})
		if e.Version != 2 || len(e.Changes) != 1 || e.Changes[0].String() != "~ rule “parents”\n    award.points: 5 → 7" {
			t.Errorf("published version %d: %v", e.Version, e.Changes)
		}
		if before, after := o.gives(t, o.now.Add(-time.Second)), o.gives(t, o.now); before != 5 || after != 7 {
			t.Errorf("it gave %d, and gives %d", before, after)
		}
		again, err := o.Publish(t.Context(), o.anna(), programme.Publication{})
		refused(t, again, err, fact.CodeUnchanged, "no draft")
	})
}

func TestDraftsArePublishedTogetherOrNotAtAll(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.draft(t, "rule", "key: riders\nname: {en: Riders}\non: [purchase]\naward: {points: 3}\n", 0)
		o.draft(t, "rule", "key: twice\nname: {en: Twice}\non: [purchase]\nmultiply: \"2\"\nof: [riders]\n", 0)
		// The second alone names a rule that is not in force.
		e, err := o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{step(programme.Publish, "rule", "twice")}})
		wrong(t, e, err, "rule “twice”: of[0]: unknown rule “riders”")
		if o.at(t, o.now).Number() != 1 {
			t.Error("something was published")
		}
		if e := o.publish(t, programme.Publication{}); e.Version != 2 || o.at(t, o.now).Rule("twice") == nil || o.at(t, o.now).Rule("riders") == nil {
			t.Errorf("published %+v", e)
		}
	})
}

func TestADraftThatBreaksWhatIsPublishedIsRefusedWithBothNames(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		settings := with(t, settingsOf(t), "  purchase: {name: {en: purchase}, value: required, properties: {items: int}}\n", "")
		e := o.draft(t, "settings", settings, 1)
		if len(e.Breaks) == 0 || e.Breaks[0].Kind != "mission" || e.Breaks[0].Key != "thrice" {
			t.Errorf("when it is saved it tells of %v", e.Breaks)
		}
		before := rows(t, o.store)
		e, err := o.Publish(t.Context(), o.anna(), programme.Publication{})
		wrong(t, e, err,
			"mission “thrice”: on[0]: unknown event “purchase”; these changes drop the event “purchase”",
			"rule “parents”: on[0]: unknown event “purchase”; these changes drop the event “purchase”",
			"rule “spend”: on[0]: unknown event “purchase”; these changes drop the event “purchase”")
		for _, c := range []struct {
			kind, key string
			draft     string
			want      string
		}{
			{"rule", "spend", "key: double\nname: {en: Double}\non: [purchase]\nmultiply: \"2\"\nof: [spend]\n", "rule “double”: of[0]: unknown rule “spend”; these changes drop rule “spend”"},
			{"tier", "silver", "key: pin\nname: {en: Pin}\nkind: product\nprice: 5\ntier: silver\n", "reward “pin”: tier: unknown tier “silver”; these changes drop tier “silver”"},
		} {
			kind := map[string]string{"rule": "rule", "tier": "reward"}[c.kind]
			key := strings.TrimPrefix(strings.SplitN(c.draft, "\n", 2)[0], "key: ")
			discard(t, o)
			o.draft(t, kind, c.draft, 0)
			o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Publish, kind, key)}})
			e, err := o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{step(programme.Retire, c.kind, c.key)}})
			wrong(t, e, err, c.want)
			o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Retire, kind, key), step(programme.Retire, c.kind, c.key)}})
		}
		if after := rows(t, o.store); after[1] != before[1]+4 {
			t.Errorf("rows %v became %v: the refused ones left something", before, after)
		}
	})
}

// discard gives the settings' draft up, if there is one.
func discard(t *testing.T, o *office) {
	t.Helper()
	if e, err := o.Discard(t.Context(), o.anna(), programme.Name{Kind: "settings"}, 0); err != nil || e.Refusal != nil && e.Refusal.Code != fact.CodeUnchanged {
		t.Fatal(e, err)
	}
}

// settingsOf is the settings of the small programme as a text of their own.
func settingsOf(t *testing.T) string {
	t.Helper()
	_, text, _ := strings.Cut(small(t), "programme:\n")
	text, _, _ = strings.Cut(text, "touchpoints:\n")
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, "  ")
	}
	return strings.Join(lines, "")
}

func TestOfTwoPublicationsAtOnceOneWins(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.draft(t, "rule", parents("7"), 1)
		var all sync.WaitGroup
		edits := make([]*programme.Edit, 4)
		for i := range edits {
			all.Go(func() {
				var err error
				if edits[i], err = o.Publish(t.Context(), o.anna(), programme.Publication{
					Steps:    []programme.Step{step([]programme.Action{programme.Publish, programme.Pause, programme.Retire, programme.Pause}[i], "rule", []string{"parents", "parents", "parents", "spend"}[i])},
					Expected: number(1),
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		won := 0
		for _, e := range edits {
			if e != nil && e.Refusal == nil {
				won++
				continue
			}
			refused(t, e, nil, fact.CodeConflict, "you know version 1", "version 2 was published meanwhile by operator:anna")
		}
		if got := len(versions(t, o.store)); won != 1 || got != 2 {
			t.Errorf("%d publications won; there are %d versions", won, got)
		}
	})
}

func TestTwoAuthorsOfADraftDoNotOverwriteEachOther(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.draft(t, "rule", parents("7"), 1)
		late := programme.Draft{Kind: "rule", Text: programme.Text{YAML: parents("9")}, Expected: 1}
		e, err := o.Draft(t.Context(), programme.Author{Programme: o.id, Caller: "operator:bea"}, late)
		refused(t, e, err, fact.CodeConflict, "revision 2 was made meanwhile by operator:anna")
		late.Expected = 0
		e, err = o.Draft(t.Context(), o.anna(), late)
		refused(t, e, err, fact.CodeConflict, "there is rule “parents” already, with 2 revisions")
		late.Expected = 2
		e, err = o.Draft(t.Context(), o.anna(), late)
		done(t, e, err)
		// What somebody publishes meanwhile is not undone by an older draft.
		take(t, o.store, edition(t, 11), o.now)
		o.now = o.now.Add(time.Minute)
		e, err = o.Publish(t.Context(), o.anna(), programme.Publication{})
		refused(t, e, err, fact.CodeConflict, "revision 3, is older than revision 4 by operator:anna, which is in force")
	})
}

func TestADraftCanBeGivenUp(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.draft(t, "rule", parents("7"), 1)
		name := programme.Name{Kind: "rule", Key: "parents"}
		e, err := o.Discard(t.Context(), o.anna(), name, 5)
		refused(t, e, err, fact.CodeConflict, "the draft is revision 2 by now")
		e, err = o.Discard(t.Context(), o.anna(), name, 2)
		done(t, e, err)
		e, err = o.Discard(t.Context(), o.anna(), name, 0)
		refused(t, e, err, fact.CodeUnchanged, "rule “parents” has no draft")
		e, err = o.Discard(t.Context(), o.anna(), programme.Name{Kind: "rule", Key: "nothing"}, 0)
		refused(t, e, err, fact.CodeUnknownDefinition, "rule “nothing”")
		if got := o.gives(t, o.now); got != 5 {
			t.Errorf("the rule gives %d", got)
		}
	})
}

func TestWhatIsPausedRestsUntilItIsResumed(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Pause, "rule", "parents")}})
		e, err := o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{step(programme.Pause, "rule", "parents")}})
		refused(t, e, err, fact.CodeUnchanged, "rule “parents” is paused already")
		e, err = o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{step(programme.Pause, "tier", "silver")}})
		refused(t, e, err, fact.CodeInvalid, "tier “silver” cannot be paused")
		// A new revision does not wake it.
		o.now = o.now.Add(time.Minute)
		o.draft(t, "rule", parents("7"), 1)
		o.publish(t, programme.Publication{})
		if got := o.gives(t, o.now); got != -1 {
			t.Errorf("it gives %d while it is paused", got)
		}
		// It is written into a file, and read from there.
		text, err := programme.Export(t.Context(), o.store, o.id, 3)
		if err != nil || !strings.Contains(string(text), "paused:\n  rules:\n    - parents\n") {
			t.Fatalf("exported as %s, %v", text, err)
		}
		if again := take(t, o.store, string(text), o.now); !again.Unchanged() {
			t.Errorf("imported again it is %s", again)
		}
		o.now = o.now.Add(time.Minute)
		o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Resume, "rule", "parents")}})
		if got := o.gives(t, o.now); got != 7 {
			t.Errorf("it gives %d once it is resumed", got)
		}
	})
}
