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

// Value reads an identifier without its separators.
func (c *id) Value(text string) Value {
	s := clean(text)
	if s == "" {
		return Value{}
	}
	if c.kind == NationalID {
		s, _ = standardize.NationalID(s)
	}
	s = strings.ToUpper(strings.ReplaceAll(standardize.Fold(s), " ", ""))
	if c.kind == Identifier && (strings.HasPrefix(s, "ISBN") || strings.HasPrefix(s, "ISSN")) {
		s = s[4:]
	}
	if len(s) == 0 || strings.Count(s, s[:1]) == len(s) && len(s) > 2 || s == "123456789" || s == "1234567890" || s == "123456" {
		return Value{}
	}
	v := folded(s)
	if standardize.ValidResidentID(s) || standardize.ValidCreditCode(s) || validISBN(s) {
		v.number = 1
	}
	return v
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
func (c *id) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		if a.number == 1 {
			return idExact
		}
		return idUnchecked
	}
	least := min(a.runes, b.runes)
	x, y := a.spelled(), b.spelled()
	switch {
	case least >= 5 && a.runes != b.runes && (strings.HasSuffix(a.Text, b.Text) || strings.HasSuffix(b.Text, a.Text) || strings.HasPrefix(a.Text, b.Text) || strings.HasPrefix(b.Text, a.Text)):
		return idPart
	case least >= 4 && slips(&x, &y, 1):
		return idNear
	case least >= 7 && slips(&x, &y, 2):
		return idSlips
	case a.number == 1 && b.number == 1:
		return idApart
	}
	return idDifferent
}

// Keys returns the identifier, its first and last five signs, and its
// neighbourhood.
func (c *id) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	s := v.Text
	dst = append(dst, Key{0, hash(0, s)})
	if v.runes >= 6 {
		dst = append(dst, Key{1, hash(1, prefix(s, 5))}, Key{2, hash(2, suffix(s, 5))})
	}
	return deletions(dst, 3, s)
}
