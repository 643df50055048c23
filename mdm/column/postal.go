package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

// postal compares addresses whose parts stand in columns of their own.
type postal struct {
	base
	parts  []Kind
	places [kinds]Comparer
	// seen are the features of places, of which most rows share a few; known
	// are levels of pairs of them.
	seen    *[kinds]shared[*locality]
	numbers *numbers
	known   *[kinds]*cache
}

// locality is a place with its number.
type locality struct {
	Value
	number uint32
}

// where is an address in parts.
type where struct {
	line
	// The places are shared with other addresses; none is nil.
	district, city, region, country, code *locality
	// fine says that the postal code is that of a few houses.
	fine bool
}

// missing is what addresses without a part share; it is never changed.
var missing = &locality{}

// The levels of addresses in parts.
const (
	postalExact     = iota + 1 // street and number, in the same place
	postalNear                 // the same with slips
	postalAlone                // street and number, of which one side has no place
	postalUnit                 // another flat, or none
	postalStreet               // the street in the same place, of which one side has no number
	postalCode                 // a postal code of a few houses
	postalNeighbour            // the street in the same place, another number
	postalArea                 // postal code and city
	postalPostcode             // postal code
	postalDistrict             // district and city
	postalCity                 // the city
	postalElsewhere            // street and number, in another place
	postalSlip                 // city or postal code but for a slip
	postalRegion               // the region
	postalDifferent
)

func newPostal(parts []Kind) *postal {
	p := &postal{base{Address, []string{"exact", "near", "no_place", "unit", "street", "unit_code", "neighbour", "area", "postcode", "district", "city", "elsewhere", "slip", "region", "different"}, []string{"exact", "name", "prefix", "token", "number_prefix", "deletion", "postcode", "city", "city_street"}}, parts, [kinds]Comparer{}, &[kinds]shared[*locality]{}, &numbers{}, &[kinds]*cache{}}
	for _, k := range []Kind{District, City, Region, Country} {
		p.places[k], p.known[k] = newPlace(k), &cache{}
	}
	p.places[Postcode], p.known[Postcode] = newPostcode(), &cache{}
	return p
}

// Value reads a street line alone.
func (c *postal) Value(text string) Value { return c.combine([]string{text}, []Kind{Street}) }

// Combine takes an address in several columns apart.
func (c *postal) Combine(texts []string) Value { return c.combine(texts, c.parts) }

func (c *postal) combine(texts []string, parts []Kind) Value {
	var room [2][4]string
	lines, numbers := room[0][:0], room[1][:0]
	p := &where{district: missing, city: missing, region: missing, country: missing, code: missing}
	for i, t := range texts {
		if t == "" || i >= len(parts) {
			continue
		}
		switch parts[i] {
		case HouseNumber:
			if t = clean(t); t != "" {
				numbers = append(numbers, t)
			}
		case District:
			p.district = c.place(District, t)
		case City:
			p.city = c.place(City, t)
		case Region:
			p.region = c.place(Region, t)
		case Country:
			p.country = c.place(Country, t)
		case Postcode:
			p.code = c.place(Postcode, t)
			p.fine = fineCode(p.code.Text)
		default:
			if t = clean(t); t != "" {
				lines = append(lines, t)
			}
		}
	}
	street := joined(joined("", numbers, " "), lines, " ")
	if standardize.HasHan(street) {
		street = c.chinese(p, joined(joined("", lines, ""), numbers, ""))
	}
	var buffer [192]byte
	text := standardize.AppendFoldStreet(buffer[:0], street)
	if f := string(text); standardize.HasHan(f) {
		text = append(text[:0], hanHouse(strings.ReplaceAll(f, " ", ""))...)
	}
	n := len(text)
	for _, s := range [...]string{p.district.Text, p.city.Text, p.region.Text, p.code.Text, p.country.Text} {
		text = append(append(text, '|'), s...)
	}
	if len(text) == 5 {
		return Value{}
	}
	v := Value{Text: string(text), parts: p}
	p.line.read(v.Text[:n])
	return v
}

// joined appends texts to another, with something between them.
func joined(all string, texts []string, between string) string {
	for _, t := range texts {
		if all == "" {
			all = t
		} else {
			all += between + t
		}
	}
	return all
}

// place returns the features of a place.
func (c *postal) place(k Kind, text string) *locality {
	return c.seen[k].get(text, func(text string) *locality { return &locality{c.places[k].Value(text), c.numbers.next()} })
}

// chinese moves province, city and district that a street line repeats to
// their places, and returns what is left of it.
func (c *postal) chinese(p *where, street string) string {
	parts := map[string]any{"street": standardize.Simplified(street)}
	(standardize.Locale{}).OwnAddress(parts)
	for _, at := range [...]struct {
		name string
		v    **locality
		k    Kind
	}{{"region", &p.region, Region}, {"city", &p.city, City}, {"district", &p.district, District}} {
		if s, ok := parts[at.name].(string); ok && (*at.v).Missing() {
			*at.v = c.place(at.k, s)
		}
	}
	s, _ := parts["street"].(string)
	return s
}

// fineCode reports whether a postal code names a few houses: letters and
// digits (Britain, Canada, the Netherlands), or nine digits and more.
func fineCode(code string) bool {
	digits := len(digitsOf(code))
	return len(code) >= 5 && len(code)-digits >= 2 && digits >= 2 || digits >= 9
}

// Level compares two addresses.
func (c *postal) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	x, y := a.parts.(*where), b.parts.(*where)
	code, city, district := c.agreement(Postcode, x.code, y.code), c.agreement(City, x.city, y.city), c.agreement(District, x.district, y.district)
	place := code == same || city == same || district == same
	conflict := !place && (code == apart || city == apart || district == apart && code != slip && city != slip)
	s := uint8(0)
	if (x.full.text != "" || x.name.text != "") && (y.full.text != "" || y.name.text != "") {
		s = streetLevel(&x.line, &y.line)
	}
	nowhere := code == absent && city == absent && district == absent
	switch {
	case s >= streetExact && s <= streetSame && !conflict:
		if place {
			return postalExact
		}
		return postalAlone
	case s == streetNear && !conflict:
		return postalNear
	case s == streetUnit && !conflict:
		return postalUnit
	case (s == streetUnnumbered || s == streetNearName) && place:
		return postalStreet
	case code == same && x.fine:
		return postalCode
	case s == streetNeighbour && place:
		return postalNeighbour
	case code == same && city == same:
		return postalArea
	case code == same:
		return postalPostcode
	case district == same && city != apart:
		return postalDistrict
	case city == same:
		return postalCity
	case s >= streetExact && s <= streetNear && len(x.numbers)+len(y.numbers) > 0:
		return postalElsewhere
	case code == slip || city == slip || district == slip, s >= streetUnit && s <= streetNeighbour && nowhere:
		return postalSlip
	case c.agreement(Region, x.region, y.region) == same:
		return postalRegion
	case nowhere && s == 0:
		return Missing
	}
	return postalDifferent
}

// agreement is how well a part of two addresses agrees.
type agreement uint8

const (
	absent agreement = iota
	same
	slip
	apart
)

func (c *postal) agreement(k Kind, a, b *locality) agreement {
	switch {
	case a.Text == "" || b.Text == "":
		return absent
	case a == b || a.Text == b.Text:
		return same
	}
	l := c.known[k].level(a.number, b.number, func() uint8 { return c.places[k].Level(&a.Value, &b.Value) })
	switch {
	case k == Postcode && l == codeBase, k != Postcode && l == placePart:
		return same
	case k == Postcode && l <= codeSector, k != Postcode && l <= placeClose:
		return slip
	}
	return apart
}

// Keys returns the address, the keys of its street, its postal code, its city,
// and its city with the street's first letters.
func (c *postal) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	p := v.parts.(*where)
	dst = lineKeys(append(dst, Key{0, hash(0, v.Text)}), &p.line)
	if !p.code.Missing() {
		dst = append(dst, Key{6, hash(6, p.code.Text)})
	}
	if !p.city.Missing() {
		dst = append(dst, Key{7, hash(7, p.city.Text)})
		if p.name.text != "" {
			dst = append(dst, Key{8, hashParts(8, p.city.Text, prefix(p.name.text, 4))})
		}
	}
	return dst
}
