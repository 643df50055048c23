package linkage

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"crmhub/mdm/column"
)

// tally is how often a pattern was seen among the pairs of one rule; rule -1
// are random pairs.
type tally struct {
	pattern pattern
	rule    int
	n       float64
}

// randomPairs is how many random pairs the levels of strangers are learnt from.
const randomPairs = 500_000

// parameters are what Fellegi-Sunter asks: for each field and level how often
// it is seen among matches (m) and among others (u), both of pairs that have
// the field. Level 0 is not used.
type parameters struct {
	m, u [][]float64
	// kin is the same of pairs that are two but agree more than strangers, by
	// class; perMatch is how many of a class there are for each match.
	kin      [classes][][]float64
	perMatch [classes]float64
	// matches estimates how many pairs of rows are matches.
	matches float64
}

// counted collects patterns into tallies.
func counted(patterns []pattern, rule int) []tally {
	slices.Sort(patterns)
	var out []tally
	for i := 0; i < len(patterns); {
		j := i + 1
		for j < len(patterns) && patterns[j] == patterns[i] {
			j++
		}
		out = append(out, tally{patterns[i], rule, float64(j - i)})
		i = j
	}
	return out
}

// strangers returns the patterns of random pairs.
func strangers(ctx context.Context, d *data) ([]tally, error) {
	total := pairsOf(uint64(d.rows))
	n := int(min(total, randomPairs))
	patterns := make([]pattern, n)
	const size = 1 << 13
	err := spans(ctx, n, size, func(from, to int) {
		rng := rand.New(rand.NewPCG(7, uint64(from)))
		var pairs [][2]uint32
		for k := from; k < to; k++ {
			at := uint64(k)
			if total > randomPairs {
				at = rng.Uint64N(total)
			}
			i, j := nth(at)
			if !d.barred(uint32(i), uint32(j)) {
				pairs = append(pairs, [2]uint32{uint32(i), uint32(j)})
			}
		}
		copy(patterns[from:to], d.compareAll(pairs))
	})
	return counted(patterns, -1), err
}

// proposedBy returns tallies as those of a rule.
func proposedBy(rule int, tallies []tally) []tally {
	out := slices.Clone(tallies)
	for i := range out {
		out[i].rule = rule
	}
	return out
}

// mask returns the pattern without the fields that a rule rests on: among its
// pairs they agree by choice.
func (d *data) mask(r rule) pattern {
	m := ^pattern(0)
	for k := range d.fields {
		if r.uses(k) {
			m &^= 15 << (4 * k)
		}
	}
	return m
}

// sample is some pairs of a rule, with their patterns.
type sample struct {
	pairs    [][2]uint32
	patterns []pattern
}

// proposed returns samples of the pairs of each rule.
func proposed(ctx context.Context, d *data, xs []*index) ([]sample, error) {
	out := make([]sample, len(xs))
	return out, parallel(ctx, len(xs), func(r int) {
		pairs := xs[r].sample(d)
		out[r] = sample{pairs, d.compareAll(pairs)}
	})
}

// tallied counts the patterns of samples, each by the fields that its rule does
// not rest on.
func (d *data) tallied(ctx context.Context, xs []*index, samples []sample) ([]tally, error) {
	parts := make([][]tally, len(xs))
	err := parallel(ctx, len(xs), func(r int) {
		mask, patterns := d.mask(xs[r].rule), slices.Clone(samples[r].patterns)
		for i := range patterns {
			patterns[i] &= mask
		}
		parts[r] = counted(patterns, r)
	})
	return slices.Concat(parts...), err
}

// train learns the parameters: u from the random pairs and the frequencies of
// values, m by expectation-maximisation over samples of the pairs of all rules at
// once, each on the fields that its rule does not rest on.
func train(ctx context.Context, d *data, xs []*index, random, pairs []tally) (*parameters, error) {
	e := newEM(d, xs, random, pairs)
	for range 200 {
		if e.step() < 1e-5 {
			break
		}
	}
	return &e.p, ctx.Err()
}

// The classes of pairs that are two but agree more than strangers do.
const (
	// related pairs belong together: people of a household, songs of an album.
	// What tells such things apart they agree on as strangers do.
	related = iota
	// namesakes share a name and what is made of it, such as a site or a
	// mailbox; where they are and what numbers they have is as among strangers.
	namesake
	classes
)

// em is the state of expectation-maximisation over matches, the classes of
// pairs that are alike, and strangers.
type em struct {
	d      *data
	p      parameters
	random *randoms
	pairs  []tally
	// seen counts the sampled pairs of each rule.
	seen []float64
	// share is the share of matches among the pairs of each rule, kin that of
	// each class.
	share []float64
	kin   [classes][]float64
	total []float64
	// apart marks the fields on which pairs of a class agree as strangers do.
	apart [classes][]bool
	// same counts the pairs of rows with equal values, by field and level.
	same [][16]float64
}

func newEM(d *data, xs []*index, random, pairs []tally) *em {
	e := &em{d: d, random: newRandoms(random), pairs: pairs, seen: make([]float64, len(xs)), apart: [classes][]bool{d.identifying(), d.placing()}}
	for _, t := range pairs {
		e.seen[t.rule] += t.n
	}
	for _, x := range xs {
		e.total = append(e.total, float64(x.total()))
		s := math.Min(0.3, 0.5*float64(d.rows)/math.Max(1, float64(x.total())))
		e.share = append(e.share, s)
		for c := range e.kin {
			e.kin[c] = append(e.kin[c], s/4)
		}
	}
	for _, f := range d.fields {
		e.same = append(e.same, f.equals())
		n := f.levels()
		m := make([]float64, n+1)
		rest := 1.0
		if f.comparer.Kind() == column.Text {
			rest = 0.5 // two who describe one thing choose other words
		}
		differ := 1 - rest
		for l := 1; l < n; l++ {
			m[l] = rest * 0.65
			rest -= m[l]
		}
		m[n] = rest + differ
		e.p.m, e.p.u = append(e.p.m, m), append(e.p.u, make([]float64, n+1))
		for c := range e.p.kin {
			e.p.kin[c] = append(e.p.kin[c], slices.Clone(m))
		}
	}
	// Where rows were brought together by their names, namesakes can't be told
	// from strangers who share a word.
	for r, x := range xs {
		if !d.tellsNames(x.rule) {
			e.kin[namesake][r] = 0
		}
	}
	e.strange(&e.random.counts)
	for c, apart := range e.apart {
		if !slices.Contains(apart, true) || !slices.Contains(apart, false) {
			clear(e.kin[c])
		}
	}
	e.tell()
	return e
}

// tell sets what pairs of each class agree on in the fields that tell them
// apart: as strangers do, now and then as matches do.
func (e *em) tell() {
	for c, apart := range e.apart {
		for k, telling := range apart {
			if !telling {
				continue
			}
			// However many pairs of a class there are, few matches are taken for such.
			alike := math.Min(0.002, 0.05/math.Max(1, e.p.perMatch[c]))
			if c == related && e.d.fields[k].comparer.Kind() == column.Date {
				alike = 0.02 // twins
			}
			shared, family := e.d.fields[k].shared()
			// Who shares the family name as often as relatives do shares what
			// stands beside it as strangers of one name do: brothers are called
			// alike more often than strangers.
			often := 1.0
			if family > 0 && e.p.u[k][family] > 0 {
				often = math.Max(1, e.p.kin[c][k][family]/e.p.u[k][family])
			}
			for l := range e.p.kin[c][k] {
				switch {
				case shared[l]:
				case l < family:
					e.p.kin[c][k][l] = math.Min(often*e.p.u[k][l], e.p.kin[c][k][family]) + alike*e.p.m[k][l]
				default:
					e.p.kin[c][k][l] = (1-alike)*e.p.u[k][l] + alike*e.p.m[k][l]
				}
			}
		}
	}
}

// strange sets u from how many strangers among the random pairs have each level.
func (e *em) strange(counts *says) {
	for k, f := range e.d.fields {
		smooth(e.p.u[k], counts.of(k), 1)
		e.exactly(k, f, counts.of(k))
	}
}

// equals counts the pairs of rows with equal values, by their level.
func (f *field) equals() (same [16]float64) {
	level := make([]uint8, len(f.holders))
	for c, g := range f.group {
		level[g] = f.self[c]
	}
	for g, h := range f.holders {
		same[level[g]] += float64(pairsOf(uint64(h)))
	}
	return same
}

// exactly sets u of the levels that equal values have and that random pairs
// hardly show: by how many rows hold each value, less the pairs of them that
// are matches.
func (e *em) exactly(k int, f *field, counts []float64) {
	share := float64(f.filled) / float64(e.d.rows)
	for l := 1; l <= f.levels(); l++ {
		same := e.same[k][l]
		if counts[l] >= 30 || same == 0 {
			continue
		}
		n := math.Max(same-e.p.matches*e.p.m[k][l]*share*share, math.Max(same/20, 0.5))
		e.p.u[k][l] = n / math.Max(1, float64(pairsOf(uint64(f.filled))))
	}
}

// smooth turns counts into shares; weight is that of an even spread.
func smooth(p, counts []float64, weight float64) {
	n := len(p) - 1
	total := 0.0
	for l := 1; l <= n; l++ {
		total += counts[l] + weight/float64(n)
	}
	for l := 1; l <= n; l++ {
		p[l] = (counts[l] + weight/float64(n)) / total
	}
}

// ratios returns log(m/u) of each level, never greater than that of a better one.
func (p *parameters) ratios(field int) []float64 {
	m, u := p.m[field], p.u[field]
	type block struct{ m, u, n float64 }
	var blocks []block
	for l := 1; l < len(m); l++ {
		b := block{m[l], u[l], 1}
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.m*b.u > b.m*last.u {
				break
			}
			b = block{b.m + last.m, b.u + last.u, b.n + last.n}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	out := make([]float64, 1, 16)
	for _, b := range blocks {
		for range int(b.n) {
			out = append(out, math.Log(b.m/b.u))
		}
	}
	return slices.Grow(out, 16)[:16]
}

// step does one round and returns the greatest change of a share.
func (e *em) step() float64 {
	ratio := e.ratios()
	x := e.expect(ratio)
	change := 0.0
	e.p.matches = 1
	var alike [classes]float64
	for r, found := range x.found[0] {
		s := (found + 0.01) / (e.seen[r] + 1)
		change = math.Max(change, math.Abs(s-e.share[r]))
		e.share[r] = s
		e.p.matches = math.Max(e.p.matches, s*e.total[r])
		for c := range alike {
			if e.kin[c][r] > 0 {
				e.kin[c][r] = (x.found[1+c][r] + 0.01) / (e.seen[r] + 1)
			}
			alike[c] = math.Max(alike[c], e.kin[c][r]*e.total[r])
		}
	}
	for c := range alike {
		e.p.perMatch[c] = alike[c] / e.p.matches
	}
	e.bound()
	for k := range e.d.fields {
		before := slices.Clone(e.p.m[k])
		smooth(e.p.m[k], x.counts[0].of(k), 1)
		e.p.m[k] = erring(e.p.m[k])
		if most := e.d.fields[k].astray(e.apart[related][k]); most < 1 && 2*e.d.fields[k].filled > e.d.rows {
			mostly(e.p.m[k], e.d.fields[k].weak(), most)
		}
		for c := range e.kin {
			shared, _ := e.d.fields[k].shared()
			if !e.apart[c][k] || shared[len(before)-1] {
				smooth(e.p.kin[c][k], x.counts[1+c].of(k), 1)
				dominated(e.p.kin[c][k], e.p.m[k])
			}
		}
		for l := range before {
			change = math.Max(change, math.Abs(before[l]-e.p.m[k][l]))
		}
	}
	e.strange(e.random.strangers(logit(math.Min(0.9, e.p.matches/e.d.total)), &ratio[0]))
	e.tell()
	return change
}

// priors returns, for each rule, the log odds of a match and of each class
// against strangers.
func (e *em) priors() [][kinds]float64 {
	out := make([][kinds]float64, len(e.share))
	for r, share := range e.share {
		strange := 1 - share
		for c := range e.kin {
			strange -= e.kin[c][r]
		}
		strange = math.Max(strange, 1e-6)
		out[r][0] = math.Log(share / strange)
		for c := range e.kin {
			out[r][1+c] = math.Log(e.kin[c][r] / strange)
		}
	}
	return out
}

// erring mixes in that any value may be wrong or of another time once in a
// hundred, whatever the matches seen so far say.
func erring(m []float64) []float64 {
	const wrong = 0.01
	for l := range m {
		m[l] *= 1 - wrong
	}
	m[len(m)-1] += wrong
	return m
}

// mostly bounds how often matches agree by little on what things are told by
// and most of them have: half of them agree by more than the weak levels.
// Without that bound pairs that share a place or a maker, of which there may be
// many more, would be taken for the matches.
func mostly(m []float64, weak [16]bool, most float64) {
	far := 0.0
	for l := range m {
		if weak[l] {
			far += m[l]
		}
	}
	if far <= most {
		return
	}
	for l := range m {
		if weak[l] {
			m[l] *= most / far
		} else {
			m[l] *= most / (1 - far)
		}
	}
}

// dominated bounds how well pairs of a class agree: at no level better than
// matches do. What agrees best are the matches.
func dominated(kin, m []float64) {
	k, before, best := 0.0, 0.0, 0.0
	for l := range kin {
		k += kin[l]
		best += m[l]
		now := math.Min(k, best)
		kin[l] = math.Max(now-before, 0)
		before = now
	}
}

// kinRatios returns log(kin/u) of each level of a class, with the u that ratios
// takes for it: levels that strangers hardly reach are not told apart.
func (p *parameters) kinRatios(class, field int) []float64 {
	out := p.ratios(field)
	for l := 1; l < len(p.m[field]); l++ {
		out[l] += math.Log(math.Max(p.kin[class][field][l], 1e-9) / p.m[field][l])
	}
	return out
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

func log2(x float64) float64 { return math.Log2(x) }

func isqrt(n uint64) uint64 {
	r := uint64(math.Sqrt(float64(n)))
	for r*r > n {
		r--
	}
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}
