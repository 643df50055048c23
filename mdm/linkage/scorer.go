package linkage

// scorer compares pairs, many at a time: what is known of them without looking
// at values first, then field by field. A pair is let go as soon as it can't
// reach the floor, whatever the fields say that are left.
type scorer struct {
	*course
	pairs []open
	// touched keeps the reads that bring values near from being left out.
	touched uint32
	edges   []edge
	sorter  sorter
	// sheets are those of the pairs by their slots, in a space; nil elsewhere.
	sheets *[slots][2]sheet
}

// open is a pair whose fields are not all compared: fields are those, hope the
// best levels that they may have.
type open struct {
	a, b    uint32
	fields  uint16
	rules   uint8
	slot    uint8
	most    bounds
	pattern pattern
	hope    pattern
}

// batch is how many pairs are compared together.
const batch = 512

// slots is how many pairs with sheets are compared together.
const slots = 256

func newScorer(c *course) *scorer {
	return &scorer{course: c, pairs: make([]open, 0, batch)}
}

// lie compares a pair, of rows whose sheets are at hand, now or later.
func (s *scorer) lie(a, b uint32, x, y sheet, rules int) {
	slot := len(s.pairs)
	s.sheets[slot] = [2]sheet{x, y}
	if s.pairs = append(s.pairs, open{a: a, b: b, rules: uint8(rules), slot: uint8(slot)}); len(s.pairs) == slots {
		s.flush()
	}
}

// put compares a pair that so many rules propose, now or later.
func (s *scorer) put(a, b uint32, rules int) {
	if s.pairs = append(s.pairs, open{a: a, b: b, rules: uint8(min(rules, manyRules))}); len(s.pairs) == batch {
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
	s.d.space.Breathe()
	left := s.pairs[:0]
	// Rows and values lie anywhere. Asking for all of them before any is used
	// lets the processor fetch several at a time.
	for i := range s.pairs {
		s.touched += s.d.near(s.pairs[i].b)
	}
	for i := range s.pairs {
		if p := s.pairs[i]; s.start(&p) {
			left = append(left, p)
		}
	}
	for _, k := range s.order {
		left = s.field(left, k)
	}
	for i := range left {
		x := &left[i]
		if score := s.w.score(x.a, x.b, x.pattern) + s.w.prior; score >= floor {
			s.edges = append(s.edges, edge{x.a, x.b, score, x.rules, x.pattern})
		}
	}
	s.pairs = s.pairs[:0]
}

// field compares one field of pairs and returns those that may still reach
// the floor.
func (s *scorer) field(pairs []open, k int) []open {
	n, f := len(s.d.fields), s.d.fields[k]
	left := pairs[:0]
	if s.sheets == nil {
		for i := range pairs {
			if p := &pairs[i]; p.fields>>k&1 == 1 {
				s.touched += f.values.touch(s.d.row[int(p.a)*n+k]) + f.values.touch(s.d.row[int(p.b)*n+k])
			}
		}
	}
	for i := range pairs {
		p := &pairs[i]
		if p.fields>>k&1 == 1 {
			var l uint8
			if s.sheets != nil {
				l = f.comparer.Level(valueOf(s.sheets[p.slot][0], k), valueOf(s.sheets[p.slot][1], k))
			} else {
				l = f.level(s.d.row[int(p.a)*n+k], s.d.row[int(p.b)*n+k])
			}
			p.pattern |= pattern(l) << (4 * k)
			if s.learn(p, k, l); !p.most.reach() {
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
