// Package match decides on pairs: match, possible match, non-match.
package match

import (
	"crmhub/mdm/compare"
	"crmhub/mdm/fellegisunter"
)

// Verdict is the decision on a pair.
type Verdict uint8

// The verdicts. Possible matches wait for a steward; they are not merged.
const (
	NonMatch Verdict = iota
	Possible
	Match
)

// String returns the verdict's name.
func (v Verdict) String() string { return [...]string{"non-match", "possible match", "match"}[v] }

// Rules turn weights into verdicts; bits are millibits.
type Rules struct {
	// Prior is the log odds that two records taken at random are one customer.
	Prior fellegisunter.Bits
	// Merge and Review are what prior and weight must reach together.
	Merge, Review fellegisunter.Bits
	// Exact are numbers that decide alone where they agree exactly.
	Exact []compare.Comparison
}

// certain is what an exact rule lifts a pair to, above Merge.
const certain = 60_000

// Score returns prior and weight together, lifted where an exact rule holds.
func (r *Rules) Score(w *fellegisunter.Weights, v *compare.Vector) fellegisunter.Bits {
	score := r.Prior + w.Weight(v)
	if r.Certain(v) {
		return max(score, r.Merge+certain)
	}
	return score
}

// Certain reports whether an exact rule says that a pair is one customer.
func (r *Rules) Certain(v *compare.Vector) bool {
	for _, c := range r.Exact {
		if l := v.Level[c]; l == 1 && v.Level[compare.Kind] != compare.KindDifferent {
			return true
		}
	}
	return false
}

// Verdict returns the decision on a score.
func (r *Rules) Verdict(score fellegisunter.Bits) Verdict {
	switch {
	case score >= r.Merge:
		return Match
	case score >= r.Review:
		return Possible
	}
	return NonMatch
}
