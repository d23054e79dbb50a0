package auth

import (
	"container/list"
	"sync"
)

// memory holds the viewers of tokens that were verified, by the token's SHA-256: the least recently used is forgotten when there are too many. It
// is cut into shards, each with a lock of its own, so that requests on several cores seldom wait for one another.
type memory struct{ shards [shards]shard }

const (
	shards     = 64      // a power of two that divides 256: a digest's first byte chooses
	memorySize = 1 << 16 // tokens; each takes some 500 bytes
)

type shard struct {
	sync.Mutex
	size  int
	known map[[32]byte]*list.Element // of remembered
	order list.List                  // most recently used first
}

type remembered struct {
	digest [32]byte
	viewer *Viewer
}

// newMemory holds up to size tokens, in even parts.
func newMemory(size int) *memory {
	m := new(memory)
	for i := range m.shards {
		m.shards[i].size = max(1, size/shards)
		m.shards[i].known = make(map[[32]byte]*list.Element)
	}
	return m
}

func (m *memory) shard(digest [32]byte) *shard { return &m.shards[digest[0]%shards] }

// recall is the viewer of a token, nil if it is not remembered.
func (m *memory) recall(digest [32]byte) *Viewer {
	s := m.shard(digest)
	s.Lock()
	defer s.Unlock()
	e, ok := s.known[digest]
	if !ok {
		return nil
	}
	s.order.MoveToFront(e)
	return e.Value.(remembered).viewer
}

// keep remembers a token's viewer.
func (m *memory) keep(digest [32]byte, viewer *Viewer) {
	s := m.shard(digest)
	s.Lock()
	defer s.Unlock()
	if _, ok := s.known[digest]; ok {
		return // another request was faster
	}
	if len(s.known) >= s.size {
		oldest := s.order.Back()
		delete(s.known, s.order.Remove(oldest).(remembered).digest)
	}
	s.known[digest] = s.order.PushFront(remembered{digest, viewer})
}

// forget drops a token.
func (m *memory) forget(digest [32]byte) {
	s := m.shard(digest)
	s.Lock()
	defer s.Unlock()
	if e, ok := s.known[digest]; ok {
		s.order.Remove(e)
		delete(s.known, digest)
	}
}
