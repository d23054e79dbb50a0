package read

import (
	"context"
	"strings"

	"granaio/ent/movement"
	"granaio/ent/note"
	"granaio/loyalty/fact"
)

// Note is what an operator wrote about a command, and who it was.
type Note struct{ Text, By string }

func (r *Reader) loadNotes(ctx context.Context, commands []fact.ID) (map[fact.ID]*Note, error) {
	rows, err := r.Ent.Note.Query().Where(note.IDIn(commands...)).All(ctx)
	all := make(map[fact.ID]*Note, len(rows))
	for _, row := range rows {
		all[row.ID] = &Note{row.Text, strings.TrimPrefix(row.Caller, "operator:")}
	}
	return all, err
}

// Note is what an operator wrote about the movement's command, nil if none did.
func (m *Movement) Note(ctx context.Context) (*Note, error) {
	if m.Kind != movement.KindAdjust {
		return nil, nil
	}
	return m.with.notes.Get(ctx, m.CommandID)
}
