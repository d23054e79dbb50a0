package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	nats "github.com/nats-io/nats-server/v2/server"

	"granaio/store/storetest"
)

// Two processes share one PostgreSQL and one NATS: who watches at one sees what is sent to the other, and a member's purchases sent to both
// at once are all counted, each once.
func TestTwoProcesses(t *testing.T) {
	cluster := startNATS(t)
	url := storetest.URL(t, dialect.Postgres)
	data := t.TempDir()
	one := boot(t, data, url, "--nats-url", cluster)
	two := boot(t, data, url, "--nats-url", cluster)
	email := "both@example.com"
	id := one.as(one.tokens["operator"]).enrolled(t, email)
	watcher := one.as(one.tokens["operator"]).dial(t)
	watcher.subscribe("1", fmt.Sprintf(`subscription { balanceChanged(member: %q) { available version } }`, id))
	first, err := watcher.nextBalance(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	two.as(one.tokens["operator"]).ask(t, track, purchase("one", email, "5.00"))
	start := time.Now()
	second, err := watcher.nextBalance(3 * time.Second) // sooner than a comparison with the database would bring it
	if err != nil || second.Version <= first.Version {
		t.Fatalf("news from the other process: %+v after %v, %v", second, time.Since(start), err)
	}

	const each = 100
	var all sync.WaitGroup
	for _, s := range []*server{one, two} {
		for lane := range 2 {
			all.Go(func() {
				for n := range each {
					key := fmt.Sprintf("k%d-%d", lane, n) // both processes are sent the same requests
					a, _, err := s.as(one.tokens["operator"]).try(track, purchase(key, email, "1.00"))
					if err != nil || a.at("interactionTrack.interaction") == nil {
						t.Errorf("a purchase was not taken: %v %v", err, a)
						return
					}
				}
			})
		}
	}
	all.Wait()
	a := one.as(one.tokens["operator"]).ask(t, `query($id: ID!) { node(id: $id) { ... on Member { interactions(first: 1) { totalCount } } } }`, variables{"id": id})
	if total := a.number("node.interactions.totalCount"); total != 1+1+2*each {
		t.Errorf("%d interactions, not the enrolment, one purchase and %d more", total, 2*each)
	}
	// Merged at the other process, the member is watched on as the one that it is now.
	heir := two.as(one.tokens["operator"]).enrolled(t, "heir@example.com")
	before := one.as(one.tokens["operator"]).available(t, id) + one.as(one.tokens["operator"]).available(t, heir)
	two.as(one.tokens["operator"]).merges(t, "both", heir)
	start = time.Now()
	for last := (balance{}); last.Available != before; {
		if last, err = watcher.nextBalance(3 * time.Second); err != nil {
			t.Fatalf("after the merge at the other process: %v, after %v, not %d", err, time.Since(start), before)
		}
	}
	if out, code := granaio(t, "check", "--database-url", url); code != 0 {
		t.Fatalf("check: exit %d\n%s", code, out)
	}
}

func startNATS(t *testing.T) string {
	t.Helper()
	n, err := nats.NewServer(&nats.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	n.Start()
	t.Cleanup(n.Shutdown)
	if !n.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS did not start")
	}
	return n.ClientURL()
}
