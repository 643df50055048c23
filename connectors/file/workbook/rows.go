package workbook

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Row is one row that has cells.
type Row struct {
	Number int // one-based
	Cells  []Cell
}

// Cell is one cell with a value.
type Cell struct {
	Column int    // zero-based
	Value  any    // string, json.Number or bool
	Error  string // a spreadsheet error such as #N/A, or Unsaved
}

// Unsaved is the Error of a formula whose value the file does not have, as
// programs write it that don't compute.
const Unsaved = "unsaved"

// Merge is a region of merged cells, all ends included; rows are one-based,
// columns zero-based.
type Merge struct{ Top, Bottom, Left, Right int }

// Find returns where the cell of a column stands among the row's cells, and
// whether it does.
func (r Row) Find(column int) (int, bool) {
	return slices.BinarySearchFunc(r.Cells, column, func(c Cell, at int) int { return c.Column - at })
}

// Merges returns the merged regions of a sheet in the order of their first
// rows. They stand behind the rows, so the whole sheet is passed over.
func (b *Book) Merges(s Sheet) ([]Merge, error) {
	var out []Merge
	err := b.scan(s.part, true, func(x *xmlScanner) error {
		if x.name == "mergeCell" {
			if m, ok := parseMerge(string(x.attr("ref"))); ok {
				out = append(out, m)
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Merge) int { return a.Top - b.Top })
	return out, err
}

// Rows reads the rows of one sheet, one after the other.
type Rows struct {
	b     *Book
	sheet Sheet
	part  io.ReadCloser
	x     *xmlScanner
	last  int  // numbers rows that have no number
	ended bool // the last row was read
}

// Rows returns the rows of a sheet that have a cell with a value.
func (b *Book) Rows(s Sheet) (*Rows, error) {
	part, err := b.part(s.part)
	if err != nil {
		return nil, &PartError{s.part, err}
	}
	return &Rows{b: b, sheet: s, part: part, x: newXML(part)}, nil
}

// Close closes the sheet.
func (r *Rows) Close() error { return r.part.Close() }

// Next returns the next row; io.EOF behind the last, a *PartError where the
// sheet is damaged.
func (r *Rows) Next() (Row, error) {
	row, err := r.scanRow()
	if err != nil && err != io.EOF {
		err = &PartError{r.sheet.part, err}
	}
	return row, err
}

func (r *Rows) scanRow() (Row, error) {
	x := r.x
	for {
		if r.ended {
			return Row{}, io.EOF
		}
		if err := x.next(); err != nil {
			if err == io.EOF {
				return Row{}, io.ErrUnexpectedEOF // sheetData never ended
			}
			return Row{}, err
		}
		switch {
		case !x.start && x.name == "sheetData", x.start && x.end && x.name == "sheetData":
			r.ended = true
		case x.start && x.name == "row":
			n, err := strconv.Atoi(string(x.attr("r")))
			if err != nil || n <= 0 {
				n = r.last + 1
			}
			r.last = n
			if x.end {
				continue
			}
			row, err := r.scanCells(n)
			if err != nil || len(row.Cells) > 0 {
				return row, err
			}
		}
	}
}

// scanCells reads the cells of a row that was just opened.
func (r *Rows) scanCells(number int) (Row, error) {
	x := r.x
	row := Row{Number: number}
	column := -1
	for {
		if err := x.next(); err != nil {
			return row, unexpected(err)
		}
		if !x.start && x.name == "row" {
			return row, nil
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
		c, ok, err := r.scanCell(column)
		if err != nil {
			return row, err
		}
		if ok {
			row.Cells = append(row.Cells, c)
		}
	}
}

// scanCell reads the value of a cell that was just opened.
func (r *Rows) scanCell(column int) (Cell, bool, error) {
	x := r.x
	c := Cell{Column: column}
	kind := string(x.attr("t"))
	style, err := strconv.Atoi(string(x.attr("s")))
	if err != nil {
		style = 0
	}
	var raw string
	formula := false
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
		case x.start && x.name == "f":
			formula = true
			if x.end {
				continue
			}
			if err := x.skip(); err != nil {
				return c, false, err
			}
		case !x.start && x.name == "v":
			raw = string(x.text)
		case !x.start && x.name == "c":
			if formula && raw == "" && (kind == "" || kind == "n") {
				c.Value, c.Error = "", Unsaved
				return c, true, nil
			}
			return r.cell(c, kind, style, raw)
		}
	}
}

// cell makes the value of what a cell holds.
func (r *Rows) cell(c Cell, kind string, style int, raw string) (Cell, bool, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil {
			return c, false, fmt.Errorf("%w: a shared text without a number", errXML)
		}
		text, ok := r.b.texts.get(i)
		if !ok {
			return c, false, fmt.Errorf("%w: a shared text that is not there", errXML)
		}
		c.Value = text
		return c, text != "", nil
	case "str", "inlineStr", "d":
		if kind == "str" {
			raw = string(unescapeText([]byte(raw), 0))
		}
		c.Value = raw
		return c, raw != "", nil
	case "b":
		c.Value = strings.TrimSpace(raw) == "1" || strings.EqualFold(raw, "true")
		return c, raw != "", nil
	case "e":
		c.Value, c.Error = raw, raw
		return c, raw != "", nil
	}
	if raw == "" {
		return c, false, nil
	}
	format := cellFormat{}
	if style >= 0 && style < len(r.b.formats) {
		format = r.b.formats[style]
	}
	c.Value = format.value(raw, r.b.Base1904)
	return c, true, nil
}

// parseMerge reads a region such as A1:C2.
func parseMerge(ref string) (Merge, bool) {
	a, b, ok := strings.Cut(ref, ":")
	if !ok {
		return Merge{}, false
	}
	left, top, ok1 := cellName(a)
	right, bottom, ok2 := cellName(b)
	return Merge{top, bottom, left, right}, ok1 && ok2
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
	for ; i < len(name) && name[i] >= '0' && name[i] <= '9' && row < 1<<24; i++ {
		row = row*10 + int(name[i]-'0')
	}
	return column - 1, row, column > 0 && row > 0 && i == len(name)
}
