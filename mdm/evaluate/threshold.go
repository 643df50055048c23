package evaluate

import (
	"cmp"
	"math"
	"slices"
)

// Mark is a pair that a person judged: the greatest threshold up to which it
// would be one, in thousandths of a bit, and whether it is.
type Mark struct {
	Height int32
	Same   bool
}

// Wrong counts the marks that a threshold decides otherwise than people did.
func Wrong(marks []Mark, threshold int32) int {
	n := 0
	for _, m := range marks {
		if (m.Height >= threshold) != m.Same {
			n++
		}
	}
	return n
}

// Enough is how many marks of either kind a threshold needs to move.
const Enough = 10

// Threshold returns the threshold from low to high that agrees best with what
// people said; of several the one nearest to that which stands, halfway between
// the pairs that it parts. It moves only where the marks say so clearly: those
// that it puts right must be more than those that it puts wrong by one and the
// root of both (about the sign test at one in twenty), and only where there are
// Enough marks of either kind: matches alone would draw it down without end. The
// order of marks makes no difference.
func Threshold(marks []Mark, stands, low, high int32) int32 {
	var heights, same, two []int32
	for _, m := range marks {
		if m.Same {
			same = append(same, m.Height)
		} else {
			two = append(two, m.Height)
		}
		heights = append(heights, min(max(m.Height, low), high))
	}
	if min(len(same), len(two)) < Enough {
		return stands
	}
	slices.Sort(same)
	slices.Sort(two)
	// wrong is Wrong, by counting what lies below.
	wrong := func(t int32) int {
		parted, _ := slices.BinarySearch(same, t)
		apart, _ := slices.BinarySearch(two, t)
		return parted + len(two) - apart
	}
	slices.Sort(heights)
	heights = slices.Compact(heights)
	at := []int32{low, high}
	for i := 1; i < len(heights); i++ {
		at = append(at, heights[i]-(heights[i]-heights[i-1])/2)
	}
	away := func(t int32) int64 { return max(int64(t)-int64(stands), int64(stands)-int64(t)) }
	best := slices.MinFunc(at, func(x, y int32) int {
		return cmp.Or(cmp.Compare(wrong(x), wrong(y)), cmp.Compare(away(x), away(y)), cmp.Compare(x, y))
	})
	mended, broken := 0.0, 0.0
	for _, m := range marks {
		was, is := (m.Height >= stands) == m.Same, (m.Height >= best) == m.Same
		switch {
		case is && !was:
			mended++
		case was && !is:
			broken++
		}
	}
	if mended-broken < 1+math.Sqrt(mended+broken) {
		return stands
	}
	return best
}
