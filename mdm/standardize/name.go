package standardize

import (
	"strings"
	"unicode/utf8"
)

// PersonName returns a person's name as it is shown: Text without forms of
// address (Mr, 先生), Chinese characters closed up, one dot for the several in
// use between the parts of foreign names. A name that is nothing but a surname
// and a form of address (王先生) stays.
func PersonName(s string) string {
	s = Text(s)
	if ascii(s) {
		return stripLatin(s)
	}
	if HasHan(s) {
		s = closeUp(s)
		s = stripHan(s)
		return closeUp(stripLatin(s))
	}
	return stripLatin(s)
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// addresses are forms of address before a Latin name, without the point.
var formsOfAddress = map[string]bool{"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "messrs": true, "mme": true, "mlle": true, "herr": true, "frau": true, "señor": true, "señora": true}

func stripLatin(s string) string {
	for {
		word, rest, found := strings.Cut(s, " ")
		if !found || rest == "" {
			return s
		}
		w := strings.TrimSuffix(word, ".")
		if len(w) < 2 || len(w) > 7 || !formsOfAddress[strings.ToLower(w)] {
			return s
		}
		s = rest
	}
}

// hanForms are forms of address after a Chinese name.
var hanForms = []string{"先生", "女士", "小姐", "太太", "夫人", "同志", "老师", "經理", "经理", "总监", "主任"}

func stripHan(s string) string {
	for {
		cut := false
		for _, f := range hanForms {
			rest, ok := strings.CutSuffix(s, f)
			if !ok {
				continue
			}
			// One character before it is a surname alone, and a teacher's whole name.
			if rest = strings.TrimRight(rest, " ·"); utf8.RuneCountInString(rest) >= 2 && !compoundSurnames()[Simplified(rest)] {
				s, cut = rest, true
			}
		}
		if !cut {
			return s
		}
	}
}

// spacedOrDotted reports whether a text may hold spaces or dots, by the bytes
// that these begin with.
func spacedOrDotted(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ', "·"[0], "•"[0], "・"[0], "･"[0]:
			return true
		}
	}
	return false
}

// closeUp removes the spaces between ideographs and writes the dot between
// the parts of a foreign name in one way.
func closeUp(s string) string {
	if !spacedOrDotted(s) {
		return s
	}
	rs := []rune(s)
	for i, r := range rs {
		switch r {
		case '•', '‧', '・', '･', '∙', '⋅':
			rs[i] = '·'
		}
	}
	out := rs[:0]
	for i, r := range rs {
		if r == ' ' && i > 0 && i+1 < len(rs) {
			before, after := out[len(out)-1], rs[i+1]
			if (IsHan(before) || before == '·') && (IsHan(after) || after == '·') {
				continue
			}
		}
		if r == '·' && len(out) > 0 && out[len(out)-1] == '·' {
			continue
		}
		out = append(out, r)
	}
	return strings.Trim(string(out), " ·")
}
