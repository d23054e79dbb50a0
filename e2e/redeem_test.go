package e2e

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"granaio/store/storetest"
)

// Forty members want one of the few pieces of a reward at once: as many get one as there are, everybody else is told that none is left, and
// nobody pays without getting one.
func TestStockNeverRunsBelowZero(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := boot(t, t.TempDir(), url, "--no-example")
		if out, code := granaio(t, "import", "--database-url", url, "testdata/shop.yaml"); code != 0 {
			t.Fatalf("import: %s", out)
		}
		out, _ := granaio(t, "token", "--data", s.data, "--database-url", url, "--operator", "anna")
		operator := s.as(strings.TrimSpace(out))
		rewards := operator.ask(t, `{ viewer { programme { rewards { id key } } } }`, nil)
		reward := rewards.text("viewer.programme.rewards.0.id")

		const members = 40
		ids := make([]string, members)
		for i := range ids {
			ids[i] = operator.enrolled(t, fmt.Sprintf("m%d@example.com", i))
		}
		var got, none atomic.Int64
		var all sync.WaitGroup
		for _, id := range ids {
			for attempt := range 2 { // the same request twice at once: it counts once
				all.Go(func() {
					a, _, err := operator.try(redeem, variables{"input": variables{"idempotencyKey": "r " + id, "reward": reward, "member": variables{"id": id}}})
					switch {
					case err != nil || len(a.Errors) > 0:
						t.Errorf("%v %v", err, a.Errors)
					case attempt == 1:
					case a.at("rewardRedeem.redemption") != nil:
						got.Add(1)
					case a.text("rewardRedeem.userErrors.0.code") == "OUT_OF_STOCK":
						none.Add(1)
					default:
						t.Errorf("neither got it nor was told that none is left: %v", a.Data)
					}
				})
			}
		}
		all.Wait()
		if got.Load() != 7 || none.Load() != members-7 {
			t.Errorf("%d got one of 7, %d were told that none is left", got.Load(), none.Load())
		}
		paid := 0
		for _, id := range ids {
			a := operator.ask(t, `query($id: ID!) { node(id: $id) { ... on Member { account { available } redemptions(first: 5) { edges { node { points } } } } } }`, variables{"id": id})
			taken := len(a.at("node.redemptions.edges").([]any))
			if balance := a.number("node.account.available"); balance != 50-30*taken {
				t.Errorf("%s has %d points after %d redemptions", id, balance, taken)
			}
			paid += taken
		}
		if paid != 7 {
			t.Errorf("%d paid for 7 pieces", paid)
		}
		if out, code := granaio(t, "check", "--database-url", url); code != 0 {
			t.Fatalf("check: exit %d\n%s", code, out)
		}
	})
}
