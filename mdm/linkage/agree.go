package linkage

import (
	"math"
	"math/rand/v2"
	"slices"

	"crmhub/mdm/column"
)

// Rules are chosen twice: first by a guess of how often keys agree among
// matches, on some of the rows, then by how often they do.
const (
	// firstRows is how many rows the first choice is tried on.
	firstRows = 100_000
	// seenMatches is how many likely matches of a rule are looked at.
	seenMatches = 600
	// fewMatches is how many a field needs for its own experience to count.
	fewMatches = 50
)

// first returns the first n rows of the data, which are a fair sample.
func (d *data) first(n int) *data {
	if n >= d.rows {
		return d
	}
	s := &data{rows: n, order: d.order[:n], row: d.row[:n*len(d.fields)], twins: d.twins[:n], briefs: d.briefs, sheets: d.sheets, all: d}
	for _, f := range d.fields {
		g := *f
		g.codes, g.filled, g.holders = f.codes[:n], 0, make([]uint32, len(f.holders))
		for _, c := range g.codes {
			if c != 0 {
				g.filled++
				g.holders[g.group[c]]++
			}
		}
		s.fields = append(s.fields, &g)
	}
	if d.source != nil {
		s.source = d.source[:n]
	}
	s.count()
	return s
}

// experience returns how keys agree among the likely matches in samples of what
// the rules propose, each judged on the fields that its rule does not rest on.
func experience(d *data, xs []*index, samples []sample, p *parameters) agreement {
	ratio := make([][]float64, len(d.fields))
	for k := range ratio {
		ratio[k] = p.ratios(k)
		ratio[k][0] = 0
	}
	parts := make([][][]uint32, len(xs))
	each(len(xs), func(r int) {
		parts[r] = d.experienced(xs[r], samples[r], p, ratio)
	})
	masks := make([][]uint32, len(d.fields))
	for _, part := range parts {
		for k, list := range part {
			masks[k] = append(masks[k], list...)
		}
	}
	guess := guessed(d)
	return func(field int, rng *rand.Rand) uint32 {
		if len(masks[field]) < fewMatches {
			return guess(field, rng)
		}
		return masks[field][rng.IntN(len(masks[field]))]
	}
}

// experienced returns, field by field, which keys agree in the likely matches
// among a sample of what a rule proposes.
func (d *data) experienced(x *index, s sample, p *parameters, ratio [][]float64) [][]uint32 {
	masks, mask, left := make([][]uint32, len(d.fields)), d.mask(x.rule), seenMatches
	prior := math.Log(math.Max(p.matches/4, 1) / math.Max(float64(x.total()), p.matches))
	for i, t := range s.patterns {
		w := prior
		t &= mask
		for k := range ratio {
			w += ratio[k][t.level(k)]
		}
		if w < 1 {
			continue
		}
		for k, f := range d.fields {
			if t.level(k) != column.Missing {
				masks[k] = append(masks[k], f.agree(f.codes[s.pairs[i][0]], f.codes[s.pairs[i][1]]))
			}
		}
		if left--; left == 0 {
			break
		}
	}
	return masks
}

// agree returns which predicates' keys two values share: a bit for each.
func (f *field) agree(a, b uint32) uint32 {
	if a == b {
		return ^uint32(0)
	}
	x := f.comparer.Keys(nil, f.values.at(a), ^uint32(0))
	mask := uint32(0)
	for _, k := range f.comparer.Keys(nil, f.values.at(b), ^uint32(0)) {
		if slices.Contains(x, k) {
			mask |= 1 << k.Predicate
		}
	}
	return mask
}
