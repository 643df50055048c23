package column

import (
	"strings"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// word compares short texts letter by letter.
type word struct{ base }

func newWord(k Kind) *word {
	return &word{base{k, []string{"exact", "near", "close", "similar", "different"}, []string{"exact", "prefix", "sound", "token"}}}
}

// Value folds a text.
func (w *word) Value(text string) Value {
	if w.kind == Ignored {
		return Value{}
	}
	return folded(standardize.Fold(clean(text)))
}

// folded returns the features that every kind has, of a folded text.
func folded(f string) Value {
	s := spell(f)
	return Value{Text: f, signature: s.signature, runes: s.runes}
}

// spelled returns how a value is spelled.
func (v *Value) spelled() spelling {
	return spelling{v.Text, v.signature, v.runes, int(v.runes) == len(v.Text)}
}

// Level compares two texts.
func (w *word) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return 1
	}
	x, y := a.spelled(), b.spelled()
	switch {
	case slips(&x, &y, 1):
		return 2
	case alike(&x, &y, 0.92):
		return 3
	case alike(&x, &y, 0.82):
		return 4
	}
	return 5
}

// Keys returns the text, its first four letters, its sound and its words.
func (w *word) Keys(dst []Key, v *Value) []Key {
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
