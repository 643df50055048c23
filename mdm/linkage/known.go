package linkage

import (
	"slices"

	"crmhub/fault"
)

// knownLinks is what people said of the links of several files.
type knownLinks struct {
	e *engine
	// sets are the rows that are one by what was said; linked are the pairs of
	// rows of two files in one set, barred the sets that are two.
	sets   union
	linked [][2]uint32
	barred map[[2]uint32]bool
	// ends are those of linked, where a row is linked once.
	ends map[end]bool
}

// sure takes over what is known of links. A row that is said to be two of one
// other file, where each is linked once, is a fault.
func (e *engine) sure() (*knownLinks, error) {
	k := &knownLinks{e: e, sets: newUnion(e.t.rows), barred: map[[2]uint32]bool{}, ends: map[end]bool{}}
	for _, p := range e.links.must {
		k.sets.join(p[0], p[1])
	}
	for _, p := range e.links.cannot {
		k.barred[k.pair(p[0], p[1])] = true
	}
	members := map[uint32][]uint32{}
	for _, p := range e.links.must {
		r := k.sets.find(p[0])
		for _, x := range p {
			if !slices.Contains(members[r], x) {
				members[r] = append(members[r], x)
			}
		}
	}
	for i := range uint32(e.t.rows) {
		list := members[i]
		slices.Sort(list)
		for n, b := range list {
			for _, a := range list[:n] {
				if e.d.barred(a, b) {
					continue
				}
				k.linked = append(k.linked, [2]uint32{a, b})
				k.ends[end{a, e.d.source[b]}], k.ends[end{b, e.d.source[a]}] = true, true
			}
		}
		if e.o.OneToOne {
			if err := k.once(list); err != nil {
				return nil, err
			}
		}
	}
	return k, nil
}

// once refuses a set that has two rows of one file; the place is that of the
// first label, in their order, that brings two together.
func (k *knownLinks) once(set []uint32) error {
	files := map[uint32]bool{}
	for _, r := range set {
		f := k.e.d.source[r]
		if !files[f] {
			files[f] = true
			continue
		}
		seen := map[int]bool{}
		in := func(row int) bool { return slices.Contains(set, uint32(slices.Index(k.e.d.order, uint32(row)))) }
		for _, j := range k.e.o.Judged {
			if !j.Same || !in(j.Left) {
				continue
			}
			if seen[j.Left] || seen[j.Right] {
				return fault.New("E6218", j.Place)
			}
			seen[j.Left], seen[j.Right] = true, true
		}
	}
	return nil
}

// pair names two sets.
func (k *knownLinks) pair(a, b uint32) [2]uint32 {
	a, b = k.sets.find(a), k.sets.find(b)
	return [2]uint32{min(a, b), max(a, b)}
}

// open returns the edges of which nothing is known: those of one set are
// linked, those of sets that are two are not, and where a row is linked once
// those of rows that are linked are not either.
func (k *knownLinks) open(edges []edge) []edge {
	if k.e.links.none() {
		return edges
	}
	return slices.DeleteFunc(edges, func(x edge) bool {
		p := k.pair(x.a, x.b)
		return p[0] == p[1] || k.barred[p] ||
			k.e.o.OneToOne && (k.ends[end{x.a, k.e.d.source[x.b]}] || k.ends[end{x.b, k.e.d.source[x.a]}])
	})
}
