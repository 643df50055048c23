package restapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

const (
	// maxRecord bounds one record, and one value beside the records.
	maxRecord = 64 << 20
	// keepBeside bounds what is kept of a value beside the records; greater
	// ones (included objects) are passed over.
	keepBeside = 1 << 20
	maxDepth   = 200
)

var (
	errSyntax  = errors.New("the answer is not JSON")
	errLarge   = errors.New("a value of the answer is too large")
	errNesting = errors.New("the answer is nested too deeply")
	errOrphan  = errors.New("a line belongs to a record that does not stand before it")
)

// walker reads one JSON document from a stream: the records one by one, in
// the memory of one record, and what stands beside them into a tree.
type walker struct {
	r   *bufio.Reader
	buf []byte
	// record takes the bytes of one record, which are valid until it returns.
	record func(raw []byte) error
	// found says that the path of the records was there.
	found bool
}

// document reads the whole document. path is that of the records, as in
// Call.Records.
func (w *walker) document(path string) (beside any, err error) {
	each := false
	if p, values := strings.CutSuffix(path, ".*"); values || path == "*" {
		path, each = strings.TrimSuffix(p, "*"), true
	}
	beside, err = w.value(path, path == "", each, 0)
	if err != nil {
		return nil, err
	}
	switch _, err := w.peek(); {
	case err == nil:
		return nil, errSyntax // something follows
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return beside, nil
}

// value reads a value. here says that it is the records; rest is the path
// that leads to them from it, "" where none does.
func (w *walker) value(rest string, here, each bool, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errNesting
	}
	c, err := w.peek()
	if err != nil {
		return nil, ends(err)
	}
	switch {
	case here && c == '[' && !each:
		w.found = true
		return nil, w.elements(func() error { return w.one() })
	case here && c == '{' && each:
		w.found = true
		return nil, w.members(func(string) error { return w.one() })
	case here && c == '{' && depth > 0:
		w.found = true
		return nil, w.one()
	case here && c == '{':
		// The answer itself is one record: nothing stands beside it but itself.
		w.found = true
		if err := w.raw(); err != nil {
			return nil, err
		}
		var beside any
		if len(w.buf) <= keepBeside {
			if beside, err = decode(w.buf); err != nil {
				return nil, err
			}
		}
		return beside, w.record(w.buf)
	case here && c == 'n':
		w.found = true
	case rest != "" && c == '{':
		return w.object(rest, each, depth)
	}
	if err := w.raw(); err != nil {
		return nil, err
	}
	if len(w.buf) > keepBeside {
		return nil, nil
	}
	return decode(w.buf)
}

func (w *walker) object(rest string, each bool, depth int) (any, error) {
	out := map[string]any{}
	head, tail, nested := strings.Cut(rest, ".")
	err := w.members(func(name string) error {
		var v any
		var err error
		switch {
		case name == rest:
			v, err = w.value("", true, each, depth+1)
			if v == nil {
				return err
			}
		case nested && name == head:
			v, err = w.value(tail, false, each, depth+1)
		default:
			v, err = w.value("", false, false, depth+1)
		}
		if err == nil {
			out[name] = v
		}
		return err
	})
	return out, err
}

// one hands over the record that begins here.
func (w *walker) one() error {
	if err := w.raw(); err != nil {
		return err
	}
	return w.record(w.buf)
}

// elements calls f at each element of a list.
func (w *walker) elements(f func() error) error {
	return w.listed(']', func() error { return f() })
}

// members calls f at each value of an object.
func (w *walker) members(f func(name string) error) error {
	return w.listed('}', func() error {
		if c, err := w.peek(); err != nil || c != '"' {
			return either(ends(err), errSyntax)
		}
		if err := w.raw(); err != nil {
			return err
		}
		var name string
		if err := json.Unmarshal(w.buf, &name); err != nil {
			return errSyntax
		}
		if c, err := w.peek(); err != nil || c != ':' {
			return either(ends(err), errSyntax)
		}
		w.skip()
		return f(name)
	})
}

// listed passes the bracket that stands here, and calls f at each item up to
// the closing one.
func (w *walker) listed(closing byte, f func() error) error {
	w.skip()
	for first := true; ; first = false {
		c, err := w.peek()
		if err != nil {
			return ends(err)
		}
		if c == closing {
			w.skip()
			return nil
		}
		if !first {
			if c != ',' {
				return errSyntax
			}
			w.skip()
			if c, err = w.peek(); err != nil {
				return ends(err)
			}
			if c == closing {
				return errSyntax
			}
		}
		if err := f(); err != nil {
			return err
		}
	}
}

// peek passes white space and returns the next byte, which stays.
func (w *walker) peek() (byte, error) {
	for {
		b, err := w.r.Peek(1)
		if err != nil {
			return 0, err
		}
		switch b[0] {
		case ' ', '\t', '\r', '\n':
			w.skip()
		default:
			return b[0], nil
		}
	}
}

// skip passes one byte that peek has seen.
func (w *walker) skip() {
	if _, err := w.r.Discard(1); err != nil {
		return // cannot be: the byte is in the buffer
	}
}

// raw reads the bytes of the value that begins here into buf.
func (w *walker) raw() error {
	w.buf = w.buf[:0]
	depth, inText, escaped := 0, false, false
	for {
		if _, err := w.r.Peek(1); err != nil {
			if errors.Is(err, io.EOF) && depth == 0 && !inText && len(w.buf) > 0 {
				return nil // a number or word at the very end
			}
			return ends(err)
		}
		chunk, err := w.r.Peek(w.r.Buffered())
		if err != nil {
			return ends(err)
		}
		for i, c := range chunk {
			switch {
			case escaped:
				escaped = false
				continue
			case inText:
				switch c {
				case '\\':
					escaped = true
				case '"':
					if inText = false; depth == 0 {
						return w.take(chunk[:i+1])
					}
				}
				continue
			}
			switch c {
			case '"':
				inText = true
			case '{', '[':
				depth++
			case '}', ']':
				if depth == 0 { // the end of what a bare value stands in
					return w.take(chunk[:i])
				}
				if depth--; depth == 0 {
					return w.take(chunk[:i+1])
				}
			case ',', ':', ' ', '\t', '\r', '\n':
				if depth == 0 {
					return w.take(chunk[:i])
				}
			}
		}
		if err := w.take(chunk); err != nil {
			return err
		}
	}
}

// take moves bytes from the reader to buf.
func (w *walker) take(chunk []byte) error {
	if len(w.buf)+len(chunk) > maxRecord {
		return errLarge
	}
	w.buf = append(w.buf, chunk...)
	_, err := w.r.Discard(len(chunk))
	return err
}

// decode decodes one JSON value; numbers keep their digits.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errSyntax
	}
	return v, nil
}

// ends makes an unexpected end of the end of a stream.
func ends(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func either(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
