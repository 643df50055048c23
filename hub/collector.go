package hub

import (
	"math"
	"os"
	"runtime/debug"
)

// collector paces Go's garbage collector over a run. Landing makes garbage
// quickly and holds little, so it collects rarely, under a limit that keeps
// its memory flat. Resolving all of a store holds its records, so it collects the more often
// the more they are, and without that limit. Where the environment says how to collect
// (GOGC, GOMEMLIMIT), it is left alone.
type collector struct {
	off     bool
	percent int
	limit   int64
}

const (
	landingPercent = 400
	// landingLimit bounds what Go holds while landing, in bytes; the database's
	// own cache comes on top.
	landingLimit = 160 << 20
	// resolvingPercent is the pace of resolving a million records and more: they hold
	// about 400 MB, and stay within a gigabyte. Fewer records are collected less often,
	// up to Go's own pace for half a million.
	resolvingPercent = 60
	goPercent        = 100
)

// newCollector notes how things stand.
func newCollector() *collector {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return &collector{off: true}
	}
	c := &collector{percent: debug.SetGCPercent(100), limit: debug.SetMemoryLimit(-1)}
	debug.SetGCPercent(c.percent)
	return c
}

// landing paces for landing.
func (c *collector) landing() { c.set(landingPercent, landingLimit) }

// unbounded lifts the limit of landing. It leaves the pace: what changed since the
// last time is little, and to collect sooner would cost a collection and save nothing.
func (c *collector) unbounded() { c.set(landingPercent, math.MaxInt64) }

// resolving paces for resolving all of so many records at once.
func (c *collector) resolving(records int64) {
	percent := resolvingPercent * 1_000_000 / max(records, 1)
	c.set(int(min(max(percent, resolvingPercent), goPercent)), math.MaxInt64)
}

// restore puts things back.
func (c *collector) restore() { c.set(c.percent, c.limit) }

func (c *collector) set(percent int, limit int64) {
	if !c.off {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}
