package linkage

import (
	"context"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
)

// The choice of rules is made on a sample of rows and on imagined matches: a
// row and a copy of it in which values are missing or wrong as often as they
// are taken to be. A rule is worth what share of them it finds, and costs the
// pairs that it proposes.
const (
	chooseRows = 12_000
	imagined   = 2048
	// maxRules bounds the rules of a run.
	maxRules = 24
	// maxBlock is the most rows of a block; larger ones propose nothing.
	maxBlock = 2000
)

// budget is how many pairs a run may compare.
func budget(rows int) float64 { return 3e6 + 12*float64(rows) }

// agreement draws, for one field of an imagined match, which of its predicates
// agree: a bit for each.
type agreement func(field int, rng *rand.Rand) uint32

// guessed is the agreement before anything was learnt: the whole value is
// right less often than a part of it.
func guessed(d *data) agreement {
	return func(field int, rng *rand.Rand) uint32 {
		x, mask := rng.Float64(), uint32(0)
		for i, name := range d.fields[field].comparer.Predicates() {
			if x < 0.75 || x < 0.85 && name != "exact" {
				mask |= 1 << i
			}
		}
		return mask
	}
}

// chooser holds what choosing needs of the sample.
type chooser struct {
	d     *data
	n     int
	scale float64
	preds []predicate
	keys  map[predicate]*lists
	// agree has a bit for each imagined match in which the predicate agrees.
	agree map[predicate][]uint64
	rows  []uint32 // the row of each imagined match
}

// candidate is a rule with what it finds and costs.
type candidate struct {
	rule  rule
	found []uint64
	cost  float64
}

// choose returns the rules of a run, the most selective first.
func choose(ctx context.Context, d *data, agree agreement) ([]rule, error) {
	if pairsOf(uint64(d.rows)) <= uint64(budget(d.rows)) {
		return []rule{{}}, nil
	}
	c := &chooser{d: d, n: min(d.rows, chooseRows), keys: map[predicate]*lists{}, agree: map[predicate][]uint64{}}
	c.scale = float64(d.rows) / float64(c.n)
	for k, f := range d.fields {
		all := make([]uint8, len(f.comparer.Predicates()))
		for i := range all {
			all[i] = uint8(i)
		}
		keys, err := f.valueKeys(ctx, all, f.used(c.n))
		if err != nil {
			return nil, err
		}
		for _, w := range all {
			p := predicate{k, w}
			if len(keys[w].keys) > 0 {
				c.preds, c.keys[p] = append(c.preds, p), keys[w]
			}
		}
	}
	c.imagine(agree)
	return c.greedy(ctx)
}

// imagine draws the imagined matches. In every other one the keys must agree
// twice: who slips once slips again.
func (c *chooser) imagine(agree agreement) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range c.preds {
		c.agree[p] = make([]uint64, imagined/64)
	}
	for v := range imagined {
		row, other := uint32(v%c.n), rng.IntN(c.n)
		c.rows = append(c.rows, row)
		for k, f := range c.d.fields {
			mask := agree(k, rng)
			if v%2 == 1 {
				mask &= agree(k, rng)
			}
			if f.codes[row] == 0 || f.codes[other] == 0 {
				continue
			}
			for _, p := range c.preds {
				if p.field == k && mask>>p.number&1 == 1 && len(c.keys[p].of(f.codes[row])) > 0 {
					c.agree[p][v/64] |= 1 << (v % 64)
				}
			}
		}
	}
}

// candidates returns the rules of one and two predicates that can be paid for.
// A predicate that costs little alone is not joined with others.
func (c *chooser) candidates(ctx context.Context) ([]candidate, error) {
	limit := budget(c.d.rows) / 2
	all := make([]candidate, len(c.preds))
	tables := sync.Pool{New: func() any { return &tally32{} }}
	weigh := func(r rule) candidate {
		t := tables.Get().(*tally32)
		defer tables.Put(t)
		return c.weigh(r, t)
	}
	err := parallel(ctx, len(c.preds), func(i int) { all[i] = weigh(rule{c.preds[i]}) })
	if err != nil {
		return nil, err
	}
	var rules []rule
	for i, p := range c.preds {
		for j, q := range c.preds[:i] {
			if q.field != p.field && all[i].cost > limit/20 && all[j].cost > limit/20 {
				rules = append(rules, rule{q, p})
			}
		}
	}
	joined := make([]candidate, len(rules))
	err = parallel(ctx, len(rules), func(i int) { joined[i] = weigh(rules[i]) })
	all = append(all, joined...)
	return slices.DeleteFunc(all, func(x candidate) bool { return x.cost > limit || count(x.found) == 0 }), err
}

// weigh counts the pairs that a rule proposes in the sample, and what it finds.
func (c *chooser) weigh(r rule, t *tally32) candidate {
	of := func(p predicate, row uint32) []uint32 { return c.keys[p].of(c.d.fields[p.field].codes[row]) }
	t.reset()
	var scratch []uint32
	entries := 0
	for i := range uint32(c.n) {
		scratch = r.append(scratch[:0], i, of)
		entries += len(scratch)
		for _, k := range scratch {
			t.add(k)
		}
	}
	most := uint32(max(2, int(maxBlock/c.scale)))
	x := candidate{rule: r, found: slices.Clone(c.agree[r[0]]), cost: float64(t.pairs(most))*c.scale*c.scale + float64(entries)*c.scale/2}
	for w := range x.found {
		for _, p := range r[1:] {
			x.found[w] &= c.agree[p][w]
		}
		for f := x.found[w]; f != 0; f &= f - 1 {
			b := bits.TrailingZeros64(f)
			scratch = r.append(scratch[:0], c.rows[w*64+b], of)
			if !slices.ContainsFunc(scratch, func(k uint32) bool { return t.count(k) <= most }) {
				x.found[w] &^= 1 << b
			}
		}
	}
	return x
}

// least is how many matches a rule must find for each pair that it proposes,
// where every other row has a match.
const least = 3e-5

// greedy takes the rule that finds most for its cost until the budget is
// spent or nothing worth its cost is left. What was found before counts a
// quarter of what was not: the imagined matches are less dirty than real ones.
func (c *chooser) greedy(ctx context.Context) ([]rule, error) {
	all, err := c.candidates(ctx)
	if err != nil {
		return nil, err
	}
	left := budget(c.d.rows)
	var value [imagined]float64
	for v := range value {
		value[v] = 1
	}
	var out []rule
	for len(out) < maxRules {
		best, most := -1, least*2*imagined/float64(c.d.rows)
		for i, x := range all {
			if x.cost > left {
				continue
			}
			gain := 0.0
			for w, f := range x.found {
				for ; f != 0; f &= f - 1 {
					gain += value[w*64+bits.TrailingZeros64(f)]
				}
			}
			if worth := gain / x.cost; worth > most {
				best, most = i, worth
			}
		}
		if best < 0 {
			break
		}
		for w, f := range all[best].found {
			for ; f != 0; f &= f - 1 {
				value[w*64+bits.TrailingZeros64(f)] /= 4
			}
		}
		out = append(out, all[best].rule)
		left -= all[best].cost
		all = slices.Delete(all, best, best+1)
	}
	return out, nil
}

func count(set []uint64) int {
	n := 0
	for _, w := range set {
		n += bits.OnesCount64(w)
	}
	return n
}

// indexAll builds the index of each rule.
func indexAll(ctx context.Context, d *data, rules []rule) (indexes, error) {
	keys := map[predicate]*lists{}
	for k, f := range d.fields {
		var wanted []uint8
		for _, r := range rules {
			for _, p := range r {
				if p.field == k && !slices.Contains(wanted, p.number) {
					wanted = append(wanted, p.number)
				}
			}
		}
		if len(wanted) == 0 {
			continue
		}
		found, err := f.valueKeys(ctx, wanted, f.used(d.rows))
		if err != nil {
			return nil, err
		}
		for w, l := range found {
			keys[predicate{k, w}] = l
		}
	}
	xs := make(indexes, len(rules))
	errs := make([]error, len(rules))
	if err := parallel(ctx, len(rules), func(i int) { xs[i], errs[i] = build(ctx, d, rules[i], keys, maxBlock) }); err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return xs, nil
}
