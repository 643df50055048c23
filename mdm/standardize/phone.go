package standardize

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone returns a phone number in E.164, without an extension. A number
// without a country code is read as one of l.Country; with no country known
// only a Chinese mobile number is recognised. ok is false for what is not a
// number that can be dialled.
func (l Locale) Phone(s string) (e164 string, ok bool) {
	digits, international := phoneDigits(s)
	if len(digits) < 5 || len(digits) > 17 {
		return "", false
	}
	country := l.Country
	switch {
	case international && strings.HasPrefix(digits, "86"), !international && (country == "CN" || country == ""):
		if n, ok := chinese(digits, international, country == ""); ok {
			return n, true
		}
	}
	if international {
		if planned(digits) {
			if len(s) == len(digits)+1 && s[0] == '+' {
				return s, true // as it was written
			}
			return "+" + digits, true
		}
		return parsePhone("+"+digits, "ZZ")
	}
	if country == "" {
		return "", false
	}
	if plan := numberings[country]; plan != nil {
		if n := plan(); n != nil {
			if e164, ok := n.local(digits); ok {
				return e164, true
			}
		}
	}
	return parsePhone(digits, country)
}

// phoneDigits returns the digits of a number as it was written, without its
// extension, and whether a country code leads them.
func phoneDigits(s string) (digits string, international bool) {
	if !ascii(s) {
		s = Text(s)
	}
	var b [24]byte
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if n == len(b) {
				return "", false
			}
			b[n] = c
			n++
		case c == '+' && n == 0:
			international = true
		case c == ' ', c == '-', c == '(', c == ')', c == '.', c == '/', c == '+':
			// "+44 (0)20 …" holds a trunk prefix that isn't dialled.
			if c == '(' && international && strings.HasPrefix(s[i:], "(0)") {
				i += 2
			}
		case c == 'x', c == 'X', c == '#', c == ',', c == ';', c == 'e', c == 'E', c == '*', c == ':':
			if n >= 5 {
				return finishDigits(b[:n], international)
			}
			if c == 'e' || c == 'E' || c == 'x' || c == 'X' || c == '*' {
				if n > 0 {
					return "", false
				}
			}
		case c >= 0x80:
			// 转, 分机, ext. end the number; 电话, 手机 come before it.
			if n >= 5 {
				return finishDigits(b[:n], international)
			}
			if n > 0 && !strings.HasPrefix(s[i:], "–") && !strings.HasPrefix(s[i:], "—") {
				return "", false
			}
			i += runeLen(c) - 1
		default:
			if n >= 5 {
				return finishDigits(b[:n], international)
			}
			if n > 0 {
				return "", false
			}
		}
	}
	return finishDigits(b[:n], international)
}

func runeLen(c byte) int {
	switch {
	case c >= 0xF0:
		return 4
	case c >= 0xE0:
		return 3
	case c >= 0xC0:
		return 2
	}
	return 1
}

func finishDigits(b []byte, international bool) (string, bool) {
	if !international && len(b) > 8 && b[0] == '0' && b[1] == '0' {
		return string(b[2:]), true
	}
	return string(b), international
}

// chinese recognises mainland numbers without a look at the tables of the
// world. guess is set where no country is known: then only what can hardly be
// anything else is taken.
func chinese(digits string, international, guess bool) (string, bool) {
	d := digits
	if international {
		d = strings.TrimPrefix(d, "86")
		d = strings.TrimPrefix(d, "0") // +86 (0)10 …
	} else if len(d) == 13 && strings.HasPrefix(d, "86") {
		d = d[2:] // 8613800138000, as systems export it
	} else if len(d) == 12 && d[0] == '0' && d[1] == '1' && d[2] >= '3' {
		d = d[1:] // 013800138000, a trunk prefix before a mobile number
	}
	if len(d) == 11 && d[0] == '1' && d[1] >= '3' {
		return "+86" + d, true
	}
	if guess && !international {
		return "", false
	}
	if !international {
		if len(d) < 10 || d[0] != '0' {
			return "", false
		}
		d = d[1:]
	}
	return landline(d)
}

// landline takes an area code without its 0 and a subscriber number: 10 and
// 2x have 8 digits after them, other areas three digits and 7 or 8.
func landline(d string) (string, bool) {
	if len(d) < 10 || len(d) > 11 {
		return "", false
	}
	var subscriber string
	switch {
	case strings.HasPrefix(d, "10"), d[0] == '2':
		subscriber = d[2:]
		if len(subscriber) != 8 {
			return "", false
		}
	case d[0] >= '3':
		subscriber = d[3:]
	default:
		return "", false
	}
	if subscriber[0] < '2' {
		return "", false
	}
	return "+86" + d, true
}

func parsePhone(s, country string) (string, bool) {
	n, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if phonenumbers.IsValidNumber(n) {
		return e164, true
	}
	// A number that came with its country code is kept even where the tables
	// don't list its range: ranges open faster than tables follow. It must read
	// as itself, though.
	again, err := phonenumbers.Parse(e164, "ZZ")
	return e164, strings.HasPrefix(s, "+") && err == nil && phonenumbers.Format(again, phonenumbers.E164) == e164
}
