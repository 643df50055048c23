// Package evaluate scores entities against a truth: pairwise and B-cubed precision and recall.
package evaluate

// Scores are precision, recall and their harmonic mean, each in [0, 1].
type Scores struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Result is how well entities agree with the truth.
type Result struct {
	Records int64 `json:"records"`
	// Pairs counts pairs of records in one entity, right or wrong; Cubed is the
	// mean over records, which large entities sway less.
	Pairs Scores `json:"pairs"`
	Cubed Scores `json:"b_cubed"`
	// FoundPairs are those that the entities make, TruePairs those of the truth.
	FoundPairs int64 `json:"found_pairs"`
	TruePairs  int64 `json:"true_pairs"`
	// Largest is the size of the largest entity.
	Largest int64 `json:"largest"`
}

// Compare scores found against truth; both name the entity of each record.
// Records that found lacks stand alone, those that truth lacks don't count.
// Without a pair, precision or recall is 1.
func Compare[R comparable, F comparable, T comparable](found map[R]F, truth map[R]T) Result {
	type cell struct {
		f F
		t T
	}
	byFound, byTruth, both := map[F]int64{}, map[T]int64{}, map[cell]int64{}
	alone := int64(0)
	for r, t := range truth {
		byTruth[t]++
		f, ok := found[r]
		if !ok {
			alone++
			continue
		}
		byFound[f]++
		both[cell{f, t}]++
	}
	res := Result{Records: int64(len(truth))}
	right := int64(0)
	precision, recall := float64(alone), 0.0
	lonely := map[T]int64{}
	for c, n := range both {
		right += pairs(n)
		precision += float64(n) * float64(n) / float64(byFound[c.f])
		recall += float64(n) * float64(n) / float64(byTruth[c.t])
		lonely[c.t] += n
	}
	for t, n := range byTruth {
		res.TruePairs += pairs(n)
		recall += float64(n-lonely[t]) / float64(n) // each record that found lacks
	}
	for _, n := range byFound {
		res.FoundPairs += pairs(n)
		res.Largest = max(res.Largest, n)
	}
	if alone > 0 {
		res.Largest = max(res.Largest, 1)
	}
	res.Pairs = scores(share(right, res.FoundPairs), share(right, res.TruePairs))
	if n := float64(res.Records); n > 0 {
		res.Cubed = scores(precision/n, recall/n)
	}
	return res
}

func pairs(n int64) int64 { return n * (n - 1) / 2 }

func share(part, whole int64) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func scores(p, r float64) Scores {
	s := Scores{Precision: p, Recall: r}
	if p+r > 0 {
		s.F1 = 2 * p * r / (p + r)
	}
	return s
}
