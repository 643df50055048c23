package column

import "sync/atomic"

// cachedLevels is how many levels a cache keeps.
const cachedLevels = 1 << 15

// cache keeps the levels of pairs of parts that come again and again, such as
// cities and family names. Parts are numbered from 1. It forgets a pair for
// another in its place, and is safe for concurrent use.
type cache struct {
	// Each slot holds the lesser number, the greater one and the level.
	slots [cachedLevels]atomic.Uint64
}

// slot returns where the level of a pair is kept, and how the pair is written
// there.
func (c *cache) slot(a, b uint32) (at *atomic.Uint64, key uint64) {
	key = uint64(min(a, b))<<34 | uint64(max(a, b))<<4
	return &c.slots[key*0x9E3779B97F4A7C15>>(64-15)], key
}

// level returns the level that judge gives two parts, judging but once while
// it is remembered. judge is symmetric; levels are 1 to 15.
func (c *cache) level(a, b uint32, judge func() uint8) uint8 {
	at, key := c.slot(a, b)
	if x := at.Load(); x&^15 == key && x&15 != 0 {
		return uint8(x & 15)
	}
	l := judge()
	at.Store(key | uint64(l))
	return l
}
