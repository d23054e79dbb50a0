package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/change"
	"granaio/ent/programmeversion"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
)

// Version is what is done with a programme's versions.
type Version struct {
	List     VersionList     `cmd:"" help:"List the versions, the latest first: which is in force, which are yet to come, which never will."`
	Changes  VersionChanges  `cmd:"" help:"List who changed what and when, the latest first."`
	Publish  VersionPublish  `cmd:"" help:"Publish drafts together, as one version: those that are named, or all."`
	Rollback VersionRollback `cmd:"" help:"Put an earlier version's settings and definitions in force again, as a new version."`
	Cancel   VersionCancel   `cmd:"" help:"Cancel a version that is yet to come. What it was to publish becomes a draft again."`
}

// VersionList lists versions.
type VersionList struct {
	of
	Limit int `help:"How many." default:"20"`
}

// Run runs the command.
func (c VersionList) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		line, err := programme.NewLibrary(db).Latest(ctx, p.ID)
		if err != nil {
			return err
		}
		rows, err := db.Ent().ProgrammeVersion.Query().Order(ent.Desc(programmeversion.FieldNumber)).Limit(max(c.Limit, 1)).All(auth.System(ctx, p.ID))
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "version\tstate\tfrom\tby\tcause")
		for _, v := range rows {
			cause := string(v.Cause)
			if v.Of != nil {
				cause = fmt.Sprintf("%s of %d", cause, *v.Of)
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", v.Number, line.State(v.Number, time.Now()), v.EffectiveFrom.UTC().Format(time.RFC3339), v.PublishedBy, cause)
		}
		return table.Flush()
	})
}

// VersionChanges lists changes.
type VersionChanges struct {
	of
	Limit int `help:"How many." default:"50"`
}

// Run runs the command.
func (c VersionChanges) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		system := auth.System(ctx, p.ID)
		rows, err := db.Ent().Change.Query().Order(ent.Desc(change.FieldCreatedAt, change.FieldID)).Limit(max(c.Limit, 1)).All(system)
		if err != nil {
			return err
		}
		names, numbers, err := namesOf(system, db)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "when\twho\twhat\tof\trevision\tversion")
		for _, r := range rows {
			var what fact.ID
			for _, id := range []*fact.ID{r.DefinitionID, r.PartnerID} {
				if id != nil {
					what = *id
				}
			}
			version := 0
			if r.Version != nil {
				version = *r.Version
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.CreatedAt.UTC().Format(time.RFC3339), r.Caller, r.Action, names[what], step(r, numbers), shown(version))
		}
		return table.Flush()
	})
}

// namesOf are what definitions and partners are called, and the numbers of revisions.
func namesOf(ctx context.Context, db *store.Store) (map[fact.ID]string, map[fact.ID]int, error) {
	names := map[fact.ID]string{{}: "-"}
	definitions, err := db.Ent().Definition.Query().All(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range definitions {
		names[d.ID] = plain(d)
	}
	partners, err := db.Ent().Partner.Query().All(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range partners {
		names[p.ID] = "partner/" + p.Key
	}
	numbers, err := numbersOf(ctx, db)
	return names, numbers, err
}

// step is from which revision to which a change led.
func step(r *ent.Change, numbers map[fact.ID]int) string {
	if r.BeforeID == nil && r.AfterID == nil {
		return "-"
	}
	of := func(id *fact.ID) string {
		if id == nil {
			return "-"
		}
		return shown(numbers[*id])
	}
	return of(r.BeforeID) + " → " + of(r.AfterID)
}

// VersionPublish publishes drafts.
type VersionPublish struct {
	of
	Publishing
	Names []string `arg:"" optional:"" help:"The definitions whose drafts are published, as rule/welcome; all drafts if left out."`
}

// Run runs the command.
func (c VersionPublish) Run(s *Settings, out io.Writer) error {
	var steps []programme.Step
	for _, text := range slices.Compact(c.Names) {
		name, err := nameOf(text)
		if err != nil {
			return err
		}
		steps = append(steps, programme.Step{Definition: name, Action: programme.Publish})
	}
	return c.publish(s, out, c.of, steps)
}

// VersionRollback puts an earlier version in force again.
type VersionRollback struct {
	of
	Publishing
	Version int `arg:"" help:"The number of the version to go back to."`
}

// Run runs the command.
func (c VersionRollback) Run(s *Settings, out io.Writer) error {
	return c.edit(s, out, c.Author, "", func(ctx context.Context, e *programme.Editor, by programme.Author) (*programme.Edit, error) {
		return e.Rollback(ctx, by, programme.Rollback{Version: c.Version, At: c.at(), Note: c.Note, DryRun: c.DryRun})
	}, func(e *programme.Edit) { c.told(out, e) })
}

// VersionCancel cancels what is scheduled.
type VersionCancel struct {
	of
	Author
	Version int    `arg:"" help:"The number of the version that is not to come."`
	Note    string `help:"Why, in your words: operators see it beside the version."`
}

// Run runs the command.
func (c VersionCancel) Run(s *Settings, out io.Writer) error {
	return c.edit(s, out, c.Author, "", func(ctx context.Context, e *programme.Editor, by programme.Author) (*programme.Edit, error) {
		return e.Cancel(ctx, by, c.Version, nil, c.Note)
	}, func(e *programme.Edit) {
		fmt.Fprintf(out, "version %d is in force, with what was; version %d never comes\n", e.Version, c.Version)
	})
}
