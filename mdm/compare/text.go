package compare

import (
	"math/bits"
	"slices"
)

// letters are what strings are compared in: bytes where both are ASCII, else runes.
type letters interface{ byte | rune }

// JaroWinkler returns the Jaro-Winkler similarity of two strings of at most
// 64 letters, in [0, 1]; of longer ones the first 64 count. The prefix bonus
// is 0.1 a letter for up to four, above a Jaro similarity of 0.7.
func JaroWinkler(a, b string) float64 {
	if a == b {
		return 1
	}
	if isASCII(a) && isASCII(b) {
		return jaroWinkler([]byte(a), []byte(b))
	}
	return jaroWinkler([]rune(a), []rune(b))
}

func jaroWinkler[T letters](a, b []T) float64 {
	if len(a) > 64 {
		a = a[:64]
	}
	if len(b) > 64 {
		b = b[:64]
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	// Matches are taken greedily, so the order of the arguments could matter.
	if len(a) > len(b) || len(a) == len(b) && slices.Compare(a, b) > 0 {
		a, b = b, a
	}
	window := max(len(a), len(b))/2 - 1
	var inA, inB uint64
	matches := 0
	for i := range a {
		from, to := max(0, i-window), min(len(b), i+window+1)
		for j := from; j < to; j++ {
			if a[i] == b[j] && inB&(1<<j) == 0 {
				inA |= 1 << i
				inB |= 1 << j
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	outOfPlace := 0
	for inA != 0 {
		if a[bits.TrailingZeros64(inA)] != b[bits.TrailingZeros64(inB)] {
			outOfPlace++
		}
		inA &= inA - 1
		inB &= inB - 1
	}
	m := float64(matches)
	j := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(outOfPlace/2))/m) / 3
	if j <= 0.7 {
		return j
	}
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return j + float64(prefix)*0.1*(1-j)
}

// Within reports whether one string becomes the other by at most k
// insertions, deletions, substitutions and swaps of neighbours, no letter
// edited twice (optimal string alignment). Strings beyond 64 letters are
// within 0 only.
func Within(a, b string, k int) bool {
	if a == b {
		return true
	}
	if isASCII(a) && isASCII(b) {
		return within([]byte(a), []byte(b), k)
	}
	return within([]rune(a), []rune(b), k)
}

func within[T letters](a, b []T, k int) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(b)-len(a) > k || len(b) > 64:
		return false
	case len(a) == 0:
		return len(b) <= k
	case k == 1:
		return len(a) == 1 && len(b) == 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
	}
	return osa(a, b, k)
}

// osa fills the band of the table that k allows.
func osa[T letters](a, b []T, k int) bool {
	var rows [3][66]uint8
	far := uint8(k + 1)
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b); j++ {
		prev[j] = uint8(min(j, int(far)))
	}
	for i := 1; i <= len(a); i++ {
		from, to := max(1, i-k), min(len(b), i+k)
		cur[from-1] = far
		if from == 1 {
			cur[0] = uint8(min(i, int(far)))
		}
		least := far
		for j := from; j <= to; j++ {
			d := prev[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, cur[j-1]+1)
			if j < i+k || j == 0 {
				d = min(d, prev[j]+1)
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, prev2[j-2]+1)
			}
			d = min(d, far)
			cur[j] = d
			least = min(least, d)
		}
		if least >= far && i > 1 {
			// A swap could still reach back two rows, but only from a row under k.
			lowest := far
			for j := max(0, i-1-k); j <= min(len(b), i-1+k); j++ {
				lowest = min(lowest, prev[j])
			}
			if lowest >= far {
				return false
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)] <= uint8(k)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Soundex returns the American Soundex code of a Latin word packed in 32
// bits, 0 where it begins with none of the 26 letters.
func Soundex(s string) uint32 {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return 0
	}
	const codes = "01230120022455012623010202"
	out := [4]byte{s[0], '0', '0', '0'}
	n, last := 1, codes[s[0]-'a']
	for i := 1; i < len(s) && n < 4; i++ {
		c := s[i]
		if c < 'a' || c > 'z' {
			last = '0'
			continue
		}
		code := codes[c-'a']
		if code != '0' && code != last {
			out[n] = code
			n++
		}
		if c != 'h' && c != 'w' {
			last = code
		}
	}
	return uint32(out[0])<<24 | uint32(out[1])<<16 | uint32(out[2])<<8 | uint32(out[3])
}
