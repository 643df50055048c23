package linkage

import (
	"cmp"
	"context"
	"slices"
)

// Link finds the rows of several files that are the same thing; rows of one
// file are not compared with each other. The rows were added by AddFrom.
func Link(ctx context.Context, t *Table, o Options) (*Result, error) {
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	edges, err := e.scored(ctx)
	if err != nil {
		return nil, err
	}
	r := e.result(edges)
	if o.OneToOne {
		edges = e.oneToOne(edges)
	}
	for _, x := range edges {
		if x.score < e.merge {
			continue
		}
		p := e.pair(x)
		if t.from[p.Left] > t.from[p.Right] {
			p.Left, p.Right = p.Right, p.Left
		}
		r.Pairs = append(r.Pairs, p)
	}
	sortPairs(r.Pairs)
	o.progress(Clustering, 1, 1)
	return r, nil
}

// oneToOne keeps the best links of which no row of a file has two to one
// other file.
func (e *engine) oneToOne(edges []edge) []edge {
	best := slices.Clone(edges)
	slices.SortFunc(best, func(x, y edge) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	type end struct{ row, file uint32 }
	taken := map[end]bool{}
	return slices.DeleteFunc(best, func(x edge) bool {
		a, b := end{x.a, e.d.source[x.b]}, end{x.b, e.d.source[x.a]}
		if taken[a] || taken[b] {
			return true
		}
		taken[a], taken[b] = true, true
		return false
	})
}
