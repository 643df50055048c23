// Package similar tells how alike two texts are, letter by letter: Jaro-Winkler, Levenshtein, optimal string alignment.
//
// Letters are Unicode code points; a byte that is no UTF-8 is a letter U+FFFD.
// Texts of at most 64 letters are compared in registers, without allocation;
// longer ones exactly too, in buffers that are used again.
package similar

import (
	"math/bits"
	"unicode/utf8"
)

// JaroWinkler returns the Jaro-Winkler similarity of two texts, in [0, 1]. It
// is symmetric: letters are matched from the shorter text, of equally long
// ones from the lesser. The prefix bonus is 0.1 a letter for up to four, above
// a Jaro similarity of 0.7. Winkler 1990.
func JaroWinkler(a, b string) float64 { return jaroWinkler(a, b, 0) }

// AtLeast reports whether the Jaro-Winkler similarity of two texts is least or
// more. It gives up as soon as they can't be.
func AtLeast(a, b string, least float64) bool { return jaroWinkler(a, b, least) >= least }

// Levenshtein returns how many letters have to be put in, left out or replaced
// to make one text of the other. Myers 1999, Hyyrö 2003.
func Levenshtein(a, b string) int {
	a, b = trim(a, b)
	return distance(a, b, false, -1)
}

// OSA returns the optimal string alignment distance: Levenshtein's, where
// neighbours may be swapped too and no letter is edited twice. Hyyrö 2003.
func OSA(a, b string) int {
	a, b = trim(a, b)
	return distance(a, b, true, -1)
}

// Within reports whether the optimal string alignment distance of two texts is
// at most k. It gives up as soon as it can't be.
func Within(a, b string, k int) bool {
	if a == b {
		return k >= 0
	}
	a, b = trim(a, b)
	if len(a) > len(b) {
		a, b = b, a
	}
	if isASCII(a) && isASCII(b) {
		switch {
		case len(b)-len(a) > k:
			return false
		case k == 1:
			return len(b) == 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
		}
	}
	return distance(a, b, true, k) <= k
}

// trim cuts off what two texts begin and end with alike, which no edit touches.
func trim(a, b string) (string, string) {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	a, b = a[i:], b[i:]
	n = min(len(a), len(b))
	i = 0
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	for i > 0 && !utf8.RuneStart(a[len(a)-i]) {
		i--
	}
	return a[:len(a)-i], b[:len(b)-i]
}

func isASCII(s string) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if word(s[i:])&0x8080808080808080 != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// word returns the first eight bytes of a text.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// partWord returns up to eight bytes of a text, zeros behind.
func partWord(s string) uint64 {
	if len(s) >= 8 {
		return word(s)
	}
	n := len(s)
	switch {
	case n >= 4: // two halves that overlap
		lo := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
		t := s[n-4:]
		hi := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24
		return lo | hi<<(8*(n-4))
	case n == 0:
		return 0
	}
	return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1))
}

const (
	ones  = 0x0101010101010101
	lows  = 0x7F7F7F7F7F7F7F7F
	spots = 0x0102040810204080
)

// equal returns a bit for each of eight bytes that is c.
func equal(w uint64, c byte) uint64 {
	x := w ^ uint64(c)*ones
	x = ^((x&lows + lows) | x | lows) // 0x80 where a byte is zero
	return x >> 7 * spots >> 56
}

// places holds, for each letter of a text, the places of the pattern that have
// the letter, as bits.
type places [64]uint64

// inWords fills the places of text, ASCII of at most 64 letters, in a pattern
// of at most 16.
func (p *places) inWords(pattern, text string) {
	n := uint(len(pattern))
	lo, all := partWord(pattern), uint64(1)<<n-1
	if n <= 8 {
		for i := 0; i < len(text) && i < len(p); i++ {
			p[i] = equal(lo, text[i]) & all
		}
		return
	}
	hi := partWord(pattern[8:])
	for i := 0; i < len(text) && i < len(p); i++ {
		p[i] = (equal(lo, text[i]) | equal(hi, text[i])<<8) & all
	}
}

// inTable fills the places of text in a pattern, both ASCII of at most 64
// letters.
func (p *places) inTable(pattern, text string) {
	var table [128]uint64
	for i := 0; i < len(pattern); i++ {
		table[pattern[i]&127] |= 1 << i
	}
	for i := 0; i < len(text) && i < len(p); i++ {
		p[i] = table[text[i]&127]
	}
}

// fill fills the places of one ASCII text in another.
func (p *places) fill(pattern, text string) {
	if len(pattern) <= 16 {
		p.inWords(pattern, text)
		return
	}
	p.inTable(pattern, text)
}

// fillRunes fills the places of the letters of one text in another, both of
// at most 64 letters, by a table of hashes.
func (p *places) fillRunes(pattern, text []rune) {
	if len(pattern) <= 8 { // looking at each is quicker than a table
		for i, r := range text {
			var m uint64
			for j, q := range pattern {
				if q == r {
					m |= 1 << j
				}
			}
			p[i] = m
		}
		return
	}
	var t runeTable
	for i, r := range pattern {
		*t.at(r) |= 1 << i
	}
	for i, r := range text {
		p[i] = *t.at(r)
	}
}

// runeTable maps up to 64 letters of a pattern, and as many of a text one at a
// time, to places.
type runeTable struct {
	keys  [256]rune
	masks [256]uint64
}

func (t *runeTable) at(r rune) *uint64 {
	i := uint32(r) * 0x9E3779B1 >> 24
	for t.keys[i] != r+1 {
		if t.keys[i] == 0 {
			t.keys[i] = r + 1
			break
		}
		i = (i + 1) & 255
	}
	return &t.masks[i]
}

// decode writes the letters of a text to dst and returns how many there are,
// or -1 where there are more than fit.
func decode(dst *[64]rune, s string) int {
	n := 0
	for _, r := range s {
		if n == len(dst) {
			return -1
		}
		dst[n] = r
		n++
	}
	return n
}

func lowest(m uint64) uint64 { return m & -m }

func index(m uint64) int { return bits.TrailingZeros64(m) }
