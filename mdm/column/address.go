package column

import (
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
	// region, city and district are those of a Chinese address.
	region, city, district string
	code                   string
	bag                    *bag
	han                    bool
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

// Value takes an address apart.
func (c *address) Value(text string) Value {
	s := clean(text)
	f := standardize.FoldStreet(s)
	if f == "" {
		return Value{}
	}
	v := folded(f)
	v.parts = c.takeApart(s, f)
	return v
}

func (c *address) takeApart(s, f string) *premises {
	p := &premises{han: standardize.HasHan(f)}
	if p.han {
		parts := (standardize.Locale{}).Address(map[string]any{"street": standardize.Simplified(s)})
		part := func(name string) string {
			t, _ := parts[name].(string)
			return standardize.ShortPlace(t)
		}
		p.region, p.city, p.district = part("region"), part("city"), part("district")
		st, _ := parts["street"].(string)
		p.line = *newLine(hanHouse(strings.ReplaceAll(standardize.FoldStreet(st), " ", "")))
		p.bag = newBag(addressWords(f), c.weights, 24)
		return p
	}
	// The street stands before the first comma that follows a word with letters.
	f, p.code = cutCode(f)
	front := s
	for i, r := range s {
		if (r == ',' || r == '\n' || r == ';') && len(addressWords(standardize.FoldStreet(s[:i]))) > 0 && len(houseNumbers(s[:i])) > 0 {
			front = s[:i]
			break
		}
	}
	p.line = *newLine(standardize.FoldStreet(front))
	p.bag = newBag(addressWords(f), c.weights, 24)
	return p
}

// hanHouse leaves out the words between the numbers of a house, which are
// written or not: 1号楼2单元301室 and 1-2-301.
func hanHouse(f string) string {
	i := strings.IndexAny(f, "0123456789")
	if i < 0 {
		return f
	}
	var b strings.Builder
	b.WriteString(f[:i])
	for _, n := range houseNumbers(f[i:]) {
		b.WriteByte(' ')
		b.WriteString(n.text)
	}
	return b.String()
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
func (c *address) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return addressExact
	}
	if a.Text > b.Text {
		a, b = b, a
	}
	x, y := a.parts.(*premises), b.parts.(*premises)
	o := compareBags(x.bag, y.bag)
	conflict := differ(x.city, y.city) || x.city == "" && differ(x.code, y.code) || differ(x.district, y.district)
	if !conflict {
		s := streetLevel(&x.line, &y.line)
		// Latin lines without commas hold the city in their street.
		most := o.union >= 0.8 || o.part >= 0.95
		numbers := numberLevel(x.numbers, y.numbers)
		switch {
		case s == streetSame || most && numbers == houseExact:
			return addressSame
		case s == streetNear || o.union >= 0.6 && numbers == houseExact && len(x.numbers) > 0:
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

// numberLevel is houseLevel where both sides have numbers, 0 where one has
// none, and exact where neither has.
func numberLevel(p, q []houseNumber) int {
	switch {
	case len(p) == 0 && len(q) == 0:
		return houseExact
	case len(p) == 0 || len(q) == 0:
		return 0
	}
	return int(houseLevel(p, q))
}

// Keys returns the line, the keys of its street, its rarest words and their
// pairs, and its postal code.
func (c *address) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	p := v.parts.(*premises)
	dst = lineKeys(append(dst, Key{0, hash(0, v.Text)}), &p.line)
	if p.code != "" {
		dst = append(dst, Key{8, hash(8, p.code)})
	}
	return bagKeys(dst, p.bag, 6, 7)
}
