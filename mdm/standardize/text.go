package standardize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Text returns s in NFC, with full-width letters and digits folded, controls
// and invisible characters removed, and runs of space joined. What people see
// stays: case, diacritics and traditional characters.
func Text(s string) string {
	if plain(s) {
		return s
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = width.Fold.String(norm.NFC.String(s))
	return norm.NFC.String(tidy(s, false))
}

// Prose is Text for running text: line ends stay, full-width punctuation too.
func Prose(s string) string {
	if plain(s) {
		return s
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return norm.NFC.String(tidy(norm.NFC.String(s), true))
}

// plain reports whether Text has nothing to do, which is so for nearly every
// value: printable ASCII and common ideographs, spaces single and inside.
func plain(s string) bool {
	space := true // at the start, a space is one too many
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ':
			if space {
				return false
			}
			space = true
			i++
			continue
		case c > ' ' && c < 0x7F:
			i++
		case c >= 0xE4 && c <= 0xE9 && i+2 < len(s):
			// U+4000 to U+9FFF in three bytes; U+4E00 up is unified ideographs.
			r := rune(c&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
			if r < 0x4E00 || s[i+1]&0xC0 != 0x80 || s[i+2]&0xC0 != 0x80 {
				return false
			}
			i += 3
		default:
			return false
		}
		space = false
	}
	return !space || s == ""
}

// tidy drops what can't be seen and joins spaces.
func tidy(s string, lines bool) string {
	var b strings.Builder
	b.Grow(len(s))
	pending, newline := false, false
	for _, r := range s {
		switch {
		case lines && r == '\n':
			newline = true
		case unicode.IsSpace(r), r == '\u3164', r == '\u2800':
			pending = true
		case invisible(r), unicode.IsControl(r):
		default:
			if b.Len() > 0 {
				if newline {
					b.WriteByte('\n')
				} else if pending {
					b.WriteByte(' ')
				}
			}
			pending, newline = false, false
			b.WriteRune(r)
		}
	}
	return b.String()
}

func invisible(r rune) bool {
	switch {
	case r == '\u00AD', r == '\u200B', r == '\u200E', r == '\u200F', r == '\u2060', r == '\uFEFF', r == '\u180E':
		return true
	case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r >= '\uFFF9' && r <= '\uFFFB':
		return true
	}
	return false
}

// Fold returns the form of s in which spellings are compared: compatibility
// forms and width folded, lower case, without diacritics, simplified
// characters, punctuation as single spaces. It is never shown.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	var room [128]byte
	return string(AppendFold(room[:0], s))
}

// folded reports whether folding leaves a text as it is, which is so for most
// that is written in characters.
func folded(s string) bool {
	table := simplified()
	space := true // at the start, a space is one too many
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if foldASCII[c] != c || c == ' ' && space {
				return false
			}
			space = c == ' '
			i++
			continue
		}
		r := ideograph(s, i)
		if r == 0 || table[r-hanFirst] != 0 {
			return false
		}
		space = false
		i += 3
	}
	return !space || s == ""
}

// ideograph returns the character of U+4E00 to U+9FFF that stands at a place
// of a text, 0 where another does.
func ideograph(s string, at int) rune {
	if at+2 >= len(s) {
		return 0
	}
	a, b, c := s[at], s[at+1], s[at+2]
	r := rune(a&0x0F)<<12 | rune(b&0x3F)<<6 | rune(c&0x3F)
	if a < 0xE4 || a > 0xE9 || b&0xC0 != 0x80 || c&0xC0 != 0x80 || r < 0x4E00 {
		return 0
	}
	return r
}

// AppendFold appends Fold(s) to dst.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	table := simplified()
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendFoldASCII(dst, start, c)
			i++
			continue
		}
		r := ideograph(s, i)
		if r == 0 {
			return appendFoldSlow(dst[:start], s)
		}
		if simple := table[r-hanFirst]; simple != 0 {
			dst = utf8.AppendRune(dst, rune(simple))
		} else {
			dst = append(dst, c, s[i+1], s[i+2])
		}
		i += 3
	}
	return trimSpace(dst, start)
}

// foldASCII is what a byte is folded to: itself, its small letter, a space, or
// foldedAway.
var foldASCII = func() (t [utf8.RuneSelf]byte) {
	for i := range t {
		c := byte(i)
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			t[i] = c
		case c >= 'A' && c <= 'Z':
			t[i] = c + 'a' - 'A'
		case c == '\'', c == '`': // O'Brien is obrien
			t[i] = foldedAway
		default:
			t[i] = ' '
		}
	}
	return t
}()

const foldedAway = 0xFF

func appendFoldASCII(dst []byte, start int, c byte) []byte {
	switch f := foldASCII[c]; {
	case f == ' ':
		if len(dst) > start && dst[len(dst)-1] != ' ' {
			return append(dst, ' ')
		}
		return dst
	case f == foldedAway:
		return dst
	default:
		return append(dst, f)
	}
}

func trimSpace(dst []byte, start int) []byte {
	if n := len(dst); n > start && dst[n-1] == ' ' {
		return dst[:n-1]
	}
	return dst
}

// plainLetters are letters that no decomposition brings to their base.
var plainLetters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n", 'ĸ': "k", 'ŧ': "t",
	'ə': "a", 'ʻ': "", 'ʼ': "", '’': "", '‘': "", '′': "", 'ʹ': "",
}

func appendFoldSlow(dst []byte, s string) []byte {
	start := len(dst)
	for _, r := range norm.NFKD.String(width.Fold.String(s)) {
		r = unicode.ToLower(r)
		if r < utf8.RuneSelf {
			dst = appendFoldASCII(dst, start, byte(r))
			continue
		}
		if p, ok := plainLetters[r]; ok {
			dst = append(dst, p...)
			continue
		}
		switch {
		case mark(r), invisible(r), r == '\u200C', r == '\u200D':
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '〇':
			dst = utf8.AppendRune(dst, simplify(r))
		default:
			if len(dst) > start && dst[len(dst)-1] != ' ' {
				dst = append(dst, ' ')
			}
		}
	}
	dst = trimSpace(dst, start)
	// Hangul and kana were taken apart with the rest.
	whole := norm.NFC.String(string(dst[start:]))
	return append(dst[:start], whole...)
}

// mark reports diacritics that are optional in writing: Latin, Greek and
// Cyrillic accents, Arabic and Hebrew points. Vowel signs of Indic scripts are
// letters and stay.
func mark(r rune) bool {
	return r >= 0x0300 && r <= 0x036F || r >= 0x064B && r <= 0x065F || r >= 0x0591 && r <= 0x05C7 || r == 0x0640 || r == 0x0670
}
