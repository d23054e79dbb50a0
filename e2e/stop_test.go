package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"granaio/store/storetest"
)

// When the server is asked to stop, requests in flight are answered, sockets are told that it goes away, and what was acknowledged is there at the
// next start.
func TestStopsCleanly(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		data := t.TempDir()
		s := boot(t, data, url)
		operator := s.as(s.tokens["operator"])
		id := operator.enrolled(t, "stop@example.com")
		watcher := operator.dial(t)
		watcher.subscribe("1", fmt.Sprintf(`subscription { balanceChanged(member: %q) { available version } }`, id))
		if _, err := watcher.nextBalance(10 * time.Second); err != nil {
			t.Fatal(err)
		}

		acknowledged := make(chan int, 1)
		go func() {
			n := 0
			for {
				a, _, err := operator.try(track, purchase(fmt.Sprint("p", n), "stop@example.com", "1.00"))
				if err != nil || a.at("interactionTrack.interaction") == nil {
					acknowledged <- n
					return
				}
				n++
			}
		}()
		time.Sleep(300 * time.Millisecond)
		if code := s.stop(t); code != 0 {
			t.Errorf("it ended with %d", code)
		}
		var closed websocket.CloseError
		for {
			_, err := watcher.next(5 * time.Second)
			if err == nil {
				continue
			}
			if !errors.As(err, &closed) || closed.Code != websocket.StatusGoingAway {
				t.Errorf("the socket was not told that the server goes away: %v", err)
			}
			break
		}
		n := <-acknowledged

		s = boot(t, data, url)
		operator = s.as(operator.token) // the key outlived the process
		a := operator.ask(t, `query($id: ID!) { node(id: $id) { ... on Member { interactions(first: 1) { totalCount } } } }`, variables{"id": id})
		if total := a.number("node.interactions.totalCount"); total < n+1 {
			t.Errorf("%d interactions are stored of %d that were acknowledged", total-1, n)
		}
	})
}

// What a load balancer and a monitor ask.
func TestHealth(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := boot(t, t.TempDir(), url)
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/.well-known/jwks.json", "/"} {
			response, err := http.Get(s.url + path)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", path, response.StatusCode)
			}
		}
	})
}
