package linkage

import (
	"context"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"

	"crmhub/mdm/spill"
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
	// maxBlock is the most rows of a block; larger ones are split.
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

// chooser holds what choosing needs of the sample. It chooses for a beginning
// of the rows and for all of them from one count.
type chooser struct {
	d     *data
	n     int
	preds []predicate
	// keys are those of the rows of the sample.
	keys map[predicate]*lists
	// agree has a bit for each imagined match in which the predicate agrees.
	agree map[predicate][]uint64
	rows  []uint32 // the row of each imagined match
	// sizes are the numbers of rows that are chosen for.
	sizes []int
	// counted are the rules that were counted already.
	counted map[string]*count
}

// count is what a rule does in the sample: how many keys its rows have, and
// for each size of the whole how many pairs it proposes, and which of the
// imagined matches have a key whose block is not too large.
type count struct {
	entries int
	pairs   []uint64
	usable  [][]uint64
}

// candidate is a rule with what it finds and costs.
type candidate struct {
	rule  rule
	found []uint64
	cost  float64
}

// newChooser prepares choosing for those numbers of rows.
func newChooser(ctx context.Context, d *data, sizes ...int) (*chooser, error) {
	c := &chooser{d: d, n: min(d.rows, chooseRows), keys: map[predicate]*lists{}, sizes: sizes, counted: map[string]*count{}}
	for k, f := range d.fields {
		all := make([]uint8, len(f.comparer.Predicates()))
		for i := range all {
			all[i] = uint8(i)
		}
		keys, err := f.keysOf(ctx, all, c.n, func(i int) uint32 { return f.codes[i] })
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
	return c, nil
}

// of returns the keys of the rows of the sample under each predicate of a rule.
func (c *chooser) of(r rule) []keyed {
	out := make([]keyed, len(r))
	for i, p := range r {
		out[i] = keyed{keys: c.keys[p]}
	}
	return out
}

// scale is how many of the rows that are chosen for stand behind a row of the
// sample.
func (c *chooser) scale(size int) float64 { return float64(c.sizes[size]) / float64(c.n) }

// choose returns the rules for the rows of d, the most selective first. What is
// counted for a beginning of the rows serves for all of them.
func choose(ctx context.Context, d *data, agree agreement) ([]rule, error) {
	if pairsOf(uint64(d.rows)) <= uint64(budget(d.rows)) {
		return []rule{{}}, nil
	}
	all := d
	if d.all != nil {
		all = d.all
	}
	if all.chooser == nil {
		var err error
		if all.chooser, err = newChooser(ctx, all, d.rows, all.rows); err != nil {
			return nil, err
		}
	}
	c := all.chooser
	c.imagine(agree)
	found, err := c.candidates(ctx, slices.Index(c.sizes, d.rows))
	if err != nil {
		return nil, err
	}
	return pick(found, d.rows), nil
}

// imagine draws the imagined matches. In every other one the keys must agree
// twice: who slips once slips again.
func (c *chooser) imagine(agree agreement) {
	rng := rand.New(rand.NewPCG(1, 2))
	c.agree, c.rows = map[predicate][]uint64{}, nil
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
				if p.field == k && mask>>p.number&1 == 1 && len(c.keys[p].of(row)) > 0 {
					c.agree[p][v/64] |= 1 << (v % 64)
				}
			}
		}
	}
}

// candidates returns the rules of one and two predicates that can be paid for.
// A predicate that costs little alone is not joined with others.
func (c *chooser) candidates(ctx context.Context, size int) ([]candidate, error) {
	limit := budget(c.sizes[size]) / 2
	rules := make([]rule, len(c.preds))
	for i, p := range c.preds {
		rules[i] = rule{p}
	}
	all, err := c.weighAll(ctx, size, rules)
	if err != nil {
		return nil, err
	}
	rules = rules[:0]
	for i, p := range c.preds {
		for j, q := range c.preds[:i] {
			if q.field != p.field && all[i].cost > limit/20 && all[j].cost > limit/20 {
				rules = append(rules, rule{q, p})
			}
		}
	}
	joined, err := c.weighAll(ctx, size, rules)
	all = append(all, joined...)
	return slices.DeleteFunc(all, func(x candidate) bool { return x.cost > limit || bitCount(x.found) == 0 }), err
}

// weighAll returns what rules find and cost.
func (c *chooser) weighAll(ctx context.Context, size int, rules []rule) ([]candidate, error) {
	counters := sync.Pool{New: func() any { return &counter{} }}
	counts := make([]*count, len(rules))
	err := parallel(ctx, len(rules), func(i int) {
		if counts[i] = c.counted[rules[i].key()]; counts[i] == nil {
			n := counters.Get().(*counter)
			counts[i] = c.count(rules[i], n)
			counters.Put(n)
		}
	})
	if err != nil {
		return nil, err
	}
	all := make([]candidate, len(rules))
	for i, r := range rules {
		c.counted[r.key()] = counts[i]
		all[i] = c.weigh(r, size, counts[i])
	}
	return all, nil
}

// counter is what counting needs; it serves again.
type counter struct {
	tally tally32
	keys  []uint32
}

// count counts the keys that the rows of the sample have under a rule.
func (c *chooser) count(r rule, with *counter) *count {
	x, of, keys, t := &count{}, c.of(r), with.keys[:0], &with.tally
	for i := range uint32(c.n) {
		keys = r.appendLoose(keys, i, of)
	}
	x.entries = len(keys)
	t.reset(len(keys))
	for _, k := range keys {
		t.add(k)
	}
	for size := range c.sizes {
		most := uint32(max(2, int(maxBlock/c.scale(size))))
		x.pairs = append(x.pairs, t.pairs(most))
		usable := make([]uint64, imagined/64)
		for v := range imagined {
			keys = r.appendLoose(keys[:0], uint32(v%c.n), of)
			if slices.ContainsFunc(keys, func(k uint32) bool { return t.count(k) <= most }) {
				usable[v/64] |= 1 << (v % 64)
			}
		}
		x.usable = append(x.usable, usable)
	}
	with.keys = keys
	return x
}

// weigh returns what a rule finds and costs.
func (c *chooser) weigh(r rule, size int, n *count) candidate {
	scale := c.scale(size)
	x := candidate{rule: r, found: slices.Clone(c.agree[r[0]]), cost: float64(n.pairs[size])*scale*scale + float64(n.entries)*scale/2}
	for w := range x.found {
		for _, p := range r[1:] {
			x.found[w] &= c.agree[p][w]
		}
		x.found[w] &= n.usable[size][w]
	}
	return x
}

func bitCount(set []uint64) int {
	n := 0
	for _, w := range set {
		n += bits.OnesCount64(w)
	}
	return n
}

// indexAll builds the index of each rule.
func indexAll(ctx context.Context, d *data, rules []rule) ([]*index, error) {
	keys := map[predicate]keyed{}
	defer func() {
		for p, k := range keys {
			k.keys.free(d.fields[p.field].space)
		}
	}()
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
			keys[predicate{k, w}] = keyed{l, f.codes}
		}
	}
	xs := make([]*index, len(rules))
	errs := make([]error, len(rules))
	rows := d.places()
	defer spill.Free(d.space, rows)
	if err := parallel(ctx, len(rules), func(i int) {
		of := func(list []predicate) []keyed {
			out := make([]keyed, len(list))
			for k, p := range list {
				out[k] = keys[p]
			}
			return out
		}
		xs[i], errs[i] = build(ctx, d, rules[i], of(rules[i]), of(rules[i].splitters(rules)), rows, maxBlock)
	}); err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return xs, nil
}
