package column

import "math/bits"

// The brief of a phone number is its digits, four bits each, behind a sign that
// tells how many they are, with its marks in front.
const (
	briefDigits = 14
	briefSign   = 15
	briefMarks  = 60
)

// BriefWords is one.
func (c *phone) BriefWords() int { return 1 }

// Brief holds a number of at most 14 digits.
func (c *phone) Brief(dst []uint64, v Packed) {
	if dst[0] = 0; len(v)-1 > briefDigits {
		return
	}
	w := uint64(briefSign)
	for i := 1; i < len(v); i++ {
		w = w<<4 | uint64(v[i]-'0')
	}
	dst[0] = w | uint64(v[0])<<briefMarks
}

// Bound tells how two numbers agree. It is Level in another form.
func (c *phone) Bound(a, b []uint64) (level uint8, sure bool) {
	if a[0] == 0 || b[0] == 0 {
		return Missing, false
	}
	const digits = 1<<briefMarks - 1
	p, q := a[0]&digits, b[0]&digits
	marks := byte((a[0] | b[0]) >> briefMarks)
	fixed := marks&phoneFixed != 0
	if p == q {
		if fixed {
			return phoneLandline, true
		}
		return phoneExact, true
	}
	n, m := (bits.Len64(p)-1)/4, (bits.Len64(q)-1)/4
	least := min(n, m)
	tail := min(bits.TrailingZeros64(p^q)/4, least)
	if tail == least && least >= 7 || tail >= 8 {
		return phoneTail, true
	}
	// The signs left out, the first digits of both at one place.
	x, y := (p^briefSign<<(4*n))<<(4*(15-n)), (q^briefSign<<(4*m))<<(4*(15-m))
	head := min((bits.LeadingZeros64(x^y)-4)/4, least)
	apart, swapped := -1, false
	if n == m {
		apart, swapped = nibblesApart(p, q)
	}
	switch {
	case apart == 1 || swapped:
		if apart == 1 && n <= 8 && head >= n-1 {
			return phoneSwitch, true
		}
		return phoneNear, true
	case apart < 0 && least >= 6 && max(n, m)-least == 1 && head+tail >= least:
		return phoneNear, true
	case apart > 0 && head >= n-4 && head >= 5 && marks&phoneMobile == 0 && n-head >= 2 && fixed:
		return phoneSwitch, true
	case apart == 2 && least >= 7:
		return phoneDigits, true
	case head >= 5, head >= 3 && least <= 8:
		return phoneArea, true
	}
	return phoneDifferent, true
}

// nibblesApart counts the digits in which two numbers of one length differ, and
// reports whether they are two neighbours swapped.
func nibblesApart(p, q uint64) (n int, swapped bool) {
	diff := p ^ q
	diff |= diff >> 1
	diff |= diff >> 2
	diff &= 0x1111111111111111
	if n = bits.OnesCount64(diff); n != 2 {
		return n, false
	}
	low := bits.TrailingZeros64(diff)
	return n, diff>>low == 0x11 && p>>low&15 == q>>(low+4)&15 && q>>low&15 == p>>(low+4)&15
}

// BriefWords is one.
func (c *date) BriefWords() int { return 1 }

// Brief holds the date.
func (c *date) Brief(dst []uint64, v Packed) { dst[0] = uint64(v.get32(0)) }

// Bound tells how two dates that are not equal agree.
func (c *date) Bound(a, b []uint64) (level uint8, sure bool) {
	x, y := day(a[0]), day(b[0])
	if x == y {
		return Missing, false
	}
	return dateLevel(x, y), true
}
