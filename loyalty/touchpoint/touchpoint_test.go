package touchpoint_test

import (
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/touchpoint"
)

func TestEveryKindOfTouchpointIsTakenAndNoOther(t *testing.T) {
	for _, kind := range append(touchpoint.Kinds, "radio", "") {
		r := fact.NewReport()
		all := touchpoint.Compile([]touchpoint.Spec{{Key: "x", Name: fact.Text{"en": "X"}, Kind: kind}}, map[string]fact.Ref{"x": {Number: 4}},
			fact.Setting{Zone: time.UTC, Languages: []string{"en"}}, r)
		known := kind != "radio" && kind != ""
		if (len(r.Problems()) == 0) != known || all[0].Kind != kind || all[0].Number != 4 {
			t.Errorf("%q: %v", kind, r.Problems())
		}
	}
}
