package soak

import (
	"path/filepath"
	"slices"
	"testing"
)

// day is a journal and a database that agree: two members; purchases, a mug, a pin, a refusal, and an enrolment that came too late.
func day(t *testing.T) (*journal, *stored) {
	t.Helper()
	j, err := newJournal(filepath.Join(t.TempDir(), "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	s := &stored{
		members:  map[string][]string{"ada@x": {"ada"}, "bea@x": {"bea"}},
		balances: map[string]int64{"ada": 33, "bea": 45}, counts: map[string]int64{"ada": 3}, taken: 1,
		movements: map[string]movement{}, owners: map[string]string{}, redemptions: map[string]string{"r1": "ada", "r2": "bea"},
		commands: map[operation]int{enrolment: 2, purchase: 3, redemption: 3},
	}
	for _, e := range []struct {
		request
		answer
		owner string
	}{
		{request{"a", enrolment, "ada@x", 0, ""}, answer{ID: "ada", Movements: []movement{{"m1", 1, "earn", 50, 50}}}, "ada"},
		{request{"b", enrolment, "bea@x", 0, ""}, answer{ID: "bea", Movements: []movement{{"m2", 1, "earn", 50, 50}}}, "bea"},
		{request{"c", enrolment, "bea@x", 0, ""}, answer{Refused: "IDENTITY_TAKEN"}, ""},
		{request{"d", purchase, "ada@x", 950, ""}, answer{ID: "i1", Movements: []movement{{"m3", 2, "earn", 9, 59}}, Count: 1}, "ada"},
		{request{"e", purchase, "ada@x", 99, ""}, answer{ID: "i2", Count: 2}, "ada"},
		{request{"f", redemption, "ada@x", 0, mug}, answer{ID: "r1", Movements: []movement{{"m4", 3, "spend", 30, 29}}}, "ada"},
		{request{"g", redemption, "ada@x", 0, mug}, answer{Refused: "INSUFFICIENT_POINTS"}, ""},
		{request{"h", purchase, "ada@x", 400, ""}, answer{ID: "i3", Movements: []movement{{"m5", 4, "earn", 4, 33}}, Count: 3}, "ada"},
		{request{"i", redemption, "bea@x", 0, pin}, answer{ID: "r2", Movements: []movement{{"m6", 2, "spend", 5, 45}}}, "bea"},
	} {
		for duplicate := range 2 { // each is answered twice, by the same facts
			if err := j.write(e.request, e.answer, duplicate == 1); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range e.Movements {
			s.movements[m.ID], s.owners[m.ID] = m, e.owner
		}
		if e.Operation == purchase {
			s.interactions = append(s.interactions, interaction{e.ID, e.owner, e.Key, e.Cents})
		}
	}
	return j, s
}

func TestNothingIsWrongWhereJournalAndDatabaseAgree(t *testing.T) {
	j, s := day(t)
	v := compare(j, s)
	v.add(j.wrong)
	if v.Lost+v.Doubled+v.Changed > 0 {
		t.Errorf("%+v", v)
	}
}

// Each kind of damage is seen, and as what it is.
func TestEveryDamageIsSeen(t *testing.T) {
	type damage func(*journal, *stored) error
	kept := func(do func(*stored)) damage { return func(_ *journal, s *stored) error { do(s); return nil } }
	answered := func(key string, a answer, duplicate bool) damage {
		return func(j *journal, _ *stored) error { return j.write(j.entries[key].request, a, duplicate) }
	}
	lost, doubled, changed := func(v verdict) int { return v.Lost }, func(v verdict) int { return v.Doubled }, func(v verdict) int { return v.Changed }
	for name, c := range map[string]struct {
		damage damage
		seen   func(verdict) int
	}{
		"a purchase is gone":             {kept(func(s *stored) { s.interactions = s.interactions[1:] }), lost},
		"a purchase is there twice":      {kept(func(s *stored) { s.interactions = append(s.interactions, s.interactions[0]) }), doubled},
		"a purchase of nobody":           {kept(func(s *stored) { s.interactions = append(s.interactions, interaction{"i9", "ada", "z", 100}) }), doubled},
		"a purchase of another amount":   {kept(func(s *stored) { s.interactions[0].cents++ }), changed},
		"a purchase of another member":   {kept(func(s *stored) { s.interactions[0].member = "bea" }), changed},
		"a member is gone":               {kept(func(s *stored) { delete(s.members, "bea@x") }), lost},
		"a member is there twice":        {kept(func(s *stored) { s.members["bea@x"] = append(s.members["bea@x"], "bea2") }), doubled},
		"a member whom nobody enrolled":  {kept(func(s *stored) { s.members["eve@x"] = []string{"eve"} }), doubled},
		"a movement is gone":             {kept(func(s *stored) { delete(s.movements, "m3") }), lost},
		"a movement of nobody":           {kept(func(s *stored) { s.movements["m9"] = movement{"m9", 5, "earn", 1, 34} }), doubled},
		"a movement of other points":     {kept(func(s *stored) { s.movements["m3"] = movement{"m3", 2, "earn", 8, 59} }), changed},
		"a movement of another member":   {kept(func(s *stored) { s.owners["m3"] = "bea" }), changed},
		"a redemption is gone":           {kept(func(s *stored) { delete(s.redemptions, "r1") }), lost},
		"a redemption of nobody":         {kept(func(s *stored) { s.redemptions["r9"] = "ada" }), doubled},
		"a redemption of another member": {kept(func(s *stored) { s.redemptions["r1"] = "bea" }), changed},
		"a point is gone":                {kept(func(s *stored) { s.balances["ada"]-- }), lost},
		"a point is there twice":         {kept(func(s *stored) { s.balances["ada"]++ }), doubled},
		"a command is gone":              {kept(func(s *stored) { s.commands[redemption]-- }), lost},
		"a command of nobody":            {kept(func(s *stored) { s.commands[purchase]++ }), doubled},
		"a pin went twice":               {kept(func(s *stored) { s.taken++ }), doubled},
		"a pin went for nothing":         {kept(func(s *stored) { s.taken-- }), lost},
		"another answer":                 {answered("d", answer{ID: "i9", Movements: []movement{{"m3", 2, "earn", 9, 59}}, Count: 1}, true), changed},
		"another balance in an answer":   {answered("d", answer{ID: "i1", Movements: []movement{{"m3", 2, "earn", 9, 60}}, Count: 1}, true), changed},
		"granted, and then refused":      {answered("f", answer{Refused: "INSUFFICIENT_POINTS"}, false), changed},
		"two first answers":              {answered("d", answer{ID: "i1", Movements: []movement{{"m3", 2, "earn", 9, 59}}, Count: 1}, false), doubled},
		"none is left, though there are": {func(j *journal, s *stored) error {
			s.commands[redemption]++
			return j.write(request{"k", redemption, "bea@x", 0, pin}, answer{Refused: "OUT_OF_STOCK"}, false)
		}, lost},
		"a refusal without a reason": {func(j *journal, _ *stored) error {
			return j.write(request{"k", purchase, "ada@x", 100, ""}, answer{Refused: "UNKNOWN_MEMBER"}, false)
		}, changed},
		"a purchase is not counted":        {kept(func(s *stored) { s.counts["ada"]-- }), lost},
		"a purchase counts twice":          {kept(func(s *stored) { s.counts["ada"]++ }), doubled},
		"two purchases are the third":      {func(j *journal, _ *stored) error { j.entries["e"].Count = 3; return nil }, doubled},
		"two purchases are the first":      {func(j *journal, _ *stored) error { j.entries["e"].Count = 1; return nil }, lost},
		"an answer to something else":      {func(j *journal, _ *stored) error { j.entries["d"].Cents = 700; return nil }, changed},
		"a movement that nobody mentioned": {func(j *journal, _ *stored) error { j.entries["d"].Movements = nil; return nil }, changed},
	} {
		t.Run(name, func(t *testing.T) {
			j, s := day(t)
			if err := c.damage(j, s); err != nil {
				t.Fatal(err)
			}
			v := compare(j, s)
			v.add(j.wrong)
			if c.seen(v) == 0 {
				t.Errorf("it was not seen as what it is: %+v", v)
			}
		})
	}
}

// The same seed makes the same clients want the same things.
func TestWhatClientsWantFollowsFromTheSeed(t *testing.T) {
	one, same, other := newPlanner(7, 3, 4), newPlanner(7, 3, 4), newPlanner(8, 3, 4)
	differs := false
	for range 200 {
		a, b, c := one.next(), same.next(), other.next()
		if !slices.Equal(a, b) {
			t.Fatalf("%+v and %+v", a, b)
		}
		differs = differs || !slices.Equal(a, c)
	}
	if !differs {
		t.Error("another seed wants the same")
	}
}
