package file

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file/workbook"
	"crmhub/fault"
	"crmhub/record"
)

// sheet reads the rows of one worksheet.
type sheet struct {
	b        *book
	ref      workbook.Sheet
	rows     *workbook.Rows
	o        options
	table    *table
	merges   []workbook.Merge // of several rows, by their first row
	carried  []carry
	head     int // the last row of the header
	top      int // the first
	row      int // the row that was read last
	read     int // how many rows were read
	sum      fingerprint
	loaded   int
	buffered []workbook.Row // rows that were looked at before reading began
}

// carry is the value of a merged cell on its way down.
type carry struct {
	workbook.Merge
	value any
}

// openSheet opens the sheet that the request names, behind its header.
func (s *source) openSheet(in input, r connectors.Request) (rows, error) {
	b, err := s.openBook(in)
	if err != nil {
		return nil, err
	}
	ref, err := b.choose(r.Stream, s.o)
	if err != nil {
		return nil, closeAfter(b, err)
	}
	sh, err := b.sheet(ref, s.o, r)
	if err != nil {
		return nil, closeAfter(b, err)
	}
	return sh, nil
}

// sheet opens one sheet and reads its header.
func (b *book) sheet(ref workbook.Sheet, o options, r connectors.Request) (*sheet, error) {
	sh := &sheet{b: b, ref: ref, o: o}
	var err error
	if sh.merges, err = b.Merges(ref); err != nil {
		return nil, b.damaged(b.in.name, err)
	}
	if sh.rows, err = b.Rows(ref); err != nil {
		return nil, b.damaged(b.in.name, err)
	}
	if err := sh.readHeader(r); err != nil {
		return nil, closeAfter(sh.rows, err)
	}
	return sh, nil
}

// nextRow returns the next row that has a cell with a value.
func (sh *sheet) nextRow() (workbook.Row, error) {
	if len(sh.buffered) > 0 {
		r := sh.buffered[0]
		sh.buffered = sh.buffered[1:]
		return r, nil
	}
	return sh.scanRow()
}

func (sh *sheet) scanRow() (workbook.Row, error) {
	r, err := sh.rows.Next()
	if sh.o.emptyErrors {
		r.Cells = slices.DeleteFunc(r.Cells, func(c workbook.Cell) bool { return c.Error != "" })
	}
	return r, err
}

// carryDown gives the cells of a merged region the value of its first row, in
// the same column: a customer's name beside several orders.
func (sh *sheet) carryDown(r *workbook.Row) {
	sh.carried = slices.DeleteFunc(sh.carried, func(c carry) bool { return c.Bottom < r.Number })
	for _, c := range sh.carried {
		if i, there := r.Find(c.Left); !there {
			r.Cells = slices.Insert(r.Cells, i, workbook.Cell{Column: c.Left, Value: c.value})
		}
	}
	for len(sh.merges) > 0 && sh.merges[0].Top <= r.Number {
		m := sh.merges[0]
		sh.merges = sh.merges[1:]
		if m.Top != r.Number || m.Bottom == m.Top {
			continue
		}
		if i, there := r.Find(m.Left); there && r.Cells[i].Error == "" {
			sh.carried = append(sh.carried, carry{m, r.Cells[i].Value})
		}
	}
}

// next reads the next row.
func (sh *sheet) next(row *record.Row) error {
	for {
		r, err := sh.nextRow()
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			place := record.Place{Name: sh.b.in.name, Sheet: sh.ref.Name, Line: int64(sh.row)}
			return sh.b.damaged(place.String(), err)
		}
		sh.count(r)
		alone := len(r.Cells)
		sh.carryDown(&r)
		if alone == 0 || blankCells(r.Cells) {
			continue
		}
		sh.fill(row, r)
		return nil
	}
}

func blankCells(cells []workbook.Cell) bool {
	for _, c := range cells {
		if s, ok := c.Value.(string); !ok || strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// count adds a row to the fingerprint of what was read.
func (sh *sheet) count(r workbook.Row) {
	sh.read++
	sh.row = r.Number
	b := strconv.AppendInt(nil, int64(r.Number), 10)
	for _, c := range r.Cells {
		b = append(b, 0)
		b = strconv.AppendInt(b, int64(c.Column), 10)
		b = append(b, 1)
		switch v := c.Value.(type) {
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
func (sh *sheet) fill(row *record.Row, r workbook.Row) {
	row.Place = record.Place{Name: sh.b.in.name, Sheet: sh.ref.Name, Line: int64(r.Number), Columns: sh.table.index}
	row.Data = make(map[string]any, len(sh.table.columns))
	for i, name := range sh.table.columns {
		if !sh.table.unnamed[i] {
			row.Data[name] = sh.table.empty()
		}
	}
	for _, c := range r.Cells {
		name := unnamedColumn(c.Column)
		if c.Column < len(sh.table.columns) {
			name = sh.table.columns[c.Column]
		}
		switch {
		case c.Error == workbook.Unsaved:
			row.Fault = fault.New("E3116", row.Place.Cell(name))
		case c.Error != "":
			row.Fault = fault.New("E3111", row.Place.Cell(name), "error", errorName(c.Error))
		case tooLarge(c.Value):
			row.Fault = fault.New("E3104", row.Place.Cell(name), "limit", maxCell)
			continue
		}
		row.Data[name] = c.Value
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
			return false, sh.b.damaged(sh.b.in.name, err)
		}
		sh.count(r)
		sh.carryDown(&r)
	}
	return int64(sh.read) == m.Offset && sh.sum.String() == m.Sum, nil
}

func (sh *sheet) weight() int { return sh.loaded }

// Close closes sheet and workbook.
func (sh *sheet) Close() error { return closers{sh.b, sh.rows}.Close() }

// header tells the columns.
func (sh *sheet) header() header {
	h := header{stream: sh.ref.Name}
	for i, c := range sh.table.columns {
		if !sh.table.unnamed[i] {
			h.columns = append(h.columns, connectors.Column{Name: c, Type: "cell", Null: true})
		}
	}
	switch {
	case sh.top == 0:
		h.notes = []connectors.Note{{"no header row", "没有表头行"}}
	case sh.head > sh.top:
		h.notes = []connectors.Note{{"header in rows " + itoa(sh.top) + " to " + itoa(sh.head), "表头在第 " + itoa(sh.top) + " 至 " + itoa(sh.head) + " 行"}}
	default:
		h.notes = []connectors.Note{{"header in row " + itoa(sh.top), "表头在第 " + itoa(sh.top) + " 行"}}
	}
	if sh.b.Base1904 {
		h.notes = append(h.notes, connectors.Note{"dates count from 1904", "日期自 1904 年起计"})
	}
	return h
}

// countRowsWithin bounds the workbooks that Discover counts the rows of.
const countRowsWithin = 8 << 20

// sheets tells the streams of a workbook.
func (s *source) sheets(ctx context.Context, in input) ([]connectors.Stream, error) {
	b, err := s.openBook(in)
	if err != nil {
		return nil, err
	}
	refs, err := b.readable(s.o)
	if err != nil {
		return nil, closeAfter(b, err)
	}
	var out []connectors.Stream
	for _, ref := range refs {
		sh, err := b.sheet(ref, s.o, connectors.Request{})
		if f := fault.Of(err); f != nil && f.Code == "E2110" {
			out = append(out, connectors.Stream{Name: ref.Name, Rows: -1, Notes: []connectors.Note{{"no header row was found", "未找到表头行"}}})
			continue
		}
		if err != nil {
			return nil, closeAfter(b, err)
		}
		h := sh.header()
		st := connectors.Stream{Name: ref.Name, Columns: h.columns, Notes: h.notes, Rows: -1}
		if in.size <= countRowsWithin {
			if st.Rows, err = countRows(ctx, sh); err != nil {
				return nil, closeAfter(b, closeAfter(sh.rows, err))
			}
		}
		if err := sh.rows.Close(); err != nil {
			return nil, closeAfter(b, err)
		}
		out = append(out, st)
	}
	return out, b.Close()
}
