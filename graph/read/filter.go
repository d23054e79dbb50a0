package read

import (
	"encoding/json"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/ent/interaction"
	"granaio/ent/movement"
	"granaio/ent/predicate"
	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

// MaxItems is how many items a list of a filter has at most.
const MaxItems = 100

// MovementFilter narrows which movements are read: each field that is given must hold. Nil is any; an empty list is none.
type MovementFilter struct {
	Kinds                                                  []movement.Kind
	OccurredFrom, OccurredBefore, BookedFrom, BookedBefore *time.Time
	Interaction                                            *fact.ID
	Touchpoints, Sources, Keys                             []string
}

// checkTexts refuses texts that nothing stored can hold, and that not every database would take. Whatever text of a query reaches a statement as it is
// comes by here.
func checkTexts(field string, texts ...string) error {
	for _, t := range texts {
		if !fact.IsText(t) {
			return fault.Malformed("%s: a text is UTF-8 and holds no U+0000", field)
		}
	}
	return nil
}

// name names a connection that is asked for with the filter. It refuses lists that are too long.
func (f *MovementFilter) name(connection string) (string, error) {
	if f == nil {
		return connection, nil
	}
	if max(len(f.Kinds), len(f.Touchpoints), len(f.Sources), len(f.Keys)) > MaxItems {
		return "", fault.Beyond("keys", "a list of a filter has at most %d items", MaxItems)
	}
	for field, texts := range map[string][]string{"filter.touchpoints": f.Touchpoints, "filter.sources": f.Sources, "filter.keys": f.Keys} {
		if err := checkTexts(field, texts...); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(f)
	return connection + " " + string(text), err
}

// narrow makes a statement read what the filter lets through. Movements are always looked up by their account or member; what is asked for here is looked at in
// each row that is found so, and nothing may lead the database to begin elsewhere: so the touchpoint is a look-up by the row's interaction, and no join.
func (f *MovementFilter) narrow() []predicate.Movement {
	if f == nil {
		return nil
	}
	var all []predicate.Movement
	if f.Kinds != nil {
		all = append(all, movement.KindIn(f.Kinds...))
	}
	for _, bound := range []struct {
		at   *time.Time
		make func(time.Time) predicate.Movement
	}{
		{f.OccurredFrom, movement.OccurredAtGTE}, {f.OccurredBefore, movement.OccurredAtLT},
		{f.BookedFrom, movement.BookedAtGTE}, {f.BookedBefore, movement.BookedAtLT},
	} {
		if bound.at != nil {
			all = append(all, bound.make(*bound.at))
		}
	}
	if f.Interaction != nil {
		all = append(all, movement.InteractionID(*f.Interaction))
	}
	all = amongst(all, f.Touchpoints, func(s *sql.Selector, b *sql.Builder) {
		b.WriteString("(SELECT i." + interaction.FieldTouchpoint + " FROM " + interaction.Table + " i WHERE i.id = ").Ident(s.C(movement.FieldInteractionID)).WriteByte(')')
	})
	explained := func(name string) func(*sql.Selector, *sql.Builder) {
		return func(s *sql.Selector, b *sql.Builder) {
			b.Ident(s.C(movement.FieldExplanation)).WriteString(" ->> '" + name + "'")
		}
	}
	all = amongst(all, f.Sources, explained("source"))
	return amongst(all, f.Keys, explained("key"))
}

// amongst adds the condition that a value is one of a list, unless the list is nil.
func amongst(all []predicate.Movement, list []string, value func(*sql.Selector, *sql.Builder)) []predicate.Movement {
	switch {
	case list == nil:
		return all
	case len(list) == 0:
		return append(all, func(s *sql.Selector) { s.Where(sql.False()) })
	}
	values := make([]any, len(list))
	for i, v := range list {
		values[i] = v
	}
	return append(all, func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) {
			value(s, b)
			b.WriteString(" IN (").Args(values...).WriteByte(')')
		}))
	})
}
