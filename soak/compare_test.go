package soak

import (
	"path/filepath"
	"slices"
	"testing"
)

// day is a journal and a database that agree: two members; purchases, a mug, a pin, a refusal, and an enrolment that came too late; a
// purchase returned in part and then as a whole, and a pin given back in parts.
func day(t *testing.T) (*journal, *stored) {
	t.Helper()
	j, err := newJournal(filepath.Join(t.TempDir(), "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() })
	s := &stored{
		members:  map[string][]string{"ada@x": {"ada"}, "bea@x": {"bea"}},
		balances: map[string]int64{"ada": 24, "bea": 50}, counts: map[string]int64{"ada": 2}, taken: 0,
		movements: map[string]movement{}, owners: map[string]string{}, redemptions: map[string]string{"r1": "ada", "r2": "bea"},
		cancelled: map[string]bool{"r2": true}, reversals: map[string]returned{"v1": {"ada", "i1", 200, false}, "v2": {"ada", "i1", 750, true}},
		commands: map[operation]int{enrolment: 2, purchase: 3, redemption: 3, reversal: 4, refund: 4},
	}
	for _, e := range []struct {
		request
		answer
		owner string
	}{
		{request{Key: "a", Operation: enrolment, Email: "ada@x"}, answer{ID: "ada", Movements: []movement{{"m1", 1, "earn", 50, 50}}}, "ada"},
		{request{Key: "b", Operation: enrolment, Email: "bea@x"}, answer{ID: "bea", Movements: []movement{{"m2", 1, "earn", 50, 50}}}, "bea"},
		{request{Key: "c", Operation: enrolment, Email: "bea@x"}, answer{Refused: "IDENTITY_TAKEN"}, ""},
		{request{Key: "d", Operation: purchase, Email: "ada@x", Cents: 950}, answer{ID: "i1", Movements: []movement{{"m3", 2, "earn", 9, 59}}, Count: 1}, "ada"},
		{request{Key: "e", Operation: purchase, Email: "ada@x", Cents: 99}, answer{ID: "i2", Count: 2}, "ada"},
		{request{Key: "f", Operation: redemption, Email: "ada@x", Reward: mug}, answer{ID: "r1", Movements: []movement{{"m4", 3, "spend", 30, 29}}}, "ada"},
		{request{Key: "g", Operation: redemption, Email: "ada@x", Reward: mug}, answer{Refused: "INSUFFICIENT_POINTS"}, ""},
		{request{Key: "h", Operation: purchase, Email: "ada@x", Cents: 400}, answer{ID: "i3", Movements: []movement{{"m5", 4, "earn", 4, 33}}, Count: 3}, "ada"},
		{request{Key: "i", Operation: redemption, Email: "bea@x", Reward: pin}, answer{ID: "r2", Movements: []movement{{"m6", 2, "spend", 5, 45}}}, "bea"},
		{request{Key: "j", Operation: reversal, Email: "ada@x", Cents: 200, Of: "d"}, answer{ID: "v1", Movements: []movement{{"m7", 5, "reverse_earn", 2, 31}}, Back: 200}, "ada"},
		{request{Key: "k", Operation: reversal, Email: "ada@x", Cents: 800, Of: "d"}, answer{Refused: "MORE_THAN_LEFT"}, ""},
		{request{Key: "l", Operation: reversal, Email: "ada@x", Of: "d"}, answer{ID: "v2", Movements: []movement{{"m8", 6, "reverse_earn", 7, 24}}, Count: 2, Back: 750, Whole: true}, "ada"},
		{request{Key: "m", Operation: reversal, Email: "ada@x", Of: "d"}, answer{Refused: "ALREADY_REVERSED"}, ""},
		{request{Key: "n", Operation: refund, Email: "bea@x", Of: "i", Points: 2}, answer{ID: "m9", Movements: []movement{{"m9", 3, "reverse_spend", 2, 47}}}, "bea"},
		{request{Key: "o", Operation: refund, Email: "bea@x", Of: "i", Points: 4}, answer{Refused: "MORE_THAN_SPENT"}, ""},
		{request{Key: "p", Operation: refund, Email: "bea@x", Of: "i"}, answer{ID: "m10", Movements: []movement{{"m10", 4, "reverse_spend", 3, 50}}, Cancelled: "r2"}, "bea"},
		{request{Key: "q", Operation: refund, Email: "bea@x", Of: "i"}, answer{Refused: "ALREADY_REVERSED"}, ""},
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
	again := func(key string, do func(*entry)) damage {
		return func(j *journal, _ *stored) error { do(j.entries[key]); return nil }
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
		"a movement of nobody":           {kept(func(s *stored) { s.movements["m99"] = movement{"m99", 7, "earn", 1, 25} }), doubled},
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
			return j.write(request{Key: "z", Operation: redemption, Email: "bea@x", Reward: pin}, answer{Refused: "OUT_OF_STOCK"}, false)
		}, lost},
		"a refusal without a reason": {func(j *journal, _ *stored) error {
			return j.write(request{Key: "z", Operation: purchase, Email: "ada@x", Cents: 100}, answer{Refused: "UNKNOWN_MEMBER"}, false)
		}, changed},
		"a return is gone":               {kept(func(s *stored) { delete(s.reversals, "v1") }), lost},
		"a return of nobody":             {kept(func(s *stored) { s.reversals["v9"] = returned{"ada", "i2", 1, false} }), doubled},
		"a return of another amount":     {kept(func(s *stored) { s.reversals["v1"] = returned{"ada", "i1", 100, false} }), changed},
		"a return of another purchase":   {kept(func(s *stored) { s.reversals["v1"] = returned{"ada", "i2", 200, false} }), changed},
		"a return that takes too much":   {again("j", func(e *entry) { e.Movements[0].Points++ }), changed},
		"a return that takes too little": {again("j", func(e *entry) { e.Movements[0].Points-- }), changed},
		"a return that nobody counts":    {again("l", func(e *entry) { e.Whole = false }), changed},
		"a purchase is returned twice":   {again("m", func(e *entry) { e.Refused, e.answer = "", answer{ID: "v3", Back: 750, Whole: true} }), doubled},
		"more is returned than was paid": {again("j", func(e *entry) { e.Cents = 1000 }), doubled},
		"a return refused without need":  {again("k", func(e *entry) { e.Of, e.Cents = "h", 100 }), changed},
		"a redemption is not cancelled":  {kept(func(s *stored) { s.cancelled["r2"] = false }), changed},
		"another redemption is":          {again("p", func(e *entry) { e.Cancelled = "r1" }), changed},
		"a spend is given back twice": {again("q", func(e *entry) {
			e.answer = answer{ID: "m10", Movements: []movement{{"m10", 4, "reverse_spend", 3, 50}}}
		}), doubled},
		"more is given back than spent":    {again("n", func(e *entry) { e.Points = 6 }), doubled},
		"a refund gives too much":          {again("n", func(e *entry) { e.Movements[0].Points++ }), changed},
		"a refund refused without need":    {again("q", func(e *entry) { e.Of = "f" }), changed},
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
