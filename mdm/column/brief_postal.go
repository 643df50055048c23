package column

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The brief of an address in parts is a word for its street and one for its
// places. Of the street: the kinds of letters of its name, how many letters,
// the kinds of letters of its full name, and whether there is one.
const (
	lineLength  = letterKinds // 6 bits
	lineFullBag = 32          // as many as there are kinds
	linePresent = 1 << 62
	lineKnown   = 1 << 63

	// longLine is a length from which on it isn't known.
	longLine = 63
)

// Of the places: what each hashes to, 0 for none, the signs that it has, and
// whether it is in characters. The third word is the postal code as it is.
const (
	briefCity          = 0  // 11 bits
	briefCitySigns     = 11 // 18 bits
	briefCityLength    = 29 // 4 bits
	briefDistrict      = 33 // 9 bits
	briefDistrictSigns = 42 // 10 bits
	briefRegion        = 52 // 8 bits
	briefCityHan       = 1 << 62
	briefDistrictHan   = 1 << 63

	citySigns, districtSigns = 18, 10

	// longCity is a number of letters from which on it isn't known, longCode
	// that of a postal code.
	longCity = 15
	longCode = 8
)

// BriefWords is three: the street, the places, and the postal code.
func (c *postal) BriefWords() int { return 3 }

// Brief tells of a street and its places.
func (c *postal) Brief(dst []uint64, v Packed) {
	var w where
	w.read(v)
	street := uint64(lineKnown)
	if w.full.text != "" || w.name.text != "" {
		street |= linePresent | kindsOf(w.name.text) | uint64(min(w.name.runes, longLine))<<lineLength | kindsOf(w.full.text)<<lineFullBag
	}
	places := someHash(w.city, 11)<<briefCity | someHash(w.district, 9)<<briefDistrict | someHash(w.region, 8)<<briefRegion
	places |= signBits(w.city, citySigns)<<briefCitySigns | signBits(w.district, districtSigns)<<briefDistrictSigns
	places |= uint64(min(utf8.RuneCountInString(w.city), longCity)) << briefCityLength
	if inCharacters(w.city) {
		places |= briefCityHan
	}
	if inCharacters(w.district) {
		places |= briefDistrictHan
	}
	code := ^uint64(0)
	if len(w.code) <= longCode {
		code = 0
		for i := range len(w.code) {
			code |= uint64(w.code[i]) << (8 * i)
		}
	}
	dst[0], dst[1], dst[2] = street, places, code
}

// inCharacters reports what placeLevel takes for ideographs.
func inCharacters(s string) bool { return s != "" && s[0] >= 0xE0 }

// someHash hashes a text to so many bits, "" alone to 0.
func someHash(s string, size int) uint64 {
	if s == "" {
		return 0
	}
	return max(1, hash(0, s)&(1<<size-1))
}

// signBits returns a bit for each sign of a text, so that one that is a part of
// another has no more.
func signBits(s string, kinds uint32) (bag uint64) {
	for _, r := range s {
		bag |= 1 << (uint32(r) * 0x9E3779B1 >> 16 % kinds)
	}
	return bag
}

// cut returns some bits of a word.
func cut(w uint64, from, n int) uint64 { return w >> from & (1<<n - 1) }

// Bound tells whether two addresses may be of one street, and what their
// places have in common.
func (c *postal) Bound(a, b []uint64) (level uint8, sure bool) {
	streets := a[0]&b[0]&linePresent != 0
	if streets && sameStreet(a[0], b[0]) {
		return postalExact, false
	}
	code, fine := sameCode(a[2], b[2])
	city, district := sameCity(a[1], b[1]), sameDistrict(a[1], b[1])
	switch {
	case code == same && fine:
		return postalCode, false
	case code == same && city == same:
		return postalArea, false
	case code == same:
		return postalPostcode, false
	case district == same:
		return postalDistrict, false
	case city == same:
		return postalCity, false
	case code == slip, city == slip, district == slip:
		return postalSlip, false
	}
	region := sharing(a[1], b[1], briefRegion, 8) != absent
	switch nowhere := code == absent && city == absent && district == absent; {
	case nowhere && !streets:
		return Missing, !region
	case region:
		return postalRegion, false
	}
	return postalDifferent, true
}

// sameCode tells how two postal codes agree, and whether they may name a few
// houses.
func sameCode(p, q uint64) (how agreement, fine bool) {
	switch {
	case p == 0 || q == 0:
		return absent, false
	case p == ^uint64(0) || q == ^uint64(0):
		return same, true
	}
	var x, y [longCode]byte
	binary.LittleEndian.PutUint64(x[:], p)
	binary.LittleEndian.PutUint64(y[:], q)
	n, m := (bits.Len64(p)+7)/8, (bits.Len64(q)+7)/8
	if how = same; p != q {
		switch l := postcodeLevel(string(x[:n]), string(y[:m])); {
		case l == codeBase:
		case l <= codeSector:
			return slip, false
		default:
			return apart, false
		}
	}
	return how, fineCode(string(x[:n])) && fineCode(string(y[:m]))
}

// sameCity tells how well two cities may agree.
func sameCity(x, y uint64) agreement {
	how := sharing(x, y, briefCity, 11)
	if how != apart {
		return how
	}
	p, q := cut(x, briefCitySigns, citySigns), cut(y, briefCitySigns, citySigns)
	if holds(p, q) {
		return same
	}
	la, lb := int(cut(x, briefCityLength, 4)), int(cut(y, briefCityLength, 4))
	if x&y&briefCityHan == 0 && (la == longCity || lb == longCity || maySlip(la, lb, p, q) || mayAlike(la, lb, p, q, true, 0.92)) {
		return slip
	}
	return apart
}

// sameDistrict tells how well two districts may agree.
func sameDistrict(x, y uint64) agreement {
	how := sharing(x, y, briefDistrict, 9)
	switch {
	case how != apart:
		return how
	case holds(cut(x, briefDistrictSigns, districtSigns), cut(y, briefDistrictSigns, districtSigns)):
		return same
	case x&y&briefDistrictHan == 0:
		return slip
	}
	return apart
}

// sharing tells of two places whether they are there and hash to the same.
func sharing(x, y uint64, from, n int) agreement {
	switch p, q := cut(x, from, n), cut(y, from, n); {
	case p == 0 || q == 0:
		return absent
	case p == q:
		return same
	}
	return apart
}

// sameStreet reports whether two lines may be of one street, whatever the
// number.
func sameStreet(x, y uint64) bool {
	p, q := cut(x, 0, letterKinds), cut(y, 0, letterKinds)
	full := bits.OnesCount64(cut(x^y, lineFullBag, letterKinds))
	la, lb := int(cut(x, lineLength, 6)), int(cut(y, lineLength, 6))
	return full == 0 || full <= 4 && min(la, lb) >= 6 || la == longLine || lb == longLine || holds(p, q) ||
		maySlip(la, lb, p, q) || mayAlike(la, lb, p, q, true, 0.93)
}
