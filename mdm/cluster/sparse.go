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
	// Evidence weighs groups, an edge's items the same as its score does.
	Evidence Evidence
	// Merge is the score from which two groups are one.
	Merge int32
	// MustLinks are joined first, in this order, unless a cannot-link stands
	// against it; CannotLinks are never in one group.
	MustLinks, CannotLinks []Pair
	// Source numbers the source of each item; items of one source are never in
	// one group, but for those of source 0. nil where that doesn't matter.
	Source []uint32
}

// Evidence says what all pairs between two groups say together. What a pair
// says is a list of numbers that add up.
type Evidence interface {
	// Width is how many numbers a pair says.
	Width() int
	// Add adds what items a and b say to a sum, a before b; edge is their place among the
	// edges, -1 where they have none. It is asked for pairs between groups that an edge joins.
	Add(sum []int64, a, b, edge int)
	// Weigh returns the score of two groups in millibits, between which so many
	// pairs say that sum.
	Weigh(sum []int64, pairs int64) int32
}

// Linked is how a component was put together.
type Linked struct {
	// Groups are the groups of items, each ascending, ordered by their first.
	Groups [][]int
	// Joins are the steps in which the groups were put together, in their
	// order, but for what must-links joined at the start.
	Joins []Join
	// Near are the groups that an edge at or above Merge connects and that were
	// not joined: their pairs don't agree on average, or may not be joined.
	Near []Join
}

// Join is two groups, named by their first items, with their score in millibits
// and how many pairs lie between them.
type Join struct {
	A, B  int
	Score int32
	Pairs int64
}

// Link joins the two groups with the highest score until none reaches Merge.
// Ties go to the pair with the smallest first item, then the smallest second.
// The result depends on nothing but the graph. Where a score is the mean of what the
// pairs say, the groups are those of Solve if every pair that reaches Merge has an edge.
//
// Only neighbours are looked at: n items with e edges cost O(e log e), and the
// evidence of each pair between groups that are neighbours.
func Link(g *Graph) Linked {
	var l Linker
	out := Linked{Joins: l.Joins(nil, g)}
	s := &l.s
	for i := range s.groups {
		x := &s.groups[i]
		if len(x.items) == 0 {
			continue
		}
		slices.Sort(x.items)
		out.Groups = append(out.Groups, x.items)
		for _, k := range x.near {
			if int(k.group) > i {
				out.Near = append(out.Near, Join{i, int(k.group), k.score, s.count(int32(i), k.group)})
			}
		}
	}
	return out
}

// Linker links one component after another in the same memory. The zero Linker
// is ready. It is not safe for concurrent use.
type Linker struct{ s sparse }

// Joins appends the joins of Link to dst.
func (l *Linker) Joins(dst []Join, g *Graph) []Join {
	s := &l.s
	s.begin(g)
	for {
		b, ok := s.queue.pop()
		if !ok {
			return dst
		}
		if s.stands(b) {
			dst = append(dst, Join{int(b.a), int(b.b), b.score, s.count(b.a, b.b)})
			s.join(b.a, b.b)
		}
	}
}

// sparse is a clustering at work. Groups are named by their first items.
type sparse struct {
	g      *Graph
	groups []cell
	queue  queue
	// edges are those of each item, from start[item], by the other item.
	start []int32
	edges []halfEdge
	// items hold the groups of one item; of is each item's group at the start.
	items []int
	of    []int32
	// meetings is where join works out what it changes.
	meetings []neighbour
	// slabs hold the sums of neighbours; room is what is left of the last in use.
	slabs [][]int64
	used  int
	room  []int64
}

// slab is how many numbers a slab has at least.
const slab = 1 << 12

// sum returns a sum of nothing, in memory that serves until the next component.
func (s *sparse) sum() []int64 {
	n := s.g.Evidence.Width()
	for len(s.room) < n {
		if s.used == len(s.slabs) {
			s.slabs = append(s.slabs, make([]int64, max(slab, n)))
		}
		s.room = s.slabs[s.used]
		s.used++
	}
	sum := s.room[:n:n]
	s.room = s.room[n:]
	clear(sum)
	return sum
}

// halfEdge is an edge as one of its items sees it; edge is its place.
type halfEdge struct{ other, edge int32 }

// cell is a group; without items it was joined to another.
type cell struct {
	items []int
	// near holds the neighbours, by their names, and what all pairs with each say.
	near []neighbour
	// foes are the groups that may not be joined with this one.
	foes map[int32]bool
	// sources are those of the items, ascending, without 0.
	sources []uint32
	// joined counts the joins, so that what was queued before is known as stale.
	joined int32
}

// neighbour is another group, the sum of what all pairs with it say, which both
// groups share, and their score. Of two items the sum is worked out when it is
// asked for; most are never.
type neighbour struct {
	group int32
	score int32
	sum   []int64
}

func (c *cell) find(group int32) (at int, ok bool) {
	return slices.BinarySearchFunc(c.near, group, func(n neighbour, group int32) int { return cmp.Compare(n.group, group) })
}

// set makes a group a neighbour, or changes what is said of it.
func (c *cell) set(n neighbour) {
	at, ok := c.find(n.group)
	if ok {
		c.near[at] = n
		return
	}
	c.near = slices.Insert(c.near, at, n)
}

func (c *cell) drop(group int32) {
	if at, ok := c.find(group); ok {
		c.near = slices.Delete(c.near, at, at+1)
	}
}

// begin makes a group of each item, or of those that must-links join.
func (s *sparse) begin(g *Graph) {
	s.g, s.queue, s.used, s.room = g, s.queue[:0], 0, nil
	s.lay()
	s.groups, s.items, s.of = sized(s.groups, g.N), sized(s.items, g.N), sized(s.of, g.N)
	for i := range s.groups {
		s.groups[i] = cell{near: s.groups[i].near[:0]}
		s.items[i], s.of[i] = i, int32(i)
	}
	if len(g.MustLinks) > 0 {
		c := &constraints{p: &Problem{N: g.N, CannotLinks: g.CannotLinks}}
		c.link()
		for _, m := range g.MustLinks {
			c.union(m.A, m.B)
		}
		for i := range g.N {
			s.of[i] = int32(c.find(i))
		}
	}
	for i := range g.N {
		x := &s.groups[s.of[i]]
		if int(s.of[i]) == i {
			x.items = s.items[i : i+1 : i+1]
		} else {
			x.items = append(x.items, i)
		}
		if g.Source != nil && g.Source[i] != 0 {
			x.sources = with(x.sources, g.Source[i])
		}
	}
	for _, p := range g.CannotLinks {
		if a, b := s.of[p.A], s.of[p.B]; a != b {
			s.foes(a, b)
		}
	}
	for _, e := range g.Edges {
		a, b := min(s.of[e.A], s.of[e.B]), max(s.of[e.A], s.of[e.B])
		if a == b || e.Score < g.Merge {
			continue
		}
		switch _, ok := s.groups[a].find(b); {
		case ok:
		case s.count(a, b) == 1:
			s.weighed(a, b, nil, e.Score)
		default:
			s.meet(a, b, s.said(a, neighbour{group: b}))
		}
	}
}

// sized returns a slice of n items, in the same memory if it is enough.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// lay lays the edges of each item side by side.
func (s *sparse) lay() {
	s.start, s.edges = sized(s.start, s.g.N+2), sized(s.edges, len(s.g.Edges))
	clear(s.start)
	for _, e := range s.g.Edges {
		s.start[e.A+2]++
	}
	for i := 2; i < len(s.start); i++ {
		s.start[i] += s.start[i-1]
	}
	for i, e := range s.g.Edges {
		at := &s.start[e.A+1]
		s.edges[*at] = halfEdge{int32(e.B), int32(i)}
		*at++
	}
	for i := range s.g.N {
		slices.SortFunc(s.edges[s.start[i]:s.start[i+1]], func(x, y halfEdge) int { return cmp.Compare(x.other, y.other) })
	}
}

// edge returns the place of the edge of two items, the first the lesser, -1 where they have none.
func (s *sparse) edge(a, b int) int {
	list := s.edges[s.start[a]:s.start[a+1]]
	if len(list) > 16 {
		at, ok := slices.BinarySearchFunc(list, int32(b), func(h halfEdge, b int32) int { return cmp.Compare(h.other, b) })
		if ok {
			return int(list[at].edge)
		}
		return -1
	}
	for _, h := range list {
		if h.other == int32(b) {
			return int(h.edge)
		}
	}
	return -1
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

// add adds to a sum what all pairs of two groups say.
func (s *sparse) add(sum []int64, a, b int32) {
	for _, x := range s.groups[a].items {
		for _, y := range s.groups[b].items {
			x, y := min(x, y), max(x, y)
			s.g.Evidence.Add(sum, x, y, s.edge(x, y))
		}
	}
}

// count returns how many pairs lie between two groups.
func (s *sparse) count(a, b int32) int64 {
	return int64(len(s.groups[a].items)) * int64(len(s.groups[b].items))
}

// said returns what all pairs of a group and a neighbour say.
func (s *sparse) said(a int32, n neighbour) []int64 {
	if n.sum != nil {
		return n.sum
	}
	sum := s.sum()
	s.add(sum, a, n.group)
	return sum
}

// meet makes two groups neighbours by what their pairs say.
func (s *sparse) meet(a, b int32, sum []int64) {
	s.weighed(min(a, b), max(a, b), sum, s.g.Evidence.Weigh(sum, s.count(a, b)))
}

// weighed makes two groups neighbours and queues them where they may be joined.
func (s *sparse) weighed(a, b int32, sum []int64, score int32) {
	x, y := &s.groups[a], &s.groups[b]
	x.set(neighbour{b, score, sum})
	y.set(neighbour{a, score, sum})
	if score >= s.g.Merge && !s.apart(a, b) {
		s.queue.push(bond{score, a, b, x.joined, y.joined})
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
	s.meetings = s.meetings[:0]
	for p, q := x.near, y.near; len(p) > 0 || len(q) > 0; {
		switch {
		case len(p) > 0 && p[0].group == b:
			p = p[1:]
		case len(q) > 0 && q[0].group == a:
			q = q[1:]
		case len(q) == 0 || len(p) > 0 && p[0].group < q[0].group:
			sum := s.said(a, p[0])
			s.add(sum, b, p[0].group)
			s.meetings = append(s.meetings, neighbour{group: p[0].group, sum: sum})
			p = p[1:]
		case len(p) == 0 || q[0].group < p[0].group:
			sum := s.said(b, q[0])
			s.add(sum, a, q[0].group)
			s.meetings = append(s.meetings, neighbour{group: q[0].group, sum: sum})
			q = q[1:]
		default:
			sum := s.said(a, p[0])
			if q[0].sum == nil {
				s.add(sum, b, q[0].group)
			}
			for i, v := range q[0].sum {
				sum[i] += v
			}
			s.meetings = append(s.meetings, neighbour{group: p[0].group, sum: sum})
			p, q = p[1:], q[1:]
		}
	}
	for _, k := range y.near {
		s.groups[k.group].drop(b)
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
	*y = cell{near: y.near[:0]}
	for _, m := range s.meetings {
		s.meet(a, m.group, m.sum)
	}
}

// bond is two groups that may be joined: their score, and how often each had
// been joined by then.
type bond struct {
	score  int32
	a, b   int32
	ja, jb int32
}

// before reports whether x is joined before y: a higher score, or an equal
// one and smaller items.
func (x *bond) before(y *bond) bool {
	if x.score != y.score {
		return x.score > y.score
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
