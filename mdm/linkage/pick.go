package linkage

import (
	"cmp"
	"math/bits"
	"slices"
)

// least is how many matches a rule must find for each pair that it proposes,
// where every other row has a match.
const least = 3e-5

// picker picks rules among candidates.
type picker struct {
	all    []candidate
	picked []int
	// value is what finding each imagined match is worth: what was found before
	// counts a quarter of what was not, since imagined matches are less dirty
	// than real ones.
	value [imagined]float64
	// left is how many pairs may still be proposed, worth the least gain for
	// each of them.
	left, worth float64
}

// pick returns the rules that find most within the budget for that many rows,
// the most selective first.
func pick(all []candidate, rows int) []rule {
	p := &picker{all: all, left: budget(rows), worth: least * 2 * imagined / float64(rows)}
	for v := range p.value {
		p.value[v] = 1
	}
	for len(p.picked) < maxRules {
		best := p.best(func(gain, cost float64) float64 { return gain / cost }, p.left)
		if best < 0 {
			break
		}
		p.take(best)
	}
	p.swap()
	slices.SortStableFunc(p.picked, func(a, b int) int { return cmp.Compare(p.all[a].cost, p.all[b].cost) })
	var out []rule
	for _, i := range p.picked {
		out = append(out, p.all[i].rule)
	}
	return out
}

// gain is what a candidate finds, by its worth.
func (p *picker) gain(i int) float64 {
	gain := 0.0
	for w, f := range p.all[i].found {
		for ; f != 0; f &= f - 1 {
			gain += p.value[w*64+bits.TrailingZeros64(f)]
		}
	}
	return gain
}

// best returns the candidate of the best score that costs no more than left
// and is worth its cost, -1 where there is none.
func (p *picker) best(score func(gain, cost float64) float64, left float64) int {
	best, most := -1, 0.0
	for i, x := range p.all {
		if x.cost > left || slices.Contains(p.picked, i) {
			continue
		}
		gain := p.gain(i)
		if s := score(gain, x.cost); gain > p.worth*x.cost && s > most {
			best, most = i, s
		}
	}
	return best
}

func (p *picker) take(i int) {
	p.picked = append(p.picked, i)
	p.left -= p.all[i].cost
	p.found(i, 0.25)
}

// found changes the worth of what a candidate finds.
func (p *picker) found(i int, by float64) {
	for w, f := range p.all[i].found {
		for ; f != 0; f &= f - 1 {
			p.value[w*64+bits.TrailingZeros64(f)] *= by
		}
	}
}

// swap changes rules for better ones. The rules that find most for their cost
// are often small ones that repeat each other; where the number of rules is
// the bound and pairs are left, one that finds more is worth its place.
func (p *picker) swap() {
	if len(p.picked) < maxRules {
		return
	}
	for range 2 * maxRules {
		worst, small := -1, 0.0
		for k, i := range p.picked {
			p.found(i, 4)
			if g := p.gain(i); worst < 0 || g < small {
				worst, small = k, g
			}
			p.found(i, 0.25)
		}
		out := p.picked[worst]
		p.found(out, 4)
		best := p.best(func(gain, _ float64) float64 { return gain }, p.left+p.all[out].cost)
		if best < 0 || p.gain(best) < 1.25*small {
			p.found(out, 0.25)
			return
		}
		p.picked = slices.Delete(p.picked, worst, worst+1)
		p.left += p.all[out].cost
		p.take(best)
	}
}
