package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

// id compares numbers that stand for a person, a firm or a thing.
type id struct{ base }

// The levels of identifiers.
const (
	idExact     = iota + 1 // with a valid check digit
	idUnchecked            // equal, of a kind that has none
	idPart                 // one is the other with more before or behind it
	idNear                 // one slip of the keys
	idSlips                // two
	idDifferent            // at least one can't be checked
	idApart                // both are valid
)

func newID(k Kind) *id {
	return &id{base{k, []string{"exact", "unchecked", "part", "near", "two_slips", "different", "apart"}, []string{"exact", "prefix", "suffix", "slip"}}}
}

// idHead is how many bytes stand before the spelling of an identifier:
// whether its check digit is right.
const idHead = 1

// Append reads an identifier without its separators.
func (c *id) Append(dst []byte, text string) []byte {
	s := clean(text)
	if s == "" {
		return dst
	}
	if c.kind == NationalID {
		s, _ = standardize.NationalID(s)
	}
	s = clip(strings.ToUpper(strings.ReplaceAll(standardize.Fold(s), " ", "")))
	if c.kind == Identifier && (strings.HasPrefix(s, "ISBN") || strings.HasPrefix(s, "ISSN")) {
		s = s[4:]
	}
	if len(s) == 0 || strings.Count(s, s[:1]) == len(s) && len(s) > 2 || s == "123456789" || s == "1234567890" || s == "123456" {
		return dst
	}
	valid := byte(0)
	if standardize.ValidResidentID(s) || standardize.ValidCreditCode(s) || validISBN(s) {
		valid = 1
	}
	return appendSpelling(append(dst, valid), s)
}

// AppendText appends the identifier.
func (c *id) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, v[idHead+spellingSize:]...)
}

// validISBN reports whether a text is an ISBN, EAN or UPC by its check digit.
func validISBN(s string) bool {
	switch len(s) {
	case 10:
		sum := 0
		for i := 0; i < 10; i++ {
			d := int(s[i]) - '0'
			if s[i] == 'X' && i == 9 {
				d = 10
			} else if d < 0 || d > 9 {
				return false
			}
			sum += d * (10 - i)
		}
		return sum%11 == 0
	case 13:
		sum := 0
		for i := 0; i < 13; i++ {
			d := int(s[i]) - '0'
			if d < 0 || d > 9 {
				return false
			}
			sum += d * (1 + i%2*2)
		}
		return sum%10 == 0
	}
	return false
}

// Level compares two identifiers.
func (c *id) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		if a[0] == 1 {
			return idExact
		}
		return idUnchecked
	}
	x, y := a[idHead:].spelled(), b[idHead:].spelled()
	least := min(x.runes, y.runes)
	switch {
	case least >= 5 && x.runes != y.runes && (strings.HasSuffix(x.text, y.text) || strings.HasSuffix(y.text, x.text) || strings.HasPrefix(x.text, y.text) || strings.HasPrefix(y.text, x.text)):
		return idPart
	case least >= 4 && slips(&x, &y, 1):
		return idNear
	case least >= 7 && slips(&x, &y, 2):
		return idSlips
	case a[0] == 1 && b[0] == 1:
		return idApart
	}
	return idDifferent
}

// Keys returns the identifier, its first and last five signs, and its
// neighbourhood.
func (c *id) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	x := v[idHead:].spelled()
	s := x.text
	dst = append(dst, Key{0, hash(0, s)})
	if x.runes >= 6 {
		dst = append(dst, Key{1, hash(1, prefix(s, 5))}, Key{2, hash(2, suffix(s, 5))})
	}
	return deletions(dst, 3, s, want)
}
