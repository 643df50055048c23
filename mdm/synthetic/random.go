package synthetic

import "math/bits"

// stream is a stream of chance that a few numbers name: the same numbers give
// the same stream on every machine. (The generator is splitmix64.)
type stream struct{ state uint64 }

func newStream(numbers ...uint64) stream {
	s := stream{0x9E3779B97F4A7C15}
	for _, n := range numbers {
		s.state ^= mix(n + s.state)
	}
	return s
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func (s *stream) next() uint64 {
	s.state += 0x9E3779B97F4A7C15
	return mix(s.state)
}

// upTo returns a number from 0 to n-1.
func (s *stream) upTo(n int) int {
	hi, _ := bits.Mul64(s.next(), uint64(n))
	return int(hi)
}

// chance is true so many times in a thousand.
func (s *stream) chance(perMille int) bool { return s.upTo(1000) < perMille }

// early returns a number from 0 to n-1, the small ones far more often: what
// the tail of a list of names looks like.
func (s *stream) early(n int) int {
	x := float64(s.next()>>11) / (1 << 53)
	return int(x * x * float64(n))
}

func (s *stream) pick(from []string) string { return from[s.upTo(len(from))] }

func (s *stream) pickEarly(from []string) string { return from[s.early(len(from))] }

// weighted is a choice by weight in constant time (Walker's alias method).
type weighted struct {
	values []string
	cut    []uint64
	other  []int
}

func newWeighted(values []string, weights []int) weighted {
	w := weighted{values: values, cut: make([]uint64, len(values)), other: make([]int, len(values))}
	total := 0
	for _, x := range weights {
		total += x
	}
	// In whole numbers, so that no machine rounds otherwise: a column is full at total.
	left := make([]int, len(values))
	var under, over []int
	for i, x := range weights {
		left[i] = x * len(values)
		if left[i] < total {
			under = append(under, i)
		} else {
			over = append(over, i)
		}
	}
	set := func(i, content, alias int) {
		w.cut[i], w.other[i] = uint64(float64(content)/float64(total)*(1<<53)), alias
	}
	for len(under) > 0 && len(over) > 0 {
		u, o := under[len(under)-1], over[len(over)-1]
		under = under[:len(under)-1]
		set(u, left[u], o)
		if left[o] -= total - left[u]; left[o] < total {
			over = over[:len(over)-1]
			under = append(under, o)
		}
	}
	for _, i := range append(under, over...) {
		set(i, total, i)
	}
	return w
}

func (w *weighted) pick(s *stream) string {
	i := s.upTo(len(w.values))
	if s.next()>>11 >= w.cut[i] {
		i = w.other[i]
	}
	return w.values[i]
}

// permutation is an order of the numbers 0 to n-1 that looks random and takes
// no memory: a Feistel network that walks until it is back in range.
type permutation struct {
	n    uint64
	half uint
	keys [4]uint64
}

func newPermutation(n int64, seed uint64) permutation {
	p := permutation{n: uint64(n), half: max(1, uint(bits.Len64(uint64(n-1))+1)/2)}
	s := newStream(seed, 0x0BDE4)
	for i := range p.keys {
		p.keys[i] = s.next()
	}
	return p
}

func (p *permutation) at(i int64) int64 {
	x, mask := uint64(i), uint64(1)<<p.half-1
	for {
		l, r := x>>p.half, x&mask
		for _, k := range p.keys {
			l, r = r, l^mix(r^k)&mask
		}
		if x = l<<p.half | r; x < p.n {
			return int64(x)
		}
	}
}
