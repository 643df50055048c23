package linkage

import (
	"math"
	"math/bits"
)

// kinds is how many things a pair may be beside strangers: a match, or of a class.
const kinds = 1 + classes

// says is what each level of each field says, or how often it comes: level l of
// field k stands at 16*k+l.
type says [16 * maxFields]float64

// of returns the levels of a field.
func (s *says) of(field int) []float64 { return s[16*field : 16*field+16] }

// expectation is what a round expects of the sampled pairs: how many are of
// each kind, by rule, and how many of them have each level.
type expectation struct {
	found  [kinds][]float64
	counts [kinds]says
}

// Pairs are looked at in parts, whose sums are added in their order.
const partTallies = 1 << 12

// nothing is the log odds below which a pair is taken for a stranger: a chance
// of one in ten thousand million adds nothing to what rounds are stopped by.
const nothing = -23

// expect returns what is expected of the sampled pairs; ratio is what each
// level says of a match and of each class, against strangers.
func (e *em) expect(ratio *[kinds]says) *expectation {
	prior := e.priors()
	parts := make([]expectation, (len(e.pairs)+partTallies-1)/partTallies)
	each(len(parts), func(i int) {
		x := &parts[i]
		for c := range x.found {
			x.found[c] = make([]float64, len(e.share))
		}
		for _, t := range e.pairs[i*partTallies : min(len(e.pairs), (i+1)*partTallies)] {
			x.add(t, prior[t.rule], ratio)
		}
	})
	sum := &expectation{}
	for c := range sum.found {
		sum.found[c] = make([]float64, len(e.share))
		for i := range parts {
			for r, n := range parts[i].found[c] {
				sum.found[c][r] += n
			}
			for l, n := range parts[i].counts[c] {
				sum.counts[c][l] += n
			}
		}
	}
	return sum
}

// add takes in a pattern, whose log odds are w before its levels are known.
func (x *expectation) add(t tally, w [kinds]float64, ratio *[kinds]says) {
	for p := t.pattern; p != 0; {
		at := bits.TrailingZeros64(uint64(p)) &^ 3
		l := 4*at + int(p>>at&15)
		p &^= 15 << at
		for c := range w {
			w[c] += ratio[c][l]
		}
	}
	likely := max(0, w[0])
	for _, odds := range w[1:] {
		likely = max(likely, odds)
	}
	all := chance(-likely)
	for c, odds := range w {
		w[c] = chance(odds - likely)
		all += w[c]
	}
	for c, odds := range w {
		if odds == 0 {
			continue
		}
		n := t.n * odds / all
		x.found[c][t.rule] += n
		for p := t.pattern; p != 0; {
			at := bits.TrailingZeros64(uint64(p)) &^ 3
			x.counts[c][4*at+int(p>>at&15)] += n
			p &^= 15 << at
		}
	}
}

// chance is the power of e, which is at most 0, or 0 where that is next to nothing.
func chance(power float64) float64 {
	switch {
	case power == 0:
		return 1
	case power <= nothing:
		return 0
	}
	return math.Exp(power)
}

// ratios returns what each level says of a match and of each class, against
// strangers.
func (e *em) ratios() *[kinds]says {
	out := &[kinds]says{}
	for k := range e.d.fields {
		copy(out[0].of(k), e.p.ratios(k))
		for c := range classes {
			copy(out[1+c].of(k), e.p.kinRatios(c, k))
		}
	}
	return out
}

// randoms are the random pairs, of which few may be matches.
type randoms struct {
	all []tally
	// counts is how many have each level.
	counts says
	// near are those whose log odds, by what ratio said, are not far below
	// nothing.
	near  []tally
	ratio says
	prior float64
}

// farther is by how much log odds may rise before those that were left out are
// looked at again.
const farther = 20

func newRandoms(all []tally) *randoms {
	r := &randoms{all: all}
	for _, t := range all {
		for k := range maxFields {
			r.counts[16*k+int(t.pattern.level(k))] += t.n
		}
	}
	return r
}

// strangers returns how many of the random pairs that are no matches have each
// level; prior are the log odds of a match, ratio is what levels add.
func (r *randoms) strangers(prior float64, ratio *says) *says {
	if r.near == nil || r.risen(prior, ratio) > farther {
		r.near, r.prior, r.ratio = make([]tally, 0, len(r.near)), prior, *ratio
		for _, t := range r.all {
			if t.odds(prior, ratio) > nothing-farther {
				r.near = append(r.near, t)
			}
		}
	}
	counts := r.counts
	for _, t := range r.near {
		w := t.odds(prior, ratio)
		if w <= nothing {
			continue
		}
		n := t.n / (1 + math.Exp(-w))
		for p := t.pattern; p != 0; {
			at := bits.TrailingZeros64(uint64(p)) &^ 3
			l := 4*at + int(p>>at&15)
			counts[l] = math.Max(0, counts[l]-n)
			p &^= 15 << at
		}
	}
	return &counts
}

// risen returns by how much the log odds of a pair may have risen since near was
// chosen.
func (r *randoms) risen(prior float64, ratio *says) float64 {
	sum := prior - r.prior
	for k := range maxFields {
		most := 0.0
		for l, x := range ratio.of(k) {
			most = math.Max(most, x-r.ratio[16*k+l])
		}
		sum += most
	}
	return sum
}

// odds returns the log odds of a pattern.
func (t *tally) odds(prior float64, ratio *says) float64 {
	for p := t.pattern; p != 0; {
		at := bits.TrailingZeros64(uint64(p)) &^ 3
		prior += ratio[4*at+int(p>>at&15)]
		p &^= 15 << at
	}
	return prior
}
