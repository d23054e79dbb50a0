package soak

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
)

// movement is a movement of points, as an answer or the database has it.
type movement struct {
	ID        string `json:"id"`
	Number    int64  `json:"number"`
	Kind      string `json:"kind"`
	Points    int64  `json:"points"`
	Available int64  `json:"available"` // after it
}

// answer is the facts of an answer: whether it was the first one is no part of them.
type answer struct {
	Refused   string     `json:"refused,omitempty"` // the code; everything else is then empty
	ID        string     `json:"id,omitempty"`      // of the interaction, the member, the redemption, the reversal or, of a refund, the movement
	Movements []movement `json:"movements,omitempty"`
	Count     int64      `json:"count,omitempty"`     // which of the member's purchases it was, by the mission's progress; of a return, how many are left
	Back      int64      `json:"back,omitempty"`      // of a return
	Whole     bool       `json:"whole,omitempty"`     // of a return: nothing is left
	Cancelled string     `json:"cancelled,omitempty"` // of a refund: the redemption that it cancelled
}

func (a answer) equal(b answer) bool {
	return a.Refused == b.Refused && a.ID == b.ID && a.Count == b.Count && a.Back == b.Back && a.Whole == b.Whole && a.Cancelled == b.Cancelled && slices.Equal(a.Movements, b.Movements)
}

// entry is a request that was answered.
type entry struct {
	request
	answer
	first bool // an answer claimed to be the first
}

// journal is what was acknowledged, in the order it was. It is kept outside of what is broken, in memory and in a file.
type journal struct {
	mu      sync.Mutex
	file    *os.File
	entries map[string]*entry
	order   []*entry
	answers int // all that were written, those to requests sent again included
	wrong   verdict
}

func newJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the journal: %w", err)
	}
	return &journal{file: file, entries: map[string]*entry{}}, nil
}

// write takes an answer down, and compares it with an earlier one to the same request. Duplicate is what the answer says of itself.
func (j *journal) write(r request, a answer, duplicate bool) error {
	line, err := json.Marshal(struct {
		request
		answer
		Duplicate bool `json:"duplicate,omitempty"`
	}{r, a, duplicate})
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("the journal: %w", err)
	}
	j.answers++
	claims := !duplicate && a.Refused == ""
	e := j.entries[r.Key]
	if e == nil {
		e = &entry{request: r, answer: a, first: claims}
		j.entries[r.Key] = e
		j.order = append(j.order, e)
		return nil
	}
	if !e.answer.equal(a) {
		j.wrong.change("%s: answered %+v, and then %+v", r.Key, e.answer, a)
	}
	if claims {
		if e.first {
			j.wrong.double("%s: two answers claim to be the first", r.Key)
		}
		e.first = true
	}
	return nil
}

// undone is the id of what a request is to undo, as its answer named it; empty if it was not granted.
func (j *journal) undone(r request) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch e := j.entries[r.Of]; {
	case e == nil || e.Refused != "":
		return ""
	case r.Operation == reversal:
		return e.ID
	default:
		return e.Movements[0].ID
	}
}

// miss takes down an answer that lacks what it should show: it was taken, and is not there.
func (j *journal) miss(r request, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wrong.lose("%s: %v", r.Key, why)
}

func (j *journal) close() error { return j.file.Close() }

// maxExamples is how many examples of what is wrong are told.
const maxExamples = 20

// verdict counts what is wrong.
type verdict struct {
	Lost, Doubled, Changed int
	Examples               []string
}

func (v *verdict) lose(format string, args ...any)   { v.Lost++; v.tell("lost: "+format, args) }
func (v *verdict) double(format string, args ...any) { v.Doubled++; v.tell("doubled: "+format, args) }
func (v *verdict) change(format string, args ...any) { v.Changed++; v.tell("changed: "+format, args) }

func (v *verdict) tell(format string, args []any) {
	if len(v.Examples) < maxExamples {
		v.Examples = append(v.Examples, fmt.Sprintf(format, args...))
	}
}

// add takes over what another one has found.
func (v *verdict) add(o verdict) {
	v.Lost, v.Doubled, v.Changed = v.Lost+o.Lost, v.Doubled+o.Doubled, v.Changed+o.Changed
	v.Examples = append(v.Examples, o.Examples[:min(len(o.Examples), maxExamples-len(v.Examples))]...)
}
