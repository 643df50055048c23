package mdm

import (
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/mdm/fellegisunter"
	"crmhub/mdm/match"
)

// reaches reports whether two records score at least so much, and their score
// where they do. It stops before the names where these can't help.
func (m *Model) reaches(a, b *compare.Features, least fellegisunter.Bits) (int32, bool) {
	var v compare.Vector
	compare.Facts(a, b, &v)
	if !m.rules.Certain(&v) && m.rules.Prior+m.weights.Most(a, b, &v) < least {
		return 0, false
	}
	compare.Names(a, b, &v)
	score := m.rules.Score(m.weights, &v)
	return int32(score), score >= least
}

// scoreWithin is the score of two records of one component, as averages count it:
// their odds start from those of a component, and no pair counts for more than
// the model allows.
func (m *Model) scoreWithin(a, b *compare.Features) int32 {
	var v compare.Vector
	compare.Compare(a, b, &v)
	if m.rules.Certain(&v) {
		return int32(m.clip[1])
	}
	return int32(min(max(m.within+m.weights.Weight(&v), m.clip[0]), m.clip[1]))
}

// Waterfall explains the score of two records, in millibits.
type Waterfall struct {
	// Prior is where the score starts, Steps what each comparison adds.
	Prior int32
	Steps []Step
	// Score is prior and steps together, or what an exact rule lifts it to.
	Score int32
	// Merge and Review are the thresholds.
	Merge, Review int32
	Verdict       match.Verdict
	// Exact says that an exact rule decided.
	Exact bool
	// Probability is the chance that the two are one customer.
	Probability float64
	// Blocks are how many blocking keys the two share; without one they are
	// not looked at.
	Blocks int
}

// Step is one bar of a waterfall: a comparison, the level it reached, its
// weight, and the part of it that the value's own rarity makes.
type Step struct {
	Comparison, Level string
	Bits, Rarity      int32
}

// Explain returns the waterfall of two records: the score that decides
// whether they are one customer. It holds no values. It is symmetric.
func (m *Model) Explain(a, b entity.Member) Waterfall {
	d := compare.NewDictionary(m.frequencies)
	var v compare.Vector
	compare.Compare(d.New(a.Fields), d.New(b.Fields), &v)
	score := m.rules.Score(m.weights, &v)
	w := Waterfall{Prior: int32(m.rules.Prior), Score: int32(score), Merge: int32(m.rules.Merge), Review: int32(m.rules.Review), Verdict: m.rules.Verdict(score), Exact: m.rules.Certain(&v), Probability: score.Probability()}
	for _, s := range m.weights.Waterfall(&v) {
		w.Steps = append(w.Steps, Step{s.Comparison, s.Level, int32(s.Bits), int32(s.Rarity)})
	}
	keys := map[string]bool{}
	for _, k := range m.Blocks(a.Fields) {
		keys[k] = true
	}
	for _, k := range m.Blocks(b.Fields) {
		if keys[k] {
			w.Blocks++
		}
	}
	return w
}
