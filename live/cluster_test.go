package live_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"granaio/live"
)

// listen runs a NATS server on a port of this machine, zero for any, and tells its URL and how to end it.
func listen(t *testing.T, port int) (url string, end func()) {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("no NATS server")
	}
	end = func() { s.Shutdown(); s.WaitForShutdown() }
	t.Cleanup(end)
	return s.ClientURL(), end
}

func TestTwoProcessesHearEachOther(t *testing.T) {
	url, _ := listen(t, 0)
	one, d := open(t, live.Config{URL: url})
	other, _ := open(t, live.Config{URL: url})
	a := account()
	d.set(a)
	here, there := watch(t.Context(), t, one, d, a.Account), watch(t.Context(), t, other, d, a.Account)
	one.Account(programme, version(a, 2))
	until(t, here, 2)
	until(t, there, 2)
	other.Account(programme, version(a, 3))
	until(t, here, 3)
	until(t, there, 3)
}

func TestWatchesOutliveNATS(t *testing.T) {
	url, end := listen(t, 0)
	h, d := open(t, live.Config{URL: url})
	a, b := account(), account()
	d.set(a)
	d.set(b)
	before := watch(t.Context(), t, h, d, a.Account)
	next(t, before)
	end()
	eventually(t, "the loss is noticed", func() bool { return h.Check(t.Context()) != nil })
	during := watch(t.Context(), t, h, d, b.Account) // begins all the same
	next(t, during)
	d.set(version(a, 2)) // by another process: nobody here hears of it
	d.set(version(b, 2))

	port, err := strconv.Atoi(url[len("nats://127.0.0.1:"):])
	if err != nil {
		t.Fatal(err)
	}
	listen(t, port)
	until(t, before, 2) // compared at once, though the next turn is an hour away
	until(t, during, 2)
	h.Account(programme, version(a, 3))
	h.Account(programme, version(b, 3))
	until(t, before, 3)
	until(t, during, 3)
}
