package cluster

import (
	"cmp"
	"slices"
)

// parts cuts a component that is too large to score all against all: its items
// are joined by their strongest edges as long as no part holds more than
// Limit groups. Edges of one score are taken in the order of their items, so
// that the order of edges doesn't matter. What is one from the start stays so.
func parts(p *Problem, items []int, c *constraints) [][]int {
	if len(items) <= p.Limit {
		return [][]int{items}
	}
	edges := slices.Clone(p.Edges)
	slices.SortFunc(edges, func(x, y Edge) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(min(x.A, x.B), min(y.A, y.B)), cmp.Compare(max(x.A, x.B), max(y.A, y.B)))
	})
	parent, size := make([]int, p.N), make([]int, p.N)
	for i := range parent {
		parent[i], size[i] = c.find(i), 1
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, e := range edges {
		a, b := find(e.A), find(e.B)
		if a != b && size[a]+size[b] <= p.Limit {
			a, b = min(a, b), max(a, b)
			parent[b] = a
			size[a] += size[b]
		}
	}
	at := map[int]int{}
	var out [][]int
	for _, i := range items {
		root := find(i)
		k, ok := at[root]
		if !ok {
			k = len(out)
			at[root] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	return out
}
