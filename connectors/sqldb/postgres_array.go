package sqldb

import (
	"strings"
	"time"
)

// parseArray reads PostgreSQL's text form of an array, {1,NULL,"a,b"}, nested
// or not; elements are read as their kind says. False where it is no array.
func parseArray(s string, elem kind, zone *time.Location) ([]any, bool) {
	// Bounds in front ([2:3]={1,2}) say where counting begins; they fall away.
	if strings.HasPrefix(s, "[") {
		_, rest, ok := strings.Cut(s, "=")
		if !ok {
			return nil, false
		}
		s = rest
	}
	p := arrayParser{s: s, elem: builderOf(elem, zone)}
	v, ok := p.list(0)
	if !ok || p.at != len(s) {
		return nil, false
	}
	return v, true
}

// builderOf returns a builder of one column, to read elements with.
func builderOf(k kind, zone *time.Location) *builder {
	return newBuilder([]column{{name: "element", kind: k}}, 1, zone, nil)
}

type arrayParser struct {
	s    string
	at   int
	elem *builder
}

// deepest is how deep arrays may nest; PostgreSQL itself allows 6 dimensions.
const deepest = 8

func (p *arrayParser) list(depth int) ([]any, bool) {
	if depth > deepest || p.at >= len(p.s) || p.s[p.at] != '{' {
		return nil, false
	}
	p.at++
	out := []any{}
	if p.at < len(p.s) && p.s[p.at] == '}' {
		p.at++
		return out, true
	}
	for p.at < len(p.s) {
		if p.s[p.at] == '{' {
			v, ok := p.list(depth + 1)
			if !ok {
				return nil, false
			}
			out = append(out, v)
		} else {
			v, ok := p.element()
			if !ok {
				return nil, false
			}
			out = append(out, v)
		}
		if p.at >= len(p.s) {
			return nil, false
		}
		p.at++
		switch p.s[p.at-1] {
		case '}':
			return out, true
		case ',':
		default:
			return nil, false
		}
	}
	return nil, false
}

func (p *arrayParser) element() (any, bool) {
	var b []byte
	if p.s[p.at] == '"' {
		for p.at++; p.at < len(p.s); p.at++ {
			switch c := p.s[p.at]; c {
			case '\\':
				p.at++
				if p.at == len(p.s) {
					return nil, false
				}
				b = append(b, p.s[p.at])
			case '"':
				p.at++
				return p.read(b), true
			default:
				b = append(b, c)
			}
		}
		return nil, false
	}
	end := strings.IndexAny(p.s[p.at:], ",{}")
	if end <= 0 {
		return nil, false
	}
	word := p.s[p.at : p.at+end]
	p.at += end
	if strings.EqualFold(word, "NULL") {
		return nil, true
	}
	return p.read([]byte(word)), true
}

func (p *arrayParser) read(b []byte) any {
	p.elem.reset()
	p.elem.bytes(0, b)
	return p.elem.row()["element"]
}
