package mdm

import (
	"sync/atomic"

	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
)

// graph is the records of one resolve, or of a part of it that is closed: no
// record in it is connected with one outside.
type graph struct {
	ids      []entity.RecordID
	features []*compare.Features
	// old is the component that each record belonged to when last resolved.
	old   []entity.RecordID
	tombs []tomb
	// connected joins records by edges, bundled also by what they belonged to
	// before: ids and redirects are settled for a bundle at once.
	connected, bundled *sets
	judgements         map[pair]entity.Judgement
	// stands says that the records belong to their entities still, which is all that is known of them.
	stands bool
	// edges returns the scored pairs among the records of a component; nil where
	// no component is large.
	edges func(items []int32) []scored
}

// each hands out the records of the graph, tombstones too.
func (g *graph) each(hand func(entity.RecordID)) {
	for _, id := range g.ids {
		hand(id)
	}
	for i := range g.tombs {
		hand(g.tombs[i].id)
	}
}

// tomb is what is left of a deleted record.
type tomb struct {
	id          entity.RecordID
	own, entity entity.ID
	old         entity.RecordID
}

type scored struct {
	a, b  int32
	score int32
}

// pair is two records, the smaller id first.
type pair struct{ a, b entity.RecordID }

func pairOf(a, b entity.RecordID) pair { return pair{min(a, b), max(a, b)} }

// later keeps the judgement in force on each pair: the later one, and of two
// at one moment the one that keeps apart.
func later(list []entity.Judgement) map[pair]entity.Judgement {
	m := make(map[pair]entity.Judgement, len(list))
	for _, j := range list {
		if j.A == j.B {
			continue
		}
		p := pairOf(j.A, j.B)
		stands, ok := m[p]
		if !ok || j.At.After(stands.At) || j.At.Equal(stands.At) && j.Kind == entity.CannotLink {
			m[p] = j
		}
	}
	return m
}

// finish bundles the records and forgets what is not asked for any more; it returns the
// size of the largest component.
func (g *graph) finish() int {
	judged := make(map[entity.RecordID]bool, 2*len(g.judgements))
	for p := range g.judgements {
		judged[p.a], judged[p.b] = true, true
	}
	index := make(map[entity.RecordID]int32, len(judged))
	for i, id := range g.ids {
		if judged[id] {
			index[id] = int32(i)
		}
	}
	g.bundle(index)
	return g.thin()
}

// bundle joins the records of one old component, and those that must-links
// connect.
func (g *graph) bundle(index map[entity.RecordID]int32) {
	for p, j := range g.judgements {
		a, okA := index[p.a]
		b, okB := index[p.b]
		if okA && okB && j.Kind == entity.MustLink {
			g.connected.union(a, b)
		}
	}
	first := map[entity.RecordID]int32{}
	for i, c := range g.old {
		if c == 0 {
			continue
		}
		if k, ok := first[c]; ok {
			g.bundled.union(k, int32(i))
		} else {
			first[c] = int32(i)
		}
	}
	for i := range g.ids {
		g.bundled.union(int32(i), g.connected.find(int32(i)))
	}
}

// thin forgets the features of records that stand alone, which nothing asks
// for any more, and returns the size of the largest component.
func (g *graph) thin() int {
	sizes := make([]int32, len(g.ids))
	largest := int32(0)
	for i := range g.ids {
		root := g.connected.find(int32(i))
		sizes[root]++
		largest = max(largest, sizes[root])
	}
	for i := range g.ids {
		if sizes[g.connected.find(int32(i))] == 1 {
			g.features[i] = nil
		}
	}
	return int(largest)
}

// forget lets go of the features of records that are written: what is held gets less
// while the rest is decided, and to look through it for garbage too.
func (g *graph) forget(items []int32) {
	for _, i := range items {
		g.features[i] = nil
	}
}

// sets is a union-find over indexes, safe for concurrent use. The result
// doesn't depend on the order of unions: a set is named by its smallest index.
type sets struct{ parent []atomic.Int32 }

func newSets(n int) *sets {
	s := &sets{make([]atomic.Int32, n)}
	for i := range s.parent {
		s.parent[i].Store(int32(i))
	}
	return s
}

func (s *sets) find(i int32) int32 {
	for {
		p := s.parent[i].Load()
		if p == i {
			return i
		}
		g := s.parent[p].Load()
		if g != p {
			s.parent[i].CompareAndSwap(p, g)
		}
		i = g
	}
}

func (s *sets) union(a, b int32) {
	for {
		a, b = s.find(a), s.find(b)
		if a == b {
			return
		}
		a, b = min(a, b), max(a, b)
		if s.parent[b].CompareAndSwap(b, a) {
			return
		}
	}
}
