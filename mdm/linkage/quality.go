package linkage

import (
	"math"
	"slices"

	"crmhub/mdm/spill"
)

// quality is what is expected of a clustering without labels, in pairs.
type quality struct {
	// found counts the pairs in one cluster, right is how many of them are
	// expected to be right, missed how many are expected to be missing.
	found         int64
	right, missed float64
}

func (q quality) precision() float64 {
	if q.found == 0 {
		return 1
	}
	return q.right / float64(q.found)
}

func (q quality) recall() float64 {
	if q.right+q.missed == 0 {
		return 1
	}
	return q.right / (q.right + q.missed)
}

// expected returns what is expected of the clusters that a tree gives at a threshold.
func (e *engine) expected(t *tree, at millibits, of []uint32, clusters int, edges []edge) quality {
	q := quality{missed: e.missing(of, clusters, edges)}
	for i := range t.joins {
		if j := &t.joins[i]; j.height >= at {
			q.found += j.pairs
			q.right += float64(j.pairs) * j.chance
		}
	}
	return q
}

// missing returns how many matches are expected beside those within clusters.
func (e *engine) missing(of []uint32, clusters int, edges []edge) float64 {
	var n [2]float64
	each(len(n), func(i int) {
		if i == 0 {
			n[i] = e.apart(of, clusters, edges)
		} else {
			n[i] = e.unproposed(edges, within(of))
		}
	})
	return n[0] + n[1]
}

// apart returns how many matches are expected among the pairs of different
// clusters that rules proposed. Two clusters are one by what their known pairs
// say on average, the less the fewer are known; and what is one with one
// cluster isn't one with another.
func (e *engine) apart(of []uint32, clusters int, edges []edge) float64 {
	keys, bits := spill.Growing[uint64](e.d.space), spill.Growing[uint32](e.d.space)
	size, rivals := make([]float64, clusters), make([]float64, clusters)
	for _, c := range of {
		size[c]++
	}
	for _, x := range edges {
		if a, b := of[x.a], of[x.b]; a != b {
			keys = append(keys, uint64(min(a, b))<<32|uint64(max(a, b)))
			bits = append(bits, uint32(clipped(x.score)))
		}
	}
	sortBy(e.d.space, keys, bits)
	type nearly struct {
		a, b        uint32
		pairs, odds float64
	}
	near := spill.Growing[nearly](e.d.space)
	for i := 0; i < len(keys); {
		sum, n := int64(0), 0
		k := keys[i]
		for ; i < len(keys) && keys[i] == k; i++ {
			sum += int64(millibits(bits[i]))
			n++
		}
		x := nearly{a: uint32(k >> 32), b: uint32(k)}
		x.pairs = size[x.a] * size[x.b]
		x.odds = math.Exp2(float64(sum)/float64(n)/1000) * float64(n) / x.pairs
		rivals[x.a] += x.odds
		rivals[x.b] += x.odds
		near = append(near, x)
	}
	sum := 0.0
	for _, x := range near {
		sum += x.pairs * x.odds / (1 + rivals[x.a] + rivals[x.b] - x.odds)
	}
	spill.Free(e.d.space, keys)
	spill.Free(e.d.space, bits)
	spill.Free(e.d.space, near)
	return sum
}

// within tells whether an edge is of one cluster.
func within(of []uint32) func(x edge) bool {
	return func(x edge) bool { return of[x.a] == of[x.b] }
}

// unproposed returns how many matches are expected that no rule proposed, by
// how many of those found are proposed by one rule only, and how many by two:
// Chao's lower bound of what nobody has caught. It is 0 where all pairs were
// proposed.
func (e *engine) unproposed(edges []edge, match func(x edge) bool) float64 {
	if len(e.rules) < 2 || slices.ContainsFunc(e.rules, func(r rule) bool { return len(r) == 0 }) {
		return 0
	}
	counts := make([][manyRules + 1]int, (len(edges)+stretch-1)/stretch)
	each(len(counts), func(i int) {
		for _, x := range edges[i*stretch : min(len(edges), (i+1)*stretch)] {
			if match(x) {
				counts[i][x.rules]++
			}
		}
	})
	once, twice := 0.0, 0.0
	for _, n := range counts {
		once += float64(n[1])
		twice += float64(n[2])
	}
	return once * (once - 1) / 2 / (twice + 1)
}

// slack is by what share of the best expected error of F1 a threshold may do
// worse where it is nearer to the usual one: that error is not known better,
// and less than one pair is chance.
const slack = 0.1

// best returns the threshold with the best expected F1 of the clusters that a
// tree gives: the one nearest to the usual one of those that are as good.
// missed is what is missing when all joins are made.
func (t *tree) best(missed float64) millibits {
	list := t.steps()
	// What isn't joined is missed as apart counts it: by what pairs say on average.
	for i := range list {
		missed += list[i].pairs * probability(list[i].height)
	}
	// f1[i] is that of the first i steps, which any threshold above the height
	// of the next gives.
	f1 := make([]float64, len(list)+1)
	top, found, right := 0.0, 0.0, 0.0
	for i := range list {
		found += list[i].pairs
		right += list[i].right
		missed -= list[i].pairs * probability(list[i].height)
		f1[i+1] = 2 * right / (found + right + missed)
		top = max(top, f1[i+1])
	}
	chance := max(slack*(1-top), 1/max(1, right+missed))
	best, far := millibits(mergeAt), millibits(math.MaxInt32)
	for i := range f1 {
		low, high := millibits(reach), millibits(highest)
		if i < len(list) {
			low = list[i].height + 1
		}
		if i > 0 {
			high = list[i-1].height
		}
		low, high = max(low, reach), min(high, highest)
		if low > high || f1[i] < top-chance {
			continue
		}
		at := min(max(mergeAt, low), high)
		if d := max(at-mergeAt, mergeAt-at); d < far {
			best, far = at, d
		}
	}
	return best
}

// step is all joins of one height: how many pairs they bring together, and
// how many of those are expected to be right.
type step struct {
	height       millibits
	pairs, right float64
}

// steps returns the joins by their heights, the greatest first.
func (t *tree) steps() []step {
	if len(t.joins) == 0 {
		return nil
	}
	low, high := t.joins[0].height, t.joins[0].height
	for i := range t.joins {
		low, high = min(low, t.joins[i].height), max(high, t.joins[i].height)
	}
	all := make([]step, high-low+1)
	for i := range t.joins {
		j := &t.joins[i]
		s := &all[high-j.height]
		s.height = j.height
		s.pairs += float64(j.pairs)
		s.right += float64(j.pairs) * j.chance
	}
	return slices.DeleteFunc(all, func(s step) bool { return s.pairs == 0 })
}

// highest is the greatest threshold that is chosen, in millibits.
const highest = 10_000
