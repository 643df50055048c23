package linkage

import (
	"cmp"
	"slices"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// scorer compares pairs, many at a time: what is known of them without looking
// at values first, then field by field. A pair is let go as soon as it can't
// reach the floor, whatever the fields say that are left.
type scorer struct {
	d *data
	w *weights
	// order are the fields in the order in which they are compared, most what
	// each says at most where its values differ.
	order []int
	most  []millibits
	pairs []open
	// touched keeps the reads that bring values near from being left out.
	touched uint32
	edges   []edge
}

// open is a pair whose fields are not all compared.
type open struct {
	a, b    uint32
	fields  uint32
	most    millibits
	pattern pattern
}

// batch is how many pairs are compared together.
const batch = 512

// order returns the fields, those first that are quick to compare for what
// they may take away.
func (w *weights) order() []int {
	var out []int
	gain := make([]float64, len(w.d.fields))
	for k, f := range w.d.fields {
		out = append(out, k)
		low, high := millibits(0), millibits(0)
		for _, x := range w.level[k][1 : f.levels()+1] {
			low, high = min(low, x), max(high, x)
		}
		gain[k] = float64(high-low) / effort(f.comparer.Kind())
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
	return out
}

// effort is about how long it takes to compare two values of a kind.
func effort(k column.Kind) float64 {
	switch k {
	case column.FullName, column.Names, column.Organisation, column.Address, column.Street, column.Title, column.Text:
		return 4
	case column.Email, column.Phone, column.URL, column.GivenName, column.MiddleName, column.FamilyName:
		return 2
	}
	return 1
}

func newScorer(d *data, w *weights, order []int) *scorer {
	s := &scorer{d: d, w: w, order: order, most: make([]millibits, len(d.fields)), pairs: make([]open, 0, batch)}
	for k, f := range d.fields {
		s.most[k] = max(0, slices.Max(w.level[k][1:f.levels()+1]))
	}
	return s
}

// add compares a pair, now or later.
func (s *scorer) add(a, b uint32) {
	if s.pairs = append(s.pairs, open{a: a, b: b}); len(s.pairs) == batch {
		s.flush()
	}
}

// take returns the pairs at or above the floor of those that were added since
// it was called last. They stay until the next pair is added.
func (s *scorer) take() []edge {
	s.flush()
	out := s.edges
	s.edges = s.edges[:0]
	return out
}

func (s *scorer) flush() {
	for i := range s.pairs {
		s.begin(&s.pairs[i])
	}
	left := s.pairs
	for _, k := range s.order {
		left = s.field(left, k)
	}
	for i := range left {
		x := &left[i]
		if score := s.w.score(x.a, x.b, x.pattern) + s.w.prior; score >= floor {
			s.edges = append(s.edges, edge{min(x.a, x.b), max(x.a, x.b), score, x.pattern})
		}
	}
	s.pairs = s.pairs[:0]
}

// begin notes the fields in which two rows hold one value, and those that are
// to be compared.
func (s *scorer) begin(p *open) {
	n := len(s.d.fields)
	x, y := s.d.row[int(p.a)*n:int(p.a+1)*n], s.d.row[int(p.b)*n:int(p.b+1)*n]
	p.most = s.w.prior
	for k, a := range x {
		b := y[k]
		if a == 0 || b == 0 {
			continue
		}
		f := s.d.fields[k]
		if a == b {
			l := f.self[a]
			p.pattern |= pattern(l) << (4 * k)
			if l != column.Missing {
				p.most += s.w.level[k][l] + s.w.rare[k][a]
			}
			continue
		}
		p.fields |= 1 << k
		p.most += s.most[k]
		if f.twins.has(a) && f.twins.has(b) {
			p.most += max(0, s.w.rarity(k, p.a, p.b))
		}
	}
}

// field compares one field of pairs and returns those that may still reach
// the floor.
func (s *scorer) field(pairs []open, k int) []open {
	n, f := len(s.d.fields), s.d.fields[k]
	left := pairs[:0]
	// Values lie anywhere. Asking for all of them before any is used lets the
	// processor fetch several at a time.
	for i := range pairs {
		if p := &pairs[i]; p.fields>>k&1 == 1 && p.most >= floor {
			s.touched += f.values.touch(s.d.row[int(p.a)*n+k]) + f.values.touch(s.d.row[int(p.b)*n+k])
		}
	}
	for i := range pairs {
		p := &pairs[i]
		if p.most < floor {
			continue
		}
		if p.fields>>k&1 == 1 {
			l := f.level(s.d.row[int(p.a)*n+k], s.d.row[int(p.b)*n+k])
			p.pattern |= pattern(l) << (4 * k)
			if p.most -= s.most[k]; l != column.Missing {
				p.most += s.w.level[k][l]
			}
			if p.most < floor {
				continue
			}
		}
		left = append(left, *p)
	}
	return left
}

// marks are set for some values, by their codes.
type marks []uint64

func newMarks(n int) marks { return make(marks, (n+63)/64) }

func (b marks) has(code uint32) bool { return b[code/64]>>(code%64)&1 == 1 }

func (b marks) set(code uint32) { b[code/64] |= 1 << (code % 64) }

// twinned marks the values that are written differently and are counted as one.
func (f *field) twinned() marks {
	first := make([]uint32, len(f.holders))
	out := newMarks(f.values.len())
	for c, g := range f.group {
		if c == 0 {
			continue
		}
		if first[g] == 0 {
			first[g] = uint32(c)
			continue
		}
		out.set(first[g])
		out.set(uint32(c))
	}
	return out
}

// sorted returns pairs by their rows, and gives back the memory of those that
// aren't.
func sorted(s *spill.Space, edges []edge, rows int) []edge {
	// By the first row, then within each by the second.
	start := spill.Make[uint32](s, rows+1)
	defer spill.Free(s, start)
	for i := range edges {
		start[edges[i].a+1]++
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	out := spill.Make[edge](s, len(edges))
	for i := range edges {
		at := &start[edges[i].a]
		out[*at] = edges[i]
		*at++
	}
	spill.Free(s, edges)
	each(workers(), func(w int) {
		low, high := rows*w/workers(), rows*(w+1)/workers()
		for r := low; r < high; r++ {
			from := uint32(0)
			if r > 0 {
				from = start[r-1]
			}
			if list := out[from:start[r]]; len(list) > 1 {
				slices.SortFunc(list, func(x, y edge) int { return cmp.Compare(x.b, y.b) })
			}
		}
	})
	return out
}
