package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"granaio/dossier"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
)

// Erasures is about those who were erased.
type Erasures struct {
	Export ErasuresExport `cmd:"" help:"Write the list of erasures, to be kept beside the backups."`
	Replay ErasuresReplay `cmd:"" help:"Erase again, in a database that was restored from a backup, whoever the list says was erased."`
	Sweep  ErasuresSweep  `cmd:"" help:"Have the database let go of what erasures left in its files; a server does so by itself."`
}

// ErasuresExport writes the list.
type ErasuresExport struct {
	File string `arg:"" optional:"" help:"Where to write it; the output by default. A file that is there is replaced once the list is whole."`
}

// Run runs the command.
func (c ErasuresExport) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	return withStore(ctx, s, func(db *store.Store) error {
		if c.File == "" {
			_, err := dossier.Export(ctx, db, out)
			return err
		}
		f, err := os.CreateTemp(filepath.Dir(c.File), ".erasures-*")
		if err != nil {
			return err
		}
		n, err := dossier.Export(ctx, db, f)
		if err == nil {
			err = f.Sync()
		}
		if err = errors.Join(err, f.Close()); err == nil {
			err = os.Rename(f.Name(), c.File)
		}
		if err != nil {
			return errors.Join(err, os.Remove(f.Name()))
		}
		_, err = fmt.Fprintf(out, "%d erasures are listed in %s\n", n, c.File)
		return err
	})
}

// ErasuresReplay does them again.
type ErasuresReplay struct {
	File string `arg:"" help:"The list, as export wrote it." type:"existingfile"`
}

// Run runs the command.
func (c ErasuresReplay) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	all, err := dossier.Read(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return withStore(ctx, s, func(db *store.Store) error {
		e := engine.New(db, shelf{programme.NewLibrary(db)}, engine.Nobody{}, engine.Options{})
		defer e.Close()
		again, before, unknown := 0, 0, 0
		for _, l := range all {
			switch done, err := eraseAgain(ctx, e, l); {
			case err != nil:
				return fmt.Errorf("%s: %w", l.Member, err)
			case done == nil:
				unknown++
			case *done:
				again++
			default:
				before++
			}
		}
		if _, err := dossier.Sweep(ctx, db, false, time.Now()); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "%d members are erased again; %d were erased already, and %d are not in this database\n", again, before, unknown)
		return err
	})
}

// eraseAgain erases a member that is listed, and tells whether that changed anything; nil if there is no such member.
func eraseAgain(ctx context.Context, e *engine.Engine, l dossier.Listed) (*bool, error) {
	views, err := e.Views(ctx, l.Programme, []fact.ID{l.Member})
	if err != nil {
		return nil, err
	}
	v := views[l.Member]
	if v == nil {
		return nil, nil
	}
	alive := v.State.Member.Status != loyalty.Erased
	o, err := e.Erase(ctx, engine.Erase{
		Origin: engine.Origin{Programme: l.Programme, Caller: "system:erasures", Key: fact.NewID(fact.KindCommand).String()}, Member: engine.Ref{ID: l.Member}, Cause: dossier.Replayed,
	})
	if err == nil && o.Refusal != nil {
		err = o.Refusal
	}
	return &alive, err
}

// ErasuresSweep sweeps.
type ErasuresSweep struct {
	Full bool `help:"On PostgreSQL: write the tables anew, so that nothing is left in their files. Nobody can use a table meanwhile."`
}

// Run runs the command.
func (c ErasuresSweep) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	return withStore(ctx, s, func(db *store.Store) error {
		n, err := dossier.Sweep(ctx, db, c.Full, time.Now())
		if err == nil {
			_, err = fmt.Fprintf(out, "swept up after %d erasures\n", n)
		}
		return err
	})
}
