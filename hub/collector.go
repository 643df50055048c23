package hub

import (
	"math"
	"os"
	"runtime/debug"
)

// collector paces Go's garbage collector over a run. Landing makes garbage
// quickly and holds little, so it collects rarely, under a limit that keeps
// its memory flat. Resolving holds its records, so it collects more often than
// usual and without that limit. Where the environment says how to collect
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
	// resolvingPercent keeps a million records within a gigabyte: they hold 400 MB.
	resolvingPercent = 50
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

// resolving paces for resolving.
func (c *collector) resolving() { c.set(resolvingPercent, math.MaxInt64) }

// restore puts things back.
func (c *collector) restore() { c.set(c.percent, c.limit) }

func (c *collector) set(percent int, limit int64) {
	if !c.off {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}
