package linkage

import (
	"cmp"
	"context"
	"slices"
)

// Rules that labels add: at most so many, found in at most so many looks at
// what a rule costs, for at most a share of the budget of pairs.
const (
	taughtRules = 4
	taughtLooks = 40
	taughtShare = 4
)

// taught is a rule that proposes matches which no other does.
type taught struct {
	rule  rule
	finds []bool
}

// teachRules adds rules for the matches among the labels that no rule proposes.
func (e *engine) teachRules(ctx context.Context, l *Lesson, pairs [][2]uint32, labels []Judgement) error {
	b, err := newBlocking(ctx, e.d.space, e.d.rows, e.xs)
	if err != nil {
		return err
	}
	var missed [][2]uint32
	for i, p := range pairs {
		if labels[i].Same && b.first(p[0], p[1]) == none {
			missed = append(missed, p)
		}
	}
	slices.SortFunc(missed, func(x, y [2]uint32) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	missed = slices.Compact(missed)
	l.Unproposed = len(missed)
	left := budget(e.d.rows) / taughtShare
	for len(missed) > 0 && len(l.Added) < taughtRules {
		x, err := e.teachRule(ctx, missed, left)
		if err != nil || x == nil {
			return err
		}
		b, err := newBlocking(ctx, e.d.space, e.d.rows, []*index{x})
		if err != nil {
			return err
		}
		missed = slices.DeleteFunc(missed, func(p [2]uint32) bool { return b.first(p[0], p[1]) != none })
		left -= float64(x.total())
		e.rules, e.xs = append(e.rules, x.rule), append(e.xs, x)
		names := []string{}
		for _, p := range x.rule {
			names = append(names, p.name(e.d))
		}
		l.Added = append(l.Added, names)
	}
	return nil
}

// teachRule returns the rule that proposes most of the pairs, and two at least
// where it isn't cheap, for at most left pairs; nil where there is none.
func (e *engine) teachRule(ctx context.Context, missed [][2]uint32, left float64) (*index, error) {
	all, err := e.teachable(ctx, missed)
	if err != nil {
		return nil, err
	}
	for _, c := range all[:min(len(all), taughtLooks)] {
		xs, err := indexAll(ctx, e.d, []rule{c.rule})
		if err != nil {
			return nil, err
		}
		cost := float64(xs[0].total())
		if cost > left {
			continue
		}
		b, err := newBlocking(ctx, e.d.space, e.d.rows, xs)
		if err != nil {
			return nil, err
		}
		finds := 0
		for _, p := range missed {
			if b.first(p[0], p[1]) != none {
				finds++
			}
		}
		if finds > 1 || finds == 1 && cost <= left/taughtShare {
			return xs[0], nil
		}
	}
	return nil, nil
}

// teachable returns the rules of one key and of two that some of the pairs
// share, those that most share first, of as many the plainest.
func (e *engine) teachable(ctx context.Context, missed [][2]uint32) ([]taught, error) {
	var single []taught
	for k, f := range e.d.fields {
		wanted := make([]uint8, len(f.comparer.Predicates()))
		for i := range wanted {
			wanted[i] = uint8(i)
		}
		keys, err := f.keysOf(ctx, wanted, 2*len(missed), func(i int) uint32 { return f.codes[missed[i/2][i%2]] })
		if err != nil {
			return nil, err
		}
		for _, w := range wanted {
			c := taught{rule{predicate{k, w}}, make([]bool, len(missed))}
			for i := range missed {
				x, y := keys[w].of(uint32(2*i)), keys[w].of(uint32(2*i+1))
				c.finds[i] = slices.ContainsFunc(x, func(k uint32) bool { return slices.Contains(y, k) })
			}
			if slices.Contains(c.finds, true) {
				single = append(single, c)
			}
		}
	}
	all := slices.Clone(single)
	for i, x := range single {
		for _, y := range single[:i] {
			if x.rule[0].field == y.rule[0].field {
				continue
			}
			c := taught{rule{y.rule[0], x.rule[0]}, make([]bool, len(missed))}
			for i := range missed {
				c.finds[i] = x.finds[i] && y.finds[i]
			}
			if slices.Contains(c.finds, true) {
				all = append(all, c)
			}
		}
	}
	count := func(c taught) (n int) {
		for _, f := range c.finds {
			if f {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(all, func(x, y taught) int {
		return cmp.Or(cmp.Compare(count(y), count(x)), cmp.Compare(len(x.rule), len(y.rule)))
	})
	return all, nil
}
