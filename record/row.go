package record

import (
	"strconv"
	"strings"
)

// Row is one row of a source, as a connector read it.
type Row struct {
	// Place says where the row stands, for errors and quarantine.
	Place Place
	// Key is the source's own key when the connector knows it; otherwise it
	// is empty and the pipeline takes it from Data by the pipeline's key.
	Key string
	// Data is the row as decoded JSON (see Fields); nil when Fault is set and
	// nothing could be decoded. Empty cells are nil.
	Data map[string]any
	// Cells stand in place of Data where whoever reads said that they may.
	Cells Cells
	// Raw is what was read, kept only where Data can't hold it (Fault set).
	Raw []byte
	// Deleted says that the source reports the row as gone.
	Deleted bool
	// Fault is why the row could not be read whole, a *fault.Error. The row is
	// quarantined.
	Fault error
}

// Values returns the row as decoded JSON, whether it is held by Data or by
// Cells. It must not be changed.
func (r *Row) Values() map[string]any {
	if r.Cells.Header != nil {
		return r.Cells.Map()
	}
	return r.Data
}

// Columns maps column names to their zero-based positions; one value is
// shared by all rows under a header.
type Columns map[string]int

// Place is where a row stands in its source: a file and line, a sheet and
// row, or a table. It never holds a personal value.
type Place struct {
	Name    string  // file name without its folder, or table or collection name
	Sheet   string  // worksheet, for workbooks
	Line    int64   // one-based line or row number; 0 where there is none
	Columns Columns // nil where cells have no position
}

// String returns file.csv:1842, file.xlsx:Sheet1!1842 or the name alone.
func (p Place) String() string {
	switch {
	case p.Line == 0:
		return p.Name
	case p.Sheet != "":
		return p.Name + ":" + p.Sheet + "!" + strconv.FormatInt(p.Line, 10)
	}
	return p.Name + ":" + strconv.FormatInt(p.Line, 10)
}

// Cell returns the place of one column's cell in the row: file.csv:1842:7
// (one-based), file.xlsx:Sheet1!F1842, or table.column.
func (p Place) Cell(column string) string {
	i, ok := p.Columns[column]
	switch {
	case p.Line == 0 && column != "":
		return p.Name + "." + column
	case !ok:
		return p.String()
	case p.Sheet != "":
		return p.Name + ":" + p.Sheet + "!" + Letters(i) + strconv.FormatInt(p.Line, 10)
	}
	return p.String() + ":" + strconv.Itoa(i+1)
}

// Letters returns the spreadsheet name of a zero-based column: A, Z, AA.
func Letters(column int) string {
	var b strings.Builder
	if column >= 26 {
		b.WriteString(Letters(column/26 - 1))
	}
	b.WriteByte(byte('A' + column%26))
	return b.String()
}
