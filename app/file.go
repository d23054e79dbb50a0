package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"granaio/ent"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
)

// Author is who changes a programme on the command line.
type Author struct {
	By string `help:"Who does it, as the list of changes names it after \"command:\"." env:"BY,USER" default:"granaio"`
}

func (a Author) caller() string { return "command:" + a.By }

// Publishing is when and why something is published.
type Publishing struct {
	Author

	At     *time.Time `help:"When it comes into force, such as 2026-05-01T09:00:00+02:00; at once if left out." placeholder:"TIME"`
	Note   string     `help:"Why, in your words: operators see it beside the version."`
	DryRun bool       `help:"Only tell what it would change, and what is wrong with it."`
}

func (p Publishing) at() time.Time {
	if p.At == nil {
		return time.Time{}
	}
	return *p.At
}

// Import validates a programme file and publishes it.
type Import struct {
	Publishing

	File  string `arg:"" help:"The programme, in YAML; - for the standard input."`
	Check bool   `help:"Validate only, without a database."`
}

// errProblems ends a command whose input has problems, which were printed.
var errProblems = errors.New("nothing was changed")

// Run runs the command.
func (c Import) Run(s *Settings, out io.Writer) error {
	file, err := parse(out, c.File)
	if err != nil {
		return err
	}
	if c.Check {
		fmt.Fprintf(out, "%s is valid\n", c.File)
		return nil
	}
	ctx, stop := interruptible()
	defer stop()
	open := func() (*store.Store, error) { return openStore(ctx, s, 0) }
	if c.DryRun {
		open = func() (*store.Store, error) { return openExisting(ctx, s) }
	}
	db, err := open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	report, edit, err := programme.NewEditor(db, time.Now).Import(ctx, file, programme.Taking{Caller: c.caller(), At: c.at(), Note: c.Note, DryRun: c.DryRun})
	if err != nil {
		return err
	}
	if report == nil {
		return refused(out, edit, c.File)
	}
	fmt.Fprintf(out, "%s\n", report)
	if c.DryRun {
		printDifferences(out, report.Changes)
	}
	fmt.Fprintf(out, "in %s\n", db)
	return nil
}

// parse reads and judges a programme file, and tells its problems.
func parse(out io.Writer, name string) (*programme.File, error) {
	src, err := slurp(name)
	if err != nil {
		return nil, err
	}
	file, problems := programme.Parse(name, src)
	if len(problems) > 0 {
		return nil, tell(out, problems)
	}
	return file, nil
}

// slurp reads a file, or the standard input if it is named -: never more than is needed to know that it is too long.
func slurp(name string) ([]byte, error) {
	in := os.Stdin
	if name != "-" {
		var err error
		if in, err = os.Open(name); err != nil {
			return nil, err
		}
		defer func() { _ = in.Close() }()
	}
	return io.ReadAll(io.LimitReader(in, programme.MaxBytes+1))
}

// refused tells why a change to a programme was refused. What concerns no definition concerns the file.
func refused(out io.Writer, e *programme.Edit, file string) error {
	if e.Refusal != nil {
		return fmt.Errorf("%w: %w", e.Refusal, errProblems)
	}
	for i := range e.Problems {
		if e.Problems[i].Kind == "" && e.Problems[i].File == "" {
			e.Problems[i].File = file
		}
	}
	return tell(out, e.Problems)
}

func tell(out io.Writer, problems []programme.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(out, p)
	}
	if len(problems) == 1 {
		return fmt.Errorf("1 problem: %w", errProblems)
	}
	return fmt.Errorf("%d problems: %w", len(problems), errProblems)
}

// Export writes a version of a programme.
type Export struct {
	Programme string `arg:"" help:"The programme's key."`
	Version   int    `help:"Which version; 0 for the one in force."`
}

// Run runs the command.
func (c Export) Run(s *Settings, out io.Writer) error {
	return withProgramme(s, c.Programme, func(ctx context.Context, db *store.Store, p *ent.Programme) error {
		number := c.Version
		if number == 0 {
			var err error
			if number, err = inForce(ctx, db, p.ID); err != nil {
				return err
			}
		}
		text, err := programme.Export(ctx, db, p.ID, number)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	})
}

// inForce is the number of the programme's version that is in force now.
func inForce(ctx context.Context, db *store.Store, id fact.ID) (int, error) {
	p, err := programme.NewLibrary(db).Current(ctx, id)
	if err != nil {
		return 0, err
	}
	return p.Number(), nil
}
