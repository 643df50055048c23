package standardize

import (
	"strconv"
	"strings"
	"time"
)

// Date returns a calendar date as YYYY-MM-DD: ISO, 2006/1/2, 2006.1.2,
// 20060102, 2006年1月2日, 2 January 2006, and with l.Dates or where only one
// reading is possible 1/2/2006. A time of day after it is dropped. ok is false
// for dates that do not exist or can be read in two ways.
func (l Locale) Date(s string) (iso string, ok bool) {
	if isISO(s) {
		return s, validDate(s)
	}
	y, m, d, rest, ok := l.parseDate(s)
	if !ok || !timeOfDay(rest) {
		return "", false
	}
	return formatDate(y, m, d)
}

func isISO(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	for i := 0; i < 10; i++ {
		if i != 4 && i != 7 && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

func validDate(iso string) bool {
	y, m, d := number(iso[:4]), number(iso[5:7]), number(iso[8:])
	return exists(y, m, d)
}

func exists(y, m, d int) bool {
	return y >= 1 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= 31 && d <= days(y, m)
}

func days(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func formatDate(y, m, d int) (string, bool) {
	if !exists(y, m, d) {
		return "", false
	}
	var b [10]byte
	b[0], b[1], b[2], b[3] = byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10)
	b[4], b[5], b[6] = '-', byte('0'+m/10), byte('0'+m%10)
	b[7], b[8], b[9] = '-', byte('0'+d/10), byte('0'+d%10)
	return string(b[:]), true
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// months are English month names by their first three letters.
var months = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

// parseDate reads a date at the start of s.
func (l Locale) parseDate(s string) (y, m, d int, rest string, ok bool) {
	if !ascii(s) {
		s = Text(s)
		s = strings.NewReplacer("年", "-", "月", "-", "日", " ", "号", " ").Replace(s)
		s = strings.ReplaceAll(s, "- ", "-")
		s = strings.TrimSpace(s)
	} else {
		s = strings.TrimSpace(s)
	}
	var parts [3]string
	var seps [2]byte
	n, i := 0, 0
	for n < 3 {
		j := i
		for j < len(s) && (s[j] >= '0' && s[j] <= '9') == (i < len(s) && s[i] >= '0' && s[i] <= '9') && (s[j] >= '0' && s[j] <= '9' || letter(s[j])) {
			j++
		}
		if j == i {
			return 0, 0, 0, "", false
		}
		parts[n] = s[i:j]
		n++
		i = j
		if n == 1 && (len(parts[0]) == 8 || len(parts[0]) == 14) && digitsOnly(parts[0]) && (i == len(s) || s[i] == ' ' || s[i] == 'T') {
			p := parts[0]
			return number(p[:4]), number(p[4:6]), number(p[6:8]), s[i:], true
		}
		if n == 3 {
			break
		}
		start := i
		for i < len(s) && strings.IndexByte(" -/.,", s[i]) >= 0 {
			i++
		}
		if i == start || i == len(s) {
			return 0, 0, 0, "", false
		}
		seps[n-1] = s[start]
	}
	y, m, d, ok = l.order(parts, seps)
	return y, m, d, s[i:], ok
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func digitsOnly(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// order says which part is which.
func (l Locale) order(p [3]string, seps [2]byte) (y, m, d int, ok bool) {
	named := -1
	for i, s := range p {
		if !digitsOnly(s) {
			if named >= 0 || len(s) < 3 {
				return 0, 0, 0, false
			}
			if m = months[strings.ToLower(s[:3])]; m == 0 {
				return 0, 0, 0, false
			}
			named = i
		}
	}
	switch {
	case named == 1 && len(p[2]) == 4:
		return number(p[2]), m, number(p[0]), true
	case named == 1 && len(p[0]) == 4:
		return number(p[0]), m, number(p[2]), true
	case named == 0 && len(p[2]) == 4:
		return number(p[2]), m, number(p[1]), true
	case named >= 0:
		return 0, 0, 0, false
	}
	if seps[0] != seps[1] && !(seps[0] == '-' || seps[1] == '-') {
		return 0, 0, 0, false
	}
	a, b, c := number(p[0]), number(p[1]), number(p[2])
	switch {
	case len(p[0]) == 4 && len(p[1]) <= 2 && len(p[2]) <= 2:
		return a, b, c, true
	case len(p[2]) != 4 || len(p[0]) > 2 || len(p[1]) > 2:
		// A year of two digits is a guess, except where the order is stated.
		return 0, 0, 0, false
	case l.Dates == "dmy" || a > 12 && b <= 12:
		if l.Dates == "mdy" && a > 12 {
			return c, b, a, true
		}
		return c, pick(b <= 12, b, a), pick(b <= 12, a, b), true
	case l.Dates == "mdy" || b > 12 && a <= 12:
		return c, a, b, true
	case a == b:
		return c, a, b, true
	}
	return 0, 0, 0, false
}

func pick(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// timeOfDay reports whether what follows a date is a time, or nothing.
func timeOfDay(s string) bool {
	s = strings.TrimSpace(s)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' || strings.IndexByte(":.+-TZ AaPpMmtz", c) >= 0 {
			continue
		}
		return false
	}
	return true
}

// serialDate reads an Excel serial of the 1900 system; 60 is the 29 February
// 1900 that never was.
func serialDate(s string) (string, bool) {
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 1 || n == 60 || n > 109575 { // 2199-12-31
		return "", false
	}
	if n < 60 {
		n++
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly), true
}
