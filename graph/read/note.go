package read

import (
	"context"
	"strings"

	"granaio/ent/movement"
	"granaio/ent/note"
	"granaio/loyalty/fact"
)

// Note is what somebody wrote about a command that they gave, and who it was.
type Note struct{ Text, By string }

func (r *Reader) loadNotes(ctx context.Context, commands []fact.ID) (map[fact.ID]*Note, error) {
	rows, err := r.Ent.Note.Query().Where(note.IDIn(commands...)).All(ctx)
	all := make(map[fact.ID]*Note, len(rows))
	for _, row := range rows {
		all[row.ID] = &Note{row.Text, strings.TrimPrefix(strings.TrimPrefix(row.Caller, "operator:"), "partner:")}
	}
	return all, err
}

// mayHaveNote tells whether a command of a movement of the kind may have been written about.
func mayHaveNote(kind movement.Kind) bool {
	return kind == movement.KindAdjust || kind == movement.KindMerge || kind == movement.KindReverseEarn || kind == movement.KindReverseSpend
}

// Note is what was written about the movement's command, nil if nothing was.
func (m *Movement) Note(ctx context.Context) (*Note, error) {
	if !mayHaveNote(m.Kind) {
		return nil, nil
	}
	return m.with.notes.Get(ctx, m.CommandID)
}
