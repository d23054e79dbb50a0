package observe

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// NewLogger writes lines at or above a level ("debug", "info", "warn", "error") in a format ("text", "json"). Times are UTC. A line logged with
// a request's context has the request's id.
func NewLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("no log level is called %q: debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: least, ReplaceAttr: presentable}
	switch format {
	case "text":
		return slog.New(tagging{slog.NewTextHandler(w, options)}), nil
	case "json":
		return slog.New(tagging{slog.NewJSONHandler(w, options)}), nil
	}
	return nil, fmt.Errorf("no log format is called %q: text or json", format)
}

// presentable hides what must not be in a log, should somebody log it by mistake.
func presentable(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 && a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
		return a
	}
	switch strings.ToLower(a.Key) {
	case "authorization", "cookie", "token", "password", "secret":
		a.Value = slog.StringValue("[hidden]")
	}
	return a
}

// tagging adds the request's id to each line.
type tagging struct{ slog.Handler }

func (h tagging) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h tagging) WithAttrs(attrs []slog.Attr) slog.Handler {
	return tagging{h.Handler.WithAttrs(attrs)}
}

func (h tagging) WithGroup(name string) slog.Handler { return tagging{h.Handler.WithGroup(name)} }
