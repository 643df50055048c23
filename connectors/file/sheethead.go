package file

import (
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

// readHeader looks at the first rows, finds the header in them, and makes the
// table.
func (sh *sheet) readHeader(r connectors.Request) error {
	var seen []workbook.Row
	limit := max(headerWithin, sh.o.headerRow+sh.o.headerRows) + 40
	for len(seen) < limit {
		row, err := sh.scanRow()
		if err == io.EOF {
			break
		}
		if err != nil {
			return sh.b.damaged(sh.b.in.name, err)
		}
		seen = append(seen, row)
	}
	switch {
	case sh.o.headerRow == 0:
	case sh.o.headerRow > 0:
		sh.top = sh.o.headerRow
	default:
		line, ok := findHeader(sh.grid(seen))
		if !ok && len(sh.o.columns) == 0 {
			return fault.New("E2110", sh.b.in.name+":"+sh.ref.Name, "rows", headerWithin)
		}
		sh.top = line
	}
	if sh.top > 0 {
		sh.head = sh.top + sh.depth(seen) - 1
	}
	var levels [][]string
	for n := sh.top; n > 0 && n <= sh.head; n++ {
		levels = append(levels, sh.headerCells(seen, n))
	}
	place := record.Place{Name: sh.b.in.name, Sheet: sh.ref.Name, Line: int64(sh.top)}.String()
	var names []string
	if len(levels) > 0 {
		if len(levels) > 1 && len(sh.merges) == 0 {
			fillRight(levels)
		}
		names = columnNames(levels)
	}
	names, err := named(place, sh.top, names, sh.o)
	if err != nil {
		return err
	}
	if sh.top > 0 && !slices.ContainsFunc(names, func(n string) bool { return !strings.HasPrefix(n, "column_") }) {
		return fault.New("E2110", sh.b.in.name+":"+sh.ref.Name, "rows", headerWithin)
	}
	if sh.table, err = newTable(place, names, sh.o, r); err != nil {
		return err
	}
	sh.table.base1904 = sh.b.Base1904
	return sh.begin(seen)
}

// begin keeps the rows below the header to be read, and counts those above.
func (sh *sheet) begin(seen []workbook.Row) error {
	for len(seen) > 0 && seen[0].Number <= sh.head {
		sh.count(seen[0])
		seen = seen[1:]
	}
	sh.buffered = seen
	sh.merges = slices.DeleteFunc(sh.merges, func(m workbook.Merge) bool { return m.Top <= sh.head || m.Top == m.Bottom })
	return nil
}

// grid returns the first rows as equally wide texts, with merged cells filled
// in, for the search of the header.
func (sh *sheet) grid(seen []workbook.Row) []sampled {
	var widths []int
	for _, r := range seen {
		if len(r.Cells) >= 2 {
			widths = append(widths, r.Cells[len(r.Cells)-1].Column+1)
		}
	}
	width := 1
	if len(widths) > 0 {
		slices.Sort(widths)
		width = widths[len(widths)/2]
	}
	var out []sampled
	for _, r := range seen {
		cells := sh.headerCells(seen, r.Number)
		for len(cells) < width {
			cells = append(cells, "")
		}
		cells = cells[:width]
		distinct := map[string]bool{}
		for _, c := range cells {
			if c != "" {
				distinct[c] = true
			}
		}
		// A title that is merged over the whole width names no column.
		if width > 3 && 2*len(distinct) < width || width > 1 && len(distinct) == 1 {
			cells = make([]string, width)
		}
		out = append(out, sampled{line: r.Number, cells: cells})
	}
	return out
}

// headerCells returns the texts of a row, merged cells filled in.
func (sh *sheet) headerCells(seen []workbook.Row, number int) []string {
	var out []string
	set := func(column int, text string) {
		for len(out) <= column {
			out = append(out, "")
		}
		out[column] = text
	}
	cellAt := func(row, column int) string {
		for _, r := range seen {
			if r.Number != row {
				continue
			}
			if i, there := r.Find(column); there {
				return cellText(r.Cells[i].Value)
			}
		}
		return ""
	}
	for _, r := range seen {
		if r.Number == number {
			for _, c := range r.Cells {
				set(c.Column, cellText(c.Value))
			}
		}
	}
	for _, m := range sh.merges {
		if m.Top > number {
			break
		}
		if m.Bottom < number || m.Right-m.Left > 1000 {
			continue
		}
		if text := cellAt(m.Top, m.Left); text != "" {
			for c := m.Left; c <= m.Right; c++ {
				set(c, text)
			}
		}
	}
	return out
}

// depth tells how many rows the header has: cells that are merged downwards,
// and names below cells that are merged sideways.
func (sh *sheet) depth(seen []workbook.Row) int {
	if sh.o.headerRows > 0 {
		return sh.o.headerRows
	}
	bottom := sh.top
	for _, m := range sh.merges {
		if m.Top != sh.top || m.Bottom > sh.top+5 {
			continue
		}
		bottom = max(bottom, m.Bottom)
		if m.Right > m.Left && m.Bottom == m.Top {
			below := sh.headerCells(seen, m.Bottom+1)
			if m.Right < len(below) && !slices.ContainsFunc(below[m.Left:m.Right+1], isValue) && filled(below[m.Left:m.Right+1]) > 0 {
				bottom = max(bottom, m.Bottom+1)
			}
		}
	}
	return bottom - sh.top + 1
}

func cellText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
