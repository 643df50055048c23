package column

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// Packed holds what comparing asks of one distinct value: numbers of a fixed
// size in front, texts behind, in a layout that only its comparer knows. A
// million of them lie in one piece of memory, in which there is nothing to
// follow. "" is missing. It holds personal data and stays in memory.
type Packed string

// Missing reports whether there is no value to compare.
func (v Packed) Missing() bool { return v == "" }

// maxPacked is how much of a folded text is kept, in bytes, so that lengths
// fit in two.
const maxPacked = 1 << 14

// clip cuts a folded text to what is kept of it.
func clip(f string) string {
	if len(f) <= maxPacked {
		return f
	}
	n := maxPacked
	for n > 0 && !utf8.RuneStart(f[n]) {
		n--
	}
	return f[:n]
}

func append16(dst []byte, n int) []byte    { return binary.LittleEndian.AppendUint16(dst, uint16(n)) }
func append32(dst []byte, n uint32) []byte { return binary.LittleEndian.AppendUint32(dst, n) }
func append64(dst []byte, n uint64) []byte { return binary.LittleEndian.AppendUint64(dst, n) }

func (v Packed) get16(at int) int {
	s := v[at : at+2]
	return int(s[0]) | int(s[1])<<8
}

func (v Packed) get32(at int) uint32 {
	s := v[at : at+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func (v Packed) get64(at int) uint64 {
	s := v[at : at+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// spellingSize is how many bytes stand before the text of a packed spelling.
const spellingSize = 10

// appendSpelling appends a text behind its signature and its number of letters.
func appendSpelling(dst []byte, text string) []byte {
	s := spell(text)
	return append(append16(append64(dst, s.signature), int(s.runes)), text...)
}

// spelled returns a packed spelling.
func (v Packed) spelled() spelling {
	text := string(v[spellingSize:])
	n := int32(v.get16(8))
	return spelling{text, v.get64(0), n, int(n) == len(text)}
}

// list is words that lie in a text, each as where it begins and its length.
type list struct {
	text  string
	spans Packed
}

// appendSpan appends where a word lies in the text that holds it.
func appendSpan(dst []byte, at, n int) []byte { return append16(append16(dst, at), n) }

const spanSize = 4

func (l list) len() int { return len(l.spans) / spanSize }

func (l list) at(i int) string {
	from := l.spans.get16(spanSize * i)
	return l.text[from : from+l.spans.get16(spanSize*i+2)]
}

func (l list) has(w string) bool {
	for i := range l.len() {
		if l.at(i) == w {
			return true
		}
	}
	return false
}

// appendSpans appends where words lie in the text that holds them all, and in
// which each begins no sooner than the one before.
func appendSpans(dst []byte, text string, words []string) []byte {
	at := 0
	for _, w := range words {
		at += max(0, strings.Index(text[at:], w))
		dst = appendSpan(dst, at, len(w))
	}
	return dst
}
