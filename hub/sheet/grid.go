package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"crmhub/fault"
)

// grid is the cells of a CSV file, or of one sheet of a workbook that is not empty.
type grid struct {
	place string
	cells [][]string
}

// readGrids reads a file that people filled in. One that cannot be opened is
// E1103, one that cannot be read E1209.
func readGrids(path string) (out []grid, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New("E1103", path, "reason", fault.Reason(err)).Because(err)
	}
	if !strings.EqualFold(filepath.Ext(path), ".xlsx") {
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
		r.FieldsPerRecord = -1
		all, err := r.ReadAll()
		if err != nil {
			return nil, fault.New("E1209", path, "format", "csv").Because(err)
		}
		return []grid{{path, all}}, nil
	}
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
		if len(all) > 0 {
			out = append(out, grid{path + ":" + name, all})
		}
	}
	return out, nil
}
