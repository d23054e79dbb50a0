package replay

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"granaio/loyalty"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// record is one line, understood.
type record struct {
	line       int
	size       int    // of the line, in bytes
	customer   string // normalised by the kind of identity
	occurred   time.Time
	amount     *fact.Decimal
	properties map[string]any
}

// records reads the records of a file.
type records struct {
	lines      *lines
	options    *Options
	programme  *loyalty.Programme
	event      *loyalty.Event
	now        time.Time
	layout     string // of time.Parse; empty while it is not known
	day        bool   // the layout has no time of day
	customer   column
	date       column
	amount     column
	properties map[string]column
}

func newRecords(in io.Reader, o *Options, p *loyalty.Programme, now time.Time) (*records, error) {
	separator, err := o.separator()
	if err != nil {
		return nil, err
	}
	r := &records{lines: newLines(in, separator), options: o, programme: p, event: p.Event(o.Event), now: now}
	if i := slices.Index(Layouts, o.Dates); i >= 0 {
		r.layout, r.day = layouts[i], layouts[i] != time.RFC3339
	}
	var header []string
	for o.Header && header == nil {
		header, err = r.lines.next()
		var b *badLine
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("replay: the file is empty: there is no header")
		case errors.As(err, &b):
			return nil, fmt.Errorf("replay: the header cannot be read: %s", b)
		case err != nil:
			return nil, fmt.Errorf("replay: %w", err)
		}
	}
	r.customer, r.date, r.amount, r.properties, err = o.columns(header, r.event.Value)
	return r, err
}

// next is the next record. The error is a *badLine for the line lines.number alone, io.EOF at the end, or the file's.
func (r *records) next() (record, error) {
	for {
		fields, err := r.lines.next()
		if err != nil {
			return record{}, err
		}
		if len(fields) > 0 {
			return r.read(fields)
		}
	}
}

func (r *records) read(fields []string) (record, error) {
	x := record{line: r.lines.number, size: r.lines.size}
	customer, err := field(fields, r.customer)
	if err != nil {
		return x, err
	}
	normalised, refusal := fact.Normalise(r.options.Identity, customer, "customer")
	if refusal != nil {
		return x, bad("customer “%s”: %s", clip(customer), refusal.Message)
	}
	x.customer = normalised
	date, err := field(fields, r.date)
	if err != nil {
		return x, err
	}
	if x.occurred, err = r.instant(date); err != nil {
		return x, err
	}
	if r.amount.place >= 0 {
		text, err := field(fields, r.amount)
		if err != nil {
			return x, err
		}
		if text != "" || r.event.Value == loyalty.ValueRequired {
			if x.amount, err = r.money(text); err != nil {
				return x, err
			}
		}
	}
	for name, c := range r.properties {
		text, err := field(fields, c)
		if err != nil {
			return x, err
		}
		if text == "" {
			continue
		}
		value, err := property(text, r.event.Properties[name])
		if err != nil {
			return x, bad("%s “%s”: %s", name, clip(text), err)
		}
		if x.properties == nil {
			x.properties = make(map[string]any, len(r.properties))
		}
		x.properties[name] = value
	}
	return x, nil
}

func field(fields []string, c column) (string, error) {
	if c.place >= len(fields) {
		return "", bad("there is no column %d (%s): it has %d", c.place+1, c.label, len(fields))
	}
	return fields[c.place], nil
}

// layouts are Layouts as time.Parse has them.
var layouts = []string{"20060102", time.DateOnly, time.RFC3339}

// instant reads a date, by the layout of the first that could be read.
func (r *records) instant(text string) (time.Time, error) {
	known := layouts
	if r.layout != "" {
		known = []string{r.layout}
	}
	for _, layout := range known {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		r.layout, r.day = layout, layout != time.RFC3339
		if r.day {
			t = time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, r.programme.Zone())
		}
		switch t = fact.Instant(t); {
		case t.Before(r.programme.Starts()):
			return t, bad("“%s” is before the programme began", clip(text))
		case t.After(r.now) && r.day:
			return t, bad("midday of “%s” is yet to come", clip(text))
		case t.After(r.now):
			return t, bad("“%s” is in the future", clip(text))
		}
		return t, nil
	}
	if r.layout != "" {
		return time.Time{}, bad("“%s” is not a date of the form %s", clip(text), Layouts[slices.Index(layouts, r.layout)])
	}
	hint := ""
	if r.lines.number == 1 {
		hint = "; is the first line a header?"
	}
	return time.Time{}, bad("“%s” is not a date of the form %s%s", clip(text), strings.Join(Layouts, " or "), hint)
}

var number = regexp.MustCompile(`^[+-]?[0-9]{1,18}([.][0-9]{1,18})?$`)

// money reads an amount exactly.
func (r *records) money(text string) (*fact.Decimal, error) {
	plain, form := text, "12.40"
	if r.options.DecimalComma {
		plain, form = strings.NewReplacer(",", ".", ".", ",").Replace(text), "12,40"
	}
	if !number.MatchString(plain) {
		return nil, bad("“%s” is not an amount, such as %s", clip(text), form)
	}
	d, err := decimal.NewFromString(plain)
	if err != nil {
		return nil, bad("“%s” is not an amount, such as %s", clip(text), form)
	}
	return &d, nil
}

// property reads a property of a type; of none, a text.
func property(text string, t expr.Type) (any, error) {
	switch t {
	case expr.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("not a whole number")
		}
		return n, nil
	case expr.Double:
		f, err := strconv.ParseFloat(text, 64)
		if _, ok := t.Accept(f); err != nil || !ok {
			return nil, errors.New("not a number")
		}
		return f, nil
	case expr.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("neither true nor false")
		}
		return b, nil
	case expr.Strings:
		return []any{text}, nil
	}
	return text, nil
}

// clip cuts a text that a message repeats.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
