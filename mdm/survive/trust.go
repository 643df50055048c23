package survive

import (
	"slices"
	"time"
)

// Trust is how far a source is believed.
type Trust struct {
	// Score is the trust in a fresh value: 1 to 1000.
	Score int `yaml:"score"`
	// HalfLifeDays is after how many days half of it is left; 0 means that it
	// never fades.
	HalfLifeDays int `yaml:"half_life_days"`
}

const day = 24 * time.Hour

// at is the trust in a value of a record of that age, in millionths of a point.
// It halves with each half-life, and falls in a straight line in between: whole
// numbers, so that every machine ranks alike.
func (t Trust) at(age time.Duration) int64 {
	full := int64(t.Score) * 1_000_000
	if t.HalfLifeDays <= 0 || age <= 0 {
		return full
	}
	half := time.Duration(t.HalfLifeDays) * day
	n, rest := age/half, age%half
	if n > 40 {
		return 0
	}
	full >>= n
	// In seconds, for the product must stay within 63 bits.
	return full - full/2*int64(rest/time.Second)/int64(half/time.Second)
}

// newest is the moment that ages count from: the newest instant that the
// sources themselves gave. No clock is asked, so the same records give the same
// values for ever. Zero where all are undated.
func newest(cs []candidate) time.Time {
	var t time.Time
	for _, c := range cs {
		if c.UpdatedAt.After(t) {
			t = c.UpdatedAt
		}
	}
	return t
}

// trust ranks a record by its source. Sources are ranked by their scores and
// their age where the rules have such, else by their order; what is not named
// comes last. A fading source says nothing by a record without a date.
func (r *Rules) trust(c *candidate, now time.Time) int64 {
	if len(r.Trust) > 0 {
		t, ok := r.Trust[c.Ref.Source]
		switch {
		case !ok:
			return -1
		case t.HalfLifeDays > 0 && c.UpdatedAt.IsZero():
			return 0
		}
		return t.at(now.Sub(c.UpdatedAt))
	}
	if i := slices.Index(r.Sources, c.Ref.Source); i >= 0 {
		return int64(len(r.Sources) - i)
	}
	return 0
}
