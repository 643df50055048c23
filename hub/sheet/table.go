package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"crmhub/fault"
)

// WriteTable writes one table as CSV or as a workbook with one sheet, its
// header frozen and its rows filtered by a click. All cells are text.
func WriteTable(w io.Writer, format, title string, header []string, rows [][]string) error {
	var err error
	if format == "xlsx" {
		err = writeTable(w, title, header, rows)
	} else if _, err = io.WriteString(w, "\ufeff"); err == nil {
		c := csv.NewWriter(w)
		err = c.WriteAll(append([][]string{header}, rows...))
	}
	if err != nil {
		return fault.New("E9003", "", "reason", fault.Reason(err)).Because(err)
	}
	return nil
}

func writeTable(w io.Writer, title string, header []string, rows [][]string) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.SetSheetName(f.GetSheetName(0), title); err != nil {
		return err
	}
	for n, line := range append([][]string{header}, rows...) {
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(title, at, &line); err != nil {
			return err
		}
	}
	if err := f.SetPanes(title, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(header), len(rows)+1)
	if err != nil {
		return err
	}
	if err := f.AutoFilter(title, "A1:"+last, nil); err != nil {
		return err
	}
	return f.Write(w)
}

// TableRow is one row of a table: its cells by column, and where it stands.
type TableRow struct {
	Place string
	Cells map[string]string
}

// ReadTable reads a table that has these columns, of a CSV file or of every
// sheet of a workbook; empty rows are left out. A file that lacks a column is
// E1208, one that cannot be read E1209.
func ReadTable(path string, columns ...string) ([]TableRow, error) {
	grids, err := readGrids(path)
	if err != nil {
		return nil, err
	}
	var out []TableRow
	for _, g := range grids {
		rows, err := tableOf(g.place, g.cells, columns)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func tableOf(place string, all [][]string, columns []string) ([]TableRow, error) {
	var head []string
	if len(all) > 0 {
		head = all[0]
	}
	for _, name := range columns {
		if !slices.Contains(head, name) {
			return nil, fault.New("E1208", place, "name", name)
		}
	}
	var out []TableRow
	for n, line := range all[1:] {
		r := TableRow{Place: fmt.Sprintf("%s:%d", place, n+2), Cells: map[string]string{}}
		filled := false
		for i, name := range head {
			if i < len(line) {
				r.Cells[name] = strings.TrimSpace(line[i])
				filled = filled || r.Cells[name] != ""
			}
		}
		if filled {
			out = append(out, r)
		}
	}
	return out, nil
}
