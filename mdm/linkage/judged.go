package linkage

import (
	"slices"

	"crmhub/mdm/cluster"
)

// judged is what is known of rows beside what they say, by canonical rows.
type judged struct {
	// must and cannot are pairs that are one, and pairs that are two.
	must, cannot [][2]uint32
	// source numbers the source of each row, of which a cluster has one row at
	// most; nil where that doesn't matter.
	source []uint32
}

func (j *judged) none() bool { return len(j.must) == 0 && len(j.cannot) == 0 && j.source == nil }

// within tells a component's graph what is known of its rows, which are ascending.
func (j *judged) within(rows []uint32, g *cluster.Graph) {
	for _, list := range []struct {
		from [][2]uint32
		to   *[]cluster.Pair
	}{{j.must, &g.MustLinks}, {j.cannot, &g.CannotLinks}} {
		for _, p := range list.from {
			a, okA := slices.BinarySearch(rows, p[0])
			b, okB := slices.BinarySearch(rows, p[1])
			if okA && okB {
				*list.to = append(*list.to, cluster.Pair{A: a, B: b})
			}
		}
	}
	if j.source == nil {
		return
	}
	g.Source = make([]uint32, len(rows))
	for i, r := range rows {
		g.Source[i] = j.source[r]
	}
}
