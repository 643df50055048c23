// Package standardize gives values one spelling: names, phones, addresses, e-mails, dates, companies, ids and codes.
package standardize

import (
	"encoding/json"
	"strings"
	"time"
)

// Locale is what a connection says of its values. The zero Locale knows
// nothing: local phone numbers and ambiguous dates stay as they are.
type Locale struct {
	// Country is the ISO 3166-1 alpha-2 code that local phone numbers are in.
	Country string
	// Zone is where times without a zone were written; nil means UTC.
	Zone *time.Location
	// Dates is the order of ambiguous dates: ymd, dmy or mdy; "" leaves them.
	Dates string
}

// Value returns the one spelling of a value of that kind, or v as it was
// where it can't be understood (validation judges it then). It is idempotent,
// changes nothing that it was given, and is safe for concurrent use. Lists
// are standardised element by element. An unknown kind returns v.
func (l Locale) Value(kind string, v any) any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return l.list(kind, x)
	case map[string]any:
		if kind == "address" {
			return l.Address(x)
		}
		return v
	case string:
		if kind == "address" {
			return l.Address(map[string]any{"street": x})
		}
		if out := l.text(kind, x); out != x {
			return out
		}
		return v // as it came: to box it anew would allocate
	case json.Number:
		return l.number(kind, x)
	}
	return v
}

func (l Locale) list(kind string, list []any) any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = l.Value(kind, v)
	}
	return out
}

// number standardises what a source gave as a number: phones and ids lose
// their text in spreadsheets, dates become serials, amounts stay exact.
func (l Locale) number(kind string, n json.Number) any {
	s := n.String()
	switch kind {
	case "money":
		if m, ok := Money(s); ok {
			return m
		}
	case "date":
		if d, ok := serialDate(s); ok {
			return d
		}
		if out := l.text(kind, s); out != s {
			return out
		}
	case "instant":
		if t, ok := epoch(s); ok {
			return t
		}
	case "phone", "national_id", "credit_code", "tax_id", "postcode", "name", "person_name", "text", "tag", "street", "company":
		if plain, ok := plainInteger(s); ok {
			return l.text(kind, plain)
		}
	}
	return n
}

// standards are the kinds that need no locale.
var standards = map[string]func(string) (string, bool){
	"name":        func(s string) (string, bool) { return Text(s), true },
	"text":        func(s string) (string, bool) { return Prose(s), true },
	"tag":         func(s string) (string, bool) { return Text(s), true },
	"person_name": func(s string) (string, bool) { return PersonName(s), true },
	"company":     func(s string) (string, bool) { return Company(s), true },
	"street":      func(s string) (string, bool) { return Street(s), true },
	"city":        func(s string) (string, bool) { return City(s), true },
	"region":      func(s string) (string, bool) { return Region(s), true },
	"postcode":    func(s string) (string, bool) { return Postcode(s), true },
	"email":       Email,
	"country":     Country,
	"national_id": NationalID,
	"credit_code": CreditCode,
	"tax_id":      TaxID,
	"gender":      Gender,
	"language":    Language,
	"currency":    Currency,
	"money":       Money,
}

// text returns the one spelling of a text, s where it has none.
func (l Locale) text(kind, s string) string {
	var out string
	ok := true
	switch kind {
	case "phone":
		out, ok = l.Phone(s)
	case "date":
		out, ok = l.Date(s)
	case "instant":
		out, ok = l.Instant(s)
	default:
		f := standards[kind]
		if f == nil {
			return s
		}
		out, ok = f(s)
	}
	if !ok {
		return s
	}
	return out
}

// Text returns what Value does to a text of that kind, so that many are done
// without looking the kind up; nil for a kind that leaves texts alone or makes
// something else of them.
func (l Locale) Text(kind string) func(string) string {
	var f func(string) (string, bool)
	switch kind {
	case "phone":
		f = l.Phone
	case "date":
		f = l.Date
	case "instant":
		f = l.Instant
	default:
		f = standards[kind]
	}
	if f == nil {
		return nil
	}
	return func(s string) string {
		if out, ok := f(s); ok {
			return out
		}
		return s
	}
}

// plainInteger returns a JSON number as digits where it is a whole number in
// plain or exponent notation (1.3812345678E10).
func plainInteger(s string) (string, bool) {
	m, ok := Money(s)
	if !ok {
		return "", false
	}
	whole, fraction, _ := strings.Cut(m, ".")
	if strings.Trim(fraction, "0") != "" {
		return "", false
	}
	return whole, true
}
