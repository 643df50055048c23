package linkage

import "slices"

// Blocks that are too large to compare are split by what their rows share
// beside: a common name and a city.
const (
	// splitBy is how many predicates a block is split by, each on its own.
	splitBy = 3
	// splitRows is the most rows of a part, and mostSplit that of a block.
	splitRows = 64
	mostSplit = 64 * maxBlock
	// splitShare is by how much less than all pairs of a run those of the parts
	// of one rule are.
	splitShare = 32
)

// splitters returns the predicates that split the large blocks of a rule: of
// other fields, and not rules themselves, since those propose all their pairs.
// Those of the rules that propose most come first.
func (r rule) splitters(rules []rule) []predicate {
	var out []predicate
	for i := range rules {
		other := rules[len(rules)-1-i]
		for _, p := range other {
			alone := slices.ContainsFunc(rules, func(x rule) bool { return len(x) == 1 && x[0] == p })
			if !alone && !r.uses(p.field) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out[:min(len(out), splitBy)]
}

// split adds the parts of blocks that are too large, the smallest first as
// long as they propose no more than most pairs; parts of one size all or none.
func (x *index) split(large [][]uint32, by []keyed, most uint64) {
	parts := &index{blocks: []uint32{0}}
	var entries []uint64
	for _, rows := range large {
		for _, p := range by {
			entries = entries[:0]
			for _, row := range rows {
				for _, k := range p.of(row) {
					entries = append(entries, uint64(k)<<32|uint64(row))
				}
			}
			slices.Sort(entries)
			parts.gather(entries, splitRows, nil)
		}
	}
	var pairs [splitRows + 1]uint64
	for b := range parts.size() {
		pairs[len(parts.block(b))] += parts.pairsIn(b)
	}
	size := 0
	for n := range pairs {
		if pairs[n] > most {
			break
		}
		most -= pairs[n]
		size = n
	}
	for b := range parts.size() {
		if rows := parts.block(b); len(rows) <= size {
			x.rows = append(x.rows, rows...)
			x.close()
		}
	}
}

// largest keeps blocks that are too large, without those that are too common
// to tell anything.
func largest(large [][]uint32, entries []uint64) [][]uint32 {
	if len(entries) > mostSplit {
		return large
	}
	rows := make([]uint32, len(entries))
	for i, e := range entries {
		rows[i] = uint32(e)
	}
	return append(large, rows)
}
