package linkage

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"crmhub/mdm/spill"
)

// strips are pairs in the order in which they are compared in a space, where
// what lies far apart is dear. A pair has an earlier and a later row, by their
// places in the file. A strip has the pairs whose earlier row lies in one range:
// its sheets stay at hand while those of the later rows pass by once.
type strips struct {
	d *data
	// at is the canonical row of each place.
	at []uint32
	// A strip has width places. An entry has the later place, then in low bits the
	// earlier one within its strip, then in ruleCount bits how many rules propose
	// the pair.
	width, low int
	entries    *buckets[uint64]
	// fresh counts the pairs of each rule that no earlier one proposes.
	fresh []int64
	total int64
}

const (
	ruleCount = 2
	// maxStrips bounds the strips, and stripShare is the share of the limit that
	// the sheets of one take.
	maxStrips  = 1 << 8
	stripShare = 32
	// tilePairs is about how many pairs of a strip are compared in a piece, and
	// maxTiles bounds the pieces.
	tilePairs = 1 << 14
	maxTiles  = 1 << 14
)

// newStrips lays out pairs in strips, and gives back their memory.
func newStrips(ctx context.Context, pairs *pairing) (*strips, error) {
	d := pairs.d
	s := &strips{d: d, at: d.places(), fresh: make([]int64, pairs.count)}
	n := int(min(1+d.sheets.size()/max(1, d.space.Limit()/stripShare), maxStrips, int64(d.rows)))
	s.width = (d.rows + n - 1) / n
	s.low = bits.Len(uint(s.width - 1))
	s.entries = newBuckets[uint64](d.space, n)
	var next atomic.Int64
	var mu sync.Mutex
	err := parallel(ctx, workers(), func(int) {
		open, sorting, fresh := s.entries.begin(), &sorter{}, make([]int64, pairs.count)
		for i := int(next.Add(1)) - 1; i < pairs.size() && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
			spill.Breathe(ctx)
			pairs.each(i, sorting, func(a, b uint32, rule, rules int) {
				fresh[rule]++
				first, second := int(d.order[a]), int(d.order[b])
				if first > second {
					first, second = second, first
				}
				at := first / s.width
				page := open[at]
				if len(page) == cap(page) {
					page = s.entries.page(at, page)
				}
				open[at] = append(page, uint64(second)<<(s.low+ruleCount)|uint64(first%s.width)<<ruleCount|uint64(min(rules, manyRules)))
			})
		}
		s.entries.end(open)
		mu.Lock()
		defer mu.Unlock()
		for r, n := range fresh {
			s.fresh[r] += n
			s.total += n
		}
	})
	pairs.release()
	return s, err
}

// tiles sorts the pairs of a strip into pieces by their later row, each of which
// ends where ends says; other is used meanwhile.
func (s *strips) tiles(strip int, list, other []uint64) (sorted, left []uint64, ends []int) {
	list = s.entries.appendTo(list[:0], strip)
	shift := s.low + ruleCount + max(0, bits.Len(uint(s.d.rows-1))-bits.Len(uint(min(len(list)/tilePairs, maxTiles-1))))
	ends = make([]int, (s.d.rows-1)>>(shift-s.low-ruleCount)+1)
	for _, e := range list {
		if t := int(e >> shift); t+1 < len(ends) {
			ends[t+1]++
		}
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	other = slices.Grow(other[:0], len(list))[:len(list)]
	for _, e := range list {
		t := e >> shift
		other[ends[t]] = e
		ends[t]++
	}
	return other, list, ends
}

// score compares all pairs and returns those at or above the floor by their rows.
func (s *strips) score(ctx context.Context, course *course, progress func(done, total int64)) ([]edge, error) {
	found := newBuckets[edge](s.d.space, min(s.d.rows, maxRanges))
	rows := (s.d.rows + found.size() - 1) / found.size()
	type worker struct {
		*scorer
		open [][]edge
	}
	var crew []*worker
	for range workers() {
		w := &worker{newScorer(course), found.begin()}
		w.sheets = new([slots][2]sheet)
		crew = append(crew, w)
	}
	var list, other []uint64
	var ends []int
	done := int64(0)
	for strip := range s.entries.size() {
		progress(done, s.total)
		list, other, ends = s.tiles(strip, list, other)
		near, err := s.near(ctx, strip)
		if err != nil {
			return nil, err
		}
		var next atomic.Int64
		err = parallel(ctx, len(crew), func(i int) {
			w := crew[i]
			for t := int(next.Add(1)) - 1; t < len(ends) && ctx.Err() == nil; t = int(next.Add(1)) - 1 {
				from := 0
				if t > 0 {
					from = ends[t-1]
				}
				s.compare(w.scorer, strip*s.width, near, list[from:ends[t]])
				for _, e := range w.take() {
					at := int(e.a) / rows
					page := w.open[at]
					if len(page) == cap(page) {
						page = found.page(at, page)
					}
					w.open[at] = append(page, e)
				}
			}
		})
		if err != nil {
			return nil, err
		}
		done += int64(len(list))
	}
	s.release()
	for _, w := range crew {
		found.end(w.open)
	}
	progress(done, s.total)
	defer found.release()
	return byRows(ctx, s.d.space, found)
}

// compare compares pairs of a tile; begin is the first place of their strip, whose
// pieces of sheets are near.
func (s *strips) compare(w *scorer, begin int, near []string, entries []uint64) {
	slices.Sort(entries)
	of, last := s.d.sheets, ^uint32(0)
	var second sheet
	for _, e := range entries {
		i, j := uint32(begin)+uint32(e>>ruleCount&(1<<s.low-1)), uint32(e>>(s.low+ruleCount))
		if j != last {
			second, last = of.at(j), j
		}
		first := of.within(near[int(i>>pieceBits)-begin>>pieceBits], i)
		if a, b := s.at[i], s.at[j]; a < b {
			w.lie(a, b, first, second, int(e&(1<<ruleCount-1)))
		} else {
			w.lie(b, a, second, first, int(e&(1<<ruleCount-1)))
		}
	}
}

// near returns the sheets of a strip, in pieces.
func (s *strips) near(ctx context.Context, strip int) ([]string, error) {
	from, to := strip*s.width>>pieceBits, (min(s.d.rows, (strip+1)*s.width)-1)>>pieceBits
	out := make([]string, to-from+1)
	return out, parallel(ctx, len(out), func(i int) { out[i] = s.d.sheets.piece(from + i) })
}

// release gives back the memory of the pairs.
func (s *strips) release() {
	spill.Free(s.d.space, s.at)
	s.entries.release()
}

// byRows lays out what was found by the rows of the pairs.
func byRows(ctx context.Context, space *spill.Space, found *buckets[edge]) ([]edge, error) {
	from := make([]int, found.size()+1)
	for i := range found.size() {
		from[i+1] = from[i] + found.count(i)
	}
	all := spill.Make[edge](space, from[found.size()])
	return all, parallel(ctx, found.size(), func(i int) {
		part := found.appendTo(all[from[i]:from[i]:from[i+1]], i)
		slices.SortFunc(part, func(x, y edge) int {
			return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
		})
	})
}
