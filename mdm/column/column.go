// Package column compares the values of a column by what they are: names, dates, phones, addresses, text.
package column

import "slices"

// Kind is what the values of a column are.
type Kind uint8

// The kinds of columns. Text serves whatever has no kind of its own.
const (
	// Ignored is no evidence: running numbers, constants, the system or the
	// moment that a row is from.
	Ignored Kind = iota
	FullName
	GivenName
	MiddleName
	FamilyName
	// Names is a list of people: the authors of a paper.
	Names
	Organisation
	Phone
	Email
	URL
	// Address is a whole address in one line; its parts have kinds of their own.
	Address
	Street
	HouseNumber
	District
	City
	Region
	Postcode
	Country
	// Place is a place of unknown rank: a birthplace, a venue.
	Place
	Date
	Year
	NationalID
	TaxID
	// Identifier is any other code that stands for one thing: ISBN, customer number.
	Identifier
	Gender
	Number
	Category
	// Title names a work or a product: a song, an album, a paper.
	Title
	Text
	kinds
)

var kindNames = [kinds]string{
	"ignored", "full_name", "given_name", "middle_name", "family_name", "names", "organisation", "phone", "email", "url",
	"address", "street", "house_number", "district", "city", "region", "postcode", "country", "place",
	"date", "year", "national_id", "tax_id", "identifier", "gender", "number", "category", "title", "text",
}

// String returns the kind's name in model files.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "unknown"
}

// ParseKind returns the kind of that name in a model file.
func ParseKind(s string) (Kind, bool) {
	i := slices.Index(kindNames[:], s)
	return Kind(max(i, 0)), i >= 0
}

// Missing is the level of a pair of which one side has no value.
const Missing uint8 = 0

// Comparer compares the values of one column. It is safe for concurrent use.
type Comparer interface {
	Kind() Kind
	// Levels names the levels from 1, the best first, at most 15; the last is
	// that of values which disagree.
	Levels() []string
	// Append appends the features of one distinct value to dst. Of a value that
	// stands for none (n/a, 无, 1900-01-01) it appends nothing.
	Append(dst []byte, text string) []byte
	// Level compares two values of this comparer: Missing, or the number of a
	// level from 1. It is symmetric and doesn't allocate.
	Level(a, b Packed) uint8
	// AppendText appends the canonical text of a value, by which values are
	// counted, to dst; nothing of a missing one.
	AppendText(dst []byte, v Packed) []byte
	// Predicates names the kinds of blocking keys, by Key.Predicate.
	Predicates() []string
	// Keys appends the blocking keys of a value to dst, each once: of the
	// predicates whose bits are set in want all, of others perhaps none.
	Keys(dst []Key, v Packed, want uint32) []Key
}

// Composite is a comparer over several columns of a row that tell of one
// thing: the parts of a name, of an address. Its Append takes the text of the
// first column alone.
type Composite interface {
	Comparer
	// Combine appends the features of one distinct tuple of values, one for
	// each column that the composite was made for.
	Combine(dst []byte, texts []string) []byte
	// Parted reports whether Join gives of what Part gave for the values of a
	// tuple what Combine gives of them.
	Parted() bool
	// Part appends what a value of column k is taken apart into, once for all
	// tuples that hold it; nothing of a missing one.
	Part(dst []byte, k int, text string) []byte
	// Join appends the features of a tuple that was taken apart.
	Join(dst []byte, parts []Packed) []byte
}

// Key is a blocking key: values that share it are worth comparing.
type Key struct {
	Predicate uint8
	Hash      uint64
}

// Options are what a comparer may know of its column.
type Options struct {
	// Values are the distinct values of the column, or a sample of them that
	// does not hang on the order of rows. Words are weighed and the order of
	// ambiguous dates is found by them.
	Values []string
	// Told are words of the column, folded, that another column of their rows
	// tells too: the maker in the name of a product. They weigh next to nothing.
	Told []string
	// Country is the ISO 3166-1 alpha-2 code that local phone numbers are in, "" where unknown.
	Country string
}

// New returns the comparer of a kind; that of Ignored finds every value missing.
func New(k Kind, o Options) Comparer {
	switch k {
	case GivenName, MiddleName:
		return newGiven(k)
	case FamilyName:
		return newFamily()
	case Date:
		return newDate(o)
	case Year:
		return newYear(o)
	case Gender:
		return newGender()
	case Email:
		return newEmail(o)
	case Phone:
		return newPhone(o)
	case NationalID, TaxID, Identifier:
		return newID(k)
	case Number:
		return newQuantity(o)
	case Category:
		return newCategory()
	case District, City, Region, Country, Place:
		return newPlace(k)
	case Postcode:
		return newPostcode()
	case HouseNumber:
		return newHouse()
	case URL:
		return newURL()
	case Street:
		return newStreet()
	case Address:
		return newAddress(o)
	case FullName:
		return newFullName(nil)
	case Names:
		return newNames()
	case Organisation:
		return newOrganisation(o)
	case Ignored:
		return newWord(k)
	}
	return newProse(k, o)
}

// base is what comparers have in common.
type base struct {
	kind               Kind
	levels, predicates []string
}

// Kind returns what the column holds.
func (b *base) Kind() Kind { return b.kind }

// Levels names the levels.
func (b *base) Levels() []string { return b.levels }

// Predicates names the kinds of keys.
func (b *base) Predicates() []string { return b.predicates }
