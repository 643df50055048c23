package connectors

import (
	"bytes"
	"strconv"
)

// HalfCharacter returns where in a JSON text an escaped half of a character (a
// surrogate of UTF-16, such as \ud83d) stands without its other half, or -1. A
// decoder reads U+FFFD in its place without a word; whoever wrote it cut a text
// in the middle of a character.
func HalfCharacter(raw []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(raw[at:], '\\')
		if i < 0 {
			return -1
		}
		at += i
		unit, ok := escapedUnit(raw[at:])
		switch {
		case !ok:
			at += 2
			if at >= len(raw) {
				return -1
			}
		case unit < 0xd800 || unit > 0xdfff:
			at += 6
		default:
			low, pair := escapedUnit(raw[at+6:])
			if unit >= 0xdc00 || !pair || low < 0xdc00 || low > 0xdfff {
				return at
			}
			at += 12
		}
	}
}

// escapedUnit reads \uXXXX at the beginning of b.
func escapedUnit(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return n, err == nil
}
