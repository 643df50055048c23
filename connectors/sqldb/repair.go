package sqldb

import (
	"math"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// How text is repaired that was stored through a connection of the wrong
// character set, as fix_encoding says it.
const (
	fixAuto    = "auto"
	fixOff     = "off"
	fixUTF8    = "latin1-utf8"
	fixGB18030 = "latin1-gb18030"
	fixBig5    = "latin1-big5"
)

// repair undoes a double encoding: bytes of one encoding that were taken for
// latin1 (in truth Windows-1252, as MySQL means it) and encoded once more.
// 张伟 in UTF-8, read as latin1, is å¼ ä¼Ÿ.
type repair struct {
	name string
	// inner is what the bytes were; nil is UTF-8.
	inner encoding.Encoding
}

func repairs(name string) *repair {
	switch name {
	case fixUTF8:
		return &repair{name: name}
	case fixGB18030:
		return &repair{name: name, inner: simplifiedchinese.GB18030}
	case fixBig5:
		return &repair{name: name, inner: traditionalchinese.Big5}
	}
	return nil
}

// append appends text repaired; false where text is as it should be, or can't
// have come about by double encoding. Text that was encoded three times is
// undone to the ground.
func (r *repair) append(dst, text []byte) ([]byte, bool) {
	begin := len(dst)
	dst, ok := r.once(dst, text)
	if !ok {
		return dst[:begin], false
	}
	if r.inner != nil {
		return dst, true
	}
	for range 2 {
		again, ok := r.once(nil, dst[begin:])
		if !ok {
			break
		}
		dst = append(dst[:begin], again...)
	}
	return dst, true
}

func (r *repair) once(dst, text []byte) ([]byte, bool) {
	begin := len(dst)
	high := false
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			dst = append(dst, c)
			i++
			continue
		}
		ru, n := utf8.DecodeRune(text[i:])
		b, ok := latin1Byte(ru)
		if !ok {
			return dst[:begin], false
		}
		high = true
		dst = append(dst, b)
		i += n
	}
	if !high {
		return dst[:begin], false
	}
	if r.inner != nil {
		out, err := r.inner.NewDecoder().Bytes(dst[begin:])
		if err != nil || !hasHan(out) {
			return dst[:begin], false
		}
		return append(dst[:begin], out...), true
	}
	restoreSpaces(dst[begin:])
	if !utf8.Valid(dst[begin:]) {
		return dst[:begin], false
	}
	return dst, true
}

// restoreSpaces puts 0xA0 back where somebody on the way made a plain space
// of the no-break space, inside a UTF-8 sequence.
func restoreSpaces(b []byte) {
	for i := 0; i < len(b); i++ {
		n := 0
		switch c := b[i]; {
		case c >= 0xC2 && c <= 0xDF:
			n = 1
		case c >= 0xE0 && c <= 0xEF:
			n = 2
		case c >= 0xF0 && c <= 0xF4:
			n = 3
		}
		if n == 0 || i+n >= len(b) {
			continue
		}
		tail := b[i+1 : i+1+n]
		spaces := 0
		for _, c := range tail {
			if c == ' ' {
				spaces++
			} else if c < 0x80 || c > 0xBF {
				spaces = n + 1
			}
		}
		if spaces == 0 || spaces > n || (n > 1 && spaces == n) {
			continue
		}
		for j := range tail {
			if tail[j] == ' ' {
				tail[j] = 0xA0
			}
		}
		i += n
	}
}

func hasHan(text []byte) bool {
	han := false
	for i := 0; i < len(text); {
		ru, n := utf8.DecodeRune(text[i:])
		if ru == utf8.RuneError {
			return false
		}
		if ru >= 0x2E80 && ru < 0xE000 || ru >= 0x20000 {
			han = true
		}
		i += n
	}
	return han
}

// latin1Byte returns the byte that MySQL's latin1 has for a character: that
// is Windows-1252 with the five bytes left free there (81, 8D, 8F, 90, 9D)
// as control characters. True ISO 8859-1 has control characters for all of
// 80 to 9F; both are taken.
func latin1Byte(r rune) (byte, bool) {
	if r < 0x100 {
		return byte(r), true
	}
	for i, x := range windows1252 {
		if x == r {
			return byte(0x80 + i), true
		}
	}
	return 0, false
}

// windows1252 is what the bytes 80 to 9F stand for.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8D, 'Ž', 0x8F,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9D, 'ž', 'Ÿ',
}

// evidence counts what speaks for a column's text being encoded twice.
type evidence struct {
	twice  int // values that undo to valid UTF-8
	once   int // values with letters beyond ASCII that do not
	length int // sequences that undid, over all values
}

func (e *evidence) add(text []byte) {
	high := false
	for _, c := range text {
		if c >= utf8.RuneSelf {
			high = true
			break
		}
	}
	if !high {
		return
	}
	r := repair{name: fixUTF8}
	out, ok := r.once(nil, text)
	if !ok {
		e.once++
		return
	}
	e.twice++
	for i := 0; i < len(out); {
		_, n := utf8.DecodeRune(out[i:])
		e.length += n - 1
		i += n
	}
}

// confidence is between 0 and 1: the share of values that undo, less the
// chance that so many sequences fit by accident.
func (e evidence) confidence() float64 {
	if e.twice == 0 {
		return 0
	}
	share := float64(e.twice) / float64(e.twice+e.once)
	return share * (1 - math.Pow(0.5, float64(e.length)))
}

// enough is the confidence at which `auto` repairs a column. Values that do
// not undo are left as they are, so a column may hold both.
const enough = 0.5
