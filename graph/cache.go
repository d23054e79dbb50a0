package graph

import (
	"container/list"
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// The bounds of a cache of documents.
const (
	maxDocuments = 1000
	maxDocument  = 16 << 10 // bytes; longer ones are not kept
)

// cache keeps what was used most recently, by short keys.
type cache[V any] struct {
	mu     sync.Mutex
	size   int
	known  map[string]*list.Element // of entry[V]
	recent list.List                // most recently used first
}

type entry[V any] struct {
	key   string
	value V
}

var _ graphql.Cache[int] = &cache[int]{}

func newCache[V any](size int) *cache[V] {
	return &cache[V]{size: size, known: map[string]*list.Element{}}
}

// Get is what was kept under the key.
func (c *cache[V]) Get(_ context.Context, key string) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[key]
	if !ok {
		return value, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(entry[V]).value, true
}

// Add keeps a value. One whose key is too long is not kept.
func (c *cache[V]) Add(_ context.Context, key string, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[key]; ok || len(key) > maxDocument {
		return
	}
	if len(c.known) >= c.size {
		delete(c.known, c.recent.Remove(c.recent.Back()).(entry[V]).key)
	}
	c.known[key] = c.recent.PushFront(entry[V]{key, value})
}
