package standardize

import (
	"strings"
	"unicode/utf8"
)

// Email returns an e-mail address in lower case, trimmed of spaces, brackets,
// a display name, mailto: and a closing full stop. ok is false where there is
// no single @ with something on both sides and a point in the domain.
func Email(s string) (address string, ok bool) {
	if plainEmail(s) {
		return s, true
	}
	if !ascii(s) {
		s = strings.NewReplacer("。", ".", "｡", ".").Replace(s)
	}
	s = Text(s)
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			return "", false
		}
		s = s[i+1 : i+j]
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	s = strings.TrimRight(strings.TrimSpace(s), ".,;")
	at := strings.IndexByte(s, '@')
	if at <= 0 || strings.IndexByte(s[at+1:], '@') >= 0 || strings.ContainsAny(s, " ,;\"<>()") {
		return "", false
	}
	domain := s[at+1:]
	if dot := strings.LastIndexByte(domain, '.'); dot <= 0 || dot == len(domain)-1 || strings.Contains(domain, "..") {
		return "", false
	}
	if !utf8.ValidString(s) {
		return "", false
	}
	return strings.ToLower(s), true
}

// plainEmail recognises an address that is in its one spelling already, as
// most are.
func plainEmail(s string) bool {
	at, dot := -1, -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '+':
		case c == '.':
			if at >= 0 && (dot == i-1 || at == i-1) {
				return false
			}
			dot = i
		case c == '@' && at < 0:
			at = i
		default:
			return false
		}
	}
	return at > 0 && dot > at && dot < len(s)-1
}
