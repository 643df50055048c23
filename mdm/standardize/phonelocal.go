package standardize

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// numbering is a country's plan by the library's own tables, for numbers
// written as they are dialled at home. It knows only what is sure: a number
// that it does not take is for the library to judge.
type numbering struct {
	code string
	// abroad begins a number with a country code, trunk is what is dialled in
	// front of a number at home; nil where there is none.
	abroad, trunk *digits
	// zero says that trunk takes the 0 in front and no more, unless one of
	// carriers follows it.
	zero     bool
	carriers string
	// regions share the country code; the first is the country that the
	// code's numbers are parsed by.
	regions []region
}

// region is what makes a number one of a country.
type region struct {
	leading *digits // where it is set, its numbers are those that begin so
	general kind
	kinds   []kind
}

// kind is one kind of number: how long it is and how it looks.
type kind struct {
	lengths uint32 // bit n: n digits; 0 is any
	pattern *digits
}

func (k *kind) holds(number string) bool {
	return (k.lengths == 0 || k.lengths>>len(number)&1 == 1) && k.pattern.whole(number)
}

// zeroOnly are the rules of trunk prefixes of which a number that begins with
// 0 and another digit loses the 0 alone.
var zeroOnly = []string{"0", "0|180020", "(183[12])|0", `(000[2569]\d{4,6})$|(?:(?:003768)0?)|0`}

// koreaTrunk is the rule that takes the number of a carrier, 8x, along.
const koreaTrunk = `0(8(?:[1-46-8]|5\d\d))?`

// numberings are the plans of the countries whose local numbers are
// recognised without the library; each is made when it is first asked for.
var numberings = func() map[string]func() *numbering {
	all := map[string]func() *numbering{}
	for _, country := range strings.Fields("US CA GB DE FR JP HK TW SG AU NL ES KR IN CH AT NZ IE BE SE") {
		all[country] = sync.OnceValue(func() *numbering { return newNumbering(country) })
	}
	return all
}()

// newNumbering reads a country's plan; nil where its tables hold anything
// that is not understood here.
func newNumbering(country string) *numbering {
	tables, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil
	}
	var own *phonenumbers.PhoneMetadata
	for _, m := range tables.GetMetadata() {
		if m.GetId() == country {
			own = m
		}
	}
	if own == nil {
		return nil
	}
	n, ok := &numbering{code: strconv.Itoa(int(own.GetCountryCode()))}, true
	read := func(pattern string) *digits {
		if pattern == "" {
			return nil
		}
		d, understood := compileDigits(pattern)
		ok = ok && understood
		return d
	}
	rule := own.GetNationalPrefixForParsing()
	n.abroad, n.trunk = read(own.GetInternationalPrefix()), read(rule)
	n.zero = slices.Contains(zeroOnly, rule)
	if rule == koreaTrunk {
		n.zero, n.carriers = true, "8"
	}
	for _, m := range tables.GetMetadata() {
		if m.GetCountryCode() != own.GetCountryCode() {
			continue
		}
		r := region{leading: read(m.GetLeadingDigits()), general: kindOf(m.GetGeneralDesc(), read)}
		for _, d := range []*phonenumbers.PhoneNumberDesc{m.GetFixedLine(), m.GetMobile(), m.GetTollFree(), m.GetPremiumRate(), m.GetVoip()} {
			if k := kindOf(d, read); k.pattern != nil {
				r.kinds = append(r.kinds, k)
			}
		}
		// A country's own numbers are parsed by the code's main country.
		if m.GetMainCountryForCode() {
			n.regions = slices.Insert(n.regions, 0, r)
		} else {
			n.regions = append(n.regions, r)
		}
		ok = ok && r.general.pattern != nil && r.general.lengths != 0
	}
	if !ok || len(n.regions) == 0 {
		return nil
	}
	return n
}

// kindOf reads one kind of number; lengths that are dialled only inside an
// area are not among its lengths.
func kindOf(d *phonenumbers.PhoneNumberDesc, read func(string) *digits) kind {
	k := kind{pattern: read(d.GetNationalNumberPattern())}
	for _, l := range d.GetPossibleLength() {
		if l < 0 {
			return kind{} // there are none
		}
		k.lengths |= 1 << l
	}
	for _, l := range d.GetPossibleLengthLocalOnly() {
		k.lengths &^= 1 << l
	}
	return k
}

// local returns the E.164 form of a number as it is dialled in its country.
func (n *numbering) local(number string) (string, bool) {
	if strings.HasPrefix(number, n.code) || n.abroad != nil && n.abroad.prefix(number) {
		return "", false
	}
	if n.trunk != nil && n.trunk.prefix(number) {
		if !n.zero || number[0] != '0' || strings.IndexByte(n.carriers, number[1]) >= 0 {
			return "", false
		}
		number = number[1:]
	}
	if number[0] == '0' || !n.regions[0].general.holds(number) || !n.valid(number) {
		return "", false
	}
	return "+" + n.code + number, true
}

// valid reports whether the number is for sure one of the countries that
// share the code.
func (n *numbering) valid(number string) bool {
	for i := range n.regions {
		if r := &n.regions[i]; r.leading != nil && r.leading.prefix(number) {
			return false
		}
	}
	for i := range n.regions {
		r := &n.regions[i]
		if r.leading != nil || !r.general.holds(number) {
			continue
		}
		for j := range r.kinds {
			if r.kinds[j].holds(number) {
				return true
			}
		}
	}
	return false
}
