package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/observe"
	"granaio/programme"
	"granaio/replay"
	"granaio/store"
)

// Replay sends a file of past purchases through the engine.
type Replay struct {
	File       string            `arg:"" help:"The file, - for the standard input. Each line is a purchase."`
	Programme  string            `help:"The programme's key; may be left out if there is only one." env:"PROGRAMME"`
	Touchpoint string            `help:"The key of the touchpoint that the purchases came through." required:""`
	Event      string            `help:"The event that each line is." default:"purchase"`
	Identity   string            `help:"What a customer's name is: ${enum}." enum:"device,email,phone,card,crm,social" default:"crm"`
	Enrol      bool              `help:"Enrol customers who are no members yet, at the time of their first line." default:"true" negatable:""`
	Source     string            `help:"Name of the file in idempotency keys: the same name and line never count twice. By default the file's own name."`
	Delimiter  string            `help:"What separates columns: one character, or tab. By default white space."`
	Header     bool              `help:"The first line names the columns."`
	Customer   string            `help:"Column of the customer, by name or by number from 1. By default customer, or 1." placeholder:"COLUMN"`
	Date       string            `help:"Column of the date. By default date, or 2." placeholder:"COLUMN"`
	Amount     string            `help:"Column of the amount. By default amount, or 3." placeholder:"COLUMN"`
	Property   map[string]string `help:"Column of a property of the event, as NAME=COLUMN; may be repeated." placeholder:"NAME=COLUMN"`
	Dates      string            `help:"How dates are written: YYYYMMDD, YYYY-MM-DD or RFC3339. By default as on the first line."`
	Comma      bool              `name:"decimal-comma" help:"Amounts have a decimal comma."`
	Batch      int               `help:"Lines that are handed to the engine at once." default:"1000"`
}

// errStopped ends a replay that was interrupted.
var errStopped = errors.New("stopped; run it again to go on")

// errRefused ends a replay of which some lines were refused; they were printed.
var errRefused = errors.New("some lines were refused")

// Run runs the command.
func (c Replay) Run(s *Settings, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	log, err := observe.NewLogger(os.Stderr, s.LogLevel, s.LogFormat)
	if err != nil {
		return err
	}
	return withStore(ctx, s, func(db *store.Store) error {
		p, err := programmeOf(ctx, db, c.Programme)
		if err != nil {
			return err
		}
		library := programme.NewLibrary(db)
		lookups, err := db.Lookups(ctx, 0)
		if err != nil {
			return err
		}
		e := engine.New(lookups, shelf{library}, engine.Nobody{}, engine.Options{Log: log})
		defer e.Close()
		report, err := replay.Run(ctx, replay.Deps{Engine: e, Library: library, Progress: os.Stderr, Now: time.Now}, replay.Options{
			Programme: p.ID, File: c.File, Source: c.Source, Event: c.Event, Touchpoint: c.Touchpoint, Identity: fact.IdentityKind(c.Identity),
			KnownOnly: !c.Enrol, Delimiter: c.Delimiter, Header: c.Header, Customer: c.Customer, Date: c.Date, Amount: c.Amount,
			Properties: c.Property, Dates: c.Dates, DecimalComma: c.Comma, Batch: c.Batch,
		})
		if report != nil {
			fmt.Fprintf(out, "%s\nin %s\n", report, db)
		}
		if errors.Is(err, context.Canceled) {
			return errStopped
		}
		if err == nil && report.Refused > 0 {
			err = errRefused
		}
		return err
	})
}
