package compare

import (
	"strings"

	"crmhub/mdm/similar"
)

// comparePlaces compares addresses by their best pair.
func comparePlaces(a, b []Place, v *Vector) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	best := Missing
	rarity := int32(0)
	for i := range a {
		for j := range b {
			l := comparePlace(&a[i], &b[j])
			if l != Missing && (best == Missing || l < best) {
				best = l
			}
			if l == AddressCity {
				rarity = max(rarity, a[i].City.Place)
			}
		}
	}
	v.Level[Address] = best
	if best == AddressCity {
		v.Rarity[Address] = rarity
	}
}

func comparePlace(a, b *Place) Level {
	code, city, district := both(a.Postcode, b.Postcode), both(a.City, b.City), both(a.District, b.District)
	place := code == same || city == same || district == same
	conflict := !place && (code == differ || city == differ)
	street, house := both(a.Street, b.Street), both(a.House, b.House)
	switch {
	case street == same && house == same && !conflict:
		return AddressPremises
	case street == differ && house == same && place && nearStreet(a.Street.Text, b.Street.Text):
		return AddressNear
	case street == same && house == same && slip(a, b):
		return AddressNear
	case street == same && place && house == differ:
		return AddressNeighbour
	case street == same && place && a.Street.length >= 2:
		return AddressStreet
	case code == same && a.Fine:
		return AddressUnit
	case code == same && city == same:
		return AddressArea
	case code == same:
		return AddressPostcode
	case city == same && district == same:
		return AddressDistrict
	case city == same:
		return AddressCity
	case slip(a, b):
		return AddressSlip
	case both(a.Region, b.Region) == same && code != differ && city != differ:
		return AddressRegion
	case code == absent && city == absent && street == absent:
		return Missing
	case code == absent && city == absent && district == absent:
		if street == differ && !nearStreet(a.Street.Text, b.Street.Text) {
			return AddressDifferent
		}
		return Missing
	}
	return AddressDifferent
}

type agreement uint8

const (
	absent agreement = iota
	same
	differ
)

func both(a, b *Token) agreement {
	switch {
	case a == nil || b == nil:
		return absent
	case a == b:
		return same
	}
	return differ
}

// slip reports whether city or a fine postal code agree but for a slip.
func slip(a, b *Place) bool {
	return a.City != nil && b.City != nil && min(a.City.length, b.City.length) >= 5 && near(a.City, b.City, 2) ||
		a.Postcode != nil && b.Postcode != nil && a.Fine && b.Fine && similar.Within(a.Postcode.Text, b.Postcode.Text, 1)
}

// nearStreet reports whether two street lines are nearly the same, or one is
// a part of the other.
func nearStreet(a, b string) bool {
	if strings.Contains(a, b) && len(b) >= 5 || strings.Contains(b, a) && len(a) >= 5 {
		return true
	}
	return similar.Within(a, b, 2) && min(len(a), len(b)) >= 6 || similar.Within(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""), 1) || similar.AtLeast(a, b, 0.93)
}

func compareCompany(a, b *Company) Level {
	switch {
	case a == nil || b == nil:
		return Missing
	case a.Full == b.Full:
		return OrganisationExact
	case a.Branch != b.Branch:
		if a.Brand == b.Brand || strings.HasPrefix(a.Brand.Text, b.Brand.Text) || strings.HasPrefix(b.Brand.Text, a.Brand.Text) {
			return OrganisationBranch
		}
	case a.Branch: // two branches are the same by their whole names only
		return OrganisationDifferent
	case a.Brand == b.Brand:
		return OrganisationSame
	case near(a.Brand, b.Brand, 1) && min(a.Brand.length, b.Brand.length) >= 6:
		return OrganisationNear
	}
	shared := 0
	for _, x := range a.Words {
		for _, y := range b.Words {
			if x == y {
				shared++
				break
			}
		}
	}
	most, least := max(len(a.Words), len(b.Words)), min(len(a.Words), len(b.Words))
	switch {
	case shared > 0 && shared*5 >= most*4:
		return OrganisationNear
	case shared*2 >= most && shared > 0, shared == least && shared >= 2:
		return OrganisationOverlap
	}
	return OrganisationDifferent
}
