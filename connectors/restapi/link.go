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
func linkParams(s string) (params, rest string) {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

func isNext(params string) bool {
	for _, p := range strings.Split(params, ";") {
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
