package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Point is what a threshold gives.
type Point struct {
	// Threshold is the least score of rows that are one, in bits, prior included.
	Threshold float64 `json:"threshold_bits"`
	Clusters  int     `json:"clusters"`
	Largest   int     `json:"largest"`
	// Pairs counts the pairs of rows in one cluster.
	Pairs int64 `json:"pairs"`
	// Precision, Recall and F1 are what is expected without labels.
	Precision float64 `json:"expected_precision"`
	Recall    float64 `json:"expected_recall"`
	F1        float64 `json:"expected_f1"`
	// Cluster is the cluster of each row of the table.
	Cluster []uint32 `json:"-"`
}

// Sweep is what the thresholds of a run give.
type Sweep struct {
	Points []Point
	// Threshold is the one that a run takes where none is named.
	Threshold float64
	// Pairs are those that may match, the likeliest first.
	Pairs   []Pair
	Columns []Column
	Model   *Model
}

// Thresholds groups the rows of a table once and tells what each threshold
// from low to high, by step, gives; all are in bits.
func Thresholds(ctx context.Context, t *Table, o Options, low, high, step float64) (*Sweep, error) {
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	e.lowest = millibits(math.Round(low * 1000))
	_, edges, err := e.clusters(ctx)
	if err != nil {
		return nil, err
	}
	s := &Sweep{Threshold: float64(e.merge) / 1000, Columns: e.columns, Model: e.result(edges).Model}
	for i := 0; ; i++ {
		bits := low + float64(i)*step
		if bits > high+1e-9 {
			break
		}
		at := millibits(math.Round(bits * 1000))
		of, n := e.tree.cut(at)
		s.Points = append(s.Points, e.point(at, of, n, edges))
	}
	s.Pairs = e.pairs(edges)
	return s, nil
}

func (e *engine) point(at millibits, of []uint32, clusters int, edges []edge) Point {
	q := e.expected(e.tree, at, of, clusters, edges)
	p := Point{Threshold: float64(at) / 1000, Clusters: clusters, Precision: q.precision(), Recall: q.recall(), Cluster: make([]uint32, len(of))}
	if p.Precision+p.Recall > 0 {
		p.F1 = 2 * p.Precision * p.Recall / (p.Precision + p.Recall)
	}
	size := make([]int, clusters)
	for i, row := range e.d.order {
		p.Cluster[row] = of[i]
		size[of[i]]++
		p.Largest = max(p.Largest, size[of[i]])
	}
	for _, n := range size {
		p.Pairs += int64(pairsOf(uint64(n)))
	}
	return p
}

// Telling returns at most n pairs of rows about which a person's word tells
// most: those of which the run is least sure, on both sides of the threshold,
// each row in one pair at most, the most doubtful first. Pairs that were judged
// are left out.
func Telling(ctx context.Context, t *Table, o Options, n int) ([]Pair, *Result, error) {
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, nil, err
	}
	_, edges, err := e.clusters(ctx)
	if err != nil {
		return nil, nil, err
	}
	judged := map[[2]uint32]bool{}
	for _, list := range [][][2]uint32{e.links.must, e.links.cannot} {
		for _, p := range list {
			judged[p] = true
		}
	}
	doubt := func(x edge) millibits { return max(x.score-e.merge, e.merge-x.score) }
	best := slices.DeleteFunc(slices.Clone(edges), func(x edge) bool { return judged[[2]uint32{x.a, x.b}] })
	slices.SortFunc(best, func(x, y edge) int {
		return cmp.Or(cmp.Compare(doubt(x), doubt(y)), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	// As many from above the threshold as from below, as long as there are any.
	var out []Pair
	used := map[uint32]bool{}
	take := func(limit int, side func(x edge) bool) {
		for _, x := range best {
			if len(out) == limit {
				return
			}
			if side(x) && !used[x.a] && !used[x.b] {
				used[x.a], used[x.b] = true, true
				out = append(out, e.pair(x))
			}
		}
	}
	take(n/2, func(x edge) bool { return x.score >= e.merge })
	take(n, func(x edge) bool { return x.score < e.merge })
	take(n, func(edge) bool { return true })
	threshold := float64(e.merge) / 1000
	slices.SortStableFunc(out, func(x, y Pair) int {
		return cmp.Compare(math.Abs(x.Bits-threshold), math.Abs(y.Bits-threshold))
	})
	return out, e.result(edges), nil
}
