package schemas

import "strings"

// isResidentID accepts an 18-digit resident identity number of China
// (GB 11643-1999): a region, a birth date that exists, and the check
// character of ISO 7064 MOD 11-2.
func isResidentID(s string) bool {
	if len(s) != 18 || digits(s) < 17 || !residentDate(s[6:14]) {
		return false
	}
	return residentRegion(s) && residentCheck(s) == s[17]
}

// residentShape reports 17 digits and a digit or X.
func residentShape(s string) bool {
	return len(s) == 18 && digits(s) >= 17 && (s[17] == 'X' || s[17] == 'x' || digits(s) == 18)
}

func residentDate(s string) bool {
	y, m, d := number(s[:4]), number(s[4:6]), number(s[6:8])
	return y >= 1800 && y <= 2199 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m)
}

// residentRegion reports a province code that exists (GB/T 2260), or those of
// the residence permits of Hong Kong, Macao, Taiwan and foreigners.
func residentRegion(s string) bool {
	switch s[:2] {
	case "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
		"41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
		"71", "81", "82", "83", "91":
		return true
	}
	return false
}

func residentCheck(s string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// creditAlphabet has the 31 characters of a unified social credit code in the
// order of their values.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// isCreditCode accepts a unified social credit code of China (GB 32100-2015):
// 18 characters of which the last is the check character.
func isCreditCode(s string) bool {
	if !creditShape(s) {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		value := strings.IndexByte(creditAlphabet, s[i])
		if value < 0 {
			return false
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31] == s[17]
}

// creditShape reports what was meant for a credit code: 18 capital letters and
// digits, of which the 3rd to the 8th are an administrative division.
func creditShape(s string) bool {
	if len(s) != 18 || digits(s[2:8]) != 6 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// isNationalID accepts a number of a person in some country. One of the shape
// of a Chinese resident number must hold its date, region and check character.
func isNationalID(s string) bool {
	if residentShape(s) {
		return isResidentID(s)
	}
	return isIdentifier(s, 4, 40)
}

// isTaxID accepts a tax number of some country. One of the shape of a unified
// social credit code must hold its check character, or be the resident number
// of a sole trader.
func isTaxID(s string) bool {
	if creditShape(s) {
		return isCreditCode(s) || isResidentID(s)
	}
	return isIdentifier(s, 4, 40)
}

// isIdentifier accepts letters, digits and what is written between them, at
// least one digit, at most most characters.
func isIdentifier(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	found, first := false, s[0]
	same := true
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			found = true
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case strings.IndexByte(" -./*+&", c) >= 0 && i > 0 && i < len(s)-1:
		default:
			return false
		}
		same = same && c == first
	}
	// 000000000 and 999999999 are how forms are filled in, not numbers.
	return found && !same
}
