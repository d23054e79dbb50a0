package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/programmeversion"
	"granaio/ent/revision"
	"granaio/loyalty/fact"
)

// State is where a definition is in its life.
type State string

// The states.
const (
	Drafted   State = "draft"     // it is not in force: it is being written, or scheduled
	Published State = "published" // it is in force
	Paused    State = "paused"    // it is in force, and rests
	Gone      State = "retired"   // it is not in force, and nobody writes it
)

// Standing is where a programme's definitions stand at an instant.
type Standing struct {
	inForce map[fact.ID]fact.ID // revisions, by definition
	paused  []fact.ID
	next    map[fact.ID]int // the number of the next version that changes a definition
}

// State is where a definition stands.
func (s *Standing) State(d *ent.Definition) State {
	_, scheduled := s.next[d.ID]
	switch {
	case slices.Contains(s.paused, d.ID):
		return Paused
	case !s.InForce(d.ID).IsZero():
		return Published
	case d.DraftID != nil || scheduled:
		return Drafted
	}
	return Gone
}

// InForce is the definition's revision that is in force; the zero id if none is.
func (s *Standing) InForce(definition fact.ID) fact.ID { return s.inForce[definition] }

// Next is the number of the next version that changes the definition; 0 if none is scheduled.
func (s *Standing) Next(definition fact.ID) int { return s.next[definition] }

// Standing is where the programme's definitions stand at an instant. It costs a few statements, however many definitions there are.
func (l *Library) Standing(ctx context.Context, programme fact.ID, now time.Time) (*Standing, error) {
	t, err := l.Latest(ctx, programme)
	if err != nil {
		return nil, err
	}
	ctx = auth.System(ctx, programme)
	client, fail := l.store.Ent(), func(err error) (*Standing, error) {
		return nil, fmt.Errorf("programme: the definitions of %s: %w", programme, err)
	}
	current := t.current(now)
	row, err := versionOf(ctx, client, programme, current+1)
	if err != nil {
		return fail(err)
	}
	s := &Standing{inForce: make(map[fact.ID]fact.ID, len(row.Revisions)), paused: row.Paused, next: map[fact.ID]int{}}
	for some := range slices.Chunk(row.Revisions, most) {
		rows, err := client.Revision.Query().Where(revision.IDIn(some...)).Select(revision.FieldID, revision.FieldDefinitionID).All(ctx)
		if err != nil {
			return fail(err)
		}
		for _, r := range rows {
			s.inForce[r.DefinitionID] = r.ID
		}
	}
	later := t.course.after(t.course.from[current])
	if len(later) == 0 {
		return s, nil
	}
	numbers := make([]int, len(later))
	for i, place := range later {
		numbers[i] = place + 1
	}
	rows, err := client.ProgrammeVersion.Query().Where(programmeversion.ProgrammeID(programme), programmeversion.NumberIn(numbers...)).
		Order(ent.Desc(programmeversion.FieldNumber)).All(ctx)
	if err != nil {
		return fail(err)
	}
	for _, r := range rows { // the soonest last
		changes, err := turnsOf(r)
		if err != nil {
			return fail(err)
		}
		for _, c := range changes {
			s.next[c.Definition] = r.Number
		}
	}
	return s, nil
}

// current is the place of the version in force now; before the programme begins, of the one that it will begin with.
func (t *Timeline) current(now time.Time) int {
	if begins := t.course.begins(); now.Before(begins) {
		now = begins
	}
	place, _ := t.course.at(now)
	return place
}

// Before is the number of the version that was, or would be, in force when the version of a number comes into force, without that one; 0 if there is none.
func (t *Timeline) Before(number int) int {
	if number < 2 {
		return 0
	}
	earlier := newCourse(t.course.from[:number-1])
	from := t.course.from[number-1]
	if begins := earlier.begins(); from.Before(begins) {
		from = begins
	}
	place, _ := earlier.at(from)
	return place + 1
}

// Diff tells what differs between two versions of a programme; of version 0, which has nothing, all of the other.
func (l *Library) Diff(ctx context.Context, programme fact.ID, from, to int) ([]Difference, error) {
	ctx = auth.System(ctx, programme)
	var contents [2]content
	for i, number := range []int{from, to} {
		if number == 0 {
			continue
		}
		row, err := versionOf(ctx, l.store.Ent(), programme, number)
		if err == nil {
			contents[i], err = contentOf(ctx, l.store.Ent(), row)
		}
		if err != nil {
			return nil, fmt.Errorf("programme: version %d of %s: %w", number, programme, err)
		}
	}
	return differences(contents[0], contents[1])
}

// Export is a version of a programme as YAML, as the function of that name writes it.
func (l *Library) Export(ctx context.Context, programme fact.ID, number int) ([]byte, error) {
	return Export(ctx, l.store, programme, number)
}

// Order puts definitions in the order of a file: by kind, then by key.
func Order(a, b *ent.Definition) int {
	if by := kindOf(a.Kind).order() - kindOf(b.Kind).order(); by != 0 {
		return by
	}
	return strings.Compare(a.Key, b.Key)
}
