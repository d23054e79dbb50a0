package replay

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Options say what is replayed, and as what. Programme, File and Touchpoint are needed; the rest has defaults.
type Options struct {
	Programme  fact.ID
	File       string            // a path, or Stdin
	Source     string            // names the file in idempotency keys, at most 100 bytes; by default the file's base name. Stdin needs one
	Event      string            // what each line is; "purchase" by default
	Touchpoint string            // the key of the touchpoint that the lines came through
	Identity   fact.IdentityKind // what a customer's name is; fact.CRM by default
	KnownOnly  bool              // customers who are not members are refused; otherwise they are enrolled

	Delimiter string // what separates columns: one character, or "tab"; empty for white space, of any length
	Header    bool   // the first line names the columns
	// Customer, Date and Amount are columns, by name if there is a header, else by number from 1. By default they are called customer, date and amount,
	// or are the columns 1, 2 and 3. There is no amount by default if the event carries no value.
	Customer, Date, Amount string
	// Properties are the columns of the interaction's properties, by the property's name. Each is read as the type that the programme declares for it,
	// else as a text. An empty field is an absent property.
	Properties map[string]string
	// Dates is how dates are written: one of Layouts; by default, as on the first line that has one of them.
	Dates string
	// DecimalComma takes amounts as 12,40.
	DecimalComma bool

	Batch  int           // how many lines are handed to the engine at once: 1 to 10,000, 1,000 by default
	Lanes  int           // how many batches are under way at once: 1 to 64, 4 by default. A customer's lines are always in the same lane
	Notice time.Duration // how often progress is written where there is no terminal; 5 seconds by default
}

// Stdin is the file name of the standard input.
const Stdin = "-"

// Caller is in whose name the engine is asked.
const Caller = "operator:replay"

// Layouts are the ways to write a date that are known: 20260501, 2026-05-01, and an instant with its offset, 2026-05-01T09:00:00+02:00.
var Layouts = []string{"YYYYMMDD", "YYYY-MM-DD", "RFC3339"}

// maxSource is the longest name of a source, in bytes: with a line's number it must fit in an idempotency key.
const maxSource = 100

// complete fills in the defaults and says what is wrong, all at once.
func (o *Options) complete(p *loyalty.Programme) error {
	if o.Source == "" && o.File != Stdin {
		o.Source = filepath.Base(o.File)
	}
	o.Event = cmp.Or(o.Event, "purchase")
	o.Identity = cmp.Or(o.Identity, fact.CRM)
	o.Batch, o.Lanes, o.Notice = cmp.Or(o.Batch, 1000), cmp.Or(o.Lanes, 4), cmp.Or(o.Notice, 5*time.Second)
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("replay: "+format, args...)) }
	switch {
	case o.File == "":
		say("no file is named")
	case o.Source == "":
		say("the standard input needs the name of a source: under the same name, no line is counted twice")
	case len(o.Source) > maxSource || !utf8.ValidString(o.Source):
		say("the name of a source is UTF-8 of at most %d bytes", maxSource)
	}
	if p.Event(o.Event) == nil || p.Event(o.Event).BuiltIn {
		say("the programme %s has no event “%s” that can be sent", p.Key(), o.Event)
	}
	if p.Touchpoint(o.Touchpoint) == nil {
		var known []string
		for _, t := range p.Touchpoints() {
			known = append(known, t.Key)
		}
		say("the programme %s has no touchpoint “%s”; it has %s", p.Key(), o.Touchpoint, strings.Join(known, ", "))
	}
	if o.Dates != "" && !slices.Contains(Layouts, o.Dates) {
		say("dates are not written as “%s”, but as %s", o.Dates, strings.Join(Layouts, ", "))
	}
	if _, err := o.separator(); err != nil {
		wrong = append(wrong, err)
	}
	if o.Batch < 1 || o.Batch > 10_000 {
		say("a batch has 1 to 10,000 lines")
	}
	if o.Lanes < 1 || o.Lanes > 64 {
		say("there are 1 to 64 lanes")
	}
	return errors.Join(wrong...)
}

// separator is the delimiter's character; 0 for white space.
func (o *Options) separator() (rune, error) {
	switch o.Delimiter {
	case "":
		return 0, nil
	case "tab":
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(o.Delimiter)
	if size != len(o.Delimiter) || strings.ContainsRune("\r\n\" \uFFFD", r) {
		return 0, fmt.Errorf("replay: the delimiter is one character, such as a comma, or “tab”; leave it out for white space")
	}
	return r, nil
}

// column is one column of interest: where it is, and its name for messages.
type column struct {
	place int // from 0; -1 for none
	label string
}

// columns finds the columns of interest, in a header if there is one.
func (o *Options) columns(header []string, value loyalty.ValueNeed) (customer, date, amount column, properties map[string]column, err error) {
	var wrong []error
	find := func(named string, byName string, byNumber int) column {
		switch {
		case named == "" && header == nil:
			return column{byNumber - 1, byName}
		case named == "":
			named = byName
		}
		if place := slices.Index(header, named); place >= 0 {
			return column{place, named}
		}
		if n, err := strconv.Atoi(named); err == nil && n >= 1 && n <= 10_000 {
			return column{n - 1, byName}
		}
		if header == nil {
			wrong = append(wrong, fmt.Errorf("replay: the column of the %s, “%s”, is no number from 1: without a header, columns have no names", byName, named))
		} else {
			wrong = append(wrong, fmt.Errorf("replay: no column is called “%s”; there are %s", named, strings.Join(header, ", ")))
		}
		return column{-1, byName}
	}
	customer, date, amount = find(o.Customer, "customer", 1), find(o.Date, "date", 2), column{place: -1}
	if o.Amount != "" || value != loyalty.ValueNone {
		amount = find(o.Amount, "amount", 3)
	}
	properties = map[string]column{}
	for name, c := range o.Properties {
		properties[name] = find(cmp.Or(c, name), name, 0)
	}
	return customer, date, amount, properties, errors.Join(wrong...)
}
