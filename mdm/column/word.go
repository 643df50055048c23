package column

import (
	"strings"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// folding returns a value folded, "" where it stands for none.
func folding(text string) string { return clip(standardize.Fold(clean(text))) }

// spelt is what comparers have in common whose values are packed spellings.
type spelt struct{ base }

// AppendText appends the text.
func (*spelt) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, v[spellingSize:]...)
}

// word compares short texts letter by letter.
type word struct{ spelt }

func newWord(k Kind) *word {
	return &word{spelt{base{k, []string{"exact", "near", "close", "similar", "different"}, []string{"exact", "prefix", "sound", "token"}}}}
}

// Append folds a text.
func (w *word) Append(dst []byte, text string) []byte {
	if w.kind == Ignored {
		return dst
	}
	f := folding(text)
	if f == "" {
		return dst
	}
	return appendSpelling(dst, f)
}

// Level compares two texts.
func (w *word) Level(a, b Packed) uint8 {
	switch {
	case a == "" || b == "":
		return Missing
	case a == b:
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
func (w *word) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	s := v.spelled().text
	dst = append(dst, Key{0, hash(0, s)}, Key{1, hash(1, prefix(s, 4))})
	if sound := compare.Soundex(s); sound != 0 {
		dst = append(dst, Key{2, mix(uint64(sound) + 2)})
	}
	for t := range strings.FieldsSeq(s) {
		dst = appendKey(dst, Key{3, hash(3, t)})
	}
	return dst
}
