package graph

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"granaio/auth"
	"granaio/graph/model"
	"granaio/graph/scalar"
)

// maxLanguages is how many of the languages that a caller wants are looked at.
const maxLanguages = 8

type speechKey struct{}

func withSpeech(ctx context.Context, header string) context.Context {
	if s := acceptLanguage(header); len(s) > 0 {
		return context.WithValue(ctx, speechKey{}, s)
	}
	return ctx
}

// speechOf is the languages that the caller wants: as its Accept-Language header says; without one, a member's own.
func speechOf(ctx context.Context) model.Speech {
	if s, ok := ctx.Value(speechKey{}).(model.Speech); ok {
		return s
	}
	s := sessionOf(ctx)
	if s == nil || s.viewer.Role != auth.RoleMember {
		return nil
	}
	// A fault here is one of the field that asks, too: it has read the same view, or needs a programme that cannot be read either.
	if v, err := s.self.Load().View(ctx, s.viewer.Member); err == nil && v != nil && v.State.Member.Locale != "" {
		return model.Speech{v.State.Member.Locale}
	}
	return nil
}

// acceptLanguage reads a header of RFC 9110, 12.5.4: the most wanted language first, those of one weight in their order. What is no language is left out.
func acceptLanguage(header string) model.Speech {
	type wish struct {
		tag    string
		weight float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		w := wish{weight: 1}
		var err error
		if w.tag, err = scalar.UnmarshalLocale(strings.TrimSpace(tag)); err != nil {
			continue
		}
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			if w.weight, err = strconv.ParseFloat(q, 64); err != nil || w.weight <= 0 {
				continue
			}
		}
		if wishes = append(wishes, w); len(wishes) == maxLanguages {
			break
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int { return cmp.Compare(b.weight, a.weight) })
	speech := make(model.Speech, len(wishes))
	for i, w := range wishes {
		speech[i] = w.tag
	}
	return speech
}
