package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Link finds the rows of several files that are the same thing; rows of one
// file are not compared with each other. The rows were added by AddFrom.
// What people say of rows of two files holds whatever the rows say: such a pair
// is linked, with a probability of 1, or it isn't.
func Link(ctx context.Context, t *Table, o Options) (*Result, error) {
	if !t.several() {
		r, err := alone(ctx, t, &o)
		if err == nil {
			r.Notes = []Note{{English: "one of the files has no rows: there is nothing to link", Chinese: "其中一个文件没有数据行，无可关联"}}
		}
		return r, err
	}
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	l, err := e.linked(ctx)
	if err != nil {
		return nil, err
	}
	r := e.result(l.edges)
	for _, x := range l.found {
		r.Pairs = append(r.Pairs, e.across(x))
	}
	for _, x := range l.said {
		p := e.across(x)
		p.Probability = 1
		r.Pairs = append(r.Pairs, p)
	}
	sortPairs(r.Pairs)
	o.progress(Clustering, 1, 1)
	return r, nil
}

// links are the pairs that may match, those of them that are linked, and the
// links that people said.
type links struct{ edges, found, said []edge }

// linked links the rows of several files.
func (e *engine) linked(ctx context.Context) (*links, error) {
	sure, err := e.sure()
	if err != nil {
		return nil, err
	}
	edges, err := e.scored(ctx)
	if err != nil {
		return nil, err
	}
	edges = sure.open(edges)
	l := &links{edges: edges, found: edges}
	if e.o.OneToOne {
		l.found = e.oneToOne(edges)
	}
	e.judge(edges, l.found)
	e.quality.found += int64(len(sure.linked))
	e.quality.right += float64(len(sure.linked))
	l.found = slices.DeleteFunc(slices.Clone(l.found), func(x edge) bool { return x.score < e.merge })
	for _, q := range sure.linked {
		x := edge{a: q[0], b: q[1], pattern: e.d.compare(q[0], q[1])}
		x.score = e.w.score(x.a, x.b, x.pattern) + e.w.prior
		l.said = append(l.said, x)
	}
	return l, nil
}

// across returns an edge as a pair of the table's rows, that of the first file
// first.
func (e *engine) across(x edge) Pair {
	p := e.pair(x)
	if e.t.from[p.Left] > e.t.from[p.Right] {
		p.Left, p.Right = p.Right, p.Left
	}
	return p
}

// oneToOne keeps the best links of which no row of a file has two to one
// other file.
func (e *engine) oneToOne(edges []edge) []edge {
	best := slices.Clone(edges)
	slices.SortFunc(best, func(x, y edge) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
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

// judge chooses the threshold of links, if none was named, and tells what is
// expected of them. edges are all pairs that may match, links those of them
// that one-to-one leaves.
func (e *engine) judge(edges, links []edge) {
	chance := e.chances(edges)
	var t tree
	all := 0.0
	for _, x := range edges {
		all += chance(x)
	}
	missed := all
	for _, x := range links {
		p := chance(x)
		missed -= p
		t.joins = append(t.joins, joint{x.a, x.b, x.score, 1, p})
	}
	missed += e.unproposed(links, func(x edge) bool { return chance(x) > 0.5 })
	if e.o.Threshold == nil && e.o.Model == nil {
		e.merge = t.best(missed)
	}
	e.quality = quality{missed: missed}
	for i := range t.joins {
		p := t.joins[i].chance
		if t.joins[i].height >= e.merge {
			e.quality.found++
			e.quality.right += p
		} else {
			e.quality.missed += p
		}
	}
}

// chances returns how likely an edge is a match: where a row has one partner
// at most, what speaks for one speaks against the others.
func (e *engine) chances(edges []edge) func(x edge) float64 {
	odds := func(x edge) float64 { return math.Exp2(float64(clipped(x.score)) / 1000) }
	if !e.o.OneToOne {
		return func(x edge) float64 { return odds(x) / (1 + odds(x)) }
	}
	rivals := map[end]float64{}
	for _, x := range edges {
		rivals[end{x.a, e.d.source[x.b]}] += odds(x)
		rivals[end{x.b, e.d.source[x.a]}] += odds(x)
	}
	return func(x edge) float64 {
		o := odds(x)
		return o / (1 + rivals[end{x.a, e.d.source[x.b]}] + rivals[end{x.b, e.d.source[x.a]}] - o)
	}
}

// end is a row and the file of its partner.
type end struct{ row, file uint32 }
