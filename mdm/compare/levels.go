// Package compare turns two customer records into a comparison vector: how well each of their attributes agrees.
package compare

// Comparison is one attribute, or group of attributes, that is compared once.
type Comparison uint8

// The comparisons. Fields that repeat each other share one: full_name,
// given_name and family_name are compared as a name, an address as a whole.
const (
	FamilyName Comparison = iota
	GivenName
	MiddleName
	NameOrder
	Organisation
	BirthDate
	Gender
	Email
	Phone
	Address
	NationalID
	TaxID
	SocialID
	Kind
	NumComparisons
)

// Level is how well one comparison agrees; 0 means that one side has no value
// to compare, which says nothing. Smaller levels agree better.
type Level uint8

// Missing is the level of a comparison with a value absent on either side.
const Missing Level = 0

// The levels of the comparisons.
const (
	FamilyExact     Level = iota + 1 // one spelling
	FamilyNear                       // one slip of the keys, or nearly the same letters
	FamilySound                      // written otherwise: pinyin against characters, Chan against Chen
	FamilyPart                       // one is a part of the other: Smith, Smith-Jones
	FamilyClose                      // alike
	FamilyDifferent                  //
)

const (
	GivenExact     Level = iota + 1
	GivenNickname        // Bill, William
	GivenNear            // one slip of the keys
	GivenSound           // pinyin against characters, or characters of one sound
	GivenInitial         // J, John
	GivenMiddle          // the one's first is the other's middle name
	GivenClose           // alike
	GivenCharacter       // one of two Chinese characters
	GivenDifferent
)

const (
	MiddleExact Level = iota + 1
	MiddleNear
	MiddleInitial
	MiddleDifferent
)

// OrderSwapped says that the family name of one is the given name of the other.
const OrderSwapped Level = 1

const (
	OrganisationExact     Level = iota + 1 // the whole legal name
	OrganisationSame                       // but for legal form and place
	OrganisationNear                       // nearly the same words
	OrganisationOverlap                    // half the words
	OrganisationBranch                     // a branch, and its company
	OrganisationEmployer                   // two people of one company, or of two with like names
	OrganisationDifferent                  //
)

const (
	BirthExact     Level = iota + 1
	BirthNewYear         // the same 1 January, which stands for a year alone
	BirthSwapped         // day and month swapped
	BirthDigit           // one digit, or two neighbours swapped
	BirthYear            // the year alone
	BirthDay             // day and month alone
	BirthNear            // within two years
	BirthDifferent       //
)

const (
	GenderSame Level = iota + 1
	GenderDifferent
)

const (
	EmailExact     Level = iota + 1
	EmailMailbox         // the mailbox at another provider
	EmailNear            // one or two slips of the keys
	EmailShared          // a mailbox that many read: info@
	EmailName            // mailboxes that say no more than the name does
	EmailDifferent       //
)

const (
	PhoneExact     Level = iota + 1 // a mobile number, or one not known to be a landline
	PhoneLandline                   // a household's or an office's
	PhoneTail                       // the last eight digits
	PhoneNear                       // one digit
	PhoneDifferent                  //
)

const (
	AddressPremises  Level = iota + 1 // street, number and no conflict of place
	AddressNear                       // the same with slips
	AddressStreet                     // the street, in the same place
	AddressUnit                       // a postal code of a few houses
	AddressArea                       // postal code of an area, and city
	AddressPostcode                   // postal code of an area
	AddressNeighbour                  // the street, in the same place, another house
	AddressDistrict                   // city and district
	AddressCity                       // the city
	AddressSlip                       // city or postal code but for a slip
	AddressRegion                     // the region
	AddressDifferent
)

const (
	IDExact      Level = iota + 1 // with a valid check digit
	IDUnchecked                   // equal, of a kind that has none
	IDNear                        // one slip of the keys
	IDDifferent                   // both valid
	IDMismatched                  // at least one can't be checked
)

const (
	SocialExact Level = iota + 1
	SocialDifferent
)

// KindDifferent says that one is a person, the other an organisation.
const KindDifferent Level = 1

// names are how the model file calls comparisons and levels.
var names = [NumComparisons][]string{
	FamilyName:   {"family_name", "exact", "near", "sound", "part", "close", "different"},
	GivenName:    {"given_name", "exact", "nickname", "near", "sound", "initial", "middle", "close", "character", "different"},
	MiddleName:   {"middle_name", "exact", "near", "initial", "different"},
	NameOrder:    {"name_order", "swapped"},
	Organisation: {"organisation", "exact", "same", "near", "overlap", "branch", "employer", "different"},
	BirthDate:    {"birth_date", "exact", "new_year", "swapped", "digit", "year", "day", "near", "different"},
	Gender:       {"gender", "same", "different"},
	Email:        {"email", "exact", "mailbox", "near", "shared", "name", "different"},
	Phone:        {"phone", "exact", "landline", "tail", "near", "different"},
	Address:      {"address", "premises", "near", "street", "unit", "area", "postcode", "neighbour", "district", "city", "slip", "region", "different"},
	NationalID:   {"national_id", "exact", "unchecked", "near", "different", "mismatched"},
	TaxID:        {"tax_id", "exact", "unchecked", "near", "different", "mismatched"},
	SocialID:     {"social_id", "exact", "different"},
	Kind:         {"kind", "different"},
}

// String returns the comparison's name in model files.
func (c Comparison) String() string { return names[c][0] }

// Levels returns how many levels a comparison has, Missing apart.
func (c Comparison) Levels() int { return len(names[c]) - 1 }

// LevelName returns a level's name in model files; Missing is "missing".
func (c Comparison) LevelName(l Level) string {
	if l == Missing {
		return "missing"
	}
	return names[c][l]
}

// Vector is the comparison vector of two records.
type Vector struct {
	Level [NumComparisons]Level
	// Rarity is, where values agree exactly and their frequency is known,
	// -log2 of the share of people who have the value, in millibits; else 0.
	Rarity [NumComparisons]int32
}
