package file

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// readHeader looks at the first rows, finds the header in them, and makes the
// table.
func (sh *sheet) readHeader(r connectors.Request) error {
	var seen []sheetRow
	limit := max(headerWithin, sh.o.headerRow+sh.o.headerRows) + 40
	for len(seen) < limit {
		row, err := sh.scanRow()
		if err == io.EOF {
			break
		}
		if err != nil {
			return sh.w.damaged(sh.ref.part, err)
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
			return fault.New("E2110", sh.w.in.name+":"+sh.ref.name, "rows", headerWithin)
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
	place := record.Place{Name: sh.w.in.name, Sheet: sh.ref.name, Line: int64(sh.top)}.String()
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
		return fault.New("E2110", sh.w.in.name+":"+sh.ref.name, "rows", headerWithin)
	}
	if sh.table, err = newTable(place, names, sh.o, r); err != nil {
		return err
	}
	sh.table.base1904 = sh.w.base1904
	return sh.begin(seen)
}

// begin keeps the rows below the header to be read, and counts those above.
func (sh *sheet) begin(seen []sheetRow) error {
	for len(seen) > 0 && seen[0].number <= sh.head {
		sh.count(seen[0])
		seen = seen[1:]
	}
	sh.buffered = seen
	sh.merges = slices.DeleteFunc(sh.merges, func(m merge) bool { return m.top <= sh.head || m.top == m.bottom })
	return nil
}

// grid returns the first rows as equally wide texts, with merged cells filled
// in, for the search of the header.
func (sh *sheet) grid(seen []sheetRow) []sampled {
	var widths []int
	for _, r := range seen {
		if len(r.cells) >= 2 {
			widths = append(widths, r.cells[len(r.cells)-1].column+1)
		}
	}
	width := 1
	if len(widths) > 0 {
		slices.Sort(widths)
		width = widths[len(widths)/2]
	}
	var out []sampled
	for _, r := range seen {
		cells := sh.headerCells(seen, r.number)
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
		out = append(out, sampled{line: r.number, cells: cells})
	}
	return out
}

// headerCells returns the texts of a row, merged cells filled in.
func (sh *sheet) headerCells(seen []sheetRow, number int) []string {
	var out []string
	set := func(column int, text string) {
		for len(out) <= column {
			out = append(out, "")
		}
		out[column] = text
	}
	cellAt := func(row, column int) string {
		for _, r := range seen {
			if r.number != row {
				continue
			}
			if i, there := findCell(r.cells, column); there {
				return cellText(r.cells[i].value)
			}
		}
		return ""
	}
	for _, r := range seen {
		if r.number == number {
			for _, c := range r.cells {
				set(c.column, cellText(c.value))
			}
		}
	}
	for _, m := range sh.merges {
		if m.top > number {
			break
		}
		if m.bottom < number || m.right-m.left > 1000 {
			continue
		}
		if text := cellAt(m.top, m.left); text != "" {
			for c := m.left; c <= m.right; c++ {
				set(c, text)
			}
		}
	}
	return out
}

// depth tells how many rows the header has: cells that are merged downwards,
// and names below cells that are merged sideways.
func (sh *sheet) depth(seen []sheetRow) int {
	if sh.o.headerRows > 0 {
		return sh.o.headerRows
	}
	bottom := sh.top
	for _, m := range sh.merges {
		if m.top != sh.top || m.bottom > sh.top+5 {
			continue
		}
		bottom = max(bottom, m.bottom)
		if m.right > m.left && m.bottom == m.top {
			below := sh.headerCells(seen, m.bottom+1)
			if m.right < len(below) && !slices.ContainsFunc(below[m.left:m.right+1], isValue) && filled(below[m.left:m.right+1]) > 0 {
				bottom = max(bottom, m.bottom+1)
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
