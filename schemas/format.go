package schemas

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// formats returns every format that a schema may name. Each judges a string;
// the validator and the fast check use the same functions.
func formats() map[string]func(string) bool {
	return map[string]func(string) bool{
		"line":              isLine,
		"text":              isText,
		"email":             isEmail,
		"e164":              isE164,
		"phone":             isPhone,
		"date":              isDate,
		"instant":           isInstant,
		"date-time":         isInstant,
		"iso3166-1-alpha-2": isCountry,
		"iso4217":           isCurrency,
		"bcp47":             isLanguage,
		"decimal":           isDecimal,
		"postcode":          isPostcode,
		"sha256":            isSHA256,
		"national-id":       isNationalID,
		"tax-id":            isTaxID,
		"cn-resident-id":    isResidentID,
		"cn-credit-code":    isCreditCode,
	}
}

// isLine accepts text on one line: no control characters, valid UTF-8.
func isLine(s string) bool {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return false
		}
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s)
}

// isText accepts any text but NUL, which databases do not hold.
func isText(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }

// isEmail accepts an address as mail servers do: one part before the last @,
// a domain of at least two labels after it. Dots in odd places of the local
// part are accepted, since carriers gave out such addresses.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 {
		return false
	}
	for _, r := range s[:at] {
		if r <= ' ' || r == 0x7f || r == utf8.RuneError || r == 0x3000 || r == 0xFF0C || r == 0xFF20 || strings.ContainsRune(`@,;:<>()[]"\`, r) {
			return false
		}
	}
	return isDomain(s[at+1:])
}

func isDomain(s string) bool {
	labels, length, last, letters := 1, 0, byte('.'), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.':
			if length == 0 || last == '-' {
				return false
			}
			labels, length, letters = labels+1, 0, false
			last = c
			continue
		case c == '-':
			if length == 0 {
				return false
			}
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf:
			letters = true
		case c < '0' || c > '9':
			return false
		}
		if length++; length > 63 {
			return false
		}
		last = c
	}
	return labels > 1 && length > 1 && last != '-' && letters && utf8.ValidString(s)
}

// isE164 accepts + and 7 to 15 digits, the first not 0; an extension may
// follow (RFC 3966): +861062345678;ext=801.
func isE164(s string) bool {
	number, extension, has := strings.Cut(s, ";ext=")
	if has && (len(extension) == 0 || len(extension) > 7 || digits(extension) != len(extension)) {
		return false
	}
	n := len(number) - 1
	return n >= 7 && n <= 15 && number[0] == '+' && number[1] != '0' && digits(number[1:]) == n
}

// isPhone accepts E.164, and a local number of 7 to 15 digits as its source
// wrote it: without the country nobody can tell its E.164 form, and setting it
// aside would lose what two records have in common.
func isPhone(s string) bool {
	if isE164(s) {
		return true
	}
	n := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n++
		case strings.IndexByte(" -./()", c) < 0:
			return false
		}
	}
	return n >= 7 && n <= 15 && len(s) <= 30
}

// isDate accepts a day that exists: 2024-02-29, not 2023-02-29.
func isDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	y, m, d := number(s[:4]), number(s[5:7]), number(s[8:])
	return y > 0 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m)
}

// number reads ASCII digits; -1 where there is anything else.
func number(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch {
	case month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4, month == 6, month == 9, month == 11:
		return 30
	}
	return 31
}

// isInstant accepts RFC 3339 with a zone, followed perhaps by the source's
// zone in brackets (RFC 9557): 2026-03-01T02:00:00Z[Asia/Shanghai].
func isInstant(s string) bool {
	if i := strings.IndexByte(s, '['); i > 0 {
		zone := s[i+1:]
		if len(zone) < 2 || zone[len(zone)-1] != ']' || strings.ContainsAny(zone[:len(zone)-1], "[] \t") {
			return false
		}
		s = s[:i]
	}
	if len(s) < 20 || s[10] != 'T' || !isDate(s[:10]) {
		return false
	}
	if len(s) == 20 && s[19] == 'Z' && s[13] == ':' && s[16] == ':' {
		h, m, sec := number(s[11:13]), number(s[14:16]), number(s[17:19])
		return h >= 0 && h < 24 && m >= 0 && m < 60 && sec >= 0 && sec < 60
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

// isDecimal accepts an exact decimal in one spelling: 0, -3, 1234567890123456.78;
// no exponent, no leading zeros, no plus sign.
func isDecimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' || len(s) > 64 {
		return false
	}
	if whole == len(s) {
		return true
	}
	return s[whole] == '.' && whole+1 < len(s) && digits(s[whole+1:]) == len(s)-whole-1
}

// isLanguage accepts a language tag of BCP 47 whose parts are registered.
func isLanguage(s string) bool {
	switch s {
	case "zh", "zh-CN", "zh-Hans", "zh-TW", "zh-HK", "en", "en-US", "en-GB", "ja", "ko", "de", "fr", "es":
		return true
	}
	if len(s) < 2 || len(s) > 35 {
		return false
	}
	_, err := language.Parse(s)
	return err == nil && !strings.Contains(s, "_")
}

// isPostcode accepts what some country writes on letters: 2 to 12 letters,
// digits, spaces and hyphens, at least one digit.
func isPostcode(s string) bool {
	if len(s) < 2 || len(s) > 12 {
		return false
	}
	digit := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
		case (c == ' ' || c == '-') && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return digit
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
