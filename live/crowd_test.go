package live_test

import (
	"context"
	"runtime"
	"testing"

	"granaio/live"
	"granaio/loyalty"
)

// memory is the heap and the stacks in use, in bytes.
func memory() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func TestTenThousandWatch(t *testing.T) {
	const crowd = 10_000
	h, d := open(t, live.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	accounts := make([]loyalty.AccountNews, crowd)
	for i := range accounts {
		accounts[i] = account()
		d.set(accounts[i])
	}
	all := make([]<-chan loyalty.AccountNews, crowd)
	goroutines, empty := runtime.NumGoroutine(), memory()
	for i, a := range accounts {
		all[i] = watch(ctx, t, h, d, a.Account)
	}
	t.Logf("%d bytes and %d goroutines for %d watchers of as many accounts: %d bytes each",
		memory()-empty, runtime.NumGoroutine()-goroutines, crowd, (memory()-empty)/crowd)
	if more := runtime.NumGoroutine() - goroutines; more > 100 {
		t.Errorf("%d goroutines more than before", more)
	}
	for _, a := range accounts {
		h.Account(programme, version(a, 2))
	}
	for _, news := range all {
		until(t, news, 2)
	}
	full := memory()
	more := make([]<-chan loyalty.AccountNews, crowd)
	for i := range more {
		more[i] = watch(ctx, t, h, d, accounts[0].Account)
	}
	t.Logf("%d bytes for each further watcher of one account", (memory()-full)/crowd)
	h.Account(programme, version(accounts[0], 3))
	for _, news := range more {
		until(t, news, 3)
	}
	cancel()
	for i := range all {
		ended(t, all[i])
		ended(t, more[i])
	}
	eventually(t, "nothing is watched", func() bool { s := h.Stats(); return s.Accounts == 0 && s.Watchers == 0 })
}
