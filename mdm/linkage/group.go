package linkage

import (
	"context"
	"math"
	"slices"
	"sync"

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
	// pairs counts the pairs that the join brings together, chance is how likely it is right.
	pairs  int64
	chance float64
}

// reach is the least score of groups that are joined before a threshold is
// known, in millibits.
const reach = -4_000

// grow puts the rows of each component together down to a score of merge.
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
	root := sets.flat()
	// A pair alone is joined as it is, unless something may keep it apart.
	least := uint32(3)
	if !e.links.none() {
		least = 2
	}
	of, large := numbering(root, least)
	// The rows and the edges of each component stand side by side.
	var members, inside *lists
	each(2, func(i int) {
		if i == 0 {
			members = gathered(d.space, large, d.rows, func(i int) (uint32, bool) { return of[root[i]], of[root[i]] != none })
			return
		}
		inside = gathered(d.space, large, len(edges), func(i int) (uint32, bool) {
			r := root[edges[i].a]
			return of[r], of[r] != none && r == root[edges[i].b]
		})
	})
	defer members.free(d.space)
	defer inside.free(d.space)
	pieces := (large + solved - 1) / solved
	parts := make([][]joint, pieces)
	solvers := sync.Pool{New: func() any { return &solver{e: e} }}
	err := parallel(ctx, pieces, func(i int) {
		s := solvers.Get().(*solver)
		for c := i * solved; c < min(large, (i+1)*solved); c++ {
			s.edges = s.edges[:0]
			for _, x := range inside.of(uint32(c)) {
				s.edges = append(s.edges, edges[x])
			}
			parts[i] = s.solve(parts[i], members.of(uint32(c)), merge)
		}
		solvers.Put(s)
	})
	if err != nil {
		return nil, err
	}
	out := &tree{rows: d.rows, sure: e.links.must, joins: spill.Growing[joint](d.space)}
	for _, p := range parts {
		out.joins = append(out.joins, p...)
	}
	chances := chances()
	for i := range edges {
		x := &edges[i]
		if x.score >= merge && of[root[x.a]] == none {
			score := clipped(x.score)
			out.joins = append(out.joins, joint{x.a, x.b, score, 1, chances[score+clip]})
		}
	}
	return out, nil
}

// numbering numbers the components of at least so many rows in the order of
// their roots, and returns the number by root, none for the others, and how many
// those are.
func numbering(root []uint32, least uint32) (of []uint32, large int) {
	of = make([]uint32, len(root))
	for _, r := range root {
		of[r]++
	}
	for r, n := range of {
		if of[r] = none; n >= least {
			of[r] = uint32(large)
			large++
		}
	}
	return of, large
}

// chances returns the chance that each score stands for which clipped leaves,
// from the least.
func chances() []float64 {
	out := make([]float64, 2*clip+1)
	for i := range out {
		out[i] = probability(millibits(i) - clip)
	}
	return out
}

// solved is how many components are solved at a time.
const solved = 1 << 8

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
	next := uint32(0)
	for i, r := range s {
		if r == uint32(i) {
			s[i] = next
			next++
			continue
		}
		s[i] = s[r]
	}
	return s, int(next)
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

// flat returns the first row of each row's set. The sets are used up.
func (u union) flat() []uint32 {
	for i, r := range u { // which stands before i, where its set's first row is known
		u[i] = u[r]
	}
	return u
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

// solver groups the rows of one component after another in the same memory.
type solver struct {
	e      *engine
	linker cluster.Linker
	rows   []uint32
	edges  []edge
	graph  []cluster.Edge
	joins  []cluster.Join
	// heights are those of the groups by their first rows.
	heights []millibits
}

// solve appends the joins of a component of rows, whose edges are the solver's.
// Pairs that no rule proposed are compared here.
func (s *solver) solve(dst []joint, rows []uint32, merge millibits) []joint {
	s.rows, s.graph, s.heights = rows, s.graph[:0], s.heights[:0]
	for _, x := range s.edges {
		a, _ := slices.BinarySearch(rows, x.a)
		b, _ := slices.BinarySearch(rows, x.b)
		s.graph = append(s.graph, cluster.Edge{A: a, B: b, Score: clipped(x.score)})
	}
	g := cluster.Graph{N: len(rows), Merge: merge, Edges: s.graph, Evidence: s}
	s.e.links.within(rows, &g)
	s.joins = s.linker.Joins(s.joins[:0], &g)
	for range rows {
		s.heights = append(s.heights, math.MaxInt32)
	}
	for _, j := range s.joins {
		// Groups that no rule brought together before may agree more than what
		// they are made of does.
		h := min(j.Score, s.heights[j.A], s.heights[j.B])
		s.heights[j.A] = h
		dst = append(dst, joint{rows[j.A], rows[j.B], h, j.Pairs, probability(j.Score)})
	}
	return dst
}

// Width is how many numbers a pair says.
func (s *solver) Width() int { return len(s.e.w.d.fields) * said }

// Add adds what two rows of the component say.
func (s *solver) Add(sum []int64, a, b, edge int) {
	w, x, y := s.e.w, s.rows[a], s.rows[b]
	var p pattern
	if edge >= 0 {
		p = s.edges[edge].pattern
	} else {
		p = w.d.compare(x, y)
	}
	w.say(sum, x, y, p)
}

// Weigh returns what groups of rows say together.
func (s *solver) Weigh(sum []int64, pairs int64) int32 { return clipped(s.e.w.together(sum, pairs)) }

// clipped bounds what one pair says for or against a group: no pair decides alone.
func clipped(s millibits) int32 { return min(max(s, -clip), clip) }

// clip is that bound in millibits.
const clip = 30_000
