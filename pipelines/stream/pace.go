package stream

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"sync"
	"time"

	"crmhub/connectors"
	"crmhub/pipelines"
	"crmhub/record"
)

// pace slows reading down to a rate.
type pace struct {
	rate pipelines.Rate
	next time.Time
}

// wait blocks until the next batch of that many rows may be taken.
func (p *pace) wait(ctx context.Context, rows int) error {
	if p.rate.N == 0 {
		return nil
	}
	n := int64(1)
	if p.rate.Rows {
		n = int64(rows)
	}
	now := time.Now()
	if d := p.next.Sub(now); d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now = p.next
	}
	p.next = now.Add(p.rate.Interval(n))
	return nil
}

// gate bounds the rows in flight, and the batches: were there more than the
// committer's side has places, those behind a batch that is late could take all of
// them, and wait for it for ever. A batch greater than the bound passes alone.
type gate struct {
	mu      sync.Mutex
	used    int
	bound   int
	batches int
	freed   chan struct{} // has one element when rows have left
	fewer   chan struct{} // likewise, for whoever waits for there to be no more
}

func newGate(bound int) *gate {
	return &gate{bound: bound, freed: make(chan struct{}, 1), fewer: make(chan struct{}, 1)}
}

// rows returns how many rows are in flight.
func (g *gate) rows() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.used
}

// enter blocks until a batch of n rows more may be in flight. One goroutine enters.
func (g *gate) enter(ctx context.Context, n int) error {
	for {
		g.mu.Lock()
		if g.batches == 0 || g.used+n <= g.bound && g.batches < maxBatches {
			g.used += n
			g.batches++
			g.mu.Unlock()
			return nil
		}
		g.mu.Unlock()
		select {
		case <-g.freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gate) leave(n int) {
	g.mu.Lock()
	g.used -= n
	g.batches--
	g.mu.Unlock()
	for _, waiting := range [...]chan struct{}{g.freed, g.fewer} {
		select {
		case waiting <- struct{}{}:
		default:
		}
	}
}

// The same position with the same rows is a loop when it comes maxSame times;
// the same rows alone, whatever the position, when they come maxSameRows times
// running: a source that ignores its page number.
const (
	maxSame     = 3
	maxSameRows = 10
)

// loop finds a source that repeats a page for ever.
type loop struct {
	seed maphash.Seed
	seen map[uint64]int
	last uint64
	runs int
}

func newLoop() loop { return loop{seed: maphash.MakeSeed(), seen: map[uint64]int{}} }

// again reports whether a batch came too often, and how often.
func (l *loop) again(b connectors.Batch) (times int, again bool) {
	if len(b.Rows) == 0 {
		return 0, false
	}
	rows := l.rows(b.Rows)
	if l.runs++; rows != l.last {
		l.last, l.runs = rows, 1
	}
	var h maphash.Hash
	h.SetSeed(l.seed)
	h.Write(b.Position)
	maphash.WriteComparable(&h, rows)
	key := h.Sum64()
	l.seen[key]++
	if n := l.seen[key]; n >= maxSame {
		return n, true
	}
	return l.runs, l.runs >= maxSameRows
}

// rows is a fingerprint of a page: its length, places and first and last row.
func (l *loop) rows(rows []record.Row) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	maphash.WriteComparable(&h, len(rows))
	for _, i := range []int{0, len(rows) - 1} {
		r := rows[i]
		maphash.WriteComparable(&h, r.Place.Name+"\x00"+r.Place.Sheet)
		maphash.WriteComparable(&h, r.Place.Line)
		h.WriteString(r.Key)
		h.Write(r.Raw)
		values := r.Values()
		if err := json.NewEncoder(&h).Encode(values); err != nil {
			maphash.WriteComparable(&h, len(values))
		}
	}
	return h.Sum64()
}
