package programme_test

import (
	"testing"
	"time"

	"granaio/examples"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

func TestAnExportImportedChangesNothing(t *testing.T) {
	for name, text := range map[string]string{"small": small(t), "rules": rules(t), "ageing": ageing(t), "chicchi": string(examples.Chicchi), "lune": string(examples.Lune)} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				first := take(t, s, text, noon)
				written, err := programme.Export(t.Context(), s, first.Programme, 1)
				if err != nil {
					t.Fatal(err)
				}
				if again := take(t, s, string(written), noon.Add(time.Hour)); !again.Unchanged() {
					t.Errorf("importing it gives %s", again)
				}
				// The same into an empty place, and out again: the same text.
				other := storetest.New(t)
				second := take(t, other, string(written), noon)
				if twice, err := programme.Export(t.Context(), other, second.Programme, 1); err != nil || string(twice) != string(written) {
					t.Errorf("exported again it is %s, %v", twice, err)
				}
			})
		})
	}
}

func TestAnEarlierVersionIsExportedAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		first := take(t, s, edition(t, 5), noon)
		take(t, s, edition(t, 6), noon.Add(time.Hour))
		written, err := programme.Export(t.Context(), s, first.Programme, 1)
		if err != nil {
			t.Fatal(err)
		}
		if f := parse(t, string(written)); f.Spec.Rules[1].Award.Points != 5 {
			t.Errorf("the rule gives %d", f.Spec.Rules[1].Award.Points)
		}
		if _, err := programme.Export(t.Context(), s, first.Programme, 3); err == nil {
			t.Error("a version that does not exist was exported")
		}
	})
}
