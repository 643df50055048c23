package linkage

import "slices"

// Ascending sorts entries of which only the lowest bits differ.
func Ascending(entries []uint64, differ int) []uint64 {
	sorted, _ := ascending(slices.Clone(entries), nil, differ)
	return sorted
}

// Guard returns what is taken from a pair that agrees as those of each class do,
// in millibits, where pairs of a class are as rare as among says.
func Guard(kin, among [classes]int32) int32 {
	w := &weights{among: among, sums: newSums()}
	return w.guard(kin)
}

// Settled returns the prior that edges of some scores settle on, of so many
// pairs, and their scores then; all in millibits.
func Settled(prior int32, total float64, scores []int32) (int32, []int32) {
	w, edges := &weights{d: &data{total: total}, prior: prior}, make([]edge, len(scores))
	for i, s := range scores {
		edges[i].score = s
	}
	w.settle(edges)
	out := make([]int32, len(edges))
	for i := range edges {
		out[i] = edges[i].score
	}
	return w.prior, out
}

// Strangers returns how many of some patterns that are no matches have each
// level of the first field, round by round: prior are the log odds of a match in
// each round, and ratio what each level of all fields adds to them.
func Strangers(patterns []uint64, prior []float64, ratio [][16]float64) [][]float64 {
	var all []tally
	for _, p := range patterns {
		all = append(all, tally{pattern: pattern(p), rule: -1, n: 1})
	}
	r := newRandoms(all)
	var out [][]float64
	for i := range prior {
		var s says
		for k := range maxFields {
			copy(s.of(k), ratio[i][:])
		}
		out = append(out, slices.Clone(r.strangers(prior[i], &s).of(0)))
	}
	return out
}

// ClustersHolding returns how many clusters hold each value of a field, by the
// values and the clusters of its rows.
func ClustersHolding(values, clusters []uint32, n int) []uint32 {
	f := &field{}
	for v := range slices.Max(values) + 1 {
		f.group, f.holders = append(f.group, v), append(f.holders, 0)
	}
	for _, v := range values {
		f.holders[v]++
	}
	d := &data{fields: []*field{f}, rows: len(values), row: values}
	return d.clustersHolding(clusters, n)[0]
}
