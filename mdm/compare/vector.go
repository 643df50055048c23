package compare

import (
	"slices"

	"crmhub/mdm/similar"
)

// Compare fills v with the comparison vector of two records. It is symmetric.
func Compare(a, b *Features, v *Vector) {
	*v = Vector{}
	Facts(a, b, v)
	Names(a, b, v)
}

// Facts fills all comparisons but those of the name.
func Facts(a, b *Features, v *Vector) {
	marks(a, b, v)
	contact(a, b, v)
}

// Names fills the comparisons of the name. They cost most, for names that differ
// are compared letter by letter.
func Names(a, b *Features, v *Vector) { compareNames(&a.Name, &b.Name, v) }

// marks fills what a person has but once: ids, birth date and gender.
func marks(a, b *Features, v *Vector) {
	if a.organisational() != b.organisational() && !(a.Name.empty() && b.Name.empty()) && (a.organisational() || b.organisational()) && !(a.Name.empty() && a.Organisation == nil) && !(b.Name.empty() && b.Organisation == nil) {
		v.Level[Kind] = KindDifferent
	}
	v.Level[NationalID] = compareID(a.NationalID, b.NationalID)
	v.Level[TaxID] = compareID(a.TaxID, b.TaxID)
	v.Level[BirthDate] = compareDate(a.Birth, b.Birth)
	if a.Gender != 0 && b.Gender != 0 {
		v.Level[Gender] = GenderDifferent
		if a.Gender == b.Gender {
			v.Level[Gender] = GenderSame
		}
	}
}

// contact fills organisation, social ids, e-mails, phones and addresses.
func contact(a, b *Features, v *Vector) {
	v.Level[Organisation] = compareCompany(a.Organisation, b.Organisation)
	if l := v.Level[Organisation]; l != Missing && l < OrganisationEmployer && !a.Name.empty() && !b.Name.empty() {
		// Where people are named, the company is where they work: it says no
		// more than that they are colleagues.
		v.Level[Organisation] = OrganisationEmployer
	}
	v.Level[SocialID] = compareSocial(a.SocialIDs, b.SocialIDs)
	v.Level[Phone] = comparePhones(a.Phones, b.Phones)
	v.Level[Email] = compareMails(a.Emails, b.Emails)
	comparePlaces(a.Addresses, b.Addresses, v)
}

func compareID(a, b ID) Level {
	switch {
	case a.Token == nil || b.Token == nil:
		return Missing
	case a.Token == b.Token && a.Checked:
		return IDExact
	case a.Token == b.Token:
		return IDUnchecked
	case a.length == b.length && similar.Within(a.Text, b.Text, 1):
		return IDNear
	case a.Checked && b.Checked:
		return IDDifferent
	}
	return IDMismatched
}

func compareDate(a, b Date) Level {
	if a == 0 || b == 0 {
		return Missing
	}
	sameYear, sameMonth, sameDay := a.Year() == b.Year(), a.Month() == b.Month(), a.Day() == b.Day()
	switch {
	case a == b && a.Month() == 1 && a.Day() == 1:
		return BirthNewYear
	case a == b:
		return BirthExact
	case sameYear && a.Month() == b.Day() && a.Day() == b.Month():
		return BirthSwapped
	case nearDigits(a, b):
		return BirthDigit
	case sameYear:
		return BirthYear
	case sameMonth && sameDay && !(a.Month() == 1 && a.Day() == 1):
		return BirthDay
	case max(a.Year(), b.Year())-min(a.Year(), b.Year()) <= 2:
		return BirthNear
	}
	return BirthDifferent
}

// nearDigits reports whether eight digits differ in one place, or in two
// neighbours that are swapped.
func nearDigits(a, b Date) bool {
	x, y := digits(a), digits(b)
	first, count := -1, 0
	for i := range x {
		if x[i] != y[i] {
			if count++; count == 1 {
				first = i
			} else if count > 2 || i != first+1 {
				return false
			}
		}
	}
	return count == 1 || count == 2 && x[first] == y[first+1] && x[first+1] == y[first]
}

func digits(d Date) [8]byte {
	y, m, day := d.Year(), d.Month(), d.Day()
	return [8]byte{byte(y / 1000), byte(y / 100 % 10), byte(y / 10 % 10), byte(y % 10), byte(m / 10), byte(m % 10), byte(day / 10), byte(day % 10)}
}

func compareSocial(a, b []*Token) Level {
	if len(a) == 0 || len(b) == 0 {
		return Missing
	}
	for _, x := range a {
		if slices.Contains(b, x) {
			return SocialExact
		}
	}
	return SocialDifferent
}

func comparePhones(a, b []Number) Level {
	if len(a) == 0 || len(b) == 0 {
		return Missing
	}
	best := PhoneDifferent
	for _, x := range a {
		for _, y := range b {
			switch {
			case x == y && !x.landline():
				return PhoneExact
			case x == y:
				best = min(best, PhoneLandline)
			case x.Tail() == y.Tail() && (min(x, y) < 1e11 || x.Tail() == uint64(min(x, y))):
				best = min(best, PhoneTail)
			case nearNumber(x, y):
				best = min(best, PhoneNear)
			}
		}
	}
	return best
}

// nearNumber reports whether two numbers of equal length differ in one digit,
// or in two neighbours that are swapped.
func nearNumber(x, y Number) bool {
	if x > y {
		x, y = y, x
	}
	// One digit is d times a power of ten; two swapped are 9d times one.
	diff := uint64(y - x)
	for diff%10 == 0 && diff > 0 {
		diff /= 10
	}
	return diff < 10 && differing(x, y) == 1 || diff%9 == 0 && diff < 100 && swappedDigits(x, y)
}

func differing(x, y Number) int {
	n := 0
	for x > 0 || y > 0 {
		if x%10 != y%10 {
			n++
		}
		x, y = x/10, y/10
	}
	return n
}

func swappedDigits(x, y Number) bool {
	for x > 0 && y > 0 {
		if x%10 != y%10 {
			return x%10 == y/10%10 && y%10 == x/10%10 && x/100 == y/100
		}
		x, y = x/10, y/10
	}
	return false
}

func compareMails(a, b []Mail) Level {
	if len(a) == 0 || len(b) == 0 {
		return Missing
	}
	best := EmailDifferent
	for i := range a {
		for j := range b {
			best = min(best, compareMail(&a[i], &b[j]))
			if best == EmailExact {
				return best
			}
		}
	}
	return best
}

func compareMail(a, b *Mail) Level {
	switch {
	case a.Mailbox == b.Mailbox && a.Domain == b.Domain && (a.Shared || b.Shared):
		return EmailShared
	case a.Mailbox == b.Mailbox && a.Domain == b.Domain:
		return EmailExact
	case a.Shared || b.Shared:
		return EmailDifferent
	case a.Mailbox == b.Mailbox && a.Domain != nil && b.Domain != nil && nearWords(a.Domain, b.Domain):
		return EmailNear
	case a.Mailbox == b.Mailbox && a.Mailbox.length >= 6 && !(a.Named && b.Named && !digitIn(a.Mailbox.Text)):
		return EmailMailbox
	case a.Mailbox == b.Mailbox:
		return EmailName
	case a.Domain == b.Domain && min(a.Mailbox.length, b.Mailbox.length) >= 6 && nearWords(a.Mailbox, b.Mailbox) && !numbered(a.Mailbox.Text, b.Mailbox.Text):
		return EmailNear
	case (a.Domain == nil) != (b.Domain == nil) && max(a.Mailbox.length, b.Mailbox.length) > 8 && similar.Within(joined(a), joined(b), 1):
		return EmailNear
	}
	return EmailDifferent
}

// numbered reports whether two mailboxes differ in their digits alone:
// wang.17 and wang.18 are two people more often than one with a slip.
func numbered(a, b string) bool {
	if !digitIn(a) || !digitIn(b) {
		return false
	}
	i, j := 0, 0
	for {
		for i < len(a) && isDigit(a[i]) {
			i++
		}
		for j < len(b) && isDigit(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		i, j = i+1, j+1
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// joined is an address as a slip on the @ leaves it.
func joined(m *Mail) string {
	if m.Domain == nil {
		return m.Mailbox.Text
	}
	return m.Mailbox.Text + m.Domain.Text
}

func digitIn(s string) bool {
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// nearWords reports whether two words are a slip or two apart, by length.
func nearWords(a, b *Token) bool {
	k := 1
	if min(a.length, b.length) >= 9 {
		k = 2
	}
	return near(a, b, k)
}
