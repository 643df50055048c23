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
	// The rows and the edges of each component stand side by side.
	root := make([]uint32, d.rows)
	for i := range root {
		root[i] = find(uint32(i))
	}
	members := gathered(d.rows, d.rows, func(i int) (uint32, bool) { return root[i], true })
	inside := gathered(d.rows, len(edges), func(i int) (uint32, bool) {
		r := root[edges[i].a]
		return r, r == root[edges[i].b] && len(members.of(r)) > 2
	})
	var large []uint32
	for i, r := range root {
		if uint32(i) == r && len(members.of(r)) > 2 {
			large = append(large, r)
		}
	}
	parts := make([][][]int, len(large))
	err := parallel(ctx, len(large), func(i int) {
		mine := make([]edge, 0, len(inside.of(large[i])))
		for _, e := range inside.of(large[i]) {
			mine = append(mine, edges[e])
		}
		parts[i] = solve(w, members.of(large[i]), mine, merge)
	})
	out := make([]uint32, d.rows)
	next, at := uint32(0), 0
	for i := range uint32(d.rows) {
		if root[i] != i {
			continue
		}
		rows := members.of(i)
		if len(rows) <= 2 {
			for _, x := range rows {
				out[x] = next
			}
			next++
			continue
		}
		for _, g := range parts[at] {
			for _, x := range g {
				out[rows[x]] = next
			}
			next++
		}
		at++
	}
	return out, int(next), err
}

// gathered lists the numbers 0 to n-1 by the list that each belongs to, of as
// many lists as said; numbers that belong to none are left out.
func gathered(count, n int, list func(i int) (uint32, bool)) *lists {
	l := &lists{start: make([]uint32, count+2)}
	for i := range n {
		if k, ok := list(i); ok {
			l.start[k+2]++
		}
	}
	for k := 2; k < len(l.start); k++ {
		l.start[k] += l.start[k-1]
	}
	l.keys = make([]uint32, l.start[count+1])
	for i := range n {
		if k, ok := list(i); ok {
			l.keys[l.start[k+1]] = uint32(i)
			l.start[k+1]++
		}
	}
	return l
}

// solve groups the rows of one component. Pairs that no rule proposed are
// scored here.
func solve(w *weights, rows []uint32, edges []edge, merge millibits) [][]int {
	g := &cluster.Graph{
		N: len(rows), Merge: merge, Edges: make([]cluster.Edge, len(edges)),
		Score: func(a, b int) int32 {
			x, y := rows[a], rows[b]
			return clipped(w.score(x, y, w.d.compare(x, y)) + w.prior)
		},
	}
	for i, e := range edges {
		a, _ := slices.BinarySearch(rows, e.a)
		b, _ := slices.BinarySearch(rows, e.b)
		g.Edges[i] = cluster.Edge{A: a, B: b, Score: clipped(e.score)}
	}
	return cluster.Link(g)
}

// clipped bounds what one pair says for or against a group: no pair decides alone.
func clipped(s millibits) int32 { return min(max(s, -clip), clip) }

// clip is that bound in millibits.
const clip = 30_000
