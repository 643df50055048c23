package column

import (
	"strings"

	"crmhub/mdm/standardize"
)

var monthNames = map[string]int{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
	"janvier": 1, "fevrier": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
	"januar": 1, "februar": 2, "marz": 3, "juni": 6, "juli": 7, "okt": 10, "oktober": 10, "dez": 12, "dezember": 12,
	"enero": 1, "ene": 1, "febrero": 2, "marzo": 3, "abril": 4, "abr": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "ago": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12, "dic": 12,
	"gennaio": 1, "gen": 1, "febbraio": 2, "aprile": 4, "maggio": 5, "mag": 5, "giugno": 6, "giu": 6, "luglio": 7, "lug": 7, "settembre": 9, "set": 9, "ottobre": 10, "ott": 10, "dicembre": 12,
}

// parseDate reads a date in any of the forms in use; order (dmy, mdy) decides
// what could be read in two ways. Of a text that has no more than a year, or a
// year and a month, the rest is 0; 0 is no date.
func parseDate(s, order string) day {
	if s == "" || len(s) > 64 {
		return 0
	}
	republic := strings.HasPrefix(s, "民国") || strings.HasPrefix(s, "民國")
	if i := strings.IndexByte(s, ':'); i > 0 { // a time of day, with the hour before it
		if i = strings.LastIndexAny(s[:i], " T"); i < 0 {
			return 0
		}
		s = s[:i]
	}
	if i := strings.IndexByte(s, 'T'); i == 10 && s[4] == '-' {
		s = s[:i]
	}
	var numbers [3]string
	n, month, monthAt := 0, 0, 0
	for w := range strings.FieldsSeq(dateWords(s)) {
		switch {
		case w[0] >= '0' && w[0] <= '9':
			if n == len(numbers) {
				return 0
			}
			numbers[n] = w
			n++
		case month == 0 && monthOf(w) > 0:
			month, monthAt = monthOf(w), n
		case !dateWord[w]:
			return 0
		}
	}
	d := assemble(numbers[:n], month, monthAt, order)
	if republic && d != 0 && d.year() < 200 {
		d = newDay(d.year()+1911, d.month(), d.day())
	}
	return d
}

// dateWord are words in dates that say nothing.
var dateWord = set(`st nd rd th of de the mon tue tues wed thu thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday 年 月 日 号 民国 c ca circa about abt est`)

func monthOf(w string) int {
	if m := monthNames[w]; m > 0 {
		return m
	}
	if len(w) >= 4 {
		return monthNames[w[:3]]
	}
	return 0
}

// dateWords folds a date and parts figures from letters.
func dateWords(s string) string {
	var b strings.Builder
	last := byte(' ')
	for i := 0; i < len(s) && s[i] < 0x80; i++ {
		if i == len(s)-1 && strings.Trim(s, "0123456789-/. ") == "" {
			return strings.Map(func(r rune) rune {
				if r < '0' || r > '9' {
					return ' '
				}
				return r
			}, s)
		}
	}
	f := standardize.Fold(s)
	for i := 0; i < len(f); i++ {
		figure, was := f[i] >= '0' && f[i] <= '9', last >= '0' && last <= '9'
		if figure != was && last != ' ' {
			b.WriteByte(' ')
		}
		b.WriteByte(f[i])
		last = f[i]
	}
	return b.String()
}

// assemble puts the parts of a date together. A month in words stands after
// monthAt of the numbers.
func assemble(n []string, month, monthAt int, order string) day {
	if month > 0 {
		switch {
		case len(n) == 1 && len(n[0]) == 4:
			return newDay(atoi(n[0]), month, 0)
		case len(n) == 2 && len(n[0]) == 4 && len(n[1]) <= 2:
			return whole(atoi(n[0]), month, atoi(n[1]))
		case len(n) == 2 && len(n[1]) == 4 && len(n[0]) <= 2:
			return whole(atoi(n[1]), month, atoi(n[0]))
		case len(n) == 2 && len(n[1]) == 2 && monthAt <= 1 && len(n[0]) <= 2:
			return whole(shortYear(atoi(n[1])), month, atoi(n[0]))
		}
		return 0
	}
	switch len(n) {
	case 1:
		return compactDate(n[0], order)
	case 2:
		switch {
		case len(n[0]) == 4 && len(n[1]) <= 2 && atoi(n[1]) >= 1 && atoi(n[1]) <= 12:
			return newDay(atoi(n[0]), atoi(n[1]), 0)
		case len(n[1]) == 4 && len(n[0]) <= 2 && atoi(n[0]) >= 1 && atoi(n[0]) <= 12:
			return newDay(atoi(n[1]), atoi(n[0]), 0)
		}
		return 0
	case 3:
		return threeNumbers(n, order)
	}
	return 0
}

func threeNumbers(n []string, order string) day {
	a, b, c := atoi(n[0]), atoi(n[1]), atoi(n[2])
	switch {
	case len(n[1]) > 2 || len(n[0]) > 4 || len(n[2]) > 4:
		return 0
	case len(n[0]) >= 3 && len(n[2]) <= 2:
		if b > 12 && c <= 12 {
			b, c = c, b
		}
		return whole(a, b, c)
	case len(n[0]) > 2:
		return 0
	case len(n[2]) <= 2:
		if a > 31 { // 84-02-29
			return whole(shortYear(a), b, c)
		}
		c = shortYear(c)
	case len(n[2]) == 3:
		return 0
	}
	if order == "mdy" && a <= 12 || b > 12 && a <= 12 {
		a, b = b, a
	}
	return whole(c, b, a)
}

// compactDate reads figures without anything between them.
func compactDate(s, order string) day {
	switch len(s) {
	case 4:
		if y := atoi(s); y >= 1000 && y <= 2100 {
			return newDay(y, 0, 0)
		}
	case 6:
		if y, m := atoi(s[:4]), atoi(s[4:]); y >= 1500 && y <= 2100 && m >= 1 && m <= 12 {
			return newDay(y, m, 0)
		}
	case 14, 12, 8:
		y, m, d := atoi(s[:4]), atoi(s[4:6]), atoi(s[6:8])
		if y >= 1500 && y <= 2100 || len(s) > 8 {
			return whole(y, m, d)
		}
		a, b, year := atoi(s[:2]), atoi(s[2:4]), atoi(s[4:])
		if order == "mdy" && a <= 12 || b > 12 {
			a, b = b, a
		}
		if year >= 1500 && year <= 2100 && newDay(year, b, a).exists() {
			return newDay(year, b, a)
		}
		return whole(y, m, d)
	}
	return 0
}

// whole returns a date of three parts, in the calendar or nearly so: a slip
// of the keys may have made a 31 June, or a month 13.
func whole(y, m, d int) day {
	if y < 1 || y > 9999 || m > 99 || d > 99 || m == 0 && d > 0 {
		return 0
	}
	return newDay(y, m, d)
}

// shortYear reads a year of two digits: 30 is 2030, 31 is 1931.
func shortYear(y int) int {
	if y <= 30 {
		return 2000 + y
	}
	return 1900 + y
}

// figures returns the runs of digits in a text.
func figures(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// atoi reads digits; anything else ends the number.
func atoi(s string) int {
	n := 0
	for i := 0; i < len(s) && s[i] >= '0' && s[i] <= '9' && n < 1<<30; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
