package compare

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"crmhub/mdm/standardize"
)

// Mail is an e-mail address.
type Mail struct {
	Mailbox, Domain *Token
	// Shared says that many people read it: info@, sales@.
	Shared bool
	// Named says that the mailbox repeats the person's name.
	Named bool
}

// sharedMailboxes are read by many.
var sharedMailboxes = map[string]bool{
	"info": true, "sales": true, "admin": true, "office": true, "contact": true, "contacts": true, "service": true, "services": true, "support": true, "hello": true, "mail": true, "email": true, "enquiries": true, "enquiry": true, "inquiry": true, "hr": true, "finance": true, "marketing": true, "postmaster": true, "webmaster": true, "team": true, "shop": true, "store": true, "order": true, "orders": true, "billing": true, "invoice": true, "invoices": true, "accounts": true, "accounting": true, "reception": true, "help": true, "helpdesk": true, "purchasing": true, "procurement": true, "kefu": true, "caiwu": true, "xiaoshou": true, "renshi": true, "customerservice": true, "booking": true, "bookings": true, "reservations": true, "jobs": true, "press": true, "legal": true, "it": true,
}

// emptyMailboxes belong to nobody.
var emptyMailboxes = map[string]bool{
	"noreply": true, "no-reply": true, "donotreply": true, "do-not-reply": true, "none": true, "na": true, "n/a": true, "null": true, "unknown": true, "noemail": true, "no-email": true, "nomail": true, "test": true, "abc": true, "123": true, "xxx": true, "a": true, "example": true, "nobody": true, "notprovided": true, "notavailable": true,
}

func (d *Dictionary) mail(s string, n *Name) (Mail, bool) {
	s = strings.ToLower(s)
	box, domain, found := strings.Cut(s, "@")
	if !found {
		box, domain = s, ""
	}
	if box, _, _ = strings.Cut(box, "+"); box == "" || emptyMailboxes[box] {
		return Mail{}, false
	}
	m := Mail{Mailbox: d.token(words, box), Domain: d.token(words, domain)}
	m.Shared = sharedMailboxes[strings.Trim(box, "0123456789._-")]
	m.Named = named(box, n)
	return m, true
}

// named reports whether a mailbox holds the family name or the first name.
func named(box string, n *Name) bool {
	for _, t := range [...]*Token{n.Family, n.Given[0], n.Whole} {
		if t == nil {
			continue
		}
		word := t.Text
		if t.han {
			word = t.pinyin
		}
		if len(word) >= 3 && strings.Contains(box, word) {
			return true
		}
	}
	return false
}

// Number is a phone number: E.164 digits, or the digits a source gave.
type Number uint64

// landlineAreas of mainland China: +86 and not 1.
func (n Number) landline() bool {
	s := strconv.FormatUint(uint64(n), 10)
	return len(s) >= 11 && strings.HasPrefix(s, "86") && s[2] != '1'
}

// Tail returns the last eight digits, which an area or country code in front
// does not change.
func (n Number) Tail() uint64 { return uint64(n) % 1e8 }

// number reads a phone number; what stands in files for none is left out: too
// few digits, one digit again and again, counting up, or 13800138000.
func number(s string) (Number, bool) {
	var n uint64
	digits := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= '0' && c <= '9' {
			if digits++; digits > 17 {
				return 0, false
			}
			n = n*10 + uint64(c-'0')
		}
	}
	switch tail := n % 1e8; {
	case n < 1e6:
		return 0, false
	case tail%11111111 == 0, tail == 12345678, tail == 23456789, tail == 34567890, tail == 87654321, n%1e7 == 1234567:
		return 0, false
	case n%1e11 == 13800138000, n%1e11 == 13900139000, n%1e11 == 13000000000:
		return 0, false
	}
	return Number(n), true
}

// Place is an address, taken apart and folded.
type Place struct {
	// Street is the street line without its numbers, House those numbers.
	Street, House                    *Token
	District, City, Region, Postcode *Token
	// Fine says that the postal code is that of a few houses.
	Fine bool
}

func (d *Dictionary) place(m map[string]any) Place {
	var p Place
	var room [128]byte
	if street := text(m, "street"); street != "" {
		line, house := splitStreet(standardize.AppendFoldStreet(room[:0], street))
		p.Street, p.House = d.token(words, line), d.token(words, house)
	}
	p.District = d.shortPlace(text(m, "district"))
	p.City = d.shortPlace(text(m, "city"))
	p.Region = d.shortPlace(text(m, "region"))
	written := text(m, "postcode")
	folded := standardize.AppendFold(room[:0], written)
	folded = slices.DeleteFunc(folded, func(c byte) bool { return c == ' ' })
	if len(folded) == 0 || bytes.Count(folded, folded[:1]) == len(folded) {
		return p // none, or 000000
	}
	code := written
	if string(folded) != written {
		code = string(folded)
	}
	p.Postcode = d.token(words, code)
	p.Fine = finePostcode(code)
	return p
}

// finePostcode reports whether a postal code names a few houses: letters and
// digits (Britain, Canada, the Netherlands), or nine digits and more.
func finePostcode(code string) bool {
	letters, digits := 0, 0
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c >= 'a' && c <= 'z':
			letters++
		case c >= '0' && c <= '9':
			digits++
		}
	}
	return len(code) >= 5 && letters >= 2 && digits >= 2 || digits >= 9
}

// splitStreet parts a street line into words and numbers: "221b baker st" into
// "baker st" and "221b"; 科技园路1号2栋 into 科技园路号栋 and 1-2.
func splitStreet(s []byte) (street, house string) {
	var lineRoom, houseRoom [128]byte
	line, numbers := lineRoom[:0], houseRoom[:0]
	for i := 0; i < len(s); {
		c := s[i]
		if c >= '0' && c <= '9' {
			j := i
			for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] >= 'a' && s[j] <= 'z') {
				j++
			}
			if len(numbers) > 0 {
				numbers = append(numbers, '-')
			}
			numbers = append(numbers, s[i:j]...)
			i = j
			continue
		}
		if c != ' ' || len(line) > 0 && line[len(line)-1] != ' ' {
			line = append(line, c)
		}
		i++
	}
	line = bytes.TrimSuffix(line, []byte(" "))
	both := string(append(line, numbers...)) // in one piece
	return both[:len(line)], both[len(line):]
}

// Company is an organisation's name.
type Company struct {
	// Full is the whole folded name, Brand what is left without legal form and
	// place.
	Full, Brand *Token
	// Words are the words of the brand, or its pairs of characters.
	Words  []*Token
	Branch bool
}

func (d *Dictionary) company(s string) *Company {
	if s == "" {
		return nil
	}
	full := standardize.Fold(s)
	brand, branch := standardize.FoldCompany(s)
	if full == "" || brand == "" {
		return nil
	}
	return d.organisation(d.token(words, full), brand, branch)
}

// organisation makes a company of its names; there is a brand.
func (d *Dictionary) organisation(full *Token, brand string, branch bool) *Company {
	c := &Company{Full: full, Brand: d.token(words, brand), Branch: branch}
	if standardize.HasHan(brand) {
		rs := []rune(brand)
		for i := 0; i+1 < len(rs) && i < maxList; i++ {
			c.Words = append(c.Words, d.token(words, string(rs[i:i+2])))
		}
		return c
	}
	for _, w := range strings.Fields(brand) {
		if len(c.Words) < maxList {
			c.Words = append(c.Words, d.token(words, w))
		}
	}
	return c
}

// Date is a calendar date packed as year<<9 | month<<5 | day; 0 is none.
type Date uint32

// ParseDate reads YYYY-MM-DD. Dates that systems write for none are 0.
func ParseDate(s string) Date {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0
	}
	y, errY := strconv.Atoi(s[:4])
	m, errM := strconv.Atoi(s[5:7])
	d, errD := strconv.Atoi(s[8:])
	if errY != nil || errM != nil || errD != nil || y < 1000 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0
	}
	switch s {
	case "1900-01-01", "1970-01-01", "1899-12-30", "1899-12-31", "1901-01-01", "9999-12-31", "2099-12-31", "1753-01-01", "1111-11-11":
		return 0
	}
	return Date(y<<9 | m<<5 | d)
}

// Year, Month and Day return the parts of a date.
func (d Date) Year() int { return int(d >> 9) }

// Month returns 1 to 12.
func (d Date) Month() int { return int(d >> 5 & 15) }

// Day returns 1 to 31.
func (d Date) Day() int { return int(d & 31) }
