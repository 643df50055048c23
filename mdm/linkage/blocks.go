package linkage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"crmhub/fault"
)

// Block is one blocking rule and what it is good for.
type Block struct {
	// Rule names the keys that rows must share, such as "surname sound".
	Rule []string `json:"rule"`
	// Pairs counts what the rule proposes, New what no rule before it does.
	Pairs int64 `json:"pairs"`
	New   int64 `json:"new"`
	// Largest is how many rows its largest block has.
	Largest int `json:"largest_block"`
	// Matches counts the likely matches that it proposes, Only those of them
	// that no other rule does: what would be lost without it.
	Matches int64 `json:"matches"`
	Only    int64 `json:"only"`
}

// Proposals are the pairs that the rules of a run propose.
type Proposals struct {
	Rules []Block
	// Compared counts the pairs that all rules propose together, of Possible.
	Compared int64
	Possible float64
	// Known are the keys that rules can be made of.
	Known []string
	// Missed is how many matches are expected that no rule proposes, Matches
	// how many are found.
	Missed  float64
	Matches int64
	Model   *Model
}

// Blocks tells what the blocking rules of a table are and cost, with those in
// add and without those whose numbers, from 1, are in drop. The keys of a rule
// are joined by " + ". The model has the rules as they are then.
func Blocks(ctx context.Context, t *Table, o Options, add []string, drop []int) (*Proposals, error) {
	e, err := prepared(ctx, t, &o)
	if err != nil {
		return nil, err
	}
	b := &Proposals{Possible: e.d.total}
	known, preds := e.d.predicates()
	b.Known = known
	if err := e.change(ctx, add, drop, known, preds); err != nil {
		return nil, err
	}
	edges, err := e.scored(ctx)
	if err != nil {
		return nil, err
	}
	b.Compared = e.compared
	for i, x := range e.xs {
		r := Block{Pairs: int64(x.total()), New: e.fresh[i]}
		for _, p := range x.rule {
			r.Rule = append(r.Rule, p.name(e.d))
		}
		for k := range x.size() {
			r.Largest = max(r.Largest, len(x.block(k)))
		}
		b.Rules = append(b.Rules, r)
	}
	blocks, err := newBlocking(ctx, e.d.space, e.d.rows, e.xs)
	if err != nil {
		return nil, err
	}
	match := func(x edge) bool { return x.score >= e.merge }
	for _, x := range edges {
		if !match(x) {
			continue
		}
		b.Matches++
		last, n := 0, 0
		blocks.proposing(x.a, x.b, func(rule int) bool {
			b.Rules[rule].Matches++
			last = rule
			n++
			return true
		})
		if n == 1 {
			b.Rules[last].Only++
		}
	}
	b.Missed = e.unproposed(edges, match)
	b.Model = e.d.model(e.t, e.p, e.rules, float64(e.merge)/1000)
	return b, nil
}

// change puts rules in and takes rules out.
func (e *engine) change(ctx context.Context, add []string, drop []int, known []string, preds []predicate) error {
	if len(add) == 0 && len(drop) == 0 {
		return nil
	}
	for _, n := range drop {
		if n < 1 || n > len(e.rules) {
			return fault.New("E1204", "", "flag", "--drop", "want", fmt.Sprintf("1 - %d", len(e.rules)))
		}
	}
	var rules []rule
	for i, r := range e.rules {
		if !slices.Contains(drop, i+1) {
			rules = append(rules, r)
		}
	}
	for _, text := range add {
		r := rule{}
		for name := range strings.SplitSeq(text, "+") {
			name = strings.TrimSpace(name)
			i := slices.Index(known, name)
			if i < 0 {
				return fault.New("E6001", "", "what", "rules", "name", name, "nearest", fault.Nearest(name, known))
			}
			r = append(r, preds[i])
		}
		rules = append(rules, r)
	}
	if len(rules) == 0 {
		return fault.New("E6214", "")
	}
	e.rules = rules
	var err error
	e.xs, err = indexAll(ctx, e.d, rules)
	return err
}
