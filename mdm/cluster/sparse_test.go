package cluster_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"crmhub/mdm/cluster"
)

// edges returns all pairs of a problem as edges, but for those that drop takes out.
func edges(n int, score func(a, b int) int32, drop func(s int32) bool) []cluster.Edge {
	var out []cluster.Edge
	for i := range n {
		for j := i + 1; j < n; j++ {
			if s := score(i, j); !drop(s) {
				out = append(out, cluster.Edge{A: i, B: j, Score: s})
			}
		}
	}
	return out
}

// mean weighs groups by the mean of their pairs' scores.
type mean func(a, b int) int32

func (m mean) Width() int                   { return 1 }
func (m mean) Add(sum []int64, a, b, _ int) { sum[0] += int64(m(a, b)) }
func (m mean) Weigh(sum []int64, n int64) int32 {
	return int32(math.Floor(float64(sum[0]) / float64(n)))
}

func TestLink(t *testing.T) {
	none := func(int32) bool { return false }
	strong := table(map[[2]int]int32{{0, 1}: 20, {2, 3}: 20, {1, 2}: 12}, -20)
	for _, tt := range []struct {
		name string
		g    cluster.Graph
		want [][]int
	}{
		{"nothing", cluster.Graph{N: 2, Evidence: mean(table(nil, 0)), Merge: 10}, [][]int{{0}, {1}}},
		{"a bridge does not hold", cluster.Graph{N: 4, Evidence: mean(strong), Merge: 10, Edges: edges(4, strong, func(s int32) bool { return s < 0 })}, [][]int{{0, 1}, {2, 3}}},
		{"one of each source", cluster.Graph{N: 3, Evidence: mean(table(nil, 30)), Merge: 10, Edges: edges(3, table(nil, 30), none), Source: []uint32{1, 2, 1}}, [][]int{{0, 1}, {2}}},
		{"no source is no bar", cluster.Graph{N: 3, Evidence: mean(table(nil, 30)), Merge: 10, Edges: edges(3, table(nil, 30), none), Source: []uint32{0, 2, 0}}, [][]int{{0, 1, 2}}},
		{"a must-link without an edge", cluster.Graph{N: 3, Evidence: mean(table(nil, -30)), Merge: 10, MustLinks: []cluster.Pair{{A: 2, B: 0}}}, [][]int{{0, 2}, {1}}},
		{"a cannot-link of a group", cluster.Graph{N: 4, Evidence: mean(table(nil, 30)), Merge: 10, Edges: edges(4, table(nil, 30), none), MustLinks: []cluster.Pair{{A: 0, B: 1}}, CannotLinks: []cluster.Pair{{A: 1, B: 3}}}, [][]int{{0, 1, 2}, {3}}},
		{"only neighbours meet", cluster.Graph{N: 3, Evidence: mean(table(nil, 30)), Merge: 10, Edges: []cluster.Edge{{A: 0, B: 1, Score: 30}}}, [][]int{{0, 1}, {2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cluster.Link(&tt.g).Groups; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Link = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestLinkAgreesWithTheBook holds that the groups are those of the definition
// whatever pairs below the threshold have edges.
func TestLinkAgreesWithTheBook(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	for range 2000 {
		n := 1 + rng.IntN(12)
		scores := map[[2]int]int32{}
		for i := range n {
			for j := range i {
				scores[[2]int{j, i}] = int32(rng.IntN(13)-6) * 5_000
			}
		}
		p := cluster.Problem{N: n, Score: table(scores, 0), Merge: 5_000}
		for range rng.IntN(4) {
			if a, b := rng.IntN(n), rng.IntN(n); a != b {
				p.CannotLinks = append(p.CannotLinks, cluster.Pair{A: a, B: b})
			}
		}
		if rng.IntN(3) == 0 && n > 1 {
			p.MustLinks = append(p.MustLinks, cluster.Pair{A: rng.IntN(n - 1), B: n - 1})
		}
		want := cluster.Solve(&p)
		g := cluster.Graph{N: n, Evidence: mean(p.Score), Merge: 5_000, CannotLinks: p.CannotLinks, MustLinks: p.MustLinks}
		g.Edges = edges(n, p.Score, func(s int32) bool { return s < 5_000 && rng.IntN(2) == 0 })
		rng.Shuffle(len(g.Edges), func(i, j int) { g.Edges[i], g.Edges[j] = g.Edges[j], g.Edges[i] })
		if got := cluster.Link(&g).Groups; !reflect.DeepEqual(got, want) {
			t.Fatalf("Link = %v, want %v; scores %v, apart %v, together %v", got, want, scores, p.CannotLinks, p.MustLinks)
		}
	}
}

// TestLinkKeepsSourcesApart holds what cardinality promises, and that it costs
// no pair that could be had.
func TestLinkKeepsSourcesApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 4))
	for range 500 {
		n := 2 + rng.IntN(20)
		score := func(a, b int) int32 { return int32((a*31+b*17)%40) - 10 }
		g := cluster.Graph{N: n, Evidence: mean(score), Merge: 5, Edges: edges(n, score, func(int32) bool { return false })}
		for range n {
			g.Source = append(g.Source, uint32(rng.IntN(4)))
		}
		for _, group := range cluster.Link(&g).Groups {
			seen := map[uint32]bool{}
			for _, i := range group {
				if s := g.Source[i]; s != 0 && seen[s] {
					t.Fatalf("source %d is twice in %v", s, group)
				}
				seen[g.Source[i]] = true
			}
		}
	}
}

// TestLinkerForgets holds that what a linker did before changes nothing.
func TestLinkerForgets(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 6))
	var l cluster.Linker
	for range 2000 {
		n := 1 + rng.IntN(9)
		scores := map[[2]int]int32{}
		for i := range n {
			for j := range i {
				scores[[2]int{j, i}] = int32(rng.IntN(13)-5) * 1000
			}
		}
		g := cluster.Graph{N: n, Evidence: mean(table(scores, 0)), Merge: 500}
		g.Edges = edges(n, table(scores, 0), func(s int32) bool { return s < 500 && rng.IntN(2) == 0 })
		if rng.IntN(4) == 0 && n > 2 {
			g.MustLinks, g.CannotLinks = []cluster.Pair{{A: 0, B: n - 1}}, []cluster.Pair{{A: 0, B: 1}}
		}
		if rng.IntN(4) == 0 {
			for range n {
				g.Source = append(g.Source, uint32(rng.IntN(4)))
			}
		}
		if got, want := l.Joins(nil, &g), cluster.Link(&g).Joins; !reflect.DeepEqual(got, want) {
			t.Fatalf("Joins = %v, want %v", got, want)
		}
	}
}

// BenchmarkJoins links components of three.
func BenchmarkJoins(b *testing.B) {
	g := cluster.Graph{
		N: 3, Merge: 0, Evidence: mean(func(_, _ int) int32 { return 2_000 }),
		Edges: []cluster.Edge{{A: 0, B: 1, Score: 12_000}, {A: 1, B: 2, Score: 9_000}},
	}
	var l cluster.Linker
	var joins []cluster.Join
	b.ReportAllocs()
	for b.Loop() {
		joins = l.Joins(joins[:0], &g)
	}
	b.ReportMetric(float64(len(g.Edges))*float64(b.N)/b.Elapsed().Seconds(), "edges/s")
}

func BenchmarkLink(b *testing.B) {
	// A component of 20,000 items in 1,000 groups that bridges connect.
	const n, size = 20_000, 20
	rng := rand.New(rand.NewPCG(1, 1))
	score := func(a, b int) int32 {
		if a/size == b/size {
			return 12_000
		}
		return -8_000
	}
	var list []cluster.Edge
	for i := range n {
		for j := i + 1; j < (i/size+1)*size; j++ {
			list = append(list, cluster.Edge{A: i, B: j, Score: score(i, j)})
		}
		if k := rng.IntN(n); k > i {
			list = append(list, cluster.Edge{A: i, B: k, Score: 1_000})
		}
	}
	slices.SortFunc(list, func(x, y cluster.Edge) int { return (x.A-y.A)*n + x.B - y.B })
	list = slices.CompactFunc(list, func(x, y cluster.Edge) bool { return x.A == y.A && x.B == y.B })
	asked := 0
	for b.Loop() {
		asked = 0
		cluster.Link(&cluster.Graph{N: n, Edges: list, Merge: 0, Evidence: mean(func(a, b int) int32 { asked++; return score(a, b) })})
	}
	b.ReportMetric(float64(len(list))*float64(b.N)/b.Elapsed().Seconds(), "edges/s")
	b.ReportMetric(float64(asked), "scored")
}
