package linkage

import (
	"context"
	"math"
	"slices"

	"crmhub/mdm/cluster"
	"crmhub/mdm/spill"
)

// tree is how rows are put together, from the surest join down to the least
// that is looked at. Cut at a threshold it gives the clusters.
type tree struct {
	rows int
	// sure are the rows that must-links join, whatever they say.
	sure [][2]uint32
	// joins stand by component, each component's in their order.
	joins []joint
}

// joint is one step: two groups, by their first canonical rows.
type joint struct {
	a, b uint32
	// height is the threshold up to which the join holds.
	height millibits
	// pairs counts the pairs that the join brings together, odds are the mean
	// odds of them.
	pairs int64
	odds  float64
}

// probability is the chance that a join is right: one group is as likely as
// not to resemble only some of what the other holds.
func (j *joint) probability() float64 { return j.odds / (1 + j.odds) }

// reach is the least average of groups that are joined before a threshold is
// known, in millibits.
const reach = -4_000

// grow puts the rows of each component together down to an average of merge.
func (e *engine) grow(ctx context.Context, edges []edge, merge millibits) (*tree, error) {
	w := e.w
	d := w.d
	sets := newUnion(d.rows)
	for _, x := range edges {
		if x.score >= merge {
			sets.join(x.a, x.b)
		}
	}
	for _, p := range e.links.must {
		sets.join(p[0], p[1])
	}
	// The rows and the edges of each component stand side by side.
	root := make([]uint32, d.rows)
	for i := range root {
		root[i] = sets.find(uint32(i))
	}
	// A pair alone is joined as it is, unless something may keep it apart.
	least := 3
	if !e.links.none() {
		least = 2
	}
	members := gathered(d.space, d.rows, d.rows, func(i int) (uint32, bool) { return root[i], true })
	defer members.free(d.space)
	inside := gathered(d.space, d.rows, len(edges), func(i int) (uint32, bool) {
		r := root[edges[i].a]
		return r, r == root[edges[i].b] && len(members.of(r)) >= least
	})
	defer inside.free(d.space)
	var large []uint32
	for i, r := range root {
		if uint32(i) == r && len(members.of(r)) >= least {
			large = append(large, r)
		}
	}
	parts := make([]cluster.Linked, len(large))
	err := parallel(ctx, len(large), func(i int) {
		mine := make([]edge, 0, len(inside.of(large[i])))
		for _, e := range inside.of(large[i]) {
			mine = append(mine, edges[e])
		}
		parts[i] = e.solve(members.of(large[i]), mine, merge)
	})
	if err != nil {
		return nil, err
	}
	out := &tree{rows: d.rows, sure: e.links.must, joins: spill.Growing[joint](d.space)}
	for i, r := range large {
		out.add(members.of(r), parts[i].Joins)
	}
	for _, x := range edges {
		if x.score >= merge && len(members.of(root[x.a])) < least {
			out.joins = append(out.joins, joint{x.a, x.b, clipped(x.score), 1, math.Exp2(float64(clipped(x.score)) / 1000)})
		}
	}
	return out, nil
}

// add takes up the joins of a component.
func (t *tree) add(rows []uint32, joins []cluster.Join) {
	heights := map[int]millibits{}
	for _, j := range joins {
		// Groups that no rule brought together before may agree more than what
		// they are made of does.
		h := millibits(floorDiv(j.Sum, j.Pairs))
		for _, x := range []int{j.A, j.B} {
			if was, ok := heights[x]; ok {
				h = min(h, was)
			}
		}
		heights[j.A] = h
		t.joins = append(t.joins, joint{rows[j.A], rows[j.B], h, j.Pairs, j.Odds / float64(j.Pairs)})
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// cut returns the clusters of the canonical rows at a threshold, numbered in
// the order of their first rows, and how many there are.
func (t *tree) cut(at millibits) ([]uint32, int) {
	s := newUnion(t.rows)
	for _, p := range t.sure {
		s.join(p[0], p[1])
	}
	for i := range t.joins {
		if j := &t.joins[i]; j.height >= at {
			s.join(j.a, j.b)
		}
	}
	out := make([]uint32, t.rows)
	next := uint32(0)
	for i := range uint32(t.rows) {
		r := s.find(i)
		if r == i {
			out[i] = next
			next++
			continue
		}
		out[i] = out[r]
	}
	return out, int(next)
}

// union joins rows into sets, each named by its first row.
type union []uint32

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = uint32(i)
	}
	return u
}

func (u union) find(i uint32) uint32 {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(a, b uint32) {
	a, b = u.find(a), u.find(b)
	u[max(a, b)] = min(a, b)
}

// gathered lists the numbers 0 to n-1 by the list that each belongs to, of as
// many lists as said; numbers that belong to none are left out.
func gathered(s *spill.Space, count, n int, list func(i int) (uint32, bool)) *lists {
	l := &lists{start: spill.Make[uint32](s, count+2)}
	for i := range n {
		if k, ok := list(i); ok {
			l.start[k+2]++
		}
	}
	for k := 2; k < len(l.start); k++ {
		l.start[k] += l.start[k-1]
	}
	l.keys = spill.Make[uint32](s, int(l.start[count+1]))
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
func (e *engine) solve(rows []uint32, edges []edge, merge millibits) cluster.Linked {
	w := e.w
	g := &cluster.Graph{
		N: len(rows), Merge: merge, Edges: make([]cluster.Edge, len(edges)),
		Score: func(a, b int) int32 {
			x, y := rows[a], rows[b]
			return clipped(w.score(x, y, w.d.compare(x, y)) + w.prior)
		},
	}
	for i, x := range edges {
		a, _ := slices.BinarySearch(rows, x.a)
		b, _ := slices.BinarySearch(rows, x.b)
		g.Edges[i] = cluster.Edge{A: a, B: b, Score: clipped(x.score)}
	}
	e.links.within(rows, g)
	return cluster.Link(g)
}

// clipped bounds what one pair says for or against a group: no pair decides alone.
func clipped(s millibits) int32 { return min(max(s, -clip), clip) }

// clip is that bound in millibits.
const clip = 30_000
