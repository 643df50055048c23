package mappings

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// asASCII escapes what is not ASCII in the strings of a mapping and blots it
// out in comments. Bloblang counts lines by bytes and positions by characters,
// and so names wrong lines in a file with Chinese in it. Raw strings ("""…""")
// cannot be escaped and stay.
func asASCII(text string) string {
	if isASCII(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		switch {
		case text[i] == '#':
			end := i + max(strings.IndexByte(text[i:], '\n'), 0)
			if end == i {
				end = len(text)
			}
			for _, r := range text[i:end] {
				if r >= utf8.RuneSelf {
					r = '?'
				}
				b.WriteRune(r)
			}
			i = end
		case strings.HasPrefix(text[i:], `"""`):
			end := strings.Index(text[i+3:], `"""`)
			if end < 0 {
				end = len(text) - i - 6
			}
			b.WriteString(text[i : i+end+6])
			i += end + 6
		case text[i] == '"':
			end := closing(text, i)
			for _, r := range text[i:end] {
				b.WriteString(escaped(r))
			}
			i = end
		default:
			b.WriteByte(text[i])
			i++
		}
	}
	return b.String()
}

// closing returns the offset behind a string that begins at i; a string ends
// with its line at the latest.
func closing(text string, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		case '\n':
			return j
		}
	}
	return len(text)
}

// escaped writes a character as it stands in a quoted string of Bloblang.
func escaped(r rune) string {
	switch {
	case r < utf8.RuneSelf:
		return string(r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// columnIn turns a column of the escaped text into one of the line as it was
// written.
func columnIn(line string, column int) int {
	ascii := asASCII(line)
	if column-1 >= len(ascii) {
		return utf8.RuneCountInString(line) + column - len(ascii)
	}
	// The shortest beginning of the line that reaches so far in escaped form.
	at, quoted := 0, false
	for n, r := range []rune(line) {
		if at >= column-1 {
			return n + 1
		}
		if r == '"' {
			quoted = !quoted
		}
		if quoted {
			at += len(escaped(r))
		} else {
			at++
		}
	}
	return utf8.RuneCountInString(line) + 1
}
