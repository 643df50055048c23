package column

import (
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// category compares values that many rows share: occupations, genres, status.
type category struct{ base }

func newCategory() *category {
	return &category{base{Category, []string{"exact", "near", "part", "similar", "different"}, []string{"exact", "token"}}}
}

// Value folds a category.
func (c *category) Value(text string) Value {
	f := standardize.Fold(clean(text))
	if f == "" {
		return Value{}
	}
	words := strings.Fields(f)
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	v := folded(f)
	v.parts = words
	return v
}

// Level compares two categories.
func (c *category) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return 1
	}
	x, y := a.spelled(), b.spelled()
	p, q := a.parts.([]string), b.parts.([]string)
	switch {
	case min(a.runes, b.runes) >= 5 && slips(&x, &y, 1):
		return 2
	case sharesWord(p, q):
		return 3
	case min(a.runes, b.runes) >= 4 && alike(&x, &y, 0.85):
		return 4
	}
	return 5
}

// sharesWord reports whether two values have a word of more than two letters
// in common, or one of ideographs is a part of the other.
func sharesWord(p, q []string) bool {
	for _, w := range p {
		if len(w) > 2 && slices.Contains(q, w) {
			return true
		}
	}
	return len(p) == 1 && len(q) == 1 && p[0][0] >= 0xE0 && q[0][0] >= 0xE0 && (strings.Contains(p[0], q[0]) || strings.Contains(q[0], p[0]))
}

// Keys returns the value and its words.
func (c *category) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	dst = append(dst, Key{0, hash(0, v.Text)})
	for _, w := range v.parts.([]string) {
		dst = appendKey(dst, Key{1, hash(1, w)})
	}
	return dst
}
