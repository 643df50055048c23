package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

// postal compares addresses whose parts stand in columns of their own.
type postal struct {
	base
	parts []Kind
	// places read the places.
	places [kinds]*place
	// empty is a packed line without text.
	empty Packed
}

// where is an address in parts.
type where struct {
	line
	district, city, region, country, code string
}

// postalHead is how many bytes stand before the line of a packed address: the
// lengths of district, city, region, postal code and country. They stand
// behind the line, each after a stroke.
const postalHead = 10

func (w *where) read(v Packed) {
	rest := string(w.line.read(v[postalHead:]))
	for i, s := range [...]*string{&w.district, &w.city, &w.region, &w.code, &w.country} {
		n := 1 + v.get16(2*i)
		*s, rest = rest[1:n], rest[n:]
	}
}

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
	p := &postal{base{Address, []string{"exact", "near", "no_place", "unit", "street", "unit_code", "neighbour", "area", "postcode", "district", "city", "elsewhere", "slip", "region", "different"}, []string{"exact", "name", "prefix", "token", "number_prefix", "deletion", "postcode", "city", "city_street"}}, parts, [kinds]*place{}, Packed(appendLine(nil, ""))}
	for _, k := range []Kind{District, City, Region, Country} {
		p.places[k] = newPlace(k)
	}
	return p
}

// Parted reports whether each part is of one column.
func (c *postal) Parted() bool {
	var seen [kinds]bool
	for _, k := range c.parts {
		switch k {
		case District, City, Region, Country, Postcode:
		case HouseNumber:
			return false
		default:
			k = Street
		}
		if seen[k] {
			return false
		}
		seen[k] = true
	}
	return true
}

// Append reads a street line alone.
func (c *postal) Append(dst []byte, text string) []byte {
	return c.combine(dst, []string{text}, []Kind{Street})
}

// Combine takes an address in several columns apart.
func (c *postal) Combine(dst []byte, texts []string) []byte { return c.combine(dst, texts, c.parts) }

func (c *postal) combine(dst []byte, texts []string, parts []Kind) []byte {
	var room [2][4]string
	lines, numbers := room[0][:0], room[1][:0]
	var p where
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
			p.code = postalCodeOf(t)
		default:
			if t = clean(t); t != "" {
				lines = append(lines, t)
			}
		}
	}
	street := joined(joined("", numbers, " "), lines, " ")
	if standardize.HasHan(street) {
		street = c.chinese(&p, joined(joined("", lines, ""), numbers, ""))
	}
	return p.append(dst, Packed(appendLine(nil, foldLine(street))))
}

// foldLine returns a street line as it is compared.
func foldLine(street string) string {
	f := clip(standardize.FoldStreet(street))
	if standardize.HasHan(f) {
		return hanHouse(strings.ReplaceAll(f, " ", ""))
	}
	return f
}

// append packs an address with its packed line; nothing where it is empty.
func (w *where) append(dst []byte, packed Packed) []byte {
	places := [...]string{w.district, w.city, w.region, w.code, w.country}
	if packed.get16(lineLengths) == 0 && places == [...]string{"", "", "", "", ""} {
		return dst
	}
	for _, s := range places {
		dst = append16(dst, len(s))
	}
	dst = append(dst, packed...)
	for _, s := range places {
		dst = append(append(dst, '|'), s...)
	}
	return dst
}

// partHead is how many bytes stand before the line of a street's part: the
// lengths of the district, city and region that it names, which follow.
const partHead = 6

// Part takes a value of one column apart.
func (c *postal) Part(dst []byte, k int, text string) []byte {
	switch kind := c.parts[k]; kind {
	case Postcode:
		return appendPostcode(dst, text)
	case District, City, Region, Country:
		return append(dst, c.place(kind, text)...)
	}
	if text = clean(text); text == "" {
		return dst
	}
	var p where
	if standardize.HasHan(text) {
		text = c.chinese(&p, text)
	}
	dst = append16(append16(append16(dst, len(p.district)), len(p.city)), len(p.region))
	dst = append(append(append(dst, p.district...), p.city...), p.region...)
	return appendLine(dst, foldLine(text))
}

// Join packs the address that the parts of its columns make.
func (c *postal) Join(dst []byte, parts []Packed) []byte {
	var p where
	var line Packed
	for i, v := range parts {
		switch c.parts[i] {
		case District:
			p.district = string(v)
		case City:
			p.city = string(v)
		case Region:
			p.region = string(v)
		case Country:
			p.country = string(v)
		case Postcode:
			p.code = string(v)
		default:
			line = v
		}
	}
	if line == "" {
		return p.append(dst, c.empty)
	}
	rest := line[partHead:]
	for i, s := range [...]*string{&p.district, &p.city, &p.region} {
		n := line.get16(2 * i)
		if *s == "" {
			*s = string(rest[:n])
		}
		rest = rest[n:]
	}
	return p.append(dst, rest)
}

// AppendText appends the line and the places, with strokes between them.
func (c *postal) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	var l line
	places := l.read(v[postalHead:])
	return append(append(dst, l.text...), places...)
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

// place returns a place as it is compared.
func (c *postal) place(k Kind, text string) string {
	name, _ := c.places[k].read(text)
	return name
}

// postalCodeOf returns a postal code as it is compared.
func postalCodeOf(text string) string {
	var room [32]byte
	return string(appendPostcode(room[:0], text))
}

// chinese moves province, city and district that a street line repeats to
// their places, and returns what is left of it.
func (c *postal) chinese(p *where, street string) string {
	region, city, district, street := standardize.ChineseStreet(standardize.Simplified(street))
	for _, at := range [...]struct {
		name string
		v    *string
		k    Kind
	}{{region, &p.region, Region}, {city, &p.city, City}, {district, &p.district, District}} {
		if at.name != "" && *at.v == "" {
			*at.v = c.place(at.k, at.name)
		}
	}
	return street
}

// fineCode reports whether a postal code names a few houses: letters and
// digits (Britain, Canada, the Netherlands), or nine digits and more.
func fineCode(code string) bool {
	digits := 0
	for i := 0; i < len(code); i++ {
		if code[i] >= '0' && code[i] <= '9' {
			digits++
		}
	}
	return len(code) >= 5 && len(code)-digits >= 2 && digits >= 2 || digits >= 9
}

// Level compares two addresses.
func (c *postal) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	var x, y where
	x.read(a)
	y.read(b)
	code, city, district := agreeing(Postcode, x.code, y.code), agreeing(City, x.city, y.city), agreeing(District, x.district, y.district)
	place := code == same || city == same || district == same
	conflict := !place && (code == apart || city == apart || district == apart && code != slip && city != slip)
	s := uint8(0)
	if (x.full.text != "" || x.name.text != "") && (y.full.text != "" || y.name.text != "") {
		if s = streetSame; x.text != y.text {
			s = streetLevel(&x.line, &y.line)
		}
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
	case code == same && fineCode(x.code) && fineCode(y.code):
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
	case s >= streetExact && s <= streetNear && (x.numbers != "" || y.numbers != ""):
		return postalElsewhere
	case code == slip || city == slip || district == slip, s >= streetUnit && s <= streetNeighbour && nowhere:
		return postalSlip
	case agreeing(Region, x.region, y.region) == same:
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

func agreeing(k Kind, a, b string) agreement {
	switch {
	case a == "" || b == "":
		return absent
	case a == b:
		return same
	case k == Postcode:
		switch l := postcodeLevel(a, b); {
		case l == codeBase:
			return same
		case l <= codeSector:
			return slip
		}
		return apart
	}
	x, y := spell(a), spell(b)
	switch l := placeLevel(&x, &y, a, b); {
	case l == placePart:
		return same
	case l <= placeClose:
		return slip
	}
	return apart
}

// Keys returns the address, the keys of its street, its postal code, its city,
// and its city with the street's first letters.
func (c *postal) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	var p where
	p.read(v)
	places := v[len(v)-5-len(p.district)-len(p.city)-len(p.region)-len(p.code)-len(p.country):]
	dst = lineKeys(append(dst, Key{0, hashParts(0, p.text, string(places))}), &p.line, want)
	if p.code != "" {
		dst = append(dst, Key{6, hash(6, p.code)})
	}
	if p.city != "" {
		dst = append(dst, Key{7, hash(7, p.city)})
		if p.name.text != "" {
			dst = append(dst, Key{8, hashParts(8, p.city, prefix(p.name.text, 4))})
		}
	}
	return dst
}
