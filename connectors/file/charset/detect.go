package charset

import (
	"bytes"
	_ "embed"
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Detected is what encoding a text seems to have.
type Detected struct {
	Name       string
	Confidence float64 // 0 to 1
	BOM        int     // the length of the byte order mark
}

// commonText holds the characters that are frequent in names, addresses and
// business, a line for each encoding that they speak for.
//
//go:embed common.txt
var commonText string

// common returns the frequent characters of an encoding.
var common = sync.OnceValue(func() map[string]map[rune]bool {
	sets := map[string]map[rune]bool{}
	for _, line := range strings.Split(commonText, "\n") {
		name, chars, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		if sets[name] == nil {
			sets[name] = map[rune]bool{}
		}
		for _, r := range chars {
			sets[name][r] = true
		}
	}
	return sets
})

// candidates are the encodings of several bytes a character that detection
// chooses from where the text is no UTF-8, the more frequent before the less.
var candidates = []string{GB18030, "big5", "shift_jis", "euc-jp", "euc-kr"}

// Detect tells the encoding of a sample. whole says that the sample is all
// there is: its last character is not cut.
func Detect(b []byte, whole bool) Detected {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return Detected{UTF8, 1, 3}
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return Detected{UTF16LE, 1, 2}
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return Detected{UTF16BE, 1, 2}
	case bytes.HasPrefix(b, []byte{0x84, 0x31, 0x95, 0x33}):
		return Detected{GB18030, 1, 4}
	}
	if g, ok := detectUTF16(b); ok {
		return g
	}
	if !whole {
		b = CutLast(b)
	}
	good, bad := CountUTF8(b)
	switch {
	case good == 0 && bad == 0:
		return Detected{UTF8, 1, 0}
	case bad == 0:
		// One sequence may be chance, ten are not.
		return Detected{UTF8, 1 - 0.3/float64(good), 0}
	case good >= 2*bad:
		// Text of another encoding is hardly ever valid UTF-8, least of all most
		// of it: the rest was cut in the middle of a character, or comes from
		// elsewhere, and its rows are refused rather than all others misread.
		return Detected{UTF8, min(0.9, 0.6+0.01*float64(good)), 0}
	}
	return best(b)
}

// best scores the legacy encodings and returns the one that reads best, with
// a confidence from how far the next one is behind that reads otherwise.
func best(b []byte) Detected {
	const enough = 64 << 10
	lines := highLines(b, enough)
	first, second := Detected{Name: "windows-1252"}, 0.0
	top := -1.0
	for _, name := range candidates {
		s := score(lines, name)
		switch {
		case s > top:
			second, top = top, s
			first.Name = name
		case s > second:
			second = s
		}
	}
	if all := readAll(lines); len(all) > 0 && !math.IsInf(all[0].bits, -1) {
		fit, next := all[0].fit, -1.0
		for _, other := range all[1:] {
			if other.text != all[0].text {
				next = fit - (all[0].bits-other.bits)/2
				break
			}
		}
		if fit > top {
			second, top = max(top, next), fit
			first.Name = all[0].name
		} else {
			second = max(second, fit)
		}
	}
	top, second = max(top, 0), max(second, 0)
	high := 0
	for _, c := range lines {
		if c >= 0x80 {
			high++
		}
	}
	trust := float64(high) / float64(high+8) // few bytes prove little
	first.Confidence = min(0.99, (0.5*top+0.5*min(1, 2*(top-second)))*(0.5+0.5*trust))
	return first
}

// score says from about 0 to 1 how much of the text outside ASCII reads as
// frequent characters in an encoding of several bytes a character; what can't
// be decoded and what is never seen in such text counts against it.
func score(b []byte, name string) float64 {
	text, err := decoderOf(name).Bytes(b)
	if err != nil {
		return -1
	}
	frequent := common()[name]
	total, hits, plain, faults := 0, 0, 0, 0
	for _, r := range string(text) {
		if r < 0x80 {
			continue
		}
		total++
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Co, r), r >= 0x80 && r < 0xa0:
			faults++
		case r >= 0xff61 && r <= 0xff9f: // counted as words below
		case frequent[r]:
			hits++
		case unicode.IsLetter(r):
			plain++
		}
	}
	if total == 0 {
		return 0
	}
	words, odd := halfWidth(string(text))
	return (float64(hits) + 0.25*float64(plain) + words - 4*(float64(faults)+odd)) / float64(total)
}

// highLines returns the lines of b that have bytes outside ASCII, up to a size.
func highLines(b []byte, enough int) []byte {
	var out []byte
	for len(b) > 0 && len(out) < enough {
		line := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line = b[:i+1]
		}
		b = b[len(line):]
		if high := bytes.IndexFunc(line, func(r rune) bool { return r >= 0x80 || r == utf8.RuneError }); high >= 0 {
			out = append(out, line[:min(len(line), enough)]...)
		}
	}
	return out
}

// detectUTF16 finds UTF-16 without its mark: text in it has line ends, commas
// and spaces whose one byte is zero, always on the same side.
func detectUTF16(b []byte) (Detected, bool) {
	n := min(len(b), 64<<10) &^ 1
	if n < 4 {
		return Detected{}, false
	}
	even, odd := 0, 0
	for i := 0; i < n; i += 2 {
		if b[i] == 0 && b[i+1] != 0 {
			even++
		}
		if b[i+1] == 0 && b[i] != 0 {
			odd++
		}
	}
	least := max(2, n/2/50)
	for _, side := range []struct {
		zeros, others int
		name          string
	}{{odd, even, UTF16LE}, {even, odd, UTF16BE}} {
		if side.zeros < least || side.others*20 > side.zeros {
			continue
		}
		text, _ := AppendUTF16(nil, b[:n], side.name == UTF16BE)
		if good, bad := CountUTF8(text); bad*20 <= good+len(text)/20 && !bytes.Contains(text, []byte{0}) {
			return Detected{side.name, 0.95, 0}, true
		}
	}
	return Detected{}, false
}

// CountUTF8 counts the characters outside ASCII that are UTF-8, and the bytes
// that are not.
func CountUTF8(b []byte) (good, bad int) {
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return good, bad
}

// CutLast drops what stands behind the last line end: its last character may
// be cut.
func CutLast(b []byte) []byte {
	if i := bytes.LastIndexByte(b, '\n'); i > 0 {
		return b[:i+1]
	}
	for n := 0; n < 4 && len(b) > 0 && b[len(b)-1] >= 0x80; n++ {
		b = b[:len(b)-1]
	}
	return b
}

// Misread says how many of the characters outside ASCII in the sample can't be
// read in the named encoding.
func Misread(b []byte, name string, whole bool) (bad, of int) {
	if !whole && !IsUTF16(name) {
		b = CutLast(b)
	}
	if name == UTF8 {
		good, bad := CountUTF8(b)
		return bad, good + bad
	}
	if IsUTF16(name) {
		text, _ := AppendUTF16(nil, b[:len(b)&^1], name == UTF16BE)
		for _, r := range string(text) {
			if r == 0 || r == utf8.RuneError || unicode.Is(unicode.Co, r) {
				bad++
			}
			of++
		}
		return bad, of
	}
	text, err := decoderOf(name).Bytes(b)
	if err != nil {
		return 1, 1
	}
	for _, r := range string(text) {
		if r >= 0x80 {
			of++
		}
		if r == utf8.RuneError {
			bad++
		}
	}
	return bad, of
}
