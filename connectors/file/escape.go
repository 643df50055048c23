package file

import (
	"bytes"
	"strings"
)

// What the option escape may be.
const (
	escapeAuto      = "auto"
	escapeNone      = "none"
	escapeBackslash = "backslash"
)

// backslash reports whether backslashes mean anything.
func (d dialect) backslash() bool { return d.Escape || d.Null }

// index returns where b stands first from a place on, without those that a
// backslash takes literally; -1 where it doesn't.
func (d dialect) index(data []byte, from int, b byte) int {
	for {
		k := bytes.IndexByte(data[from:], b)
		if k < 0 {
			return -1
		}
		k += from
		if !d.Escape || !escapedAt(data, k) {
			return k
		}
		from = k + 1
	}
}

// escapedAt reports whether backslashes before a place take it literally; a
// carriage return belongs to the line end behind it.
func escapedAt(data []byte, at int) bool {
	if at > 0 && data[at] == '\n' && data[at-1] == '\r' {
		at--
	}
	n := 0
	for at > n && data[at-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// bare is a cell without quotes.
func (d dialect) bare(data []byte, from, to int) cell {
	x := cell{from: from, to: to}
	if d.backslash() && bytes.IndexByte(data[from:to], '\\') >= 0 {
		x.null = d.Null && string(data[from:to]) == nullCell
		x.escaped = d.Escape || x.null
	}
	return x
}

// nullCell is how the databases' own exports write null.
const nullCell = `\N`

// unescaped takes the backslashes off a text, as MySQL and PostgreSQL write them.
func unescaped(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		if at := strings.IndexByte(signs, c); at >= 0 {
			c = meanings[at]
		}
		b.WriteByte(c)
		s = s[i+2:]
	}
}

// signs are the letters that stand for something behind a backslash, meanings
// what each stands for.
const (
	signs    = "0bfnrtvZ"
	meanings = "\x00\b\f\n\r\t\v\x1a"
)

// findEscape tells whether backslashes escape in a sample, and whether \N is
// null. A cell of \N alone says that a database wrote the text, which escapes
// unless a backslash stands where none of them puts one; without such a cell
// they do where more rows are whole for it.
func findEscape(sample []byte, d dialect, o options) (escape, null bool) {
	switch o.escape {
	case escapeNone:
		return false, false
	case escapeBackslash:
		return true, true
	}
	if bytes.IndexByte(sample, '\\') < 0 {
		return false, false
	}
	nulls, known := backslashes(sample, d)
	if nulls > 0 || !known {
		return nulls > 0 && known, nulls > 0
	}
	without := wholeRows(sample, d)
	d.Escape, d.Null = true, true
	better := wholeRows(sample, d) > without
	return better, better
}

// backslashes counts the cells of \N alone and reports whether all other
// backslashes are such as databases write.
func backslashes(sample []byte, d dialect) (nulls int, known bool) {
	bound := func(i int) bool {
		return i < 0 || i >= len(sample) || sample[i] == d.Delimiter || sample[i] == d.EOL || sample[i] == '\r'
	}
	known = true
	for i := 0; i < len(sample)-1; i++ {
		if sample[i] != '\\' {
			continue
		}
		c := sample[i+1]
		switch {
		case c == 'N' && bound(i-1) && bound(i+2):
			nulls++
		case c == '\\' || c == '\r' || c == '\n' || c == '"' || c == '\'' || c == d.Delimiter || strings.IndexByte(signs, c) >= 0:
		default:
			known = false
		}
		i++
	}
	return nulls, known
}

// wholeRows returns the share of the rows of a sample that can be read and are
// as wide as most.
func wholeRows(sample []byte, d dialect) float64 {
	c := newCSV(newWindow(bytes.NewReader(sample)), d)
	widths, rows := map[int]int{}, 0
	for rows < sampleRows {
		r, err := c.split()
		if err != nil {
			break
		}
		if rows++; r.code == "" {
			widths[len(c.cells)]++
		}
		c.accept(r)
	}
	most := 0
	for width, n := range widths {
		if width > 1 {
			most = max(most, n)
		}
	}
	return float64(most) / float64(max(rows, 1))
}
