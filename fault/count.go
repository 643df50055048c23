package fault

import (
	"regexp"
	"strconv"
	"strings"
)

// Count says in English how many of a thing there are: 1 row, 2,000 rows. one
// is a thing whose plural has an s more. Chinese has one form for any number.
func Count(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(n) + " " + one + "s"
}

// Grouped writes n with thousands apart: 1,234,567.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// counted is a number of things in a text of the catalogue: {count} row(s).
var counted = regexp.MustCompile(`\{(\w+)\} ((?:[a-z-]+ )?[a-z]+)\(s\)`)

// agree gives the things in a text the number that their argument has.
func agree(text string, args map[string]string) string {
	return counted.ReplaceAllStringFunc(text, func(s string) string {
		if found := counted.FindStringSubmatch(s); args[found[1]] == "1" {
			return strings.TrimSuffix(s, "(s)")
		}
		return strings.TrimSuffix(s, "(s)") + "s"
	})
}
