package linkage

import (
	"math"
	"slices"

	"crmhub/mdm/column"
)

// Rules hide the fields that they rest on from learning. Of a field that tells
// things apart it is known all the same how many pairs of rows hold one value:
// no more matches, and no more pairs of a class beside them, can agree on it.

// bound keeps the matches, and the pairs of the classes, within what the file has.
func (e *em) bound() {
	most := math.Inf(1)
	for k, f := range e.d.fields {
		if pairs, level := e.equal(k); pairs > 0 && f.comparer.Kind() == column.Title {
			most = math.Min(most, strayed*pairs/level(e.p.m))
		}
	}
	if e.p.matches > most {
		e.p.matches = most
		for r := range e.share {
			e.share[r] = math.Min(e.share[r], most/e.total[r])
		}
	}
	for c := range e.kin {
		often := 1.0
		for k := range e.d.fields {
			if pairs, level := e.equal(k); pairs > 0 && !e.apart[c][k] {
				left := math.Max(strayed*pairs-e.p.matches*level(e.p.m), pairs/20)
				often = math.Min(often, left/(e.p.perMatch[c]*e.p.matches*level(e.p.kin[c])))
			}
		}
		if often < 1 {
			e.p.perMatch[c] *= often
			for r := range e.kin[c] {
				e.kin[c][r] *= often
			}
		}
	}
}

// strayed is by how much what is learnt may go beyond what is counted.
const strayed = 1.1

// equal returns how many pairs of rows have one value of a field that tells
// things apart, 0 where that says nothing, and how often pairs do of which p
// says how often they reach each level.
func (e *em) equal(k int) (pairs float64, often func(p [][]float64) float64) {
	f := e.d.fields[k]
	share := float64(f.filled) / float64(e.d.rows)
	if !e.apart[related][k] && f.comparer.Kind() != column.Email || share < 0.5 {
		return 0, nil
	}
	// The best level: where half a name is missing, many are equal by chance.
	l := slices.IndexFunc(e.same[k][:], func(n float64) bool { return n >= 30 })
	if l < 0 {
		return 0, nil
	}
	return e.same[k][l], func(p [][]float64) float64 { return p[k][l] * share * share }
}
