package observe

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// NewLogger writes lines at or above a level ("debug", "info", "warn", "error") in a format ("text", "json"). Times are UTC. A line logged with
// a request's context has the request's id. What w gathers (Gather) is written with the next line of level warn or above.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("no log level is called %q: debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: least}
	gathered, _ := w.(*Gathered)
	switch format {
	case "text":
		return slog.New(presenting{slog.NewTextHandler(w, options), gathered}), nil
	case "json":
		return slog.New(presenting{slog.NewJSONHandler(w, options), gathered}), nil
	}
	return nil, fmt.Errorf("no log format is called %q: text or json", format)
}

// presenting makes lines fit to be seen: their times are UTC, they have the request's id, and what must not be in a log is hidden, should somebody log it by mistake. It does so
// before the handler that writes, which would be slower if it had to ask for each attribute.
type presenting struct {
	slog.Handler
	gathered *Gathered // what the handler writes to; nil if it gathers nothing
}

func (h presenting) Handle(ctx context.Context, r slog.Record) error {
	hide := false
	r.Attrs(func(a slog.Attr) bool {
		hide = secret(a)
		return !hide
	})
	if hide {
		shown := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		r.Attrs(func(a slog.Attr) bool {
			shown.AddAttrs(presentable(a))
			return true
		})
		r = shown
	}
	r.Time = r.Time.UTC()
	if id := RequestID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	err := h.Handler.Handle(ctx, r)
	if h.gathered != nil && r.Level >= slog.LevelWarn {
		h.gathered.Flush()
	}
	return err
}

func (h presenting) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		attrs[i] = presentable(a)
	}
	return presenting{h.Handler.WithAttrs(attrs), h.gathered}
}

func (h presenting) WithGroup(name string) slog.Handler {
	return presenting{h.Handler.WithGroup(name), h.gathered}
}

// secret tells whether an attribute, or one in it, is to be hidden.
func secret(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindGroup:
		return slices.ContainsFunc(a.Value.Group(), secret)
	case slog.KindLogValuer:
		return true // what it comes to is not known yet
	}
	return hidden(a.Key)
}

// presentable is an attribute as it may be seen.
func presentable(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch {
	case hidden(a.Key):
		a.Value = slog.StringValue("[hidden]")
	case a.Value.Kind() == slog.KindGroup:
		shown := slices.Clone(a.Value.Group())
		for i, b := range shown {
			shown[i] = presentable(b)
		}
		a.Value = slog.GroupValue(shown...)
	}
	return a
}

// hidden tells whether what has the key is a secret.
func hidden(key string) bool {
	for _, name := range [...]string{"authorization", "cookie", "token", "password", "secret"} {
		if len(key) == len(name) && strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}
