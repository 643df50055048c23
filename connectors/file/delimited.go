package file

import (
	"bytes"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"crmhub/connectors"
	"crmhub/connectors/file/charset"
	"crmhub/fault"
	"crmhub/record"
)

// delimited reads the rows of a CSV, TSV or otherwise delimited text.
type delimited struct {
	in     input
	st     *stream
	csv    *csvReader
	table  *table
	o      options
	shape  shape
	found  *sniffed // nil where reading goes on
	head   int64    // the offset behind the header
	open   bool     // the last row had no line end
	loaded int
	seen   []record.Repeated // by column
	room   cellRoom
}

// openDelimited finds dialect and header, unless they are known from before,
// and stands behind the header.
func (s *source) openDelimited(in input, r connectors.Request, sh shape, found *sniffed) (rows, error) {
	o := s.o
	if o.format == formatAuto {
		o.format = in.format
	}
	var lines []sampled
	if found != nil {
		sh.Dialect = findDialect(found.sample, o, strings.ToLower(in.name))
		lines = readSample(found.sample, sh.Dialect)
		if err := placeHeader(&sh.Dialect, lines, o, in.name); err != nil {
			return nil, err
		}
	}
	st, err := s.text(in, sh)
	if err != nil {
		return nil, err
	}
	d := &delimited{in: in, st: st, csv: newCSV(newWindow(st), sh.Dialect), o: o, shape: sh, found: found}
	if err := d.readHeader(r); err != nil {
		return nil, closeAfter(st, err)
	}
	return d, nil
}

// placeHeader sets the line and depth of the header in a dialect.
func placeHeader(d *dialect, lines []sampled, o options, name string) error {
	switch {
	case o.headerRow >= 0:
		d.Header = o.headerRow
	default:
		line, ok := findHeader(lines)
		if !ok && len(o.columns) == 0 {
			return fault.New("E2110", name, "rows", headerWithin)
		}
		d.Header = line // 0 where names were given for a text without a header
	}
	if d.Depth = max(1, o.headerRows); d.Header == 0 {
		d.Depth = 0
	}
	return nil
}

// readHeader reads up to the first row and makes the table.
func (d *delimited) readHeader(r connectors.Request) error {
	c, want := d.csv, d.shape.Dialect
	var levels [][]string
	place := d.in.name
	if bytes.HasPrefix(peek(c.w), []byte("sep=")) {
		if s, err := c.split(); err == nil {
			c.accept(s)
		}
	}
	for want.Header > 0 && len(levels) < want.Depth {
		s, err := c.split()
		if err == io.EOF {
			return fault.New("E2110", d.in.name, "rows", headerWithin)
		}
		if err != nil {
			return d.in.broken(d.in.name, err)
		}
		if c.line >= int64(want.Header) {
			if len(levels) == 0 {
				place = record.Place{Name: d.in.name, Line: c.line}.String()
			}
			if s.code != "" || !utf8.Valid(s.bytes) {
				return fault.New("E2110", place, "rows", headerWithin)
			}
			levels = append(levels, c.texts(s))
		}
		c.accept(s)
	}
	var names []string
	if len(levels) > 0 {
		if len(levels) > 1 {
			fillRight(levels)
		}
		names = columnNames(levels)
	}
	names, err := named(place, want.Header, names, d.o)
	if err != nil {
		return err
	}
	if d.table, err = newTable(place, names, d.o, r); err != nil {
		return err
	}
	if want.Null && d.table.keepEmpty {
		d.table.cells = nil // which don't tell null from an empty text
	}
	c.width = len(names)
	d.seen = make([]record.Repeated, len(names))
	d.head = c.w.offset()
	return nil
}

func peek(w *window) []byte {
	if len(w.bytes()) == 0 {
		w.more()
	}
	return w.bytes()
}

// next reads the next row that holds anything.
func (d *delimited) next(row *record.Row) error {
	c := d.csv
	for {
		s, err := c.split()
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			return d.in.broken(record.Place{Name: d.in.name, Line: c.line}.String(), err)
		}
		empty := s.code == "" && c.blank(s)
		if !empty {
			row.Place = record.Place{Name: d.in.name, Line: c.line, Columns: d.table.index}
			d.fill(row, s)
		}
		data := c.w.bytes()
		d.open = s.size == 0 || s.size <= len(data) && data[s.size-1] != c.d.EOL
		d.loaded = s.size
		c.accept(s)
		if !empty {
			return nil
		}
	}
}

// blank says that no cell of the row holds anything.
func (c *csvReader) blank(s split) bool {
	if len(s.bytes) == 0 || len(s.bytes) == 1 && s.bytes[0] == 0x1a { // the end mark of old systems
		return true
	}
	for _, x := range c.cells {
		if x.to > x.from && len(bytes.TrimSpace(s.bytes[x.from:x.to])) > 0 {
			return false
		}
	}
	return true
}

// fill sets a row from what was split.
func (d *delimited) fill(row *record.Row, s split) {
	c, width := d.csv, len(d.table.columns)
	if code, at, args := d.wrong(s); code != "" {
		d.refuse(row, s, code, at, args)
		return
	}
	if d.table.cells != nil {
		row.Cells = d.room.row(d.table.cells, c, s)
		d.table.finish(row)
		return
	}
	text := string(s.bytes)
	m := make(map[string]any, width)
	for i, name := range d.table.columns {
		var value string
		if i < len(c.cells) {
			x := c.cells[i]
			if x.null {
				m[name] = nil
				continue
			}
			if value = text[x.from:x.to]; x.differs(s.bytes) {
				value = c.text(text, x)
			}
		}
		switch {
		case value != "":
			m[name] = d.seen[i].Box(value)
		case d.table.keepEmpty:
			m[name] = ""
		case !d.table.unnamed[i]:
			m[name] = nil
		}
	}
	row.Data = m
	d.table.finish(row)
}

// wrong says why a row can't be taken as it was split: the code, the cell at
// fault or -1, and what its message names. The code of a good row is "".
func (d *delimited) wrong(s split) (code fault.Code, at int, args []any) {
	c, width := d.csv, len(d.table.columns)
	switch {
	case s.code == "E3104":
		return s.code, s.cell, []any{"limit", maxCell}
	case s.code == "E3115":
		return s.code, -1, []any{"limit", "64 MB"}
	case s.code != "":
		return s.code, s.cell, nil
	case len(c.cells) > width && !c.restEmpty(s, width), len(c.cells) < width && !d.o.fillShort:
		return "E3101", min(len(c.cells), width), []any{"got", len(c.cells), "want", width}
	}
	if i := bytes.IndexByte(s.bytes, 0); i >= 0 {
		return "E3105", c.cellOf(i), nil
	}
	for i, x := range c.cells {
		if x.escaped && strings.IndexByte(c.text(string(s.bytes), x), 0) >= 0 {
			return "E3105", i, nil
		}
	}
	if !utf8.Valid(s.bytes) {
		return "E3106", c.cellOf(firstInvalid(s.bytes)), []any{"encoding", d.shape.Encoding}
	}
	return "", 0, nil
}

// empty is what an empty cell is.
func (t *table) empty() any {
	if t.keepEmpty {
		return ""
	}
	return nil
}

// refuse makes a row of a fault. Its key is kept where it stands before the
// fault, so that a sweep does not take the record for gone.
func (d *delimited) refuse(row *record.Row, s split, code fault.Code, at int, args []any) {
	place := row.Place.String()
	if at >= 0 {
		place += ":" + itoa(at+1)
	}
	row.Fault = fault.New(code, place, args...)
	row.Raw = bytes.TrimSuffix(bytes.Clone(s.bytes), []byte(charset.Undecodable))
	if len(d.table.keyAt) == 0 {
		return
	}
	c := d.csv
	key, empty := joinKey(d.table.key, func(name string) any {
		i := d.table.index[name]
		if i >= len(c.cells) || at >= 0 && i >= at || c.cells[i].to > len(s.bytes) {
			return nil
		}
		cell := c.text(string(s.bytes[:c.cells[i].to]), c.cells[i])
		if !utf8.ValidString(cell) || strings.IndexByte(cell, 0) >= 0 {
			return nil
		}
		return cell
	})
	if empty == "" {
		row.Key = key
	}
}

// restEmpty says that the cells beyond the header hold nothing, as where every
// line ends with a delimiter.
func (c *csvReader) restEmpty(s split, width int) bool {
	for _, x := range c.cells[width:] {
		if len(bytes.TrimSpace(s.bytes[x.from:x.to])) > 0 {
			return false
		}
	}
	return true
}

// cellOf returns the cell that holds the byte at that offset.
func (c *csvReader) cellOf(offset int) int {
	for i, x := range c.cells {
		if offset < x.to {
			return i
		}
	}
	return len(c.cells) - 1
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

// mark is behind the last row.
func (d *delimited) mark() mark {
	sh := d.shape
	return mark{Offset: d.csv.w.offset(), Line: d.csv.line, Sum: d.csv.w.consumed(), Open: d.open, Shape: &sh}
}

// resume goes on behind a mark, if the text up to there is what it was.
func (d *delimited) resume(m mark) (bool, error) {
	if m.Offset == 0 {
		return true, nil
	}
	w := d.csv.w
	if m.Offset < d.head || !w.skipTo(m.Offset) || w.consumed() != m.Sum {
		return false, w.failed()
	}
	d.csv.line = m.Line
	if m.Open {
		return d.closeLine(), nil
	}
	return true, nil
}

// closeLine passes over the line end that a last row did not have yet; false
// where the row itself went on.
func (d *delimited) closeLine() bool {
	rest := peek(d.csv.w)
	switch {
	case len(rest) == 0:
		d.open = true
		return true
	case rest[0] == d.csv.d.EOL:
		d.csv.w.advance(1)
		return true
	case len(rest) > 1 && rest[0] == '\r' && rest[1] == d.csv.d.EOL:
		d.csv.w.advance(2)
		return true
	}
	return false
}

// weight is the length of the last row.
func (d *delimited) weight() int { return d.loaded }

// Close closes the file.
func (d *delimited) Close() error { return d.st.Close() }

// header tells the columns and the dialect.
func (d *delimited) header() header {
	h := header{stream: stem(path.Base(d.in.name)), notes: d.shape.Dialect.notes()}
	for _, c := range d.table.columns {
		h.columns = append(h.columns, connectors.Column{Name: c, Type: "text", Null: true})
	}
	return h
}
