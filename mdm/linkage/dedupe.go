package linkage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// Dedupe groups the rows of a table that are the same thing.
func Dedupe(ctx context.Context, t *Table, o Options) (*Result, error) {
	if t.rows < 2 {
		return alone(ctx, t, &o)
	}
	if o.Model == nil && len(o.Judged) == 0 && !o.OnePerSource && t.uniform(o.ID, o.Source) {
		return together(ctx, t, &o)
	}
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	groups, edges, err := e.clusters(ctx)
	if err != nil {
		return nil, err
	}
	r := e.result(edges)
	r.Cluster = make([]uint32, t.rows)
	sizes := make([]uint32, t.rows)
	for i, row := range e.d.order {
		r.Cluster[row] = groups[i]
		if sizes[groups[i]]++; sizes[groups[i]] == 1 {
			r.Clusters++
		}
		r.Largest = max(r.Largest, int(sizes[groups[i]]))
	}
	r.Bridges, r.Connected = e.bridges(groups, edges)
	if r.Connected > giant && r.Connected > t.rows/100 && r.Connected > 2*r.Largest {
		r.Notes = append(r.Notes, Note{
			English: fmt.Sprintf("single pairs chain %d rows together, which are parted where their other pairs disagree: look whether a column holds one value for many", r.Connected),
			Chinese: fmt.Sprintf("个别配对把 %d 行连成一串，已在其余配对不一致处拆开：请检查是否有某列的许多行取同一个值", r.Connected),
		})
	}
	if r.Largest > giant && r.Largest > t.rows/100 {
		r.Notes = append(r.Notes, Note{
			English: "the largest cluster has more than one row in a hundred: look whether a column holds one value for many",
			Chinese: "最大的一组超过总行数的百分之一：请检查是否有某列的许多行取同一个值",
		})
	}
	r.Cluster = renumbered(r.Cluster)
	if !o.NoPairs {
		r.Pairs = e.pairs(edges)
	}
	o.progress(Clustering, 1, 1)
	return r, nil
}

// bridges counts the pairs at or above the threshold that lie between two
// clusters, and the rows of the largest component that pairs alone would make.
func (e *engine) bridges(of []uint32, edges []edge) (bridges, connected int) {
	sets := newUnion(len(of))
	for _, x := range edges {
		if x.score < e.merge {
			continue
		}
		sets.join(x.a, x.b)
		if of[x.a] != of[x.b] {
			bridges++
		}
	}
	sizes := make([]uint32, len(of))
	for _, r := range sets.flat() {
		sizes[r]++
		connected = max(connected, int(sizes[r]))
	}
	return bridges, connected
}

// alone is the result for a table in which nothing can be the same; nothing
// can be learnt from it either.
func alone(ctx context.Context, t *Table, o *Options) (*Result, error) {
	e := &engine{t: t, o: o}
	if err := e.recognise(ctx); err != nil {
		return nil, err
	}
	r := &Result{
		Cluster: make([]uint32, t.rows), Clusters: t.rows, Largest: t.rows, Columns: e.columns, Precision: 1, Recall: 1, Model: o.Model,
		Notes: []Note{{English: "with fewer than two rows there is nothing to compare", Chinese: "不足两行，无可比较"}},
	}
	if o.Model == nil {
		return r, nil
	}
	_, err := o.Model.fields(t)
	return r, err
}

// uniform reports whether all rows say the same, in two columns at least,
// beside those that are no evidence: one alone may be what a file is about, a
// country, and tells nothing apart.
func (t *Table) uniform(id, source string) bool {
	says := 0
	for i, h := range t.headers {
		if h == id || h == source {
			continue
		}
		codes := t.columns[i].codes
		if slices.ContainsFunc(codes, func(c uint32) bool { return c != codes[0] }) {
			return false
		}
		if codes[0] != 0 {
			says++
		}
	}
	return says > 1
}

// together is the result for a table whose rows are all the same; nothing can
// be learnt from it.
func together(ctx context.Context, t *Table, o *Options) (*Result, error) {
	e := &engine{t: t, o: o}
	if err := e.recognise(ctx); err != nil {
		return nil, err
	}
	return &Result{
		Cluster: make([]uint32, t.rows), Clusters: 1, Largest: t.rows, Connected: t.rows, Columns: e.columns, Precision: 1, Recall: 1,
		Notes: []Note{{English: "all rows say the same, so they are one", Chinese: "所有行内容相同，因此归为一组"}},
	}, nil
}

// clusters scores the proposed pairs and groups the rows, twice: how rare a
// value is can only be told when it is known which rows are one. It returns
// the cluster of each canonical row.
func (e *engine) clusters(ctx context.Context) ([]uint32, []edge, error) {
	edges, err := e.scored(ctx)
	if err != nil {
		return nil, nil, err
	}
	t, err := e.grow(ctx, edges, e.merge)
	if err != nil {
		return nil, nil, err
	}
	of, n := t.cut(e.merge)
	e.w.recount(e.p, of, n, edges)
	e.w.settle(edges)
	spill.Free(e.d.space, t.joins)
	if t, err = e.grow(ctx, edges, min(e.merge, e.lowest, reach)); err != nil {
		return nil, nil, err
	}
	if e.o.Threshold == nil && e.o.Model == nil {
		of, n = t.cut(reach)
		e.merge = t.best(e.missing(of, n, edges))
	}
	e.tree = t
	of, n = t.cut(e.merge)
	e.quality = e.expected(t, e.merge, of, n, edges)
	return of, edges, nil
}

// renumbered numbers clusters from 0 in the order of the table's rows.
func renumbered(of []uint32) []uint32 {
	at, next := make([]uint32, len(of)), uint32(0)
	for i, c := range of {
		if at[c] == 0 {
			next++
			at[c] = next
		}
		of[i] = at[c] - 1
	}
	return of
}

// mergeAt is the threshold where none is named, in millibits: a chance of one
// in four. The prior knows how many rows there are. F1 is best below an even
// chance, and groups merge by what all their pairs say, which strays up
// less often than a single pair does.
const mergeAt = -1_500

// giant is how many rows a cluster may have in any file.
const giant = 20

// reviewBits is how far below the threshold pairs are still told, in millibits.
const reviewBits = 7_000

// engine is a run between training and clustering.
type engine struct {
	t       *Table
	o       *Options
	d       *data
	columns []Column
	rules   []rule
	xs      []*index
	p       *parameters
	w       *weights
	// merge is the least score of a match.
	merge millibits
	// fresh counts the pairs of each rule that no earlier one proposes.
	fresh    []int64
	compared int64
	links    judged
	// lowest is the least threshold that is asked for, where it isn't 0; tree
	// is how the rows are put together.
	lowest millibits
	tree   *tree
	// quality is what is expected of the result.
	quality quality
}

// prepared recognises columns and trains, or takes the model that was given.
func prepared(ctx context.Context, t *Table, o *Options) (*engine, error) {
	e := &engine{t: t, o: o}
	o.progress(Preparing, 0, 1)
	err := e.recognise(ctx)
	if err != nil {
		return nil, err
	}
	if e.d, err = prepare(ctx, t, e.columns, o); err != nil {
		return nil, err
	}
	if err := e.known(); err != nil {
		return nil, err
	}
	if o.Discard {
		t.free()
	}
	o.progress(Blocking, 0, 1)
	if o.Model != nil {
		if e.p, e.rules, err = o.Model.parameters(e.d); err != nil {
			return nil, err
		}
		e.xs, err = indexAll(ctx, e.d, e.rules)
	} else {
		err = e.learn(ctx)
	}
	if err != nil {
		return nil, err
	}
	e.w = newWeights(e.d, e.p)
	return e, nil
}

// recognise says what the columns are.
func (e *engine) recognise(ctx context.Context) error {
	guesses, err := e.t.classify(ctx)
	if err != nil {
		return err
	}
	for i, h := range e.t.headers {
		g := guesses[i]
		if h == e.o.ID || h == e.o.Source {
			g = column.Guess{Kind: column.Ignored, Why: fault.Text{"it was named as the record id or the source", "已指定为记录编号或来源"}}
		}
		e.columns = append(e.columns, Column{h, g.Kind, g.Why})
	}
	return nil
}

// scored compares the pairs that the rules propose and settles prior and threshold.
func (e *engine) scored(ctx context.Context) ([]edge, error) {
	pairs, err := newPairing(ctx, e.d, e.xs)
	if err != nil {
		return nil, err
	}
	defer pairs.release()
	if e.o.Discard {
		for _, x := range e.xs {
			x.free(e.d.space)
		}
		e.xs = nil
		for _, f := range e.d.fields { // what is asked from here on stands by rows
			spill.Free(e.d.space, f.codes)
			f.codes = nil
			if e.d.sheets != nil && pairs.whole < 0 {
				f.values.drop(e.d.space)
			}
		}
	}
	edges, fresh, err := scoreAll(ctx, e.d, pairs, e.w, func(done, total int64) { e.o.progress(Comparing, done, total) })
	if err != nil {
		return nil, err
	}
	e.fresh = fresh
	for _, n := range fresh {
		e.compared += n
	}
	e.w.settle(edges)
	e.merge = mergeAt
	switch {
	case e.o.Threshold != nil:
		e.merge = millibits(*e.o.Threshold * 1000)
	case e.o.Model != nil:
		e.merge = millibits(e.o.Model.Threshold * 1000)
	}
	return edges, nil
}

// result tells what a run found, but for its clusters and pairs.
func (e *engine) result(edges []edge) *Result {
	r := &Result{
		Columns: e.columns, Compared: e.compared, Threshold: float64(e.merge) / 1000,
		Precision: e.quality.precision(), Recall: e.quality.recall(), Notes: e.d.tooWide(),
	}
	for _, s := range tallied(edges) {
		if p := probability(s.score); p > 0.1 && p < 0.9 {
			r.Review += int(s.n)
		}
	}
	r.Model = e.o.Model
	if r.Model == nil {
		r.Model = e.d.model(e.t, e.p, e.rules, r.Threshold)
	}
	return r
}

// pair returns an edge as a pair of the table's rows, the first row first.
func (e *engine) pair(x edge) Pair {
	a, b := int(e.d.order[x.a]), int(e.d.order[x.b])
	return Pair{min(a, b), max(a, b), float64(x.score) / 1000, probability(x.score)}
}

// pairs returns the edges that may match, the likeliest first.
func (e *engine) pairs(edges []edge) []Pair {
	least := e.merge - reviewBits
	n, top := 0, least
	for i := range edges {
		if s := edges[i].score; s >= least {
			n++
			top = max(top, s)
		}
	}
	if n == 0 {
		return nil
	}
	// By score, then within each by the rows.
	start := make([]int, top-least+2)
	for i := range edges {
		if s := edges[i].score; s >= least {
			start[top-s+1]++
		}
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	out := make([]Pair, n)
	for i := range edges {
		if x := &edges[i]; x.score >= least {
			a, b := int(e.d.order[x.a]), int(e.d.order[x.b])
			out[start[top-x.score]] = Pair{Left: min(a, b), Right: max(a, b)}
			start[top-x.score]++
		}
	}
	const scores = 1 << 10
	each((int(top-least)+scores)/scores, func(i int) {
		for k := i * scores; k < min(int(top-least)+1, (i+1)*scores); k++ {
			from, score := 0, top-millibits(k)
			if k > 0 {
				from = start[k-1]
			}
			same, chance := out[from:start[k]], probability(score)
			for j := range same {
				same[j].Bits, same[j].Probability = float64(score)/1000, chance
			}
			sortPairs(same)
		}
	})
	return out
}

func sortPairs(pairs []Pair) {
	slices.SortFunc(pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(a.Left, b.Left), cmp.Compare(a.Right, b.Right))
	})
}
