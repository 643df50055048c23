package column

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// word compares short texts letter by letter.
type word struct{ kind Kind }

func newWord(k Kind) word { return word{k} }

// Kind returns what the column holds.
func (w word) Kind() Kind { return w.kind }

var wordLevels = []string{"exact", "near", "close", "similar", "different"}

// Levels names the levels.
func (w word) Levels() []string { return wordLevels }

// Value folds a text.
func (w word) Value(text string) Value {
	if w.kind == Ignored {
		return Value{}
	}
	return folded(standardize.Fold(clean(text)))
}

// folded returns the features that every kind has, of a folded text.
func folded(f string) Value {
	return Value{Text: f, signature: signature(f), runes: int32(utf8.RuneCountInString(f))}
}

// signature sets a bit for each letter: a to z and the digits have bits of
// their own, the rest share 28.
func signature(s string) uint64 {
	var m uint64
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			m |= 1 << (r - 'a')
		case r >= '0' && r <= '9':
			m |= 1 << (26 + r - '0')
		case r != ' ':
			m |= 1 << (36 + uint32(r)%28)
		}
	}
	return m
}

// Level compares two texts.
func (w word) Level(a, b *Value) uint8 {
	switch {
	case a.Text == "" || b.Text == "":
		return Missing
	case a.Text == b.Text:
		return 1
	case within(a, b, 1):
		return 2
	}
	switch s := compare.JaroWinkler(a.Text, b.Text); {
	case s >= 0.92:
		return 3
	case s >= 0.82:
		return 4
	}
	return 5
}

// within is compare.Within with a look at lengths and letters first.
func within(a, b *Value, k int) bool {
	if d := int(a.runes - b.runes); d > k || -d > k || bits.OnesCount64(a.signature^b.signature) > 2*k {
		return false
	}
	return compare.Within(a.Text, b.Text, k)
}

var wordPredicates = []string{"exact", "prefix", "sound", "token"}

// Predicates names the kinds of keys.
func (w word) Predicates() []string { return wordPredicates }

// Keys returns the text, its first four letters, its sound and its words.
func (w word) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	dst = append(dst, Key{0, hash(0, v.Text)}, Key{1, hash(1, prefix(v.Text, 4))})
	if s := compare.Soundex(v.Text); s != 0 {
		dst = append(dst, Key{2, mix(uint64(s) + 2)})
	}
	for t := range strings.FieldsSeq(v.Text) {
		dst = appendKey(dst, Key{3, hash(3, t)})
	}
	return dst
}
