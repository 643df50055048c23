package mdm

import (
	"math"
	"slices"

	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/mdm/evaluate"
)

// How far from where it stands what stewards decided may move the merge
// threshold, in thousandths of a bit.
const (
	mergeDown = 4_000
	mergeUp   = 8_000
)

// merge moves the merge threshold where the decisions that stewards made say
// so clearly, by the scores that the learnt model gives to their pairs. Pairs
// that a number decides alone say nothing of it.
func (l *learner) merge(f *file, out *Learnt) {
	out.MergeBefore, out.MergeAfter = f.Thresholds.Merge, f.Thresholds.Merge
	var marks []evaluate.Mark
	for p, j := range l.g.judgements {
		a, okA := slices.BinarySearch(l.g.ids, p.a)
		b, okB := slices.BinarySearch(l.g.ids, p.b)
		if !okA || !okB || l.g.features[a] == nil || l.g.features[b] == nil {
			continue
		}
		var v compare.Vector
		compare.Compare(l.g.features[a], l.g.features[b], &v)
		if l.model.rules.Certain(&v) {
			continue
		}
		score := l.model.rules.Score(l.model.weights, &v)
		marks = append(marks, evaluate.Mark{Height: int32(score), Same: j.Kind == entity.MustLink})
	}
	out.Decisions = len(marks)
	stands, review := int32(math.Round(1000*f.Thresholds.Merge)), int32(math.Round(1000*f.Thresholds.Review))
	if at := evaluate.Threshold(marks, stands, max(stands-mergeDown, review), stands+mergeUp); at != stands {
		f.Thresholds.Merge = float64(at) / 1000
		out.MergeAfter = f.Thresholds.Merge
	}
}
