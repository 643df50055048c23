package column

import (
	"math/bits"
	"unicode/utf8"

	"crmhub/mdm/similar"
)

// spelling is a folded text with what bounds how alike two can be.
type spelling struct {
	text string
	// signature has a bit for each letter that occurs.
	signature uint64
	runes     int32
	ascii     bool
}

func spell(s string) spelling {
	var m uint64
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			n := i + utf8.RuneCountInString(s[i:])
			return spelling{s, m | signature(s[i:]), int32(n), n == len(s)}
		}
		m |= letterBits[c]
	}
	return spelling{s, m, int32(len(s)), true}
}

// letterBits are the bits of the letters in ASCII.
var letterBits = func() (t [utf8.RuneSelf]uint64) {
	for i := range t {
		t[i] = letterBit(rune(i))
	}
	return t
}()

// letterBit returns the bit of a letter: a to z and the digits have bits of
// their own, the rest share 28; a space has none.
func letterBit(r rune) uint64 {
	switch {
	case r >= 'a' && r <= 'z':
		return 1 << (r - 'a')
	case r >= '0' && r <= '9':
		return 1 << (26 + r - '0')
	case r != ' ':
		return 1 << (36 + uint32(r)%28)
	}
	return 0
}

// signature sets a bit for each letter.
func signature(s string) uint64 {
	var m uint64
	for _, r := range s {
		m |= letterBit(r)
	}
	return m
}

// maxLetters is how many letters a text may have that is compared letter by
// letter; longer ones are told by their words.
const maxLetters = softBytes

// slips reports whether one text becomes the other by at most k slips of the
// keys: a letter too many, too few or another, or two neighbours swapped; of
// very long ones, whether they are equal.
func slips(a, b *spelling, k int) bool {
	if max(a.runes, b.runes) > maxLetters {
		return a.text == b.text
	}
	if d := int(a.runes - b.runes); d > k || -d > k || bits.OnesCount64(a.signature^b.signature) > 2*k {
		return false
	}
	return similar.Within(a.text, b.text, k)
}

// alike reports whether the Jaro-Winkler similarity of two texts is at least
// that; of very long ones, whether they are equal. Letters that the other lacks,
// and what they begin with, bound what it can be.
func alike(a, b *spelling, least float64) bool {
	if max(a.runes, b.runes) > maxLetters {
		return a.text == b.text
	}
	la, lb := float64(a.runes), float64(b.runes)
	m := min(la-float64(bits.OnesCount64(a.signature&^b.signature)), lb-float64(bits.OnesCount64(b.signature&^a.signature)))
	if m <= 0 {
		return false
	}
	j := (m/la + m/lb + 1) / 3
	if j+0.4*(1-j) < least {
		return false
	}
	// A letter has a byte at least.
	if head := commonHead(a.text[:min(4, len(a.text))], b.text); j+0.1*float64(head)*(1-j) < least-1e-9 {
		return false
	}
	return similar.AtLeast(a.text, b.text, least)
}
