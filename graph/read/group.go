package read

import (
	"context"
	"sync"
)

// Group is something that is read for many keys at once, when it is first asked for.
type Group[K comparable, V any] struct {
	keys   []K
	load   func(ctx context.Context, keys []K) (map[K]V, error)
	once   sync.Once
	values map[K]V
	err    error
}

// NewGroup is a group over the keys; nil, which works as one, if there are none.
func NewGroup[K comparable, V any](keys []K, load func(context.Context, []K) (map[K]V, error)) *Group[K, V] {
	if len(keys) == 0 {
		return nil
	}
	return &Group[K, V]{keys: keys, load: load}
}

// Get is the key's value, the zero one if there is none.
func (g *Group[K, V]) Get(ctx context.Context, key K) (value V, err error) {
	if g == nil {
		return value, nil
	}
	g.once.Do(func() { g.values, g.err = g.load(ctx, g.keys) })
	return g.values[key], g.err
}

// groups are groups over the same keys, one for each argument that a field is asked with.
type groups[A, K comparable, V any] struct {
	mu  sync.Mutex
	all map[A]*Group[K, V]
}

func (g *groups[A, K, V]) of(argument A, make func() *Group[K, V]) *Group[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	group, ok := g.all[argument]
	if !ok {
		if g.all == nil {
			g.all = map[A]*Group[K, V]{}
		}
		group = make()
		g.all[argument] = group
	}
	return group
}

// lazily is something that is made when it is first asked for.
type lazily[T any] struct {
	once sync.Once
	made T
}

func (l *lazily[T]) get(make func() T) T {
	l.once.Do(func() { l.made = make() })
	return l.made
}
