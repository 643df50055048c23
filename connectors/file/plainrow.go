package file

import (
	"slices"
	"unicode/utf8"
)

// What a byte is to plain rows.
const (
	plainText byte = iota
	plainDelimiter
	plainEnd
	// plainSign begins what is not as it stands, where a cell begins with it.
	plainSign
	plainQuote
	// plainOdd has its row read with all care.
	plainOdd
)

// plainBytes tells what each byte is in a dialect.
func (d dialect) plainBytes() (t [256]byte) {
	t['='] = plainSign
	t[0] = plainOdd
	if d.backslash() {
		t['\\'] = plainOdd
	}
	if d.Quote != quoteNone {
		t[d.Quote] = plainQuote
	}
	t[d.Delimiter] = plainDelimiter
	t[d.EOL] = plainEnd
	return t
}

// plainRow adds the next row if it lies whole in what was read, without line
// ends or quotes inside of quotes and whatever else asks for care; most rows
// do. Where it returns false nothing has changed.
func (d *delimited) plainRow(out *Cells, kinds *[256]byte) bool {
	width, first := len(out.Columns), len(out.at)
	out.at = slices.Grow(out.at, 2*width)
	at := out.at[first : first+2*width]
	data, base := d.csv.w.bytes(), uint32(len(out.text))
	k, from, end, closed := 0, 0, -1, -1
	high, ink := byte(0), false
	for i := 0; i < len(data); i++ {
		b := data[i]
		high |= b
		switch kind := kinds[b]; {
		case kind == plainText:
			ink = ink || b > ' ' && b < 0x7F
			continue
		case kind == plainSign && i > from, kind == plainQuote && i > from && !d.csv.d.Blanks:
			ink = true
			continue
		case kind == plainQuote && i == from:
			if closed = d.closing(data, i+1, kinds); closed < 0 {
				return false
			}
			for _, b := range data[i+1 : closed] {
				high |= b
				ink = ink || b > ' ' && b < 0x7F
			}
			from, i = i+1, closed
			continue
		case kind == plainEnd:
			end = i
		case kind != plainDelimiter || k == width-1:
			return false
		}
		if end >= 0 {
			break
		}
		if closed < 0 {
			closed = i
		}
		at[2*k], at[2*k+1] = base+uint32(from), base+uint32(closed)
		k, from, closed = k+1, i+1, -1
	}
	if end < 0 || !ink || k < width-1 && !d.o.fillShort {
		return false
	}
	row := trimReturn(data[:end])
	if high >= utf8.RuneSelf && !utf8.Valid(row) {
		return false
	}
	if closed < 0 {
		closed = len(row)
	}
	at[2*k], at[2*k+1] = base+uint32(from), base+uint32(closed)
	for j := 2*k + 2; j < len(at); j++ {
		at[j] = base
	}
	out.at = out.at[:first+2*width]
	out.text = append(out.text, row...)
	out.lines = append(out.lines, d.csv.line)
	d.csv.accept(split{size: end + 1, lines: 1})
	return true
}

// closing returns where the quote stands that closes a cell which begins at a
// place, if the cell is plain and ends there; -1 otherwise.
func (d *delimited) closing(data []byte, at int, kinds *[256]byte) int {
	for i := at; i < len(data); i++ {
		switch kind := kinds[data[i]]; {
		case kind == plainQuote:
			rest := data[i+1:]
			if len(rest) > 1 && rest[0] == '\r' {
				rest = rest[1:]
			}
			if len(rest) > 0 && (rest[0] == d.csv.d.EOL || data[i+1] == d.csv.d.Delimiter) {
				return i
			}
			return -1
		case kind == plainEnd, kind == plainOdd, kind == plainSign && i == at:
			return -1
		}
	}
	return -1
}
