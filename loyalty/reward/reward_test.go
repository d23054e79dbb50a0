package reward_test

import (
	"strings"
	"testing"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/reward"
)

func compile(s reward.Spec) (*reward.Reward, []fact.Problem) {
	r := fact.NewReport()
	all := reward.Compile([]reward.Spec{s}, nil, fact.Setting{Zone: time.UTC, Languages: []string{"en"}}, expr.NewLanguage(expr.Vocabulary{}), []string{"gold"}, r)
	return all[0], r.Problems()
}

func TestStockIsLimitedOnlyIfItIsStated(t *testing.T) {
	for _, c := range []struct {
		stock   []int64
		limited bool
		left    map[int64]bool
	}{{nil, false, map[int64]bool{0: true, 1 << 40: true}}, {[]int64{0}, true, map[int64]bool{0: false}}, {[]int64{3}, true, map[int64]bool{2: true, 3: false}}} {
		s := reward.Spec{Key: "x", Name: fact.Text{"en": "X"}, Kind: "coupon", Price: 1}
		if len(c.stock) > 0 {
			s.Stock = &c.stock[0]
		}
		w, problems := compile(s)
		if len(problems) > 0 || w.Limited() != c.limited || c.limited && w.Stock() != c.stock[0] {
			t.Errorf("%v: limited %t, %v", c.stock, w.Limited(), problems)
		}
		for taken, left := range c.left {
			if w.Left(taken) != left {
				t.Errorf("%v: with %d taken, left %t", c.stock, taken, !left)
			}
		}
	}
}

func TestAnyWordIsAKindOfReward(t *testing.T) {
	for kind, good := range map[string]bool{"coupon": true, "bicycle-tour": true, "Coupon": false, "": false, "gift card": false} {
		_, problems := compile(reward.Spec{Key: "x", Name: fact.Text{"en": "X"}, Kind: kind, Price: 1})
		if (len(problems) == 0) != good || !good && !strings.Contains(problems[0].Message, "kind of reward") {
			t.Errorf("%q: %v", kind, problems)
		}
	}
}
