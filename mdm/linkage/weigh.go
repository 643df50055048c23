package linkage

import "math"

// millibits is a weight: log2 of how much likelier a match is, times 1000.
type millibits = int32

// weights turn patterns into weights.
type weights struct {
	d *data
	// level is the weight of each field's levels.
	level [][16]millibits
	// rare is what a value adds where two rows agree on it: more where few
	// rows hold it.
	rare [][]millibits
	// kin is log2 of how much likelier pairs of a class are than strangers, by
	// level; kinRare marks the fields where a rare value says more of them.
	kin     [classes][][16]millibits
	kinRare [classes][]bool
	// among is log2 of the share of each class among all pairs.
	among [classes]millibits
	// sums are by how much log2 of a sum is above that of its greater part, by
	// how much the lesser is below.
	sums []uint16
	// prior is the weight of a pair of rows taken at random.
	prior millibits
}

// hair is what parts levels that were learnt to say the same.
const hair = 10

// parted is from how far on the lesser part of a sum adds nothing.
const parted = 12_000

func newSums() []uint16 {
	sums := make([]uint16, parted)
	for i := range sums {
		sums[i] = uint16(bitsOf(1 + math.Exp2(-float64(i)/1000)))
	}
	return sums
}

func bitsOf(x float64) millibits { return millibits(math.Round(math.Log2(x) * 1000)) }

// newWeights turns parameters into weights.
func newWeights(d *data, p *parameters) *weights {
	w := &weights{d: d, sums: newSums()}
	for k, f := range d.fields {
		var level [16]millibits
		for l, r := range p.ratios(k) {
			if l > 0 && l <= f.levels() {
				// Of levels that say the same the better one wins by a hair.
				level[l] = millibits(math.Round(r/math.Ln2*1000)) - hair*millibits(l-1)
			}
		}
		w.level = append(w.level, level)
		for c := range w.kin {
			var kin [16]millibits
			for l, r := range p.kinRatios(c, k)[:f.levels()+1] {
				kin[l] = millibits(math.Round(r / math.Ln2 * 1000))
			}
			w.kin[c] = append(w.kin[c], kin)
			w.kinRare[c] = append(w.kinRare[c], kin[1] > 1000)
		}
		w.rare = append(w.rare, f.rarity(p.u[k], f.holders))
	}
	for c := range w.among {
		w.among[c] = bitsOf(math.Max(p.perMatch[c]*p.matches, 1e-3) / d.total)
	}
	w.prior = bitsOf(p.matches / d.total)
	return w
}

// score returns the weight of two rows whose pattern is known, without the
// prior: what their levels say, less what the pair could be without being one.
func (w *weights) score(a, b uint32, p pattern) millibits {
	n := len(w.d.fields)
	x, y := w.d.row[int(a)*n:int(a+1)*n], w.d.row[int(b)*n:int(b+1)*n]
	twins := w.d.twins[a] & w.d.twins[b]
	sum := millibits(0)
	var kin [classes]millibits
	for k, v := range x {
		l := p.level(k)
		if l == 0 {
			continue
		}
		rare := millibits(0)
		if v == y[k] || twins>>k&1 == 1 && w.d.fields[k].group[v] == w.d.fields[k].group[y[k]] {
			rare = w.rare[k][v]
		}
		sum += w.level[k][l] + rare
		for c := range kin {
			kin[c] += w.kin[c][k][l]
			if w.kinRare[c][k] {
				kin[c] += rare
			}
		}
	}
	return sum - w.guard(kin)
}

// said is how many numbers a pair says of a field: that it has it, the weight
// of its level, and that of each class.
const said = 2 + classes

// say adds what two rows say to a sum of all fields.
func (w *weights) say(sum []int64, a, b uint32, p pattern) {
	n := len(w.d.fields)
	x, y := w.d.row[int(a)*n:int(a+1)*n], w.d.row[int(b)*n:int(b+1)*n]
	twins := w.d.twins[a] & w.d.twins[b]
	for k, v := range x {
		l := p.level(k)
		if l == 0 {
			continue
		}
		rare := int64(0)
		if v == y[k] || twins>>k&1 == 1 && w.d.fields[k].group[v] == w.d.fields[k].group[y[k]] {
			rare = int64(w.rare[k][v])
		}
		to := sum[k*said : (k+1)*said]
		to[0]++
		to[1] += int64(w.level[k][l]) + rare
		for c := range w.kin {
			to[2+c] += int64(w.kin[c][k][l])
			if w.kinRare[c][k] {
				to[2+c] += rare
			}
		}
	}
}

// together returns the score of two groups of rows, prior included, between
// which so many pairs say that sum. Rows of one thing often lack what others of its rows
// have, and a pair that lacks a field says nothing by it: were groups weighed by the mean of
// their pairs, two that share nothing would weigh against them with the whole
// prior. So each field is weighed over the pairs that have it, and the prior once.
// What speaks for the groups counts less the fewer pairs say it: a pair without the
// field counts for half of one that says neither.
func (w *weights) together(sum []int64, pairs int64) millibits {
	mean := func(sum, n int64) millibits {
		if sum > 0 {
			return millibits(2 * sum / (n + pairs))
		}
		return millibits(floorDiv(sum, n))
	}
	score := w.prior
	var kin [classes]millibits
	for k := range w.d.fields {
		of := sum[k*said : (k+1)*said]
		if of[0] == 0 {
			continue
		}
		score += mean(of[1], of[0])
		for c := range kin {
			kin[c] += mean(of[2+c], of[0])
		}
	}
	return score - w.guard(kin)
}

// rarity returns what the rarity of a value that two rows share adds.
func (w *weights) rarity(field int, a, b uint32) millibits {
	f, n := w.d.fields[field], len(w.d.fields)
	x, y := w.d.row[int(a)*n+field], w.d.row[int(b)*n+field]
	if x == 0 || x != y && (w.d.twins[a]&w.d.twins[b]>>field&1 == 0 || f.group[x] != f.group[y]) {
		return 0
	}
	return w.rare[field][x]
}

// guard returns what is taken from a pair that agrees as things do that are
// alike and yet two: no less than each class says alone, on which bounds rest.
func (w *weights) guard(kin [classes]millibits) millibits {
	sum, alike := millibits(0), false
	for c, x := range kin {
		x += w.among[c]
		alike = alike || x >= unlike
		if far := max(sum-x, x-sum); far < parted {
			sum = max(sum, x) + millibits(w.sums[far])
		} else {
			sum = max(sum, x)
		}
	}
	if !alike {
		return 0
	}
	return sum
}

// unlike is below what a class says nothing of a pair.
const unlike = -8_000

// probability returns the chance that a weight, prior included, stands for.
func probability(w millibits) float64 { return 1 / (1 + math.Exp2(-float64(w)/1000)) }
