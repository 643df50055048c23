package workbook

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlScanner reads the machine-written XML of workbooks: tags, attributes and
// texts, several times as fast as a general reader. Document types, and with
// them entities of their own, are refused.
type xmlScanner struct {
	r     *bufio.Reader
	tag   []byte // the tag between its brackets
	text  []byte // what stood before it, decoded
	name  string // its local name
	start bool   // it opens an element
	end   bool   // it closes one; both for <a/>
	names map[string]string
}

// maxText bounds one text of a part.
const maxText = 64 << 20

var errXML = errors.New("malformed XML")

func newXML(r io.Reader) *xmlScanner {
	return &xmlScanner{r: bufio.NewReaderSize(r, 64<<10), names: map[string]string{}}
}

// next goes to the next tag; io.EOF at the end.
func (x *xmlScanner) next() error {
	x.text = x.text[:0]
	for {
		before := len(x.text)
		if err := x.until('<', &x.text, maxText); err != nil {
			if err == io.EOF && len(bytes.TrimSpace(x.text)) > 0 {
				return io.ErrUnexpectedEOF
			}
			return err
		}
		if raw := x.text[before:]; bytes.IndexByte(raw, '&') >= 0 {
			x.text = append(x.text[:before], entities(raw)...)
		}
		x.tag = x.tag[:0]
		if err := x.until('>', &x.tag, 1<<20); err != nil {
			return unexpected(err)
		}
		switch {
		case bytes.HasPrefix(x.tag, []byte("!--")):
			if err := x.closing("--"); err != nil {
				return err
			}
		case bytes.HasPrefix(x.tag, []byte("![CDATA[")):
			if err := x.closing("]]"); err != nil {
				return err
			}
			x.text = append(x.text, x.tag[len("![CDATA["):len(x.tag)-2]...)
		case bytes.HasPrefix(x.tag, []byte("!")):
			return fmt.Errorf("%w: a document type", errXML)
		case bytes.HasPrefix(x.tag, []byte("?")):
		default:
			return x.element()
		}
	}
}

// element splits a tag.
func (x *xmlScanner) element() error {
	// A > may stand in an attribute.
	for unbalanced(x.tag) {
		x.tag = append(x.tag, '>')
		if err := x.until('>', &x.tag, 1<<20); err != nil {
			return unexpected(err)
		}
	}
	tag := x.tag
	if len(tag) == 0 {
		return errXML
	}
	x.start, x.end = tag[0] != '/', tag[0] == '/' || tag[len(tag)-1] == '/'
	tag = bytes.Trim(tag, "/")
	name := tag
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name = tag[:i]
	}
	x.tag = tag[len(name):]
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	known, ok := x.names[string(name)]
	if !ok {
		known = string(name)
		x.names[known] = known
	}
	x.name = known
	return nil
}

func unbalanced(tag []byte) bool {
	var open byte
	for _, b := range tag {
		switch {
		case open == 0 && (b == '"' || b == '\''):
			open = b
		case b == open:
			open = 0
		}
	}
	return open != 0
}

// until appends what stands before the byte, which is consumed.
func (x *xmlScanner) until(b byte, to *[]byte, limit int) error {
	for {
		piece, err := x.r.ReadSlice(b)
		*to = append(*to, piece...)
		if err == nil {
			*to = (*to)[:len(*to)-1]
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if len(*to) > limit {
			return fmt.Errorf("%w: longer than %d bytes", errXML, limit)
		}
	}
}

// closing reads on until the tag ends with what closes a comment or CDATA.
func (x *xmlScanner) closing(end string) error {
	for !bytes.HasSuffix(x.tag, []byte(end)) {
		x.tag = append(x.tag, '>')
		if err := x.until('>', &x.tag, maxText); err != nil {
			return unexpected(err)
		}
	}
	return nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// attr returns an attribute of the tag by its name without prefix; the bytes
// are valid until next.
func (x *xmlScanner) attr(name string) []byte {
	rest := x.tag
	for {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimSpace(rest[:eq])
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		value := rest[1 : end+1]
		rest = rest[end+2:]
		if string(key) == name || len(key) > len(name) && key[len(key)-len(name)-1] == ':' && string(key[len(key)-len(name):]) == name {
			if bytes.IndexByte(value, '&') >= 0 {
				return entities(bytes.Clone(value))
			}
			return value
		}
	}
}

// skip goes behind the end of the element that was just opened.
func (x *xmlScanner) skip() error {
	if x.end {
		return nil
	}
	for depth := 1; depth > 0; {
		if err := x.next(); err != nil {
			return unexpected(err)
		}
		if x.start && !x.end {
			depth++
		}
		if !x.start {
			depth--
		}
	}
	return nil
}

// entities replaces &amp; and its like.
func entities(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		semicolon := -1
		if b[i] == '&' {
			semicolon = bytes.IndexByte(b[i:min(len(b), i+12)], ';')
		}
		if semicolon < 0 {
			out = append(out, b[i])
			continue
		}
		switch name := string(b[i+1 : i+semicolon]); {
		case name == "lt":
			out = append(out, '<')
		case name == "gt":
			out = append(out, '>')
		case name == "amp":
			out = append(out, '&')
		case name == "quot":
			out = append(out, '"')
		case name == "apos":
			out = append(out, '\'')
		case strings.HasPrefix(name, "#"):
			digits, base := name[1:], 10
			if strings.HasPrefix(digits, "x") {
				digits, base = digits[1:], 16
			}
			if n, err := strconv.ParseInt(digits, base, 32); err == nil && n > 0 {
				out = utf8.AppendRune(out, rune(n))
			}
		default:
			out = append(out, b[i:i+semicolon+1]...)
		}
		i += semicolon
	}
	return out
}
