package tier_test

import (
	"testing"

	"granaio/loyalty/fact"
	"granaio/loyalty/tier"
)

var ladder = tier.Ladder{{Key: "bronze", At: 0}, {Key: "silver", At: 100}, {Key: "gold", At: 500}}

func TestHighestTierThatPointsReach(t *testing.T) {
	for points, want := range map[fact.Points]string{0: "bronze", 99: "bronze", 100: "silver", 499: "silver", 500: "gold", fact.MaxPoints: "gold"} {
		if got := ladder.Reached(points); got.Key != want {
			t.Errorf("%d reach %s", points, got.Key)
		}
	}
	if got := ladder[1:].Reached(99); got != nil {
		t.Errorf("99 reach %s", got.Key)
	}
}

func TestPlacesOnTheLadder(t *testing.T) {
	for key, above := range map[string]string{"": "bronze", "bronze": "silver", "silver": "gold", "unheard-of": "bronze"} {
		if got := ladder.Above(key); got.Key != above {
			t.Errorf("above %q is %s", key, got.Key)
		}
	}
	if ladder.Above("gold") != nil || ladder.Place("") != -1 || ladder.Place("gold") != 2 || ladder.Find("silver") != ladder[1] || ladder.Find("x") != nil {
		t.Error("a tier is not found in its place")
	}
}
