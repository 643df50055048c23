package cluster_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"crmhub/mdm/cluster"
)

func table(scores map[[2]int]int32, other int32) func(a, b int) int32 {
	return func(a, b int) int32 {
		if s, ok := scores[[2]int{min(a, b), max(a, b)}]; ok {
			return s
		}
		return other
	}
}

func TestSolve(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    cluster.Problem
		want [][]int
	}{
		{"alone", cluster.Problem{N: 1, Score: table(nil, 0), Merge: 10}, [][]int{{0}}},
		{"two", cluster.Problem{N: 2, Score: table(map[[2]int]int32{{0, 1}: 10}, 0), Merge: 10}, [][]int{{0, 1}}},
		{"a bridge does not hold", cluster.Problem{N: 4, Score: table(map[[2]int]int32{{0, 1}: 20, {2, 3}: 20, {1, 2}: 12}, -20), Merge: 10}, [][]int{{0, 1}, {2, 3}}},
		{"averages carry a weak pair", cluster.Problem{N: 3, Score: table(map[[2]int]int32{{0, 1}: 30, {1, 2}: 30, {0, 2}: 5}, 0), Merge: 10}, [][]int{{0, 1, 2}}},
		{"cannot-link", cluster.Problem{N: 3, Score: table(nil, 30), Merge: 10, CannotLinks: []cluster.Pair{{A: 2, B: 0}}}, [][]int{{0, 1}, {2}}},
		{"must-link", cluster.Problem{N: 3, Score: table(nil, -30), Merge: 10, MustLinks: []cluster.Pair{{A: 2, B: 0}}}, [][]int{{0, 2}, {1}}},
		{"a cannot-link stands against must-links", cluster.Problem{N: 3, Score: table(nil, -30), Merge: 10, MustLinks: []cluster.Pair{{A: 0, B: 1}, {A: 1, B: 2}}, CannotLinks: []cluster.Pair{{A: 0, B: 2}}}, [][]int{{0, 1}, {2}}},
		{"ties go to the first", cluster.Problem{N: 3, Score: table(map[[2]int]int32{{0, 1}: 10, {1, 2}: 10}, -40), Merge: 10}, [][]int{{0, 1}, {2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cluster.Solve(&tt.p); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Solve = %v, want %v", got, tt.want)
			}
		})
	}
}

// naive is average-link by the book: all averages anew at every step.
func naive(p *cluster.Problem) [][]int {
	var groups [][]int
	for i := range p.N {
		groups = append(groups, []int{i})
	}
	apart := func(a, b []int) bool {
		return slices.ContainsFunc(p.CannotLinks, func(x cluster.Pair) bool {
			return slices.Contains(a, x.A) && slices.Contains(b, x.B) || slices.Contains(a, x.B) && slices.Contains(b, x.A)
		})
	}
	for {
		best, bi, bj := 0.0, -1, -1
		for i := range groups {
			for j := i + 1; j < len(groups); j++ {
				if apart(groups[i], groups[j]) {
					continue
				}
				sum := 0
				for _, a := range groups[i] {
					for _, b := range groups[j] {
						sum += int(p.Score(a, b))
					}
				}
				avg := float64(sum) / float64(len(groups[i])*len(groups[j]))
				if avg >= float64(p.Merge) && (bi < 0 || avg > best) {
					best, bi, bj = avg, i, j
				}
			}
		}
		if bi < 0 {
			for _, g := range groups {
				slices.Sort(g)
			}
			return groups
		}
		groups[bi] = append(groups[bi], groups[bj]...)
		groups = slices.Delete(groups, bj, bj+1)
	}
}

func TestSolveAgreesWithTheBook(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		n := 1 + rng.IntN(9)
		scores := map[[2]int]int32{}
		for i := range n {
			for j := range i {
				scores[[2]int{j, i}] = int32(rng.IntN(13)-6) * 5
			}
		}
		p := cluster.Problem{N: n, Score: table(scores, 0), Merge: 5}
		for range rng.IntN(3) {
			p.CannotLinks = append(p.CannotLinks, cluster.Pair{A: rng.IntN(n), B: rng.IntN(n)})
		}
		p.CannotLinks = slices.DeleteFunc(p.CannotLinks, func(x cluster.Pair) bool { return x.A == x.B })
		if got, want := cluster.Solve(&p), naive(&p); !reflect.DeepEqual(got, want) {
			t.Fatalf("Solve = %v, want %v; scores %v, apart %v", got, want, scores, p.CannotLinks)
		}
	}
}

func TestLargeComponents(t *testing.T) {
	// 3 customers with 700 equal records each, chained by edges.
	const each, customers = 200, 3
	p := cluster.Problem{
		N: each * customers, Merge: 10, Limit: 150,
		Score: func(a, b int) int32 {
			if a%customers == b%customers {
				return 40
			}
			return -10
		},
		Same: func(i int) string { return string(rune('a' + i%customers)) },
	}
	for i := 1; i < p.N; i++ {
		p.Edges = append(p.Edges, cluster.Edge{A: i - 1, B: i, Score: 10})
	}
	got := cluster.Solve(&p)
	if len(got) != customers {
		t.Fatalf("%d groups, want %d", len(got), customers)
	}
	p.Same = nil
	first := cluster.Solve(&p)
	rand.New(rand.NewPCG(5, 6)).Shuffle(len(p.Edges), func(i, j int) { p.Edges[i], p.Edges[j] = p.Edges[j], p.Edges[i] })
	if again := cluster.Solve(&p); !reflect.DeepEqual(again, first) {
		t.Error("the order of edges changed the groups")
	}
}
