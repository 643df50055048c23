package evaluate

import "math"

// Share is how many of a number of pairs are as they should be, with the
// interval in which the true share lies 19 times in 20 (Wilson 1927).
type Share struct {
	Right int64   `json:"right"`
	Of    int64   `json:"of"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// NewShare returns right of of. Of nothing the share is 1 and its interval
// all there is.
func NewShare(right, of int64) Share {
	s := Share{Right: right, Of: of, Value: share(right, of), High: 1}
	if of == 0 {
		return s
	}
	const z = 1.959964
	n, p := float64(of), s.Value
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	s.Low, s.High = math.Max(0, middle-half), math.Min(1, middle+half)
	return s
}

// Labelled is how entities agree with pairs that a person labelled.
type Labelled struct {
	// Precision is of the labelled pairs that are in one entity, Recall of those
	// that a person calls one.
	Precision Share   `json:"precision"`
	Recall    Share   `json:"recall"`
	F1        float64 `json:"f1"`
}

// Tally counts labelled pairs.
type Tally struct{ both, found, matches int64 }

// Add counts a pair: whether it is in one entity, and whether a person calls it one.
func (t *Tally) Add(together, same bool) {
	if together {
		t.found++
	}
	if same {
		t.matches++
	}
	if together && same {
		t.both++
	}
}

// Labelled returns the shares of what was counted.
func (t *Tally) Labelled() Labelled {
	p, r := NewShare(t.both, t.found), NewShare(t.both, t.matches)
	return Labelled{p, r, scores(p.Value, r.Value).F1}
}
