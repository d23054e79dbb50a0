package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"granaio/store/storetest"
)

// A member watches its balance over WebSocket and SSE while 1,000 purchases arrive from the till: what it sees only grows, and the last is what the
// database holds.
func TestBalanceMovesLive(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := boot(t, t.TempDir(), url)
		operator := s.as(s.tokens["operator"])
		partner := s.as(s.tokens["partner"])
		email := "nonna@example.com"
		id := operator.enrolled(t, email)
		watcher := operator.dial(t)
		watcher.subscribe("1", fmt.Sprintf(`subscription { balanceChanged(member: %q) { available pending held debt version at } }`, id))
		first, err := watcher.nextBalance(10 * time.Second)
		if err != nil || first.Version < 1 || first.Available <= 0 {
			t.Fatalf("the balance at once: %+v, %v", first, err)
		}
		const purchases = 1000
		var streamed []balance
		var stream sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		final := make(chan int64, 1)
		stream.Go(func() {
			err := operator.stream(ctx, fmt.Sprintf(`subscription { balanceChanged(member: %q) { available pending held debt version at } }`, id), func(b balance) bool {
				streamed = append(streamed, b)
				select {
				case want := <-final:
					final <- want
					return b.Version < want
				default:
					return true
				}
			})
			if err != nil && ctx.Err() == nil {
				t.Errorf("SSE: %v", err)
			}
		})

		var senders sync.WaitGroup
		for sender := range 8 {
			senders.Go(func() {
				for n := range purchases / 8 {
					a, _, err := partner.try(track, purchase(fmt.Sprintf("p%d-%d", sender, n), email, "10.00"))
					if err != nil || a.at("interactionTrack.interaction") == nil {
						t.Errorf("a purchase was not taken: %v %v", err, a)
						return
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { senders.Wait(); close(done) }()
		incoming := make(chan balance)
		go func() {
			defer close(incoming)
			for {
				b, err := watcher.nextBalance(time.Minute)
				if err != nil {
					return
				}
				select {
				case incoming <- b:
				case <-ctx.Done():
					return
				}
			}
		}()

		seen := []balance{first}
		var last *balance // what the database holds at the end
		for late := time.After(time.Minute); last == nil || seen[len(seen)-1].Version < last.Version; {
			select {
			case b, ok := <-incoming:
				if !ok {
					t.Fatalf("the socket ended after %d balances", len(seen))
				}
				seen = append(seen, b)
			case <-done:
				done = nil
				a := operator.ask(t, `query($id: ID!) { node(id: $id) { ... on Member { account { available version } } } }`, variables{"id": id})
				last = &balance{Available: int64(a.number("node.account.available")), Version: int64(a.number("node.account.version"))}
				final <- last.Version
			case <-late:
				t.Fatalf("the end never came: %d balances, the last %+v, the database holds %+v", len(seen), seen[len(seen)-1], last)
			}
		}
		for i := 1; i < len(seen); i++ {
			if seen[i].Version <= seen[i-1].Version {
				t.Fatalf("version %d came after %d", seen[i].Version, seen[i-1].Version)
			}
		}
		if end := seen[len(seen)-1]; end.Available != last.Available || end.Version != last.Version {
			t.Fatalf("the watcher ends on %+v, the database on %+v", end, last)
		}
		t.Logf("the WebSocket saw %d balances of %d movements", len(seen), last.Version)

		// One purchase more wakes the stream in case its last balance came before it knew the end.
		partner.ask(t, track, purchase("one more", email, "10.00"))
		stopped := make(chan struct{})
		go func() { stream.Wait(); close(stopped) }()
		select {
		case <-stopped:
		case <-time.After(20 * time.Second):
			t.Fatal("SSE never reached the end")
		}
		for i := 1; i < len(streamed); i++ {
			if streamed[i].Version <= streamed[i-1].Version {
				t.Fatalf("SSE: version %d came after %d", streamed[i].Version, streamed[i-1].Version)
			}
		}
		if out, code := granaio(t, "check", "--database-url", url); code != 0 {
			t.Fatalf("check: exit %d\n%s", code, out)
		}
	})
}
