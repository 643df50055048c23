package mdm

import (
	"cmp"
	"maps"
	"slices"

	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/mdm/match"
)

// Change is another level that one comparison of a pair could have had, and
// what the decision would then be.
type Change struct {
	Comparison, Level string
	// Bits is by how much the score would differ, Score what it would be, in millibits.
	Bits, Score int32
	Verdict     match.Verdict
}

// WhatIf returns, for each comparison of two records that alone could change
// the verdict, and each other verdict, the level that does so with the least
// difference; the least difference first. A comparison that is missing on one side counts as one
// that could be known.
func (m *Model) WhatIf(a, b entity.Member) []Change {
	d := compare.NewDictionary(m.frequencies)
	var v compare.Vector
	compare.Compare(d.New(a.Fields), d.New(b.Fields), &v)
	score := m.rules.Score(m.weights, &v)
	verdict := m.rules.Verdict(score)
	var all []Change
	for c := range compare.NumComparisons {
		best := map[match.Verdict]Change{}
		for l := 1; l <= c.Levels(); l++ {
			if compare.Level(l) == v.Level[c] {
				continue
			}
			other := v
			other.Level[c] = compare.Level(l)
			s := m.rules.Score(m.weights, &other)
			if m.rules.Verdict(s) == verdict {
				continue
			}
			k := Change{c.String(), c.LevelName(compare.Level(l)), int32(s - score), int32(s), m.rules.Verdict(s)}
			if was, ok := best[k.Verdict]; !ok || size(k.Bits) < size(was.Bits) {
				best[k.Verdict] = k
			}
		}
		all = slices.AppendSeq(all, maps.Values(best))
	}
	slices.SortFunc(all, func(x, y Change) int {
		return cmp.Or(cmp.Compare(size(x.Bits), size(y.Bits)), cmp.Compare(x.Comparison, y.Comparison), cmp.Compare(x.Verdict, y.Verdict))
	})
	return all
}

func size(n int32) int32 { return max(n, -n) }

// Join is one step in which an entity was put together: two groups of records
// that were joined.
type Join struct {
	Left, Right []entity.RecordID
	// Average is the mean score of all pairs between the two, in millibits, as
	// clustering counts it; A and B are the pair that speaks for it most, Score theirs.
	Average int32
	A, B    entity.RecordID
	Score   int32
	// Judged says that a steward joined them, whatever the average.
	Judged bool
}

// Built returns the steps in which clustering puts members together: what
// stewards linked first, then always the two groups whose pairs agree most. The
// order of members makes no difference.
func (m *Model) Built(members []entity.Member, judgements []entity.Judgement) []Join {
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, func(a, b entity.Member) int { return cmp.Compare(a.ID, b.ID) })
	d := compare.NewDictionary(m.frequencies)
	features := make([]*compare.Features, len(sorted))
	groups := make([][]int, len(sorted))
	at := map[entity.RecordID]int{}
	for i := range sorted {
		features[i], groups[i], at[sorted[i].ID] = d.New(sorted[i].Fields), []int{i}, i
	}
	linked := map[[2]int]bool{}
	for _, j := range later(judgements) {
		a, okA := at[j.A]
		b, okB := at[j.B]
		if okA && okB && j.Kind == entity.MustLink {
			linked[[2]int{min(a, b), max(a, b)}] = true
		}
	}
	var steps []Join
	for len(groups) > 1 {
		var best Join
		x, y := -1, -1
		for i := range groups {
			for k := range groups[:i] {
				s := m.joined(sorted, features, groups[k], groups[i], linked)
				if x < 0 || s.Judged && !best.Judged || s.Judged == best.Judged && s.Average > best.Average {
					best, x, y = s, k, i
				}
			}
		}
		steps = append(steps, best)
		groups[x] = append(slices.Clone(groups[x]), groups[y]...)
		slices.Sort(groups[x])
		groups = slices.Delete(groups, y, y+1)
	}
	return steps
}

// joined is the step that would join two groups.
func (m *Model) joined(members []entity.Member, features []*compare.Features, left, right []int, linked map[[2]int]bool) Join {
	s := Join{}
	total := int64(0)
	first := true
	for _, i := range left {
		s.Left = append(s.Left, members[i].ID)
	}
	for _, k := range right {
		s.Right = append(s.Right, members[k].ID)
		for _, i := range left {
			score := m.scoreWithin(features[i], features[k])
			total += int64(score)
			if first || score > s.Score {
				s.A, s.B, s.Score, first = members[i].ID, members[k].ID, score, false
			}
			s.Judged = s.Judged || linked[[2]int{min(i, k), max(i, k)}]
		}
	}
	s.Average = int32(total / int64(len(left)*len(right)))
	return s
}
