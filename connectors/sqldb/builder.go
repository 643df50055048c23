package sqldb

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"crmhub/fault"
)

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// builder turns the cells of one row into a map. All text of a row shares one
// allocation; numbers stay the digits that the database gave.
type builder struct {
	cols  []column
	shown int // the columns behind are for ordering only
	zone  *time.Location
	// charset decodes text that is not valid UTF-8; nil: such text is a fault.
	charset encoding.Encoding
	buf     []byte
	cells   []cell
	// before are the values of the row before: columns repeat themselves
	// (country, status, a date), and a value that is the same costs nothing.
	before []before
	spare  []byte
	fault  *fault.Error
}

// cell is one value: a span of buf, or a value of its own.
type cell struct {
	form  form
	start int
	end   int
	value any
}

// before is a column's last text or number, and what was made of it.
type before struct {
	form  form
	text  string
	value any
}

type form uint8

const (
	formNull form = iota
	formText
	formNumber
	formValue
)

func newBuilder(cols []column, shown int, zone *time.Location, charset encoding.Encoding) *builder {
	if zone == nil {
		zone = time.UTC
	}
	return &builder{cols: cols, shown: shown, zone: zone, charset: charset, cells: make([]cell, len(cols)), before: make([]before, len(cols))}
}

// reset begins a new row.
func (b *builder) reset() {
	b.buf = b.buf[:0]
	b.fault = nil
}

// row returns the row that was built.
func (b *builder) row() map[string]any {
	text := ""
	m := make(map[string]any, b.shown)
	for i := range b.shown {
		c := &b.cells[i]
		switch c.form {
		case formText, formNumber:
			last := &b.before[i]
			if last.form != c.form || last.text != string(b.buf[c.start:c.end]) {
				if text == "" {
					text = string(b.buf)
				}
				last.form, last.text = c.form, text[c.start:c.end]
				if c.form == formText {
					last.value = last.text
				} else {
					last.value = json.Number(last.text)
				}
			}
			m[b.cols[i].name] = last.value
		case formValue:
			m[b.cols[i].name] = c.value
			c.value = nil
		default:
			m[b.cols[i].name] = nil
		}
	}
	return m
}

func (b *builder) null(i int) { b.cells[i].form = formNull }

func (b *builder) set(i int, v any) { b.cells[i] = cell{form: formValue, value: v} }

// span ends cell i, which began at start.
func (b *builder) span(i int, f form, start int) {
	c := &b.cells[i]
	c.form, c.start, c.end = f, start, len(b.buf)
}

func (b *builder) integer(i int, n int64) {
	start := len(b.buf)
	b.buf = strconv.AppendInt(b.buf, n, 10)
	b.span(i, formNumber, start)
}

// float takes a binary float of 32 or 64 bits; what is no number becomes text.
func (b *builder) float(i int, f float64, bits int) {
	start := len(b.buf)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		b.buf = strconv.AppendFloat(b.buf, f, 'g', -1, bits)
		b.span(i, formText, start)
		return
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	b.buf = strconv.AppendFloat(b.buf, f, format, -1, bits)
	b.span(i, formNumber, start)
}

// bytes takes a cell as its column's kind reads it. raw is not kept.
func (b *builder) bytes(i int, raw []byte) {
	c := &b.cols[i]
	switch c.kind {
	case kindNumber:
		b.digits(i, raw)
	case kindBool:
		b.set(i, len(raw) > 0 && raw[0] == 't')
	case kindDate:
		b.date(i, raw)
	case kindDateTime:
		b.dateTime(i, raw, b.zone)
	case kindInstant:
		b.dateTime(i, raw, time.UTC)
	case kindBytes:
		if isPlainText(raw) {
			b.text(i, raw)
			return
		}
		b.base64(i, raw)
	case kindBinary:
		b.base64(i, raw)
	case kindBits:
		b.bits(i, raw)
	case kindJSON:
		b.document(i, raw)
	case kindMoney:
		b.money(i, raw)
	case kindArray:
		v, ok := parseArray(string(raw), c.elem, b.zone)
		if !ok {
			b.text(i, raw)
			return
		}
		b.set(i, v)
	default:
		b.text(i, raw)
	}
}

func (b *builder) text(i int, raw []byte) {
	start := len(b.buf)
	if !utf8.Valid(raw) {
		b.broken(i, raw)
		return
	}
	if fix := b.cols[i].fix; fix != nil {
		if fixed, ok := fix.append(b.spare[:0], raw); ok {
			b.spare = fixed
			raw = fixed
		}
	}
	b.buf = append(b.buf, raw...)
	b.span(i, formText, start)
}

// broken takes text that is not UTF-8: in the connection's charset if one was
// given, else as base64 with a fault that quarantines the row.
func (b *builder) broken(i int, raw []byte) {
	start := len(b.buf)
	if b.charset != nil {
		if out, err := b.charset.NewDecoder().Bytes(raw); err == nil && !bytes.ContainsRune(out, utf8.RuneError) {
			b.buf = append(b.buf, out...)
			b.span(i, formText, start)
			return
		}
	}
	b.base64(i, raw)
	if b.fault == nil {
		b.fault = fault.New("E2212", "", "column", b.cols[i].name)
	}
}

func (b *builder) base64(i int, raw []byte) {
	start := len(b.buf)
	b.buf = base64.StdEncoding.AppendEncode(b.buf, raw)
	b.span(i, formText, start)
}

// digits takes a number as text. What JSON does not know as a number (NaN)
// becomes text; zeros in front (MySQL's ZEROFILL) fall away.
func (b *builder) digits(i int, raw []byte) {
	start := len(b.buf)
	b.buf = appendNumber(b.buf, raw)
	if len(b.buf) == start {
		b.buf = append(b.buf, raw...)
		b.span(i, formText, start)
		return
	}
	b.span(i, formNumber, start)
}

func (b *builder) bits(i int, raw []byte) {
	if len(raw) > 8 {
		b.base64(i, raw)
		return
	}
	var n uint64
	for _, x := range raw {
		n = n<<8 | uint64(x)
	}
	start := len(b.buf)
	b.buf = strconv.AppendUint(b.buf, n, 10)
	b.span(i, formNumber, start)
}

func (b *builder) date(i int, raw []byte) {
	if isZeroDate(raw) {
		b.null(i)
		return
	}
	start := len(b.buf)
	b.buf = append(b.buf, raw...)
	b.span(i, formText, start)
}

func (b *builder) dateTime(i int, raw []byte, zone *time.Location) {
	if isZeroDate(raw) {
		b.null(i)
		return
	}
	start := len(b.buf)
	out, ok := appendTime(b.buf, raw, zone)
	if !ok {
		b.text(i, raw)
		return
	}
	b.buf = out
	b.span(i, formText, start)
}

func (b *builder) document(i int, raw []byte) {
	if len(bytes.TrimSpace(raw)) == 0 {
		b.null(i)
		return
	}
	v, err := decodeJSON(raw)
	if err != nil {
		b.text(i, raw)
		if b.fault == nil {
			b.fault = fault.New("E2213", "", "column", b.cols[i].name).Because(err)
		}
		return
	}
	if v == nil {
		b.null(i)
		return
	}
	b.set(i, v)
}

// money reads PostgreSQL's money in the C locale: -$1,234.50.
func (b *builder) money(i int, raw []byte) {
	b.spare = b.spare[:0]
	for _, x := range raw {
		if x == '-' || x == '.' || (x >= '0' && x <= '9') {
			b.spare = append(b.spare, x)
		}
	}
	b.digits(i, b.spare)
}

func decodeJSON(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !isEOF(err) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}
