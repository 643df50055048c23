package column

import "unicode/utf8"

// firstRune returns the first letter of a text and its size, 0 of an empty one.
func firstRune(s string) (rune, int) {
	r, n := utf8.DecodeRuneInString(s)
	return r, n
}

// sameFirst reports whether two texts begin with the same letter.
func sameFirst(a, b string) bool {
	x, n := firstRune(a)
	y, m := firstRune(b)
	return n > 0 && m > 0 && x == y
}

// suffix returns the last n letters of a text.
func suffix(s string, n int) string {
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}

// several reports whether a text has more than one letter.
func several(s string) bool {
	_, n := utf8.DecodeRuneInString(s)
	return n < len(s)
}
