// Package sheet writes refused rows into workbooks and CSV files for people to correct, and reads them back.
package sheet

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"crmhub/fault"
)

// item is the column by which a corrected row is known again.
const item = "_item"

// own are the columns that are not the row's.
func own() []string { return []string{item, "_pipeline", "_place", "_code", "_reason"} }

// Row is one refused row. Data holds personal values.
type Row struct {
	Item, Pipeline, Place, Code, Reason string
	Data                                map[string]any
}

// Write writes rows as CSV, or as a workbook with a sheet for each
// pipeline. All cells are text, so that no reader changes a number or takes a
// value for a formula.
func Write(w io.Writer, format string, list []Row) error {
	var err error
	if format == "xlsx" {
		err = writeWorkbook(w, list)
	} else {
		err = writeCSV(w, list)
	}
	if err != nil {
		return fault.New("E9003", "", "reason", fault.Reason(err)).Because(err)
	}
	return nil
}

func writeCSV(w io.Writer, list []Row) error {
	// Spreadsheet programs take a file with this mark for UTF-8.
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	for _, line := range lines(list) {
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func writeWorkbook(w io.Writer, list []Row) (err error) {
	byPipeline := map[string][]Row{}
	for _, r := range list {
		byPipeline[r.Pipeline] = append(byPipeline[r.Pipeline], r)
	}
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	first := f.GetSheetName(0)
	for i, name := range slices.Sorted(maps.Keys(byPipeline)) {
		// A sheet's name has at most 31 characters; the pipeline is a column.
		title := fmt.Sprintf("%d %s", i+1, name)
		if r := []rune(title); len(r) > 31 {
			title = string(r[:31])
		}
		if i == 0 {
			err = f.SetSheetName(first, title)
		} else {
			_, err = f.NewSheet(title)
		}
		if err != nil {
			return err
		}
		for n, line := range lines(byPipeline[name]) {
			at, err := excelize.CoordinatesToCellName(1, n+1)
			if err != nil {
				return err
			}
			if err := f.SetSheetRow(title, at, &line); err != nil {
				return err
			}
		}
	}
	return f.Write(w)
}

// lines are the header and the rows: our own columns, then all columns of the rows.
func lines(list []Row) [][]string {
	var columns []string
	seen := map[string]bool{}
	for _, r := range list {
		for _, name := range slices.Sorted(maps.Keys(r.Data)) {
			if !seen[name] {
				seen[name] = true
				columns = append(columns, name)
			}
		}
	}
	out := [][]string{slices.Concat(own(), columns)}
	for _, r := range list {
		line := []string{r.Item, r.Pipeline, r.Place, r.Code, r.Reason}
		for _, name := range columns {
			line = append(line, Cell(r.Data[name]))
		}
		out = append(out, line)
	}
	return out
}

// Corrected is one row of a corrected sheet.
type Corrected struct {
	Item  string
	cells map[string]string
}

// Read reads a corrected sheet. A file that lacks our columns is E1208,
// one that cannot be read E1209.
func Read(path string) ([]Corrected, error) {
	grids, err := readGrids(path)
	if err != nil {
		return nil, err
	}
	var out []Corrected
	for _, g := range grids {
		rows, err := rowsOf(g.place, g.cells)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func rowsOf(place string, all [][]string) ([]Corrected, error) {
	if len(all) == 0 {
		return nil, fault.New("E1208", place, "name", item)
	}
	head := all[0]
	at := slices.Index(head, item)
	if at < 0 {
		return nil, fault.New("E1208", place, "name", item)
	}
	var out []Corrected
	for _, line := range all[1:] {
		if at >= len(line) || line[at] == "" {
			continue
		}
		c := Corrected{Item: line[at], cells: map[string]string{}}
		for i, name := range head {
			if name == "" || slices.Contains(own(), name) {
				continue
			}
			c.cells[name] = ""
			if i < len(line) {
				c.cells[name] = line[i]
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// Apply puts corrected cells into a row. A cell that was not touched keeps its
// value and type; changed says whether any was.
func (c Corrected) Apply(row map[string]any) (out map[string]any, changed bool) {
	out = make(map[string]any, len(row))
	for name, v := range row {
		out[name] = v
	}
	for name, text := range c.cells {
		was, there := row[name]
		if text == Cell(was) {
			continue
		}
		changed = true
		switch {
		case text == "" && !there:
			continue
		case text == "":
			out[name] = nil
		default:
			out[name] = typed(was, text)
		}
	}
	return out, changed
}

// typed reads a corrected cell as what stood there: a number stays a number, a
// list a list, where the text allows it.
func typed(was any, text string) any {
	switch was.(type) {
	case nil, string:
		return text
	case []any:
		if !strings.HasPrefix(text, "[") {
			var list []any
			for _, part := range strings.Split(text, ";") {
				list = append(list, strings.TrimSpace(part))
			}
			return list
		}
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return text
	}
	return v
}

// Cell writes a value into one cell: lists of text by semicolons, anything
// deeper as JSON.
func Cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			s, ok := x.(string)
			if !ok {
				return asJSON(v)
			}
			parts[i] = s
		}
		return strings.Join(parts, "; ")
	}
	return asJSON(v)
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
