package file

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The ways in which a row of JSON is refused.
var (
	errJSON  = errors.New("malformed JSON")
	errTwice = errors.New("a name stands twice")
	errNUL   = errors.New("a NUL character")
	errHalf  = errors.New("half a character")
)

// maxNesting bounds how deep a row is nested.
const maxNesting = 512

// jsonParser decodes one value: numbers keep their digits, texts share the
// memory of the row, a name that stands twice is refused.
type jsonParser struct {
	s    string
	at   int
	name string // the one that stands twice
}

// decodeObject decodes one object. With an error it returns the offset, from 1,
// where it stands, and with errTwice the name.
func decodeObject(raw []byte) (data map[string]any, at int, name string, err error) {
	p := &jsonParser{s: string(raw)}
	p.space()
	v, err := p.value(0)
	if err == nil {
		if p.space(); p.at < len(p.s) {
			err = errJSON
		}
	}
	if err != nil {
		return nil, p.at + 1, p.name, err
	}
	data, ok := v.(map[string]any)
	if !ok {
		return nil, 1, "", errJSON
	}
	return data, 0, "", nil
}

func (p *jsonParser) space() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

func (p *jsonParser) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxNesting {
		return nil, errJSON
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.text()
	case c == '-' || isDigit(c):
		return p.number()
	}
	for _, w := range [...]struct {
		word  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if strings.HasPrefix(p.s[p.at:], w.word) {
			p.at += len(w.word)
			return w.value, nil
		}
	}
	return nil, errJSON
}

func (p *jsonParser) object(depth int) (any, error) {
	m := map[string]any{}
	p.at++
	if p.space(); p.peek() == '}' {
		p.at++
		return m, nil
	}
	for {
		if p.space(); p.peek() != '"' {
			return nil, errJSON
		}
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, errJSON
		}
		p.at++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		before := len(m)
		if m[name] = v; len(m) == before {
			p.name = name
			return nil, errTwice
		}
		p.space()
		switch p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return m, nil
		default:
			return nil, errJSON
		}
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	list := []any{}
	p.at++
	if p.space(); p.peek() == ']' {
		p.at++
		return list, nil
	}
	for {
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		p.space()
		switch p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return list, nil
		default:
			return nil, errJSON
		}
	}
}

// number takes the digits as they are.
func (p *jsonParser) number() (any, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	switch {
	case p.peek() == '0':
		p.at++
	case !p.digits():
		return nil, errJSON
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return nil, errJSON
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return nil, errJSON
		}
	}
	return json.Number(p.s[start:p.at]), nil
}

func (p *jsonParser) digits() bool {
	start := p.at
	for isDigit(p.peek()) {
		p.at++
	}
	return p.at > start
}

// text takes a quoted text.
func (p *jsonParser) text() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == '"':
			s := p.s[start:p.at]
			p.at++
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c == 0:
			return "", errNUL
		case c < 0x20:
			return "", errJSON
		}
		p.at++
	}
	return "", errJSON
}

// escaped takes a quoted text from its first backslash.
func (p *jsonParser) escaped(start int) (string, error) {
	b := []byte(p.s[start:p.at])
	for p.at < len(p.s) {
		c := p.s[p.at]
		switch {
		case c == '"':
			p.at++
			return string(b), nil
		case c == 0:
			return "", errNUL
		case c < 0x20:
			return "", errJSON
		case c != '\\':
			b = append(b, c)
			p.at++
			continue
		}
		if p.at++; p.at >= len(p.s) {
			return "", errJSON
		}
		c = p.s[p.at]
		if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
			b = append(b, "\"\\/\b\f\n\r\t"[i])
			p.at++
			continue
		}
		r, ok := p.unit()
		if !ok {
			return "", errJSON
		}
		if r == 0 {
			return "", errNUL
		}
		if utf16.IsSurrogate(r) {
			half := p.at - len(`\ud83d`)
			second := rune(utf8.RuneError)
			if strings.HasPrefix(p.s[p.at:], `\u`) {
				p.at++
				if unit, ok := p.unit(); ok {
					second = unit
				}
			}
			if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
				p.at = half
				return "", errHalf
			}
		}
		b = utf8.AppendRune(b, r)
	}
	return "", errJSON
}

// unit takes uXXXX behind a backslash.
func (p *jsonParser) unit() (rune, bool) {
	if p.peek() != 'u' || p.at+5 > len(p.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.at+1:p.at+5], 16, 16)
	if err != nil {
		return 0, false
	}
	p.at += 5
	return rune(n), true
}
