package canon

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrJSON is what Decode returns for bytes that are not one JSON value. It
// says nothing of them, since they may be personal.
var ErrJSON = errors.New("not one JSON value")

// deepest is how deep values may be nested.
const deepest = 1000

// Decode returns the one JSON value in b, numbers as json.Number. It is made
// for what Append wrote and is several times faster than encoding/json; it
// takes any JSON.
func Decode(b []byte) (any, error) { return DecodeText(string(b)) }

// DecodeText is Decode of a text. The texts in the value are parts of it
// where nothing in them was escaped.
func DecodeText(s string) (any, error) {
	d := decoder{b: s}
	v, err := d.value(0)
	if err != nil {
		return nil, err
	}
	d.space()
	if d.at != len(s) {
		return nil, ErrJSON
	}
	return v, nil
}

// Object is Decode for a JSON object.
func Object(b []byte) (map[string]any, error) {
	v, err := Decode(b)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, ErrJSON
	}
	return m, nil
}

type decoder struct {
	b  string
	at int
}

func (d *decoder) space() {
	for d.at < len(d.b) {
		switch d.b[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

// next takes c, past white space, if it comes next.
func (d *decoder) next(c byte) bool {
	d.space()
	if d.at < len(d.b) && d.b[d.at] == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) value(depth int) (any, error) {
	d.space()
	if d.at == len(d.b) || depth > deepest {
		return nil, ErrJSON
	}
	switch c := d.b[d.at]; {
	case c == '"':
		d.at++
		return d.text()
	case c == '{':
		d.at++
		return d.object(depth)
	case c == '[':
		d.at++
		return d.list(depth)
	case c == 't':
		return true, d.word("true")
	case c == 'f':
		return false, d.word("false")
	case c == 'n':
		return nil, d.word("null")
	}
	return d.number()
}

func (d *decoder) word(w string) error {
	if !strings.HasPrefix(d.b[d.at:], w) {
		return ErrJSON
	}
	d.at += len(w)
	return nil
}

func (d *decoder) object(depth int) (any, error) {
	m := map[string]any{}
	if d.next('}') {
		return m, nil
	}
	for {
		if !d.next('"') {
			return nil, ErrJSON
		}
		name, err := d.text()
		if err != nil {
			return nil, err
		}
		if !d.next(':') {
			return nil, ErrJSON
		}
		if m[name], err = d.value(depth + 1); err != nil {
			return nil, err
		}
		if d.next('}') {
			return m, nil
		}
		if !d.next(',') {
			return nil, ErrJSON
		}
	}
}

func (d *decoder) list(depth int) (any, error) {
	if d.next(']') {
		return []any{}, nil
	}
	l := make([]any, 0, 1)
	for {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l = append(l, v)
		if d.next(']') {
			return l, nil
		}
		if !d.next(',') {
			return nil, ErrJSON
		}
	}
}

func (d *decoder) number() (any, error) {
	from := d.at
	for d.at < len(d.b) {
		switch c := d.b[d.at]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			d.at++
			continue
		}
		break
	}
	s := d.b[from:d.at]
	if !valid(s) {
		return nil, ErrJSON
	}
	return json.Number(s), nil
}

// valid reports whether s has the form of a JSON number.
func valid(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' || !digits() {
		return false
	}
	if s != "" && s[0] == '.' {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

// text reads a string whose opening quote is past.
func (d *decoder) text() (string, error) {
	from := d.at
	for d.at < len(d.b) {
		switch c := d.b[d.at]; {
		case c == '"':
			s := d.b[from:d.at]
			d.at++
			if !utf8.ValidString(s) {
				return "", ErrJSON
			}
			return s, nil
		case c == '\\':
			return d.escaped([]byte(d.b[from:d.at]))
		case c < 0x20:
			return "", ErrJSON
		}
		d.at++
	}
	return "", ErrJSON
}

// escaped goes on with a string that holds an escape; out is what came before.
func (d *decoder) escaped(out []byte) (string, error) {
	for d.at < len(d.b) {
		c := d.b[d.at]
		d.at++
		switch {
		case c == '"':
			if !utf8.Valid(out) {
				return "", ErrJSON
			}
			return string(out), nil
		case c < 0x20:
			return "", ErrJSON
		case c != '\\':
			out = append(out, c)
			continue
		}
		if d.at == len(d.b) {
			break
		}
		c = d.b[d.at]
		d.at++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := d.unit()
			if !ok {
				return "", ErrJSON
			}
			if utf16.IsSurrogate(r) {
				at := d.at
				low := rune(utf8.RuneError)
				if d.word(`\u`) == nil {
					if low, ok = d.unit(); !ok {
						return "", ErrJSON
					}
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					d.at = at
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", ErrJSON
		}
	}
	return "", ErrJSON
}

func (d *decoder) unit() (rune, bool) {
	if len(d.b)-d.at < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(d.b[d.at:d.at+4], 16, 16)
	if err != nil {
		return 0, false
	}
	d.at += 4
	return rune(n), true
}
