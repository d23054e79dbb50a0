package soak

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"granaio/proof"
	"granaio/store"
)

// load is the clients, and what they and the conductor share.
type load struct {
	site    *site
	journal *journal
	random  chance // the conductor's
	clients []*client

	gate     sync.RWMutex // held for reading during a step: whoever holds it for writing knows that everything is answered
	struck   atomic.Int64 // faults so far
	failed   atomic.Int64 // requests that had to be sent again
	attempts atomic.Int64
	running  sync.WaitGroup
	stop     context.CancelFunc
	broken   chan error // the first error of a client
}

// open enrols the members that all contend for.
func (l *load) open(ctx context.Context) error {
	c := &client{load: l}
	for i := range l.site.options.Hot {
		if err := c.settle(ctx, []request{{Key: "hot " + hot(i), Operation: enrolment, Email: hot(i)}}); err != nil {
			return err
		}
	}
	return nil
}

// start lets the clients go. They end with halt.
func (l *load) start(ctx context.Context) {
	until, stop := context.WithCancel(ctx)
	l.stop = stop
	l.broken = make(chan error, 1)
	for _, c := range l.clients {
		l.running.Go(func() {
			for until.Err() == nil {
				l.gate.RLock()
				err := c.step(ctx) // what is begun is answered, unless the whole run ends
				l.gate.RUnlock()
				if err != nil {
					select {
					case l.broken <- err:
					default:
					}
					return
				}
			}
		})
	}
}

// halt ends the load: everything is answered.
func (l *load) halt() error {
	l.stop()
	l.running.Wait()
	select {
	case err := <-l.broken:
		return err
	default:
		return nil
	}
}

// again asks once more for what the clients remember.
func (l *load) again(ctx context.Context) error {
	errs := make([]error, len(l.clients))
	var all sync.WaitGroup
	for i, c := range l.clients {
		all.Go(func() { errs[i] = c.settle(ctx, c.past) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// examine compares the journal with the database, and has the ledger proved. Nothing may be on its way.
func (l *load) examine(ctx context.Context) (v verdict, findings []proof.Finding, err error) {
	err = l.site.withStore(ctx, func(db *store.Store) error {
		found, err := read(ctx, db)
		if err != nil {
			return err
		}
		v = compare(l.journal, found)
		findings, err = proof.Check(ctx, db)
		return err
	})
	return v, findings, err
}
