package column

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"crmhub/mdm/standardize"
)

//go:embed headers.txt
var headerText string

// headers maps what columns are called, folded, to kinds.
var headers = sync.OnceValue(func() map[string]Kind {
	m := map[string]Kind{}
	for line := range strings.Lines(headerText) {
		name, phrases, found := strings.Cut(line, ":")
		k, known := ParseKind(name)
		if !found || !known {
			continue
		}
		for p := range strings.SplitSeq(phrases, ",") {
			if f := standardize.Fold(p); f != "" {
				m[f] = k
			}
		}
	}
	return m
})

// named returns the kind that a header tells, the words that tell it, and
// whether they are the whole header.
func named(header string) (k Kind, phrase string, whole, ok bool) {
	h := headerWords(header)
	if h == "" {
		return 0, "", false, false
	}
	table := headers()
	if k, ok = table[h]; ok {
		return k, h, true, true
	}
	if k, ok = table[strings.ReplaceAll(h, " ", "")]; ok {
		return k, h, true, true
	}
	words := strings.Fields(h)
	// The longest phrase, and of those the last: "customer birth date" is a date.
	for n := len(words) - 1; n > 0; n-- {
		for i := len(words) - n; i >= 0; i-- {
			p := strings.Join(words[i:i+n], " ")
			if k, ok = table[p]; ok && !vague[p] {
				return k, p, false, true
			}
		}
	}
	return namedInChinese(h)
}

// vague words say nothing inside a longer header.
var vague = map[string]bool{"id": true, "no": true, "nr": true, "num": true, "key": true, "row": true, "time": true, "type": true, "land": true, "cap": true, "pc": true, "mi": true, "via": true, "long": true, "make": true, "class": true, "source": true, "no name": true, "index": true, "count": true, "total": true, "group": true, "person": true, "family": true, "web": true, "sin": true, "code": true, "file": true, "size": true, "family nm": true, "version": true}

// namedInChinese looks for the longest phrase in a header without spaces,
// and of those for the last.
func namedInChinese(h string) (k Kind, phrase string, whole, ok bool) {
	if !standardize.HasHan(h) {
		return 0, "", false, false
	}
	table, rs := headers(), []rune(strings.ReplaceAll(h, " ", ""))
	for n := len(rs) - 1; n > 0; n-- {
		for i := len(rs) - n; i >= 0; i-- {
			p := string(rs[i : i+n])
			if !standardize.HasHan(p) {
				continue
			}
			if k, ok = table[p]; ok && (n > 1 || i+n == len(rs)) {
				return k, p, false, true
			}
		}
	}
	return 0, "", false, false
}

// headerWords returns the words of a header: camelCase taken apart, folded,
// without what a data set adds to every name.
func headerWords(header string) string {
	header = strings.ToValidUTF8(header, "")
	if len(header) > 256 {
		header = prefix(header, 64)
	}
	var b strings.Builder
	last := rune(0)
	for i, r := range header {
		next, _ := utf8.DecodeRuneInString(header[i+utf8.RuneLen(r):])
		if unicode.IsUpper(r) && (unicode.IsLower(last) || unicode.IsUpper(last) && unicode.IsLower(next)) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	words := strings.Fields(standardize.Fold(b.String()))
	kept := words[:0]
	for _, w := range words {
		if !decoration[w] {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return standardize.Fold(b.String())
	}
	return strings.Join(kept, " ")
}

// decoration is added to headers and says nothing of the values.
var decoration = map[string]bool{"fake": true, "raw": true, "clean": true, "cleaned": true, "original": true, "orig": true, "std": true, "standardized": true, "standardised": true, "masked": true, "left": true, "right": true, "field": true, "col": true, "value": true, "str": true, "primary": true, "main": true, "current": true, "optional": true, "required": true, "desc": true, "res": true, "cd": true}
