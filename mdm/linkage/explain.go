package linkage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/column"
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
	// Together says whether the two are in one cluster, or linked; a pair below
	// the threshold may be, and one above it may not, by what the others say.
	Together bool `json:"together"`
	// Judged is what a person said of the two: match, not, or nothing.
	Judged string `json:"judged,omitempty"`
	// Rivals are the rows that the two are linked with instead, where each is
	// linked once.
	Rivals []int `json:"-"`
	// Proposed says whether a blocking rule proposes the pair.
	Proposed bool `json:"proposed"`
	// Changes are, for each field that alone could carry the pair over the
	// threshold or below it, the level that does so with the least difference;
	// the least difference first.
	Changes []Change `json:"changes,omitempty"`
	// Built are the steps in which the cluster of the two was put together,
	// where they are in one, but for what people said.
	Built []Build `json:"-"`
}

// Change is another level that a field of a pair could have, by how many bits
// the weight would differ, and what it would be.
type Change struct {
	Field string  `json:"field"`
	Level string  `json:"level"`
	Bits  float64 `json:"bits"`
	Score float64 `json:"score"`
}

// Build is two groups of rows of a table that were joined, and what all their
// pairs say together, in bits.
type Build struct {
	Left, Right []int
	Score       float64
}

// Explain tells why two rows of a table, by their numbers, are one or aren't.
func Explain(ctx context.Context, t *Table, o Options, left, right int) (*Explanation, error) {
	if left < 0 || right < 0 || left >= t.rows || right >= t.rows || left == right {
		return nil, fault.New("E6210", "")
	}
	if t.from != nil && t.from[left] == t.from[right] {
		return nil, fault.New("E6210", "")
	}
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	a, b := uint32(slices.Index(e.d.order, uint32(left))), uint32(slices.Index(e.d.order, uint32(right)))
	x := &Explanation{}
	if t.from != nil {
		err = e.explainLink(ctx, x, a, b)
	} else {
		err = e.explainCluster(ctx, x, a, b)
	}
	if err != nil {
		return nil, err
	}
	for _, j := range o.Judged {
		if min(j.Left, j.Right) == min(left, right) && max(j.Left, j.Right) == max(left, right) {
			x.Judged = "not"
			if j.Same {
				x.Judged = "match"
			}
		}
	}
	a, b = min(a, b), max(a, b)
	p := e.d.compare(a, b)
	blocks, err := newBlocking(ctx, e.d.space, e.d.rows, e.xs)
	if err != nil {
		return nil, err
	}
	x.Threshold, x.Proposed = float64(e.merge)/1000, blocks.first(a, b) != none
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
	if x.Judged == "" && x.Together == (total >= e.merge) { // otherwise others decide
		x.Changes = e.changes(a, b, p)
	}
	return x, nil
}

// explainCluster tells whether two rows are in one cluster, and how it was put
// together.
func (e *engine) explainCluster(ctx context.Context, x *Explanation, a, b uint32) error {
	groups, _, err := e.clusters(ctx)
	if err != nil {
		return err
	}
	if x.Together = groups[a] == groups[b]; x.Together {
		x.Built = e.built(groups, groups[a])
	}
	return nil
}

// explainLink tells whether two rows of two files are linked, and with what
// they are linked instead.
func (e *engine) explainLink(ctx context.Context, x *Explanation, a, b uint32) error {
	l, err := e.linked(ctx)
	if err != nil {
		return err
	}
	for _, y := range slices.Concat(l.said, l.found) {
		switch {
		case y.a == min(a, b) && y.b == max(a, b):
			x.Together = true
		case e.o.OneToOne && (y.a == a || y.b == a || y.a == b || y.b == b):
			p := e.across(y)
			x.Rivals = append(x.Rivals, p.Left, p.Right)
		}
	}
	own := []int{int(e.d.order[a]), int(e.d.order[b])}
	x.Rivals = slices.DeleteFunc(x.Rivals, func(r int) bool { return slices.Contains(own, r) })
	return nil
}

// changes returns what would carry a pair to the other side of the threshold.
// Rarity is left out: it belongs to values, which another level wouldn't share.
func (e *engine) changes(a, b uint32, p pattern) []Change {
	total := e.w.score(a, b, p) + e.w.prior
	var out []Change
	for k, f := range e.d.fields {
		best, far := Change{}, millibits(math.MaxInt32)
		for l := 1; l <= f.levels(); l++ {
			if uint8(l) == p.level(k) {
				continue
			}
			other := p&^(15<<(4*k)) | pattern(l)<<(4*k)
			score := e.w.score(a, b, other) + e.w.prior
			if p.level(k) != column.Missing && e.w.rarity(k, a, b) != 0 {
				score -= e.w.rarity(k, a, b)
			}
			if (score >= e.merge) == (total >= e.merge) {
				continue
			}
			if d := max(score-total, total-score); d < far {
				best, far = Change{f.name, f.comparer.Levels()[l-1], float64(score-total) / 1000, float64(score) / 1000}, d
			}
		}
		if best.Field != "" {
			out = append(out, best)
		}
	}
	slices.SortStableFunc(out, func(x, y Change) int { return cmp.Compare(math.Abs(x.Bits), math.Abs(y.Bits)) })
	return out
}

// built returns the steps in which a cluster was put together.
func (e *engine) built(of []uint32, which uint32) []Build {
	groups := map[uint32][]int{}
	for i, c := range of {
		if c == which {
			groups[uint32(i)] = []int{int(e.d.order[i])}
		}
	}
	sets := newUnion(len(of))
	join := func(a, b uint32) (left, right []int) {
		a, b = sets.find(a), sets.find(b)
		a, b = min(a, b), max(a, b)
		left, right = groups[a], groups[b]
		if a != b {
			sets.join(a, b)
			groups[a] = slices.Concat(left, right)
			slices.Sort(groups[a])
		}
		return left, right
	}
	for _, p := range e.tree.sure {
		if of[p[0]] == which {
			join(p[0], p[1])
		}
	}
	var out []Build
	for i := range e.tree.joins {
		if j := &e.tree.joins[i]; of[j.a] == which && j.height >= e.merge {
			left, right := join(j.a, j.b)
			out = append(out, Build{left, right, float64(j.height) / 1000})
		}
	}
	return out
}
