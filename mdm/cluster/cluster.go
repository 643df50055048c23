// Package cluster turns the scored pairs of a component into entities: average-link agglomeration that obeys links and cannot-links.
package cluster

import (
	"cmp"
	"math/bits"
	"slices"
)

// Pair is two items of a component by index, in either order.
type Pair struct{ A, B int }

// Problem is one component. Items are indexes 0 to N-1 in the order in which
// ties are broken, which is that of the records' names.
type Problem struct {
	N int
	// Score returns the score of two items in millibits; symmetric, pure.
	Score func(a, b int) int32
	// Merge is the average score from which two groups are one.
	Merge int32
	// MustLinks are joined first, in this order, unless a cannot-link stands
	// against it; CannotLinks are never in one group.
	MustLinks, CannotLinks []Pair
	// Same returns a text that is equal where two items score alike with
	// everything. Items of a large component that are equal are scored once.
	// nil where nothing is known.
	Same func(i int) string
	// Edges are the pairs that connect the component, with their scores; large
	// components are parted by them.
	Edges []Edge
	// Limit is the most items that are scored all against all; 0 means the constant Limit.
	Limit int
}

// Edge is a scored pair.
type Edge struct {
	A, B  int
	Score int32
}

// Limit is the most items of a component that are scored all against all where
// a problem says nothing else.
const Limit = 1500

// Solve returns the groups of items, each ascending, ordered by their first.
// The result depends on nothing but the problem. Work is bounded by
// Limit² + the edges for each part of a component larger than Limit.
func Solve(p *Problem) [][]int {
	if p.Limit == 0 {
		p.Limit = Limit
	}
	all := make([]int, p.N)
	for i := range all {
		all[i] = i
	}
	c := &constraints{p: p}
	c.link()
	var same []string
	if p.N > p.Limit && p.Same != nil {
		same = c.fold()
	}
	var groups [][]int
	for _, part := range parts(p, all, c) {
		groups = append(groups, agglomerate(p, part, c, same)...)
	}
	for _, g := range groups {
		slices.Sort(g)
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return groups
}

// constraints are the groups that links make, and who may not meet whom.
type constraints struct {
	p      *Problem
	parent []int
	// enemies are the items that an item's group may not meet.
	enemies map[int][]int
}

func (c *constraints) link() {
	c.parent = make([]int, c.p.N)
	for i := range c.parent {
		c.parent[i] = i
	}
	c.enemies = map[int][]int{}
	for _, x := range c.p.CannotLinks {
		if x.A != x.B {
			c.enemies[x.A] = append(c.enemies[x.A], x.B)
			c.enemies[x.B] = append(c.enemies[x.B], x.A)
		}
	}
	for _, m := range c.p.MustLinks {
		c.union(m.A, m.B)
	}
}

// union joins the groups of two items unless they must stay apart.
func (c *constraints) union(a, b int) {
	a, b = c.find(a), c.find(b)
	if a == b || c.apart(a, b) {
		return
	}
	a, b = min(a, b), max(a, b)
	c.parent[b] = a
	if len(c.enemies[b]) > 0 {
		c.enemies[a] = append(c.enemies[a], c.enemies[b]...)
		delete(c.enemies, b)
	}
}

// fold joins equal items that are one by their own score, and returns what
// they are equal by.
func (c *constraints) fold() []string {
	same := make([]string, c.p.N)
	first := map[string]int{}
	for i := range c.p.N {
		same[i] = c.p.Same(i)
		k, ok := first[same[i]]
		if !ok {
			first[same[i]] = i
		} else if c.p.Score(k, i) >= c.p.Merge {
			c.union(k, i)
		}
	}
	return same
}

func (c *constraints) find(i int) int {
	for c.parent[i] != i {
		c.parent[i] = c.parent[c.parent[i]]
		i = c.parent[i]
	}
	return i
}

// apart reports whether a cannot-link stands between two groups.
func (c *constraints) apart(a, b int) bool {
	for _, e := range c.enemies[a] {
		if c.find(e) == b {
			return true
		}
	}
	return false
}

// group is some items that are one so far.
type group struct {
	items []int
	// distinct are the items that score differently at the start, times how
	// often each stands in the group.
	distinct []int
	times    []int64
	// best is the row's best partner, -1 for none.
	best int
	dead bool
}

// agglomerate joins the two groups with the highest average score until none
// reaches Merge. Ties go to the pair with the smallest first item, then the
// smallest second.
func agglomerate(p *Problem, items []int, c *constraints, same []string) [][]int {
	groups := seed(items, c)
	for i := range groups {
		groups[i].count(same)
	}
	n := len(groups)
	if n == 1 {
		return [][]int{groups[0].items}
	}
	m := newMatrix(n)
	for i := range n {
		for j := range i {
			if separated(c, groups[i].items, groups[j].items) {
				m.set(i, j, never)
				continue
			}
			m.set(i, j, between(p, &groups[i], &groups[j]))
		}
	}
	for i := range groups {
		groups[i].best = m.best(groups, i)
	}
	for {
		a := -1
		for i := range groups {
			if g := &groups[i]; !g.dead && g.best >= 0 && (a < 0 || m.before(groups, i, g.best, a, groups[a].best)) {
				a = i
			}
		}
		if a < 0 || !m.reaches(groups, a, groups[a].best, p.Merge) {
			break
		}
		m.join(groups, min(a, groups[a].best), max(a, groups[a].best))
	}
	var out [][]int
	for i := range groups {
		if !groups[i].dead {
			out = append(out, groups[i].items)
		}
	}
	return out
}

// between returns the sum of the scores of two groups' items.
func between(p *Problem, a, b *group) int64 {
	sum := int64(0)
	for i, x := range a.distinct {
		for j, y := range b.distinct {
			sum += int64(p.Score(x, y)) * a.times[i] * b.times[j]
		}
	}
	return sum
}

// count finds the distinct items of a group, and how often each stands in it.
func (g *group) count(same []string) {
	if same == nil || len(g.items) == 1 {
		g.distinct = g.items
		g.times = slices.Repeat([]int64{1}, len(g.items))
		return
	}
	at := map[string]int{}
	for _, i := range g.items {
		k, ok := at[same[i]]
		if !ok {
			k = len(g.distinct)
			at[same[i]] = k
			g.distinct, g.times = append(g.distinct, i), append(g.times, 0)
		}
		g.times[k]++
	}
}

// seed makes the first groups: items that are one from the start.
func seed(items []int, c *constraints) []group {
	at := map[int]int{}
	var groups []group
	for _, i := range items {
		root := c.find(i)
		if k, ok := at[root]; ok {
			groups[k].items = append(groups[k].items, i)
			continue
		}
		at[root] = len(groups)
		groups = append(groups, group{items: []int{i}})
	}
	return groups
}

func separated(c *constraints, a, b []int) bool {
	return len(c.enemies) > 0 && c.apart(c.find(a[0]), c.find(b[0]))
}

// never is the sum between groups that a cannot-link keeps apart.
const never = int64(-1) << 62

// matrix holds the sums of scores between groups, below the diagonal.
type matrix struct{ sums []int64 }

func newMatrix(n int) *matrix { return &matrix{make([]int64, n*(n-1)/2)} }

func (m *matrix) at(i, j int) *int64 {
	if i < j {
		i, j = j, i
	}
	return &m.sums[i*(i-1)/2+j]
}

func (m *matrix) set(i, j int, sum int64) { *m.at(i, j) = sum }

// best returns the partner of group i with the highest average, -1 for none.
func (m *matrix) best(groups []group, i int) int {
	best := -1
	for j := range groups {
		if j == i || groups[j].dead || *m.at(i, j) == never {
			continue
		}
		if best < 0 || m.before(groups, i, j, i, best) {
			best = j
		}
	}
	return best
}

// before reports whether pair (a, b) is joined before pair (x, y): a higher
// average, or an equal one and smaller items. Averages are compared exactly.
func (m *matrix) before(groups []group, a, b, x, y int) bool {
	left := product{*m.at(a, b), uint64(len(groups[x].items)) * uint64(len(groups[y].items))}
	right := product{*m.at(x, y), uint64(len(groups[a].items)) * uint64(len(groups[b].items))}
	if c := left.compare(right); c != 0 {
		return c > 0
	}
	a, b = min(a, b), max(a, b)
	x, y = min(x, y), max(x, y)
	// Groups stand in the order of their first items.
	return a < x || a == x && b < y
}

func (m *matrix) reaches(groups []group, a, b int, least int32) bool {
	return *m.at(a, b) >= int64(least)*int64(len(groups[a].items))*int64(len(groups[b].items))
}

// join puts group b into group a.
func (m *matrix) join(groups []group, a, b int) {
	groups[b].dead = true
	for k := range groups {
		if k == a || groups[k].dead {
			continue
		}
		to, from := m.at(a, k), *m.at(b, k)
		if *to == never || from == never {
			*to = never
		} else {
			*to += from
		}
	}
	groups[a].items = append(groups[a].items, groups[b].items...)
	groups[a].best = m.best(groups, a)
	for k := range groups {
		g := &groups[k]
		if g.dead || k == a {
			continue
		}
		switch {
		case g.best == a || g.best == b:
			g.best = m.best(groups, k)
		case *m.at(k, a) != never && (g.best < 0 || m.before(groups, k, a, k, g.best)):
			g.best = a
		}
	}
}

// product is a sum times a count, which may not fit in 64 bits.
type product struct {
	sum   int64
	times uint64
}

func (p product) compare(q product) int {
	if s := cmp.Compare(sign(p.sum), sign(q.sum)); s != 0 || p.sum == 0 {
		return s
	}
	hi, lo := bits.Mul64(magnitude(p.sum), p.times)
	hi2, lo2 := bits.Mul64(magnitude(q.sum), q.times)
	c := cmp.Or(cmp.Compare(hi, hi2), cmp.Compare(lo, lo2))
	return c * sign(p.sum)
}

func sign(n int64) int { return cmp.Compare(n, 0) }

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
