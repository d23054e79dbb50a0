package programme_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/ent/change"
	"granaio/loyalty/fact"
	"granaio/programme"
)

func TestAScheduledVersionComesAtItsInstant(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		friday := o.now.Add(48 * time.Hour)
		watching := o.library // a process that has looked before it was scheduled, and looks again
		if _, err := watching.Current(t.Context(), o.id); err != nil {
			t.Fatal(err)
		}
		o.draft(t, "rule", parents("7"), 1)
		e, err := o.Publish(t.Context(), o.anna(), programme.Publication{At: o.now})
		refused(t, e, err, fact.CodeInPast, "leave the instant out")
		if e := o.publish(t, programme.Publication{At: friday, Note: "for the weekend"}); e.Version != 2 {
			t.Errorf("it is version %d", e.Version)
		}
		line, err := watching.Latest(t.Context(), o.id)
		if err != nil {
			t.Fatal(err)
		}
		for instant, want := range map[time.Time]int{o.now: 1, friday.Add(-time.Microsecond): 1, friday: 2, friday.Add(time.Hour): 2} {
			if p, err := line.Current(t.Context(), instant); err != nil || p.Number() != want {
				t.Errorf("at %s version %d is in force, %v", instant, p.Number(), err)
			}
			if p := at(t, line, instant); p.Number() != want {
				t.Errorf("what occurs at %s is decided by version %d", instant, p.Number())
			}
		}
		for n, want := range map[int][2]programme.VersionState{1: {programme.InForce, programme.Past}, 2: {programme.Scheduled, programme.InForce}} {
			if got := [2]programme.VersionState{line.State(n, o.now), line.State(n, friday)}; got != want {
				t.Errorf("version %d is %v", n, got)
			}
		}
		if note := o.store.Ent().Note.Query().OnlyX(system); note.Text != "for the weekend" || note.ID != versions(t, o.store)[1].ID {
			t.Errorf("the note is %v", note)
		}
	})
}

// What is published before a scheduled version's instant stays when that comes, and so do its own changes.
func TestWhatIsScheduledIsMadeAnewOnWhatIsPublishedBefore(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		friday, saturday := o.now.Add(48*time.Hour), o.now.Add(72*time.Hour)
		o.draft(t, "rule", parents("7"), 1)
		o.publish(t, programme.Publication{At: friday, Note: "more"})
		o.draft(t, "reward", "key: pin\nname: {en: Pin}\nkind: product\nprice: 5\n", 0)
		o.publish(t, programme.Publication{At: saturday})
		// At once, though two are scheduled: a mission, and a pause of the very rule that Friday changes.
		o.now = o.now.Add(time.Hour)
		o.draft(t, "mission", "key: once\nname: {en: Once}\non: [purchase]\ntarget: 1\naward: {points: 1}\n", 0)
		e := o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Publish, "mission", "once"), step(programme.Pause, "rule", "parents")}})
		if e.Version != 4 || o.at(t, o.now).Number() != 4 {
			t.Errorf("published as version %d; version %d is in force", e.Version, o.at(t, o.now).Number())
		}
		now, then, later := o.at(t, o.now), o.at(t, friday), o.at(t, saturday)
		if now.MissionByKey("once") == nil || now.Rule("parents").Number != 1 || now.RewardByKey("pin") != nil {
			t.Error("now there is not what was published at once, alone")
		}
		if then.Number() != 5 || then.MissionByKey("once") == nil || then.Rule("parents").Number != 2 || !then.Paused(fact.KindRule, "parents") {
			t.Errorf("on Friday, version %d, there are not both what was published at once and what was scheduled", then.Number())
		}
		if later.Number() != 6 || later.RewardByKey("pin") == nil || later.MissionByKey("once") == nil || later.Rule("parents").Number != 2 {
			t.Errorf("on Saturday, version %d, something is missing", later.Number())
		}
		rows := versions(t, o.store)
		if r := rows[4]; r.Cause != "renewal" || *r.Of != 2 || !r.EffectiveFrom.Equal(friday) {
			t.Errorf("Friday's is %v", r)
		}
		if n := o.store.Ent().Note.Query().CountX(system); n != 2 {
			t.Errorf("the note is there %d times, not with both", n)
		}
		// The same revision of the same rule from two sides: who comes second is told.
		o.draft(t, "rule", parents("9"), 2)
		again, err := o.Publish(t.Context(), o.anna(), programme.Publication{})
		refused(t, again, err, fact.CodeConflict, "version 5, which comes into force at "+friday.Format(time.RFC3339)+", changes rule “parents” too: cancel it first")
	})
}

func TestWhatWouldBreakAScheduledVersionIsRefused(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		friday := o.now.Add(48 * time.Hour)
		o.draft(t, "rule", "key: double\nname: {en: Double}\non: [purchase]\nmultiply: \"2\"\nof: [spend]\n", 0)
		o.publish(t, programme.Publication{At: friday})
		e, err := o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{step(programme.Retire, "rule", "spend")}})
		wrong(t, e, err, "rule “double”: of[0]: unknown rule “spend” (in version 2, which comes into force at "+friday.Format(time.RFC3339)+")")
		if len(versions(t, o.store)) != 2 {
			t.Error("something was published")
		}
	})
}

func TestAScheduledVersionCanBeCancelled(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		friday, saturday := o.now.Add(48*time.Hour), o.now.Add(72*time.Hour)
		o.draft(t, "rule", parents("7"), 1)
		o.publish(t, programme.Publication{At: friday})
		o.publish(t, programme.Publication{At: saturday, Steps: []programme.Step{step(programme.Pause, "mission", "thrice")}})
		o.now = o.now.Add(time.Hour)
		e, err := o.Cancel(t.Context(), o.anna(), 2, number(3), "")
		done(t, e, err)
		if p := o.at(t, friday); p.Rule("parents").Number != 1 {
			t.Error("on Friday the cancelled rule is in force")
		}
		if p := o.at(t, saturday); p.Rule("parents").Number != 1 || !p.Paused(fact.KindMission, "thrice") {
			t.Error("on Saturday there is not what was scheduled besides, alone")
		}
		for n, words := range map[int]string{2: "was dropped already", 3: "was dropped already", 1: "came into force", 4: "roll back to an earlier one instead"} {
			e, err = o.Cancel(t.Context(), o.anna(), n, nil, "")
			refused(t, e, err, fact.CodeNotScheduled, words)
		}
		e, err = o.Cancel(t.Context(), o.anna(), 9, nil, "")
		refused(t, e, err, fact.CodeUnknownVersion, "the last is 5")
		// What never came is a draft again.
		o.publish(t, programme.Publication{})
		if got := o.gives(t, o.now); got != 7 {
			t.Errorf("the draft was lost: the rule gives %d", got)
		}
	})
}

func TestAProgrammeIsRolledBack(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.draft(t, "rule", parents("7"), 1)
		o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Publish, "rule", "parents"), step(programme.Retire, "reward", "mug"), step(programme.Pause, "mission", "thrice")}})
		o.now = o.now.Add(time.Minute)
		e, err := o.Rollback(t.Context(), o.anna(), programme.Rollback{Version: 1, Expected: number(2), Note: "too much"})
		done(t, e, err)
		if len(e.Changes) != 3 || e.Version != 3 {
			t.Errorf("it changed %v", e.Changes)
		}
		p := o.at(t, o.now)
		if p.Number() != 3 || p.Rule("parents").Number != 1 || p.RewardByKey("mug") == nil || p.Paused(fact.KindMission, "thrice") {
			t.Error("it is not as it was")
		}
		if row := versions(t, o.store)[2]; row.Cause != "rollback" || *row.Of != 1 || !slices.Equal(row.Revisions, versions(t, o.store)[0].Revisions) {
			t.Errorf("the version is %v", row)
		}
		e, err = o.Rollback(t.Context(), o.anna(), programme.Rollback{Version: 1})
		refused(t, e, err, fact.CodeUnchanged)
		e, err = o.Rollback(t.Context(), o.anna(), programme.Rollback{Version: 4})
		refused(t, e, err, fact.CodeUnknownVersion)
		// One definition alone goes back, or forth, by its revision.
		o.now = o.now.Add(time.Minute)
		s := step(programme.Publish, "rule", "parents")
		s.Revision = 2
		o.publish(t, programme.Publication{Steps: []programme.Step{s}})
		if got := o.gives(t, o.now); got != 7 {
			t.Errorf("it gives %d", got)
		}
		s.Revision = 8
		e, err = o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{s}})
		refused(t, e, err, fact.CodeUnknownVersion, "rule “parents” has no revision 8")
	})
}

func TestEveryChangeIsWrittenDown(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		o.store.Ent().Change.Delete().ExecX(system) // of the first import: asked for elsewhere
		o.draft(t, "rule", parents("7"), 1)
		o.draft(t, "rule", parents("8"), 2)
		o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Publish, "rule", "parents"), step(programme.Pause, "reward", "mug")}})
		o.now = o.now.Add(time.Minute)
		o.publish(t, programme.Publication{Steps: []programme.Step{step(programme.Retire, "mission", "thrice")}, At: o.now.Add(time.Hour)})
		e, err := o.Cancel(t.Context(), o.anna(), 3, nil, "")
		done(t, e, err)
		o.draft(t, "rule", parents("9"), 3)
		e, err = o.Discard(t.Context(), o.anna(), programme.Name{Kind: "rule", Key: "parents"}, 0)
		done(t, e, err)
		before, err := o.Publish(t.Context(), o.anna(), programme.Publication{Steps: []programme.Step{step(programme.Retire, "tier", "gold")}})
		refused(t, before, err, fact.CodeUnknownDefinition)

		numbers := map[fact.ID]int{}
		for _, r := range o.store.Ent().Revision.Query().AllX(system) {
			numbers[r.ID] = r.Number
		}
		keys := map[fact.ID]string{}
		for _, d := range o.store.Ent().Definition.Query().AllX(system) {
			keys[d.ID] = d.Key
		}
		revision := func(id *fact.ID) any {
			if id == nil {
				return "-"
			}
			return numbers[*id]
		}
		var told []string
		for _, c := range o.store.Ent().Change.Query().Order(change.ByCreatedAt(), change.ByID()).AllX(system) {
			line := fmt.Sprintf("%s %v→%v", c.Action, revision(c.BeforeID), revision(c.AfterID))
			if c.DefinitionID != nil {
				line = keys[*c.DefinitionID] + " " + line
			}
			if c.Version != nil {
				line += fmt.Sprintf(" v%d", *c.Version)
			}
			if c.Caller != "operator:anna" || c.ProgrammeID != o.id {
				t.Errorf("a change of %s in %s", c.Caller, c.ProgrammeID)
			}
			told = append(told, line)
		}
		want := []string{
			"parents drafted 1→2", "parents drafted 2→3", "mug paused 1→1 v2", "parents published 1→3 v2",
			"thrice retired 1→- v3", "cancelled -→- v4", "parents drafted 3→4", "parents discarded 4→-",
		}
		slices.Sort(told)
		slices.Sort(want)
		if !slices.Equal(told, want) {
			t.Errorf("written down:\n%s\nwanted:\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestAnImportWritesDownWhatItChanges(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		of := func() map[string]int {
			n := map[string]int{}
			for _, c := range o.store.Ent().Change.Query().AllX(system) {
				n[string(c.Action)]++
			}
			return n
		}
		if got := of(); got["published"] != 8 || got["granted"] != 1 || len(got) != 2 {
			t.Errorf("of the first import: %v", got)
		}
		changed := with(t, edition(t, 6), "partners:\n  - {key: till, name: Tills, scopes: [interactions:write]}\n", "", "rewards:\n  - {key: mug, name: {en: Mug}, kind: product, price: 500, stock: 10}\n", "")
		take(t, o.store, changed, o.now)
		if got := of(); got["published"] != 9 || got["withdrawn"] != 1 || got["retired"] != 1 {
			t.Errorf("of the second: %v", got)
		}
	})
}

func TestAScheduleThatNeverOpensIsRefused(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		text := "key: past\nname: {en: Past}\non: [purchase]\nuntil: 2026-02-01\naward: {points: 1}\n"
		e, err := o.Draft(t.Context(), o.anna(), programme.Draft{Kind: "rule", Text: programme.Text{YAML: text}})
		wrong(t, e, err, "rule “past”:4:8: until: it never opens: it ends before it comes into force")
		e, err = o.Draft(t.Context(), o.anna(), programme.Draft{Kind: "rule", Text: programme.Text{YAML: strings.Replace(text, "2026-02-01", "2026-04-01\nfrom: 2026-05-01", 1)}})
		wrong(t, e, err, "rule “past”:4:8: until: it ends before it begins")
		o.draft(t, "rule", strings.Replace(text, "2026-02-01", "2026-04-01", 1), 0)
		e, err = o.Publish(t.Context(), o.anna(), programme.Publication{At: o.now.AddDate(0, 3, 0)})
		wrong(t, e, err, "rule “past”: until: it never opens")
		_, problems, err := programme.Import(t.Context(), o.store, parse(t, with(t, small(t), "missions:\n", "  - {key: past, name: {en: Past}, on: [purchase], until: 2026-02-01, award: {points: 1}}\nmissions:\n")), "operator:anna", o.now)
		if err != nil {
			t.Fatal(err)
		}
		told(t, problems, "34:58 rules[2].until: it never opens")
		// What has been in force may have ended.
		if e := o.publish(t, programme.Publication{}); e.Version != 2 {
			t.Errorf("published version %d: the import left something", e.Version)
		}
		o.now = o.now.AddDate(0, 6, 0)
		o.draft(t, "rule", strings.Replace(text, "2026-02-01", "2026-04-01\npriority: 1", 1), 1)
		o.publish(t, programme.Publication{})
	})
}

func TestTiersThatOverlapAreRefused(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		e, err := o.Draft(t.Context(), o.anna(), programme.Draft{Kind: "tier", Text: programme.Text{Values: map[string]any{"key": "gold", "name": map[string]any{"en": "Gold"}, "at": int64(500)}}})
		wrong(t, e, err, "tier “gold”: at: tiers rise: this one begins at 500 points, the one before it at 500")
		o.draft(t, "tier", "{key: iron, name: {en: Iron}, at: 100}", 0)
		o.publish(t, programme.Publication{})
		var order []string
		for _, tier := range o.at(t, o.now).Tiers() {
			order = append(order, tier.Key)
		}
		if strings.Join(order, " ") != "bronze iron silver" {
			t.Errorf("the tiers are %v", order)
		}
	})
}
