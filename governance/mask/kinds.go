package mask

import (
	"strings"
	"unicode"
)

const star = '*'

// phone keeps the first three and last four digits of a Chinese mobile, of
// other numbers at most half, and signs between digits as they are.
func phone(s string) string {
	runes := []rune(s)
	var digits []int // places of digits, hidden ones included
	for i, r := range runes {
		switch {
		case isDigit(r) || r == star:
			digits = append(digits, i)
		case !strings.ContainsRune(" +-().()-/", r):
			return Hidden // an extension, a note: nothing that one knows
		}
	}
	n := len(digits)
	if n < 5 {
		return Hidden
	}
	last := min(4, n/2)
	first := min(3, n/2-last)
	if at, mobile := chineseMobile(runes, digits); mobile {
		first, last = at+3, 4
	}
	hide(runes, digits[first:n-last])
	return string(runes)
}

// chineseMobile reports whether the digits are a Chinese mobile number, and
// how many of them are its country code.
func chineseMobile(runes []rune, digits []int) (code int, mobile bool) {
	at := func(i int) rune { return runes[digits[i]] }
	switch n := len(digits); {
	case n == 11 && at(0) == '1' && at(1) >= '3' && at(1) <= '9' && runes[0] != '+':
		return 0, true
	case n == 13 && at(0) == '8' && at(1) == '6' && at(2) == '1':
		return 2, true
	case n == 15 && at(0) == '0' && at(1) == '0' && at(2) == '8' && at(3) == '6' && at(4) == '1':
		return 4, true
	}
	return 0, false
}

// email keeps the first letters of the local part (two of four or more, one
// of two or three) and the domain.
func email(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || strings.ContainsAny(s, " \t\r\n<>,;\"") {
		return Hidden
	}
	local, domain := []rune(s[:at]), s[at:]
	keep := 0
	switch {
	case len(local) > 3:
		keep = 2
	case len(local) > 1 && local[0] != star:
		keep = 1
	}
	return string(local[:keep]) + "**" + domain
}

// name keeps the first letter of each word; of a Chinese, Japanese or Korean
// word the first character and its length.
func name(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); {
		if !inWord(runes[i]) {
			b.WriteRune(runes[i])
			i++
			continue
		}
		end := i
		for end < len(runes) && inWord(runes[end]) {
			end++
		}
		word := runes[i:end]
		switch {
		case isCJK(word[0]) && len(word) > 1:
			b.WriteRune(word[0])
			b.WriteString(strings.Repeat("*", len(word)-1))
		case len(word) > 1 && word[0] != star:
			b.WriteRune(word[0])
			b.WriteString(Hidden)
		default:
			b.WriteString(Hidden)
		}
		i = end
	}
	return changed(s, b.String())
}

// id keeps the first three and last four letters or digits of a long number
// (15 and more), the last four of one of eight and more, of a shorter one a third.
func id(s string) string {
	runes := []rune(s)
	var signs []int
	for i, r := range runes {
		if inWord(r) {
			signs = append(signs, i)
		}
	}
	n := len(signs)
	first, last := 0, n/3
	switch {
	case n >= 15:
		first, last = 3, 4
	case n >= 8:
		last = 4
	case n < 4:
		return Hidden
	}
	hide(runes, signs[first:n-last])
	return changed(s, string(runes))
}

// dateSigns are what stands between the digits of a date or an instant.
const dateSigns = "-/.:+ TZ年月日时分秒"

// date keeps the year: four digits on their own, or the first four of eight.
func date(s string) string {
	runes := []rune(s)
	digits := 0
	for _, r := range runes {
		switch {
		case isDigit(r) || r == star:
			digits++
		case !strings.ContainsRune(dateSigns, r):
			return Hidden
		}
	}
	if digits < 6 {
		return Hidden
	}
	year := -1
	for i := 0; i < len(runes) && year < 0; i++ {
		if !isDigit(runes[i]) {
			continue
		}
		end := i
		for end < len(runes) && isDigit(runes[end]) {
			end++
		}
		if n := end - i; (n == 4 || n == 8) && (runes[i] == '1' || runes[i] == '2') {
			year = i
		}
		i = end
	}
	for i, r := range runes {
		kept := year >= 0 && i >= year && i < year+4
		if !kept && isDigit(r) {
			runes[i] = star
		}
	}
	return string(runes)
}

// provinceEnds close the part of a Chinese address that is kept.
var provinceEnds = []string{"特别行政区", "自治区", "省", "市"}

// address keeps the province or municipality of a Chinese address where that
// is no more than half of it; of others nothing.
func address(s string) string {
	for _, end := range provinceEnds {
		before, rest, found := strings.Cut(s, end)
		kept := []rune(before + end)
		if found && len(kept) <= 10 && (len(kept) <= words(rest) || rest == Hidden) && allCJK(kept) {
			return string(kept) + Hidden
		}
	}
	return Hidden
}

// text keeps the first character of four and more.
func text(s string) string {
	runes := []rune(s)
	if len(runes) < 4 || runes[0] == star {
		return Hidden
	}
	return string(runes[:1]) + Hidden
}

// changed returns masked unless nothing is hidden in it, as in a value of
// signs alone; then it hides all.
func changed(s, masked string) string {
	if masked == s && !strings.ContainsRune(s, star) {
		return Hidden
	}
	return masked
}

func hide(runes []rune, at []int) {
	for _, i := range at {
		runes[i] = star
	}
}

func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) }

// inWord reports whether r is part of a word: a letter with its accents, a
// digit, a symbol such as an emoji, or what hides one.
func inWord(r rune) bool {
	return r == star || unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) && r != '+'
}

// words counts the characters of s that are part of words.
func words(s string) int {
	n := 0
	for _, r := range s {
		if inWord(r) {
			n++
		}
	}
	return n
}

func isCJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func allCJK(runes []rune) bool {
	for _, r := range runes {
		if !isCJK(r) {
			return false
		}
	}
	return true
}
