package column

import (
	"strings"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
)

// maxText is how much of a value is looked at, in bytes: what follows is
// beyond any name, and beyond what telling two texts apart takes.
const maxText = 4096

// clean returns a value as it is worked on: valid, cut to length, "" where it
// stands for none.
func clean(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	if !standardize.Valid(s) {
		s = strings.ToValidUTF8(s, "")
	}
	if s = trim(s); s == "" || none(s) {
		return ""
	}
	return s
}

// trim returns a valid text without the white space around it.
func trim(s string) string {
	if n := len(s); n >= 3 {
		first, last := s[0], s[n-1]
		if (first > ' ' && first < 0x7F || first >= 0xE4) && (last > ' ' && last < 0x7F || s[n-3] >= 0xE4) {
			return s
		}
	}
	return strings.TrimSpace(s)
}

// none reports whether a text is a word for no value, or but one sign again
// and again: ---, 000000, xxxx.
func none(s string) bool {
	if len(s) > 32 {
		return false
	}
	if c := s[0]; c < '0' || c > '9' { // no word begins with a digit
		var buffer [64]byte
		f := standardize.AppendFold(buffer[:0], s)
		if len(s) <= 24 && compare.EmptyFolded(f) || len(f) > 0 && placeholderLengths[f[0]]>>min(len(f), 63)&1 == 1 && placeholders[string(f)] {
			return true
		}
	}
	if len(s) >= 3 && s[1] == s[0] && strings.Count(s, s[:1]) == len(s) {
		c := s[0]
		return c == '0' || c == '9' && len(s) >= 4 || c < '0' || c > '9' && c < 'A' || c == 'x' || c == 'X' || c == '?'
	}
	return false
}

// placeholderLengths tells how long the placeholders are that begin with a
// byte: bit n is set for n bytes.
var placeholderLengths = func() (lengths [256]uint64) {
	for w := range placeholders {
		lengths[w[0]] |= 1 << min(len(w), 63)
	}
	return lengths
}()

// placeholders stand in files for a value that nobody knew, beside those that
// customer records have.
var placeholders = map[string]bool{
	"unk": true, "not specified": true, "unspecified": true, "not stated": true, "not given": true, "not recorded": true, "no data": true, "no value": true, "empty": true, "blank": true, "dummy": true, "sample": true, "todo": true, "see notes": true, "same": true, "as above": true, "ditto": true, "asdf": true, "qwerty": true,
	"无资料": true, "无数据": true, "无记录": true, "不明": true, "不知道": true, "不清楚": true, "保密": true, "未提供": true, "未登记": true, "未录入": true, "缺失": true, "待核实": true, "待确认": true, "同上": true, "略": true, "なし": true, "不明です": true, "없음": true,
	"sin dato": true, "desconocido": true, "inconnu": true, "unbekannt": true, "keine angabe": true, "k a": true, "неизвестно": true, "нет": true,
}
