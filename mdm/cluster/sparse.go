package cluster

import (
	"cmp"
	"slices"
)

// Graph is one component whose pairs were proposed by blocking rules. Items
// are indexes 0 to N-1 in the order in which ties are broken.
type Graph struct {
	N int
	// Edges are the pairs that were proposed and their scores in millibits, each
	// pair once, A before B. Two groups are joined only where an edge at or above
	// Merge lies between them; what edges are below it only saves work.
	Edges []Edge
	// Score returns the score of two items without an edge; symmetric, pure. It
	// is asked for pairs between groups that an edge joins.
	Score func(a, b int) int32
	// Merge is the average score from which two groups are one.
	Merge int32
	// MustLinks are joined first, in this order, unless a cannot-link stands
	// against it; CannotLinks are never in one group.
	MustLinks, CannotLinks []Pair
	// Source numbers the source of each item; items of one source are never in
	// one group, but for those of source 0. nil where that doesn't matter.
	Source []uint32
}

// Link returns the groups of items, each ascending, ordered by their first:
// the two groups with the highest average score of all their pairs are joined
// until none reaches Merge. Ties go to the pair with the smallest first item,
// then the smallest second. The result depends on nothing but the graph, and is
// that of Solve where every pair that reaches Merge has an edge.
//
// Only neighbours are looked at: n items with e edges cost O(e log e), and a
// score for each pair between groups that are neighbours.
func Link(g *Graph) [][]int {
	s := newSparse(g)
	for {
		b, ok := s.queue.pop()
		if !ok {
			break
		}
		if s.stands(b) {
			s.join(b.a, b.b)
		}
	}
	var out [][]int
	for i := range s.groups {
		if x := &s.groups[i]; len(x.items) > 0 {
			slices.Sort(x.items)
			out = append(out, x.items)
		}
	}
	slices.SortFunc(out, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// sparse is a clustering at work. Groups are named by their first items.
type sparse struct {
	g      *Graph
	groups []cell
	queue  queue
	// known are the scores of the edges, by their items.
	known map[[2]int32]int32
}

// cell is a group; without items it was joined to another.
type cell struct {
	items []int
	// near holds the sum of the scores of all pairs with each neighbour.
	near map[int32]int64
	// foes are the groups that may not be joined with this one.
	foes map[int32]bool
	// sources are those of the items, ascending, without 0.
	sources []uint32
	// joined counts the joins, so that what was queued before is known as stale.
	joined int32
}

func newSparse(g *Graph) *sparse {
	s := &sparse{g: g, groups: make([]cell, g.N), known: make(map[[2]int32]int32, len(g.Edges))}
	c := &constraints{p: &Problem{N: g.N, CannotLinks: g.CannotLinks}}
	c.link()
	for _, m := range g.MustLinks {
		c.union(m.A, m.B)
	}
	of := make([]int32, g.N)
	for i := range g.N {
		r := c.find(i)
		of[i] = int32(r)
		x := &s.groups[r]
		x.items = append(x.items, i)
		if g.Source != nil && g.Source[i] != 0 {
			x.sources = with(x.sources, g.Source[i])
		}
	}
	for _, p := range g.CannotLinks {
		if a, b := of[p.A], of[p.B]; a != b {
			s.foes(a, b)
		}
	}
	for _, e := range g.Edges {
		s.known[[2]int32{int32(e.A), int32(e.B)}] = e.Score
	}
	for _, e := range g.Edges {
		a, b := min(of[e.A], of[e.B]), max(of[e.A], of[e.B])
		if a == b || e.Score < g.Merge {
			continue
		}
		if _, ok := s.groups[a].near[b]; !ok {
			s.meet(a, b, s.between(a, b))
		}
	}
	return s
}

func with(list []uint32, x uint32) []uint32 {
	i, ok := slices.BinarySearch(list, x)
	if ok {
		return list
	}
	return slices.Insert(list, i, x)
}

func (s *sparse) foes(a, b int32) {
	for _, p := range [2][2]int32{{a, b}, {b, a}} {
		x := &s.groups[p[0]]
		if x.foes == nil {
			x.foes = map[int32]bool{}
		}
		x.foes[p[1]] = true
	}
}

// apart reports whether two groups may not be joined.
func (s *sparse) apart(a, b int32) bool {
	x, y := &s.groups[a], &s.groups[b]
	if x.foes[b] {
		return true
	}
	p, q := x.sources, y.sources
	for len(p) > 0 && len(q) > 0 {
		switch cmp.Compare(p[0], q[0]) {
		case 0:
			return true
		case -1:
			p = p[1:]
		default:
			q = q[1:]
		}
	}
	return false
}

// between returns the sum of the scores of all pairs of two groups.
func (s *sparse) between(a, b int32) int64 {
	sum := int64(0)
	for _, x := range s.groups[a].items {
		for _, y := range s.groups[b].items {
			p, q := min(x, y), max(x, y)
			v, ok := s.known[[2]int32{int32(p), int32(q)}]
			if !ok {
				v = s.g.Score(p, q)
			}
			sum += int64(v)
		}
	}
	return sum
}

// meet makes two groups neighbours and queues them where they may be joined.
func (s *sparse) meet(a, b int32, sum int64) {
	a, b = min(a, b), max(a, b)
	x, y := &s.groups[a], &s.groups[b]
	if x.near == nil {
		x.near = map[int32]int64{}
	}
	if y.near == nil {
		y.near = map[int32]int64{}
	}
	x.near[b], y.near[a] = sum, sum
	count := int64(len(x.items)) * int64(len(y.items))
	if sum >= int64(s.g.Merge)*count && !s.apart(a, b) {
		s.queue.push(bond{sum, uint64(count), a, b, x.joined, y.joined})
	}
}

// stands reports whether neither group of a queued pair was joined since.
func (s *sparse) stands(b bond) bool {
	x, y := &s.groups[b.a], &s.groups[b.b]
	return len(x.items) > 0 && len(y.items) > 0 && x.joined == b.ja && y.joined == b.jb
}

// join puts group b into group a, and works out the sums with the neighbours
// of either.
func (s *sparse) join(a, b int32) {
	x, y := &s.groups[a], &s.groups[b]
	type meeting struct {
		other int32
		sum   int64
	}
	var all []meeting
	for k, sum := range x.near {
		if k == b {
			continue
		}
		more, ok := y.near[k]
		if !ok {
			more = s.between(b, k)
		}
		all = append(all, meeting{k, sum + more})
	}
	for k, sum := range y.near {
		delete(s.groups[k].near, b)
		if k == a {
			continue
		}
		if _, ok := x.near[k]; !ok {
			all = append(all, meeting{k, sum + s.between(a, k)})
		}
	}
	for k := range y.foes {
		delete(s.groups[k].foes, b)
		s.foes(a, k)
	}
	x.items = append(x.items, y.items...)
	for _, o := range y.sources {
		x.sources = with(x.sources, o)
	}
	x.joined++
	*y = cell{}
	slices.SortFunc(all, func(p, q meeting) int { return cmp.Compare(p.other, q.other) })
	for _, m := range all {
		s.meet(a, m.other, m.sum)
	}
}

// bond is two groups that may be joined: the sum of their scores, how many
// pairs it is of, and how often each had been joined by then.
type bond struct {
	sum    int64
	count  uint64
	a, b   int32
	ja, jb int32
}

// before reports whether x is joined before y: a higher average, or an equal
// one and smaller items. Averages are compared exactly.
func (x *bond) before(y *bond) bool {
	if c := (product{x.sum, y.count}).compare(product{y.sum, x.count}); c != 0 {
		return c > 0
	}
	return x.a < y.a || x.a == y.a && x.b < y.b
}

// queue is a heap of bonds, the one that is joined first on top.
type queue []bond

func (q *queue) push(b bond) {
	h := append(*q, b)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h[i].before(&h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	*q = h
}

func (q *queue) pop() (bond, bool) {
	h := *q
	if len(h) == 0 {
		return bond{}, false
	}
	top, n := h[0], len(h)-1
	h[0] = h[n]
	h = h[:n]
	for i := 0; ; {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < n; k++ {
			if h[k].before(&h[least]) {
				least = k
			}
		}
		if least == i {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	*q = h
	return top, true
}
