package column

import (
	"sync"
	"sync/atomic"
)

// shards is into how many parts a shared map is cut, so that those who fill
// it at once seldom wait for each other.
const shards = 64

// shared keeps what was made of texts that come again and again. It is safe
// for concurrent use.
type shared[V any] struct {
	parts [shards]struct {
		sync.RWMutex
		of map[string]V
	}
	count atomic.Uint32
}

// mostShared is how many texts are kept; others are made again each time.
const mostShared = 1 << 20

// numbers give numbers from 1.
type numbers struct{ last atomic.Uint32 }

func (n *numbers) next() uint32 { return n.last.Add(1) }

// get returns what was made of a text, or makes it.
func (s *shared[V]) get(text string, build func(string) V) V {
	p := &s.parts[fnv(seed(0), text)%shards]
	p.RLock()
	v, ok := p.of[text]
	p.RUnlock()
	if ok {
		return v
	}
	v = build(text)
	if s.count.Load() >= mostShared {
		return v
	}
	p.Lock()
	defer p.Unlock()
	if first, ok := p.of[text]; ok {
		return first // made by another meanwhile
	}
	if p.of == nil {
		p.of = map[string]V{}
	}
	s.count.Add(1)
	p.of[text] = v
	return v
}

// bloom returns a bit for a word: words in common have a bit in common.
func bloom(w string) uint64 { return 1 << (fnv(seed(0), w) * 0x9E3779B97F4A7C15 >> 58) }
