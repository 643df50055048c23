package linkage

import (
	"context"
	"slices"

	"crmhub/fault"
)

// Step is one bar of a waterfall: what one field of a pair says, in bits.
type Step struct {
	// Field is the field's name, or "prior" or "related" for what pairs taken
	// at random say, and for what pairs that belong together without being
	// one take away.
	Field string `json:"field"`
	Level string `json:"level,omitempty"`
	// Bits is the step's weight; Rarity the part of it that comes from how
	// rare the value is.
	Bits   float64 `json:"bits"`
	Rarity float64 `json:"rarity,omitempty"`
}

// Explanation is why two rows are one, or aren't.
type Explanation struct {
	Steps []Step `json:"steps"`
	// Bits is the sum of the steps, Threshold the least of a match.
	Bits        float64 `json:"bits"`
	Threshold   float64 `json:"threshold"`
	Probability float64 `json:"probability"`
	// Together says whether the two are in one cluster; a pair below the
	// threshold may be, and one above it may not, by what the others say.
	Together bool `json:"together"`
	// Proposed says whether a blocking rule proposes the pair.
	Proposed bool `json:"proposed"`
}

// Explain tells why two rows of a table, by their numbers, are one or aren't.
func Explain(ctx context.Context, t *Table, o Options, left, right int) (*Explanation, error) {
	if left < 0 || right < 0 || left >= t.rows || right >= t.rows || left == right {
		return nil, fault.New("E6210", "")
	}
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	groups, _, err := e.clusters(ctx)
	if err != nil {
		return nil, err
	}
	a, b := uint32(slices.Index(e.d.order, uint32(left))), uint32(slices.Index(e.d.order, uint32(right)))
	p := e.d.compare(a, b)
	x := &Explanation{Threshold: float64(e.merge) / 1000, Together: groups[a] == groups[b], Proposed: e.xs.earlier(len(e.xs), a, b)}
	x.Steps = append(x.Steps, Step{Field: "prior", Bits: float64(e.w.prior) / 1000})
	sum := e.w.prior
	for k, f := range e.d.fields {
		l := p.level(k)
		if l == 0 {
			continue
		}
		rare := e.w.rarity(k, a, b)
		bits := e.w.level[k][l] + rare
		sum += bits
		x.Steps = append(x.Steps, Step{f.name, f.comparer.Levels()[l-1], float64(bits) / 1000, float64(rare) / 1000})
	}
	total := e.w.score(a, b, p) + e.w.prior
	if total != sum {
		x.Steps = append(x.Steps, Step{Field: "related", Bits: float64(total-sum) / 1000})
	}
	x.Bits, x.Probability = float64(total)/1000, probability(total)
	return x, nil
}
