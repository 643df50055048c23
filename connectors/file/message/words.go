package message

import (
	"regexp"
	"strings"

	"crmhub/connectors/file/charset"
)

var encodedWord = regexp.MustCompile(`=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=`)

// decodeHeader reads a header's encoded words (RFC 2047) and raw bytes. Words
// that stand together in one charset are joined before they are decoded: many
// mailers cut them in the middle of a character.
func decodeHeader(s, enc string) string {
	found := encodedWord.FindAllStringSubmatchIndex(s, -1)
	if found == nil {
		return charset.Guess([]byte(s), enc)
	}
	var out strings.Builder
	var pending []byte
	pendingSet, at := "", 0
	flush := func() {
		if pending != nil {
			out.WriteString(decodeWord(pending, pendingSet))
			pending = nil
		}
	}
	for _, m := range found {
		between := s[at:m[0]]
		set := strings.ToLower(s[m[2]:m[3]])
		if star := strings.IndexByte(set, '*'); star >= 0 {
			set = set[:star] // RFC 2231 adds a language
		}
		if name, _, ok := charset.Name(set); ok {
			set = name
		}
		if strings.TrimSpace(between) != "" || at == 0 || set != pendingSet {
			flush()
		}
		if strings.TrimSpace(between) != "" {
			out.WriteString(charset.Guess([]byte(between), enc))
		}
		text := []byte(s[m[6]:m[7]])
		if how := s[m[4]]; how == 'b' || how == 'B' {
			text = decodeBase64(text)
		} else {
			text = decodeQuoted(text, true)
		}
		pending, pendingSet, at = append(pending, text...), set, m[1]
	}
	flush()
	out.WriteString(charset.Guess([]byte(s[at:]), enc))
	return out.String()
}

func decodeWord(b []byte, enc string) string {
	if enc == charset.UTF8 {
		return charset.Guess(b, "")
	}
	if !charset.Known(enc) {
		return charset.Guess(b, "")
	}
	return charset.Decode(b, enc)
}

// mediaType reads a content type or disposition and its parameters, with the
// continuations and charsets of RFC 2231, and the encoded words that have no
// place there but are found everywhere.
func mediaType(value, none string) (string, map[string]string) {
	kind, rest, _ := strings.Cut(value, ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "" {
		kind = none
	}
	params := map[string]string{}
	pieces := map[string][]string{}
	encoded := map[string]bool{}
	for _, p := range splitParams(rest) {
		name, v, ok := strings.Cut(p, "=")
		if !ok {
			continue
		}
		name, v = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(v)
		if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
			v = unescape.Replace(v[1 : len(v)-1])
		}
		base, section, continued := strings.Cut(name, "*")
		if !continued {
			params[name] = v
			continue
		}
		if strings.HasSuffix(name, "*") {
			encoded[base] = true
			if n := len(pieces[base]); n > 0 || section != "" {
				section = strings.TrimSuffix(section, "*")
			}
			if section != "" && section != "0" {
				v = "''" + v
			}
		} else if encoded[base] {
			v = "''" + strings.NewReplacer("%", "%25").Replace(v)
		}
		pieces[base] = append(pieces[base], v)
	}
	for name, list := range pieces {
		params[name] = join2231(list, encoded[name])
	}
	return kind, params
}

// join2231 joins the pieces of a parameter and decodes its percent signs; only
// the first names the enc.
func join2231(list []string, encoded bool) string {
	if !encoded {
		return strings.Join(list, "")
	}
	enc := ""
	var raw []byte
	for i, v := range list {
		if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
			if i == 0 {
				enc = parts[0]
			}
			v = parts[2]
		}
		for j := 0; j < len(v); j++ {
			if v[j] == '%' && j+2 < len(v) && unhex(v[j+1]) < 16 && unhex(v[j+2]) < 16 {
				raw = append(raw, unhex(v[j+1])<<4|unhex(v[j+2]))
				j += 2
				continue
			}
			raw = append(raw, v[j])
		}
	}
	if name, _, ok := charset.Name(enc); ok {
		return decodeWord(raw, name)
	}
	return charset.Guess(raw, "")
}

// splitParams cuts parameters at their semicolons, outside quotes.
func splitParams(s string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}
