package hub

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"crmhub/fault"
)

// The columns of a sheet of refused rows that are not the row's own.
const (
	sheetItem     = "_item"
	sheetPipeline = "_pipeline"
	sheetPlace    = "_place"
	sheetCode     = "_code"
	sheetReason   = "_reason"
)

var sheetOwn = []string{sheetItem, sheetPipeline, sheetPlace, sheetCode, sheetReason}

// refused is one refused row in a sheet.
type refused struct {
	item, pipeline, place, code, reason string
	row                                 map[string]any
}

// writeSheet writes rows as CSV, or as a workbook with a sheet for each
// pipeline. All cells are text, so that no reader changes a number or takes a
// value for a formula.
func writeSheet(w io.Writer, format string, list []refused) error {
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

func writeCSV(w io.Writer, list []refused) error {
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

func writeWorkbook(w io.Writer, list []refused) (err error) {
	byPipeline := map[string][]refused{}
	for _, r := range list {
		byPipeline[r.pipeline] = append(byPipeline[r.pipeline], r)
	}
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	first := f.GetSheetName(0)
	for i, name := range sorted(byPipeline) {
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
func lines(list []refused) [][]string {
	var columns []string
	seen := map[string]bool{}
	for _, r := range list {
		for _, name := range sorted(r.row) {
			if !seen[name] {
				seen[name] = true
				columns = append(columns, name)
			}
		}
	}
	out := [][]string{slices.Concat(sheetOwn, columns)}
	for _, r := range list {
		line := []string{r.item, r.pipeline, r.place, r.code, r.reason}
		for _, name := range columns {
			line = append(line, cell(r.row[name]))
		}
		out = append(out, line)
	}
	return out
}

// corrected is one row of a corrected sheet.
type corrected struct {
	item  string
	cells map[string]string
}

// readSheet reads a corrected sheet. A file that lacks our columns is E1208,
// one that cannot be read E1209.
func readSheet(path string) ([]corrected, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New("E1103", path, "reason", fault.Reason(err)).Because(err)
	}
	if strings.EqualFold(filepath.Ext(path), ".xlsx") {
		return readWorkbook(path, data)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil {
		return nil, fault.New("E1209", path, "format", "csv").Because(err)
	}
	return rowsOf(path, all)
}

func readWorkbook(path string, data []byte) (out []corrected, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		return nil, fault.New("E1209", path, "format", "xlsx").Because(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, name := range f.GetSheetList() {
		all, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, fault.New("E1209", path+":"+name, "format", "xlsx").Because(err)
		}
		if len(all) == 0 {
			continue
		}
		rows, err := rowsOf(path+":"+name, all)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func rowsOf(place string, all [][]string) ([]corrected, error) {
	if len(all) == 0 {
		return nil, fault.New("E1208", place, "name", sheetItem)
	}
	head := all[0]
	item := slices.Index(head, sheetItem)
	if item < 0 {
		return nil, fault.New("E1208", place, "name", sheetItem)
	}
	var out []corrected
	for _, line := range all[1:] {
		if item >= len(line) || line[item] == "" {
			continue
		}
		c := corrected{item: line[item], cells: map[string]string{}}
		for i, name := range head {
			if name == "" || slices.Contains(sheetOwn, name) {
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

// apply puts corrected cells into a row. A cell that was not touched keeps its
// value and type; changed says whether any was.
func (c corrected) apply(row map[string]any) (out map[string]any, changed bool) {
	out = make(map[string]any, len(row))
	for name, v := range row {
		out[name] = v
	}
	for name, text := range c.cells {
		was, there := row[name]
		if text == cell(was) {
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
