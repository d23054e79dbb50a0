package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/definition"
	"granaio/ent/revision"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
)

// Definition is what is done with single definitions.
type Definition struct {
	List    DefinitionList    `cmd:"" help:"List the definitions: where each is in its life, its revision in force, its draft, and the next version that changes it."`
	Show    DefinitionShow    `cmd:"" help:"Write a definition as YAML, which draft takes."`
	Draft   DefinitionDraft   `cmd:"" help:"Save a definition as a draft: a new one, or the next revision of one that there is. 'version publish' puts it in force."`
	Discard DefinitionDiscard `cmd:"" help:"Give a draft up."`
	Pause   DefinitionPause   `cmd:"" help:"Have a touchpoint, rule, mission or reward rest."`
	Resume  DefinitionResume  `cmd:"" help:"Have it work again."`
	Retire  DefinitionRetire  `cmd:"" help:"Take a definition out of force."`
}

// of says which programme a command is about.
type of struct {
	Programme string `help:"The programme's key; may be left out if there is only one." env:"PROGRAMME"`
}

// named says which definition.
type named struct {
	of
	Name string `arg:"" help:"The definition: its kind and key, as rule/welcome; or settings."`
}

// nameOf reads a definition's name.
func nameOf(text string) (programme.Name, error) {
	kind, key, ok := strings.Cut(text, "/")
	if text == string(definition.KindSettings) {
		return programme.Name{Kind: text, Key: programme.SettingsKey}, nil
	}
	if !ok || !slices.Contains(programme.Kinds, kind) {
		return programme.Name{}, fmt.Errorf("%q does not name a definition: write its kind and key, as rule/welcome; the kinds are %s", text, strings.Join(programme.Kinds, ", "))
	}
	return programme.Name{Kind: kind, Key: key}, nil
}

// edit has an editor change a programme, and tells why if it refuses.
func (o of) edit(s *Settings, out io.Writer, by Author, file string, do func(context.Context, *programme.Editor, programme.Author) (*programme.Edit, error), told func(*programme.Edit)) error {
	return withProgramme(s, o.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		e, err := do(ctx, programme.NewEditor(db, time.Now), programme.Author{Programme: p.ID, Caller: by.caller()})
		if err != nil {
			return err
		}
		if e.Refusal != nil || len(e.Problems) > 0 {
			return refused(out, e, file)
		}
		told(e)
		return nil
	})
}

// DefinitionList lists definitions.
type DefinitionList struct {
	of
	Kind  []string `help:"Only those of these kinds."`
	State []string `help:"Only those in these states: draft, published, paused, retired."`
}

// Run runs the command.
func (c DefinitionList) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		standing, err := programme.NewLibrary(db).Standing(ctx, p.ID, time.Now())
		if err != nil {
			return err
		}
		system := auth.System(ctx, p.ID)
		rows, err := db.Ent().Definition.Query().All(system)
		if err != nil {
			return err
		}
		slices.SortFunc(rows, programme.Order)
		numbers, err := numbersOf(system, db)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "definition\tstate\tin force\tdraft\tnext version")
		for _, d := range rows {
			state := standing.State(d)
			if len(c.Kind) > 0 && !slices.Contains(c.Kind, string(d.Kind)) || len(c.State) > 0 && !slices.Contains(c.State, string(state)) {
				continue
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", plain(d), state, shown(numbers[standing.InForce(d.ID)]), shown(draftOf(d, numbers)), shown(standing.Next(d.ID)))
		}
		return table.Flush()
	})
}

// numbersOf are the revisions' numbers.
func numbersOf(ctx context.Context, db *store.Store) (map[fact.ID]int, error) {
	rows, err := db.Ent().Revision.Query().Select(revision.FieldID, revision.FieldNumber).All(ctx)
	numbers := make(map[fact.ID]int, len(rows))
	for _, r := range rows {
		numbers[r.ID] = r.Number
	}
	return numbers, err
}

func draftOf(d *ent.Definition, numbers map[fact.ID]int) int {
	if d.DraftID == nil {
		return 0
	}
	return numbers[*d.DraftID]
}

// plain is a definition's name as the command line writes it.
func plain(d *ent.Definition) string {
	if d.Kind == definition.KindSettings {
		return string(d.Kind)
	}
	return string(d.Kind) + "/" + d.Key
}

// shown is a number, or a dash for none.
func shown(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// DefinitionShow writes a definition.
type DefinitionShow struct {
	named
	Revision int `help:"Which revision; by default the draft if there is one, else the last one."`
}

// Run runs the command.
func (c DefinitionShow) Run(s *Settings, out io.Writer) error {
	name, err := nameOf(c.Name)
	if err != nil {
		return err
	}
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		system := auth.System(ctx, p.ID)
		d, err := db.Ent().Definition.Query().Where(definition.KindEQ(definition.Kind(name.Kind)), definition.Key(name.Key)).Only(system)
		if ent.IsNotFound(err) {
			return fmt.Errorf("the programme has no %s", c.Name)
		}
		if err != nil {
			return err
		}
		q := db.Ent().Revision.Query().Where(revision.DefinitionID(d.ID)).Order(ent.Desc(revision.FieldNumber))
		switch {
		case c.Revision > 0:
			q.Where(revision.Number(c.Revision))
		case d.DraftID != nil:
			q.Where(revision.ID(*d.DraftID))
		}
		r, err := q.First(system)
		if ent.IsNotFound(err) {
			return fmt.Errorf("%s has no revision %d", c.Name, c.Revision)
		}
		if err != nil {
			return err
		}
		text, err := programme.Written(d.Kind, r.Body)
		if err == nil {
			_, err = io.WriteString(out, text)
		}
		return err
	})
}

// DefinitionDraft saves a draft.
type DefinitionDraft struct {
	of
	Author
	Kind     string `arg:"" help:"The kind: settings, touchpoint, persona, tier, budget, rule, mission or reward."`
	File     string `arg:"" help:"The definition as YAML, with its key; - for the standard input."`
	Expected int    `help:"The number of the last revision that you know, 0 for a new definition: refused if there is a later one. By default whichever there is." default:"-1"`
}

// Run runs the command.
func (c DefinitionDraft) Run(s *Settings, out io.Writer) error {
	src, err := slurp(c.File)
	if err != nil {
		return err
	}
	if c.Expected < programme.AnyRevision {
		return errors.New("a revision's number is 1 or more; 0 expects none")
	}
	return c.edit(s, out, c.Author, c.File, func(ctx context.Context, e *programme.Editor, by programme.Author) (*programme.Edit, error) {
		edit, err := e.Draft(ctx, by, programme.Draft{Kind: c.Kind, Text: programme.Text{YAML: string(src)}, Expected: c.Expected})
		if err == nil {
			for i := range edit.Problems {
				edit.Problems[i].File = c.File
			}
		}
		return edit, err
	}, func(e *programme.Edit) {
		fmt.Fprintln(out, "saved; 'granaio version publish' puts it in force")
		for _, b := range e.Breaks {
			fmt.Fprintf(out, "published alone it would break %s\n", b)
		}
	})
}

// DefinitionDiscard gives a draft up.
type DefinitionDiscard struct {
	named
	Author
}

// Run runs the command.
func (c DefinitionDiscard) Run(s *Settings, out io.Writer) error {
	name, err := nameOf(c.Name)
	if err != nil {
		return err
	}
	return c.edit(s, out, c.Author, "", func(ctx context.Context, e *programme.Editor, by programme.Author) (*programme.Edit, error) {
		return e.Discard(ctx, by, name, 0)
	}, func(*programme.Edit) { fmt.Fprintln(out, "discarded") })
}

// turning changes one definition.
type turning struct {
	named
	Publishing
}

func (c turning) run(s *Settings, out io.Writer, action programme.Action) error {
	name, err := nameOf(c.Name)
	if err != nil {
		return err
	}
	return c.publish(s, out, c.of, []programme.Step{{Definition: name, Action: action}})
}

// publish publishes steps, none for all drafts.
func (p Publishing) publish(s *Settings, out io.Writer, o of, steps []programme.Step) error {
	return o.edit(s, out, p.Author, "", func(ctx context.Context, e *programme.Editor, by programme.Author) (*programme.Edit, error) {
		return e.Publish(ctx, by, programme.Publication{Steps: steps, At: p.at(), Note: p.Note, DryRun: p.DryRun})
	}, func(e *programme.Edit) { p.told(out, e) })
}

// told tells what was published.
func (p Publishing) told(out io.Writer, e *programme.Edit) {
	printDifferences(out, e.Changes)
	switch {
	case p.DryRun:
		fmt.Fprintln(out, "nothing was changed")
	case p.At != nil:
		fmt.Fprintf(out, "version %d comes into force at %s\n", e.Version, p.at().Format(time.RFC3339))
	default:
		fmt.Fprintf(out, "version %d is in force\n", e.Version)
	}
}

// DefinitionPause has a definition rest.
type DefinitionPause struct{ turning }

// Run runs the command.
func (c DefinitionPause) Run(s *Settings, out io.Writer) error { return c.run(s, out, programme.Pause) }

// DefinitionResume has a definition work again.
type DefinitionResume struct{ turning }

// Run runs the command.
func (c DefinitionResume) Run(s *Settings, out io.Writer) error {
	return c.run(s, out, programme.Resume)
}

// DefinitionRetire takes a definition out of force.
type DefinitionRetire struct{ turning }

// Run runs the command.
func (c DefinitionRetire) Run(s *Settings, out io.Writer) error {
	return c.run(s, out, programme.Retire)
}
