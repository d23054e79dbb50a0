package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// client sends one request and tells how much it did, 1 for one interaction. It is called again and again with one connection.
type client func(*connection) (did int, err error)

// load lets clients work at an address until the time is over, each over a connection of its own, and lets each finish what it has begun. It tells how much
// they did in all, and how much in a second. The first error ends it.
func load(ctx context.Context, address string, clients []client, length time.Duration) (did int, perSecond float64, err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	connections := make([]*connection, len(clients))
	for i := range clients {
		if connections[i], err = dial(ctx, address); err != nil {
			return 0, 0, err
		}
	}
	var total atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	end := began.Add(length)
	for i, send := range clients {
		all.Go(func() {
			for ctx.Err() == nil && time.Now().Before(end) {
				n, err := send(connections[i])
				if err != nil {
					fail(err)
					return
				}
				total.Add(int64(n))
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	if ctx.Err() != nil {
		return 0, 0, context.Cause(ctx)
	}
	return int(total.Load()), float64(total.Load()) / took.Seconds(), nil
}

// each lets clients share the places from 0 to n-1, until all are done.
func each(ctx context.Context, address string, clients, n int, send func(c *connection, place int) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			c, err := dial(ctx, address)
			for err == nil && ctx.Err() == nil {
				place := int(next.Add(1)) - 1
				if place >= n {
					return
				}
				err = send(c, place)
			}
			if err != nil {
				fail(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
