package linkage

import (
	"context"
	"slices"

	"crmhub/mdm/cluster"
)

// group joins the rows of each component into clusters and returns the
// cluster of each canonical row, numbered in the order of components, and how
// many clusters there are.
func group(ctx context.Context, w *weights, edges []edge, merge millibits) ([]uint32, int, error) {
	d := w.d
	parent := make([]uint32, d.rows)
	for i := range parent {
		parent[i] = uint32(i)
	}
	find := func(i uint32) uint32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, e := range edges {
		if e.score < merge {
			continue
		}
		a, b := find(e.a), find(e.b)
		parent[max(a, b)] = min(a, b)
	}
	members := map[uint32][]uint32{}
	var roots []uint32
	for i := range uint32(d.rows) {
		r := find(i)
		if r == i {
			roots = append(roots, i)
		}
		members[r] = append(members[r], i)
	}
	inside := map[uint32][]edge{}
	for _, e := range edges {
		if r := find(e.a); r == find(e.b) && len(members[r]) > 2 {
			inside[r] = append(inside[r], e)
		}
	}
	groups := make([][][]int, len(roots))
	err := parallel(ctx, len(roots), func(i int) {
		if m := members[roots[i]]; len(m) > 2 {
			groups[i] = solve(w, m, inside[roots[i]], merge)
		}
	})
	out := make([]uint32, d.rows)
	next := uint32(0)
	for i, r := range roots {
		if groups[i] == nil {
			for _, x := range members[r] {
				out[x] = next
			}
			next++
			continue
		}
		for _, g := range groups[i] {
			for _, x := range g {
				out[members[r][x]] = next
			}
			next++
		}
	}
	return out, int(next), err
}

// solve groups the rows of one component. Pairs that no rule proposed are
// scored here.
func solve(w *weights, rows []uint32, edges []edge, merge millibits) [][]int {
	type pair struct{ a, b int }
	known := make(map[pair]millibits, len(edges))
	p := &cluster.Problem{
		N: len(rows), Merge: merge,
		Score: func(a, b int) int32 {
			s, ok := known[pair{min(a, b), max(a, b)}]
			if !ok {
				x, y := rows[a], rows[b]
				s = w.score(x, y, w.d.compare(x, y)) + w.prior
			}
			return min(max(s, -clip), clip)
		},
	}
	for _, e := range edges {
		a, _ := slices.BinarySearch(rows, e.a)
		b, _ := slices.BinarySearch(rows, e.b)
		known[pair{a, b}] = e.score
		p.Edges = append(p.Edges, cluster.Edge{A: a, B: b, Score: e.score})
	}
	return cluster.Solve(p)
}

// clip bounds what one pair says for or against a group, in millibits.
const clip = 30_000
