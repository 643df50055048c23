package column

import (
	"encoding/binary"
	"slices"
	"strings"

	"crmhub/mdm/standardize"
)

// address compares whole addresses in one line.
type address struct {
	base
	weights *weights
}

// premises is an address, taken apart.
type premises struct {
	line
	// whole is the canonical text.
	whole string
	// region, city and district are those of a Chinese address, code is the
	// postal code of others.
	region, city, district, code string
	bag                          bag
	han                          bool
}

// addressHead is how many bytes stand in front of a packed address: whether it
// is Chinese, and the lengths of its text, region, city, district and postal
// code. Behind it stand its bag, its line, and those texts; the words of the
// bag lie in the text.
const addressHead = 11

func (p *premises) read(v Packed) {
	p.han = v[0] != 0
	rest := string(p.line.read(p.bag.read(v[addressHead:])))
	for i, s := range [...]*string{&p.whole, &p.region, &p.city, &p.district, &p.code} {
		n := v.get16(1 + 2*i)
		*s, rest = rest[:n], rest[n:]
	}
	p.bag.text = p.whole
}

// The levels of addresses.
const (
	addressExact      = iota + 1
	addressSame       // but for order, abbreviations and parts that one side lacks
	addressNear       // the same number, and nearly the same words
	addressUnit       // the house, another flat or none
	addressUnnumbered // the street, of which one side has no number
	addressNeighbour  // the street, another number
	addressHigh       // three fifths of the words
	addressDistrict   // the district, or two fifths of the words
	addressCode       // the postal code
	addressCity       // the city, or one fifth of the words
	addressRegion     // the region
	addressDifferent
)

func newAddress(o Options) *address {
	c := &address{base{Address, []string{"exact", "same", "near", "unit", "unnumbered", "neighbour", "high", "district", "postcode", "city", "region", "different"}, []string{"exact", "name", "prefix", "token", "number_prefix", "deletion", "rare_token", "token_pair", "postcode"}}, nil}
	c.weights = newWeights(o.Values, func(s string) []string { return addressWords(standardize.FoldStreet(clean(s))) })
	return c
}

// addressWords returns the words of a folded address without its numbers.
func addressWords(f string) []string {
	return slices.DeleteFunc(words(f), func(w string) bool { return w[0] >= '0' && w[0] <= '9' })
}

// Append takes an address apart.
func (c *address) Append(dst []byte, text string) []byte {
	s := clean(text)
	f := clip(standardize.FoldStreet(s))
	if f == "" {
		return dst
	}
	var region, city, district, code, street string
	words := f
	han := standardize.HasHan(f)
	if han {
		parts := (standardize.Locale{}).Address(map[string]any{"street": standardize.Simplified(s)})
		part := func(name string) string {
			t, _ := parts[name].(string)
			return clip(standardize.ShortPlace(t))
		}
		region, city, district = part("region"), part("city"), part("district")
		st, _ := parts["street"].(string)
		street = hanHouse(strings.ReplaceAll(standardize.FoldStreet(st), " ", ""))
	} else {
		words, code = cutCode(f)
		street = standardize.FoldStreet(front(s))
	}
	start := len(dst)
	dst = append(dst, make([]byte, addressHead)...)
	dst = appendBag(dst, f, addressWords(words), c.weights, 24)
	dst = appendLine(dst, clip(street))
	if han {
		dst[start] = 1
	}
	for i, s := range [...]string{f, region, city, district, code} {
		binary.LittleEndian.PutUint16(dst[start+1+2*i:], uint16(len(s)))
		dst = append(dst, s...)
	}
	return dst
}

// AppendText appends the folded address.
func (c *address) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var p premises
	p.read(v)
	return append(dst, p.whole...)
}

// front returns the street of an address in Latin letters: it stands before
// the first comma that follows a number and a word.
func front(s string) string {
	var room [maxWords]houseNumber
	for i, r := range s {
		if (r == ',' || r == '\n' || r == ';') && len(houseNumbers(room[:0], s[:i])) > 0 && len(addressWords(standardize.FoldStreet(s[:i]))) > 0 {
			return s[:i]
		}
	}
	return s
}

// hanHouse leaves out the words between the numbers of a house, which are
// written or not: 1号楼2单元301室 and 1-2-301.
func hanHouse(f string) string {
	i := firstFigure(f)
	if i < 0 {
		return f
	}
	var b strings.Builder
	b.Grow(len(f) + 1)
	b.WriteString(f[:i])
	var room [maxWords]houseNumber
	for _, n := range houseNumbers(room[:0], f[i:]) {
		b.WriteByte(' ')
		b.WriteString(n.text)
	}
	return b.String()
}

// firstFigure returns where the first figure of a text stands, -1 of none.
func firstFigure(f string) int {
	for i := 0; i < len(f); i++ {
		if f[i] >= '0' && f[i] <= '9' {
			return i
		}
	}
	return -1
}

// cutCode parts a folded address from the postal code behind it.
func cutCode(f string) (rest, code string) {
	w := strings.Fields(f)
	n := len(w)
	switch {
	case n >= 3 && postcodeForm(w[n-2]+w[n-1]) && w[n-2][0] >= 'a' && w[n-1][0] <= '9' && len(w[n-1]) == 3:
		return strings.Join(w[:n-2], " "), w[n-2] + w[n-1]
	case n >= 3 && len(w[n-1]) >= 5 && len(w[n-1]) <= 6 && strings.Trim(w[n-1], "0123456789") == "":
		return strings.Join(w[:n-1], " "), w[n-1]
	}
	return f, ""
}

// Level compares two addresses.
func (c *address) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return addressExact
	}
	var one, other premises
	one.read(a)
	other.read(b)
	x, y := &one, &other
	if x.whole == y.whole {
		return addressExact
	}
	if x.whole > y.whole {
		x, y = y, x
	}
	o := compareBags(&x.bag, &y.bag)
	conflict := differ(x.city, y.city) || x.city == "" && differ(x.code, y.code) || differ(x.district, y.district)
	if !conflict {
		s := streetLevel(&x.line, &y.line)
		// Latin lines without commas hold the city in their street.
		most := o.union >= 0.8 || o.part >= 0.95
		numbers := linesNumbers(&x.line, &y.line)
		switch {
		case s == streetSame || most && numbers == houseExact:
			return addressSame
		case s == streetNear || o.union >= 0.6 && numbers == houseExact && x.numbers != "":
			return addressNear
		case s == streetUnit || most && numbers == housePart:
			return addressUnit
		case s == streetUnnumbered || s == streetNearName || most && numbers == 0:
			return addressUnnumbered
		case s == streetNeighbour || most:
			return addressNeighbour
		}
	}
	switch {
	case o.union >= 0.6 && !conflict:
		return addressHigh
	case agree(x.district, y.district) && !differ(x.city, y.city), !x.han && o.union >= 0.4:
		return addressDistrict
	case agree(x.code, y.code):
		return addressCode
	case agree(x.city, y.city), !x.han && o.union >= 0.2:
		return addressCity
	case agree(x.region, y.region):
		return addressRegion
	}
	return addressDifferent
}

func agree(a, b string) bool  { return a != "" && a == b }
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// linesNumbers is houseLevel where both sides have numbers, 0 where one has
// none, and exact where neither has.
func linesNumbers(x, y *line) int {
	if x.numbers == "" || y.numbers == "" {
		if x.numbers == y.numbers {
			return houseExact
		}
		return 0
	}
	var one, other [maxWords]houseNumber
	return int(houseLevel(x.houses(one[:0]), y.houses(other[:0])))
}

// Keys returns the line, the keys of its street, its rarest words and their
// pairs, and its postal code.
func (c *address) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	var p premises
	p.read(v)
	dst = lineKeys(append(dst, Key{0, hash(0, p.whole)}), &p.line, want)
	if p.code != "" {
		dst = append(dst, Key{8, hash(8, p.code)})
	}
	return bagKeys(dst, &p.bag, 6, 7)
}
