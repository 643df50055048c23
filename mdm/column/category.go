package column

import (
	"slices"
	"strings"
)

// category compares values that many rows share: occupations, genres, status.
type category struct{ spelt }

func newCategory() *category {
	return &category{spelt{base{Category, []string{"exact", "near", "part", "similar", "different"}, []string{"exact", "token"}}}}
}

// Append folds a category.
func (c *category) Append(dst []byte, text string) []byte {
	f := folding(text)
	if f == "" {
		return dst
	}
	return appendSpelling(dst, f)
}

// Level compares two categories.
func (c *category) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return 1
	}
	x, y := a.spelled(), b.spelled()
	switch {
	case min(x.runes, y.runes) >= 5 && slips(&x, &y, 1):
		return 2
	case sharesWord(x.text, y.text):
		return 3
	case min(x.runes, y.runes) >= 4 && alike(&x, &y, 0.85):
		return 4
	}
	return 5
}

// sharesWord reports whether two values have a word of more than two letters
// in common, or one of ideographs is a part of the other.
func sharesWord(a, b string) bool {
	var p, q split
	p.words(a)
	q.words(b)
	for _, w := range p.all() {
		if len(w) > 2 && slices.Contains(q.all(), w) {
			return true
		}
	}
	return p.n == 1 && q.n == 1 && a[0] >= 0xE0 && b[0] >= 0xE0 && (strings.Contains(a, b) || strings.Contains(b, a))
}

// Keys returns the value and its words.
func (c *category) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	s := v.spelled().text
	dst = append(dst, Key{0, hash(0, s)})
	var p split
	p.words(s)
	for _, w := range p.all() {
		dst = appendKey(dst, Key{1, hash(1, w)})
	}
	return dst
}
