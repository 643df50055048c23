package file

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// sheet reads the rows of one worksheet.
type sheet struct {
	w        *workbook
	ref      sheetRef
	part     io.ReadCloser
	x        *xmlScanner
	o        options
	table    *table
	merges   []merge // of several rows, by their first row
	carried  []carry
	head     int // the last row of the header
	top      int // the first
	row      int // the row that was read last
	read     int // how many rows were read
	sum      fingerprint
	loaded   int
	buffered []sheetRow // rows that were looked at before reading began
	last     int        // numbers rows that have none
	ended    bool       // the last row was read
}

// sheetRow is one row that has cells.
type sheetRow struct {
	number int
	cells  []sheetCell
}

// sheetCell is one cell with a value.
type sheetCell struct {
	column int
	value  any    // string, json.Number or bool
	error  string // a spreadsheet error such as #N/A
}

// merge is a region of merged cells, all ends included, zero-based columns.
type merge struct{ top, bottom, left, right int }

// carry is the value of a merged cell on its way down.
type carry struct {
	merge
	value any
}

// openSheet opens the sheet that the request names, behind its header.
func (s *source) openSheet(in input, r connectors.Request) (rows, error) {
	w, err := s.openWorkbook(in)
	if err != nil {
		return nil, err
	}
	ref, err := w.choose(r.Stream, s.o)
	if err != nil {
		return nil, closeAfter(w, err)
	}
	sh, err := w.sheet(ref, s.o, r)
	if err != nil {
		return nil, closeAfter(w, err)
	}
	return sh, nil
}

// sheet opens one sheet and reads its header.
func (w *workbook) sheet(ref sheetRef, o options, r connectors.Request) (*sheet, error) {
	sh := &sheet{w: w, ref: ref, o: o}
	err := w.scan(ref.part, true, func(x *xmlScanner) error {
		if x.name == "mergeCell" {
			if m, ok := parseMerge(string(x.attr("ref"))); ok {
				sh.merges = append(sh.merges, m)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(sh.merges, func(a, b merge) int { return a.top - b.top })
	if sh.part, err = w.part(ref.part); err != nil {
		return nil, w.damaged(ref.part, err)
	}
	sh.x = newXML(sh.part)
	if err := sh.readHeader(r); err != nil {
		return nil, closeAfter(sh.part, err)
	}
	return sh, nil
}

// parseMerge reads a region such as A1:C2.
func parseMerge(ref string) (merge, bool) {
	a, b, ok := strings.Cut(ref, ":")
	if !ok {
		return merge{}, false
	}
	left, top, ok1 := cellName(a)
	right, bottom, ok2 := cellName(b)
	return merge{top, bottom, left, right}, ok1 && ok2
}

// cellName reads a cell's name: its zero-based column and its row.
func cellName[T string | []byte](name T) (column, row int, ok bool) {
	i := 0
	for ; i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < 'A' || c > 'Z' || column > 1<<20 {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	for ; i < len(name) && isDigit(name[i]) && row < 1<<24; i++ {
		row = row*10 + int(name[i]-'0')
	}
	return column - 1, row, column > 0 && row > 0 && i == len(name)
}

// nextRow returns the next row that has a cell with a value.
func (sh *sheet) nextRow() (sheetRow, error) {
	if len(sh.buffered) > 0 {
		r := sh.buffered[0]
		sh.buffered = sh.buffered[1:]
		return r, nil
	}
	return sh.scanRow()
}

func (sh *sheet) scanRow() (sheetRow, error) {
	x := sh.x
	for {
		if sh.ended {
			return sheetRow{}, io.EOF
		}
		if err := x.next(); err != nil {
			if err == io.EOF {
				return sheetRow{}, io.ErrUnexpectedEOF // sheetData never ended
			}
			return sheetRow{}, err
		}
		switch {
		case !x.start && x.name == "sheetData", x.start && x.end && x.name == "sheetData":
			sh.ended = true
		case x.start && x.name == "row":
			n, err := strconv.Atoi(string(x.attr("r")))
			if err != nil || n <= 0 {
				n = sh.last + 1
			}
			sh.last = n
			if x.end {
				continue
			}
			r, err := sh.scanCells(n)
			if err != nil || len(r.cells) > 0 {
				return r, err
			}
		}
	}
}

// scanCells reads the cells of a row that was just opened.
func (sh *sheet) scanCells(number int) (sheetRow, error) {
	x := sh.x
	r := sheetRow{number: number}
	column := -1
	for {
		if err := x.next(); err != nil {
			return r, unexpected(err)
		}
		if !x.start && x.name == "row" {
			return r, nil
		}
		if !x.start || x.name != "c" {
			continue
		}
		if at, _, ok := cellName(x.attr("r")); ok {
			column = at
		} else {
			column++
		}
		if x.end {
			continue
		}
		c, ok, err := sh.scanCell(column)
		if err != nil {
			return r, err
		}
		if ok {
			r.cells = append(r.cells, c)
		}
	}
}

// scanCell reads the value of a cell that was just opened.
func (sh *sheet) scanCell(column int) (sheetCell, bool, error) {
	x := sh.x
	c := sheetCell{column: column}
	kind := string(x.attr("t"))
	style, err := strconv.Atoi(string(x.attr("s")))
	if err != nil {
		style = 0
	}
	var raw string
	for {
		if err := x.next(); err != nil {
			return c, false, unexpected(err)
		}
		switch {
		case x.start && x.name == "is":
			text, err := richText(x, "is", nil)
			if err != nil {
				return c, false, err
			}
			raw = string(text)
		case x.start && x.name == "f" && !x.end:
			if err := x.skip(); err != nil {
				return c, false, err
			}
		case !x.start && x.name == "v":
			raw = string(x.text)
		case !x.start && x.name == "c":
			return sh.cell(c, kind, style, raw)
		}
	}
}

// cell makes the value of what a cell holds.
func (sh *sheet) cell(c sheetCell, kind string, style int, raw string) (sheetCell, bool, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil {
			return c, false, fmt.Errorf("%w: a shared text without a number", errXML)
		}
		text, ok := sh.w.texts.get(i)
		if !ok {
			return c, false, fmt.Errorf("%w: a shared text that is not there", errXML)
		}
		c.value = text
		return c, text != "", nil
	case "str", "inlineStr", "d":
		if kind == "str" {
			raw = string(unescapeText([]byte(raw), 0))
		}
		c.value = raw
		return c, raw != "", nil
	case "b":
		c.value = strings.TrimSpace(raw) == "1" || strings.EqualFold(raw, "true")
		return c, raw != "", nil
	case "e":
		c.value, c.error = raw, raw
		if sh.o.emptyErrors {
			return c, false, nil
		}
		return c, raw != "", nil
	}
	if raw == "" {
		return c, false, nil
	}
	format := cellFormat{}
	if style >= 0 && style < len(sh.w.formats) {
		format = sh.w.formats[style]
	}
	c.value = format.value(raw, sh.w.base1904)
	return c, true, nil
}

// carryDown gives the cells of a merged region the value of its first row, in
// the same column: a customer's name beside several orders.
func (sh *sheet) carryDown(r *sheetRow) {
	sh.carried = slices.DeleteFunc(sh.carried, func(c carry) bool { return c.bottom < r.number })
	for _, c := range sh.carried {
		if i, there := findCell(r.cells, c.left); !there {
			r.cells = slices.Insert(r.cells, i, sheetCell{column: c.left, value: c.value})
		}
	}
	for len(sh.merges) > 0 && sh.merges[0].top <= r.number {
		m := sh.merges[0]
		sh.merges = sh.merges[1:]
		if m.top != r.number || m.bottom == m.top {
			continue
		}
		if i, there := findCell(r.cells, m.left); there && r.cells[i].error == "" {
			sh.carried = append(sh.carried, carry{m, r.cells[i].value})
		}
	}
}

func findCell(cells []sheetCell, column int) (int, bool) {
	return slices.BinarySearchFunc(cells, column, func(c sheetCell, at int) int { return c.column - at })
}

// next reads the next row.
func (sh *sheet) next(row *record.Row) error {
	for {
		r, err := sh.nextRow()
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			place := record.Place{Name: sh.w.in.name, Sheet: sh.ref.name, Line: int64(sh.row)}
			return fault.New("E2115", place.String(), "part", sh.ref.part).Because(err)
		}
		sh.count(r)
		alone := len(r.cells)
		sh.carryDown(&r)
		if alone == 0 || blankCells(r.cells) {
			continue
		}
		sh.fill(row, r)
		return nil
	}
}

func blankCells(cells []sheetCell) bool {
	for _, c := range cells {
		if s, ok := c.value.(string); !ok || strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// count adds a row to the fingerprint of what was read.
func (sh *sheet) count(r sheetRow) {
	sh.read++
	sh.row = r.number
	b := strconv.AppendInt(nil, int64(r.number), 10)
	for _, c := range r.cells {
		b = append(b, 0)
		b = strconv.AppendInt(b, int64(c.column), 10)
		b = append(b, 1)
		switch v := c.value.(type) {
		case string:
			b = append(b, v...)
		case json.Number:
			b = append(append(b, 2), v...)
		case bool:
			b = strconv.AppendBool(append(b, 3), v)
		}
	}
	b = append(b, '\n')
	sh.loaded = len(b)
	sh.sum.add(b)
}

// fill sets a row from the cells of a sheet's row.
func (sh *sheet) fill(row *record.Row, r sheetRow) {
	row.Place = record.Place{Name: sh.w.in.name, Sheet: sh.ref.name, Line: int64(r.number), Columns: sh.table.index}
	row.Data = make(map[string]any, len(sh.table.columns))
	for i, name := range sh.table.columns {
		if !sh.table.unnamed[i] {
			row.Data[name] = sh.table.empty()
		}
	}
	for _, c := range r.cells {
		name := unnamedColumn(c.column)
		if c.column < len(sh.table.columns) {
			name = sh.table.columns[c.column]
		}
		switch {
		case c.error != "":
			row.Fault = fault.New("E3111", row.Place.Cell(name), "error", errorName(c.error))
		case tooLarge(c.value):
			row.Fault = fault.New("E3104", row.Place.Cell(name), "limit", maxCell)
			continue
		}
		row.Data[name] = c.value
	}
	broken := row.Fault
	sh.table.finish(row)
	if broken != nil {
		row.Fault = broken
	}
}

func tooLarge(v any) bool {
	s, ok := v.(string)
	return ok && len(s) >= maxCell
}

// errorName keeps an error cell's text only if it is one of the words that
// spreadsheets use.
func errorName(s string) string {
	if slices.Contains([]string{"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}, s) {
		return s
	}
	return "#?"
}

func (sh *sheet) mark() mark {
	return mark{Offset: int64(sh.read), Line: int64(sh.row + 1), Sum: sh.sum.String()}
}

// resume reads up to the mark's row again: a workbook can't be entered in the
// middle.
func (sh *sheet) resume(m mark) (bool, error) {
	if m.Offset == 0 {
		return true, nil
	}
	for int64(sh.read) < m.Offset {
		r, err := sh.nextRow()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, fault.New("E2115", sh.w.in.name, "part", sh.ref.part).Because(err)
		}
		sh.count(r)
		sh.carryDown(&r)
	}
	return int64(sh.read) == m.Offset && sh.sum.String() == m.Sum, nil
}

func (sh *sheet) weight() int { return sh.loaded }

// Close closes sheet and workbook.
func (sh *sheet) Close() error { return closers{sh.w, sh.part}.Close() }

// header tells the columns.
func (sh *sheet) header() header {
	h := header{stream: sh.ref.name}
	for i, c := range sh.table.columns {
		if !sh.table.unnamed[i] {
			h.columns = append(h.columns, connectors.Column{Name: c, Type: "cell", Null: true})
		}
	}
	switch {
	case sh.top == 0:
		h.notes = []string{"no header row"}
	case sh.head > sh.top:
		h.notes = []string{"header in rows " + itoa(sh.top) + " to " + itoa(sh.head)}
	default:
		h.notes = []string{"header in row " + itoa(sh.top)}
	}
	if sh.w.base1904 {
		h.notes = append(h.notes, "dates count from 1904")
	}
	return h
}

// countRowsWithin bounds the workbooks that Discover counts the rows of.
const countRowsWithin = 8 << 20

// sheets tells the streams of a workbook.
func (s *source) sheets(ctx context.Context, in input) ([]connectors.Stream, error) {
	w, err := s.openWorkbook(in)
	if err != nil {
		return nil, err
	}
	refs, err := w.readable(s.o)
	if err != nil {
		return nil, closeAfter(w, err)
	}
	var out []connectors.Stream
	for _, ref := range refs {
		sh, err := w.sheet(ref, s.o, connectors.Request{})
		if f := fault.Of(err); f != nil && f.Code == "E2110" {
			out = append(out, connectors.Stream{Name: ref.name, Rows: -1, Notes: []string{"no header row was found"}})
			continue
		}
		if err != nil {
			return nil, closeAfter(w, err)
		}
		h := sh.header()
		st := connectors.Stream{Name: ref.name, Columns: h.columns, Notes: h.notes, Rows: -1}
		if in.size <= countRowsWithin {
			if st.Rows, err = countRows(ctx, sh); err != nil {
				return nil, closeAfter(w, closeAfter(sh.part, err))
			}
		}
		if err := sh.part.Close(); err != nil {
			return nil, closeAfter(w, err)
		}
		out = append(out, st)
	}
	return out, w.Close()
}
