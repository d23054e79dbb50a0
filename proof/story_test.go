package proof

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

var ids = regexp.MustCompile(`([a-z]{3})_[0-9a-z]{26}`)

func TestAStoryTellsEveryMovementLotAndHold(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, members map[engine.Identity]fact.ID) {
		for _, who := range []engine.Identity{ben, cleo, emma} {
			want, err := os.ReadFile("testdata/" + who.Value + ".txt") // ids are left out but for their prefix
			if err != nil {
				t.Fatal(err)
			}
			story, err := Story(t.Context(), db, members[who])
			if err != nil {
				t.Fatal(err)
			}
			if got := ids.ReplaceAllString(story, "$1"); got != string(want) {
				t.Errorf("%s's is told as\n%s", who.Value, got)
			}
		}
	})
}

func TestAStoryTellsWhatWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, members map[engine.Identity]fact.ID) {
		story, err := Story(t.Context(), db, members[eve])
		if n := strings.Count(story, "takes or gives back mov_"); err != nil || n < 5 {
			t.Errorf("it tells of %d movements that undo others (%v):\n%s", n, err, story)
		}
	})
}

func TestAStoryShowsAPostingThatHasLostItsMovement(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, members map[engine.Identity]fact.ID) {
		if _, err := db.DB().ExecContext(t.Context(), `DELETE FROM movements WHERE id = `+spend); err != nil {
			t.Fatal(err)
		}
		story, err := Story(t.Context(), db, members[ada])
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(story, "without its movement"); n != 3 || !strings.Contains(story, "available → redeemed        20  lot_") {
			t.Errorf("it tells of %d postings without a movement:\n%s", n, story)
		}
	})
}

func TestThereIsNoStoryOfNobody(t *testing.T) {
	db := storetest.New(t)
	nobody := fact.NewID(fact.KindMember)
	if story, err := Story(t.Context(), db, nobody); !errors.Is(err, ErrNoMember) || !strings.Contains(err.Error(), nobody.String()) || story != "" {
		t.Errorf("%q %v", story, err)
	}
}
