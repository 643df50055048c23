package column

import (
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// postcode compares postal codes.
type postcode struct{ plainly }

// The levels of postal codes.
const (
	codeExact  = iota + 1
	codeBase   // one side has the extension that the other lacks
	codeNear   // one slip of the keys
	codeSector // all but the last two letters, or the last digit or two
	codeArea   // the area: letters and figures in front, or the first three digits
	codeRegion // the first two signs
	codeDifferent
)

func newPostcode() *postcode {
	return &postcode{plainly{base{Postcode, []string{"exact", "base", "near", "sector", "area", "region", "different"}, []string{"exact", "sector", "area", "slip"}}}}
}

// Append reads a postal code without spaces; the +4 of American ones is kept apart.
func (c *postcode) Append(dst []byte, text string) []byte { return appendPostcode(dst, text) }

func appendPostcode(dst []byte, text string) []byte {
	s := strings.ReplaceAll(folding(text), " ", "")
	if s == "" || strings.Trim(s, "0") == "" || len(s) > 2 && strings.Count(s, s[:1]) == len(s) || s == "123456" || s == "12345" {
		return dst
	}
	if strings.Trim(s, "0123456789") == "" && len(s) == 4 && strings.Count(text, ".") > 0 {
		s = "0" + s
	}
	return append(dst, s...)
}

// postcodeArea returns how many signs name the area: the outward part of a
// British code, else all but two or three.
func postcodeArea(s string) int {
	if s[0] >= 'a' && s[0] <= 'z' && len(s) >= 5 && len(s) <= 7 {
		return len(s) - 3
	}
	return max(min(len(s), 3), len(s)/2)
}

// Level compares two postal codes.
func (c *postcode) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return codeExact
	}
	return postcodeLevel(string(a), string(b))
}

// postcodeLevel compares two postal codes that are not equal.
func postcodeLevel(p, q string) uint8 {
	least := min(len(p), len(q))
	areaP, areaQ := postcodeArea(p), postcodeArea(q)
	head := commonHead(p, q)
	if head == least && least >= 5 && len(p) != len(q) {
		return codeBase
	}
	apart, swapped := digitsDiffer(p, q)
	switch {
	case head == areaP && head == least || head == areaQ && head == least && len(p) != len(q):
		return codeArea // one side is the outward part alone
	case apart == 1 && head < len(p)-1, swapped, oneMore(p, q):
		return codeNear
	case len(p) == len(q) && least >= 5 && head >= least-2, len(p) == len(q) && head == least-1:
		return codeSector
	case areaP == areaQ && head >= areaP:
		return codeArea
	case head >= 2:
		return codeRegion
	}
	return codeDifferent
}

// Keys returns the code, its sector and its area.
func (c *postcode) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	s := string(v)
	dst = append(dst, Key{0, hash(0, s)}, Key{2, hash(2, s[:min(postcodeArea(s), len(s))])})
	if len(s) >= 5 {
		dst = append(dst, Key{1, hash(1, s[:len(s)-1])})
	}
	return deletions(dst, 3, s, want)
}

// house compares house numbers.
type house struct{ plainly }

// The levels of house numbers.
const (
	houseExact = iota + 1
	housePart  // 12 and 12a, 12 and 12-14, 5/12 and 12
	houseNear  // one digit, or two neighbours swapped
	houseDifferent
)

func newHouse() *house {
	return &house{plainly{base{HouseNumber, []string{"exact", "part", "near", "different"}, []string{"exact"}}}}
}

// Append reads the numbers of a house.
func (c *house) Append(dst []byte, text string) []byte {
	f := clip(standardize.FoldStreet(clean(text)))
	var room [maxWords]houseNumber
	n := houseNumbers(room[:0], f)
	if len(n) == 0 { // The Lodge
		return append(dst, f...)
	}
	for i := range n {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, n[i].text...)
	}
	return dst
}

// numbersOf appends the numbers of a packed house to n.
func numbersOf(n []houseNumber, v Packed) []houseNumber {
	if n = houseNumbers(n, string(v)); len(n) == 0 {
		n = append(n, houseNumber{string(v), string(v)})
	}
	return n
}

// houseNumber is a number of a house or flat: 12a, of which 12 is bare.
type houseNumber struct{ text, bare string }

// houseNumbers appends the words of a folded address that begin with digits,
// without leading zeros, to n, which grows to maxWords.
func houseNumbers(n []houseNumber, f string) []houseNumber {
	for i := 0; i < len(f) && len(n) < maxWords; {
		if f[i] < '0' || f[i] > '9' {
			i++
			continue
		}
		for i+1 < len(f) && f[i] == '0' && f[i+1] >= '0' && f[i+1] <= '9' {
			i++
		}
		digits := i
		for digits < len(f) && f[digits] >= '0' && f[digits] <= '9' {
			digits++
		}
		j := digits
		for j < len(f) && (f[j] >= '0' && f[j] <= '9' || f[j] >= 'a' && f[j] <= 'z') {
			j++
		}
		n = append(n, houseNumber{f[i:j], f[i:digits]})
		i = j
	}
	return n
}

// Level compares two house numbers.
func (c *house) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return houseExact
	}
	var one, other [maxWords]houseNumber
	return houseLevel(numbersOf(one[:0], a), numbersOf(other[:0], b))
}

func houseLevel(p, q []houseNumber) uint8 {
	if slices.Equal(p, q) {
		return houseExact
	}
	for i := range p {
		for j := range q {
			if p[i].bare == q[j].bare {
				return housePart
			}
		}
	}
	if len(p) == 1 && len(q) == 1 {
		apart, swapped := digitsDiffer(p[0].text, q[0].text)
		if len(p[0].text) >= 2 && (apart == 1 || swapped) || oneMore(p[0].text, q[0].text) {
			return houseNear
		}
	}
	return houseDifferent
}

// Keys returns the numbers.
func (c *house) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	return append(dst, Key{0, hash(0, string(v))})
}
