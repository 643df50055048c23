package restapi

import (
	"net/http"
	"strings"
)

// nextLink returns the target of the Link header (RFC 8288) whose relation is
// next; "" where there is none. Targets may hold commas and semicolons.
func nextLink(h http.Header) string {
	for _, line := range h.Values("Link") {
		for line != "" {
			start := strings.IndexByte(line, '<')
			if start < 0 {
				break
			}
			end := strings.IndexByte(line[start:], '>')
			if end < 0 {
				break
			}
			target := line[start+1 : start+end]
			params, rest := linkParams(line[start+end+1:])
			if isNext(params) {
				return target
			}
			line = rest
		}
	}
	return ""
}

// linkParams cuts the parameters of one link from the links behind it, at a
// comma outside of quotes.
func linkParams(s string) (params []string, rest string) {
	quoted, from := false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case !quoted && c == ';':
			params, from = append(params, s[from:i]), i+1
		case !quoted && c == ',':
			return append(params, s[from:i]), s[i+1:]
		}
	}
	return append(params, s[from:]), ""
}

func isNext(params []string) bool {
	for _, p := range params {
		name, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, "next") {
				return true
			}
		}
	}
	return false
}
