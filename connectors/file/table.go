package file

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/file/workbook"
	"crmhub/fault"
	"crmhub/record"
)

// table is the header that rows are read under, and what the request asks of
// some of its columns.
type table struct {
	columns   []string
	unnamed   []bool // columns whose header cell is empty
	index     record.Columns
	key       []string
	keyAt     []int
	deletedAt int // -1 where none is asked for
	dates     []int
	base1904  bool
	keepEmpty bool
	// cells is what rows of cells stand under; nil where rows are not to be such.
	cells *record.Header
}

// newTable checks a header and finds the columns that are asked for in it.
func newTable(place string, columns []string, o options, r connectors.Request) (*table, error) {
	if twice := duplicates(columns); len(twice) > 0 {
		return nil, fault.New("E2108", place, "names", strings.Join(twice, ", "))
	}
	t := &table{columns: columns, index: make(record.Columns, len(columns)), key: r.Key, deletedAt: -1, keepEmpty: o.keepEmpty, base1904: o.dateSystem == "1904"}
	for i, c := range columns {
		t.index[c] = i
		t.unnamed = append(t.unnamed, c == unnamedColumn(i))
	}
	find := func(name string) (int, error) {
		if i, ok := t.index[name]; ok {
			return i, nil
		}
		return 0, fault.New("E2109", place, "name", name, "nearest", fault.Nearest(name, columns))
	}
	for _, k := range r.Key {
		i, err := find(k)
		if err != nil {
			return nil, err
		}
		t.keyAt = append(t.keyAt, i)
	}
	for _, d := range o.dates {
		i, err := find(d)
		if err != nil {
			return nil, err
		}
		t.dates = append(t.dates, i)
	}
	if r.Deleted != "" {
		i, err := find(r.Deleted)
		if err != nil {
			return nil, err
		}
		t.deletedAt = i
	}
	if r.Cells && len(t.dates) == 0 { // a day count becomes a date in Data
		t.cells = record.NewHeader(columns, t.unnamed, t.keepEmpty)
	}
	return t, nil
}

// finish sets what follows from a row's values: key, deletion, dates. A value
// that does not fit is the row's fault.
func (t *table) finish(row *record.Row) {
	for _, i := range t.dates {
		name := t.columns[i]
		text, ok := serialText(row.Data[name])
		if !ok {
			continue
		}
		day, ok := workbook.Date(text, t.base1904, true)
		if !ok {
			row.Fault = fault.New("E3107", row.Place.Cell(name))
			continue
		}
		row.Data[name] = day
	}
	if t.deletedAt >= 0 {
		row.Deleted = record.Truth(t.value(row, t.deletedAt))
	}
	if len(t.key) == 0 {
		return
	}
	key, empty := joinKey(t.key, func(name string) any { return t.value(row, t.index[name]) })
	if empty != "" {
		row.Fault = fault.New("E3108", row.Place.Cell(empty), "column", empty)
		return
	}
	row.Key = key
}

// value returns the value of a row's cell.
func (t *table) value(row *record.Row, column int) any {
	if row.Cells.Header != nil {
		return row.Cells.Value(column)
	}
	return row.Data[t.columns[column]]
}

// serialText returns a cell that holds a bare number, which a date column
// takes for a day count; dates in words are left to standardisation.
func serialText(v any) (string, bool) {
	var s string
	switch v := v.(type) {
	case json.Number:
		s = string(v)
	case string:
		s = strings.TrimSpace(v)
	default:
		return "", false
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return "", false
	}
	// A date written in eight digits is no day count.
	if len(s) == 8 && strings.IndexByte(s, '.') < 0 {
		if _, err := time.Parse("20060102", s); err == nil {
			return "", false
		}
	}
	return s, true
}

// joinKey joins the values of the key columns: a|b, with | and \ escaped. It
// returns the name of a column that is empty, if one is.
func joinKey(names []string, value func(string) any) (key, empty string) {
	if len(names) == 1 {
		s, ok := keyText(value(names[0]))
		if !ok {
			return "", names[0]
		}
		return s, ""
	}
	parts := make([]string, len(names))
	for i, n := range names {
		s, ok := keyText(value(n))
		if !ok {
			return "", n
		}
		parts[i] = s
	}
	return record.JoinKey(parts...), ""
}

// keyText returns a value as a part of a key; false where there is none.
func keyText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		v = strings.TrimSpace(v)
		return v, v != ""
	case json.Number:
		return string(v), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// columnNames makes names of header cells, one row or several: spaces at the
// ends and line breaks inside go, levels are joined by /, and a column without
// a name is called column_N.
func columnNames(levels [][]string) []string {
	width := 0
	for _, l := range levels {
		width = max(width, len(l))
	}
	names := make([]string, width)
	for i := range names {
		var parts []string
		for _, l := range levels {
			if i >= len(l) {
				continue
			}
			if s := cleanName(l[i]); s != "" && (len(parts) == 0 || parts[len(parts)-1] != s) {
				parts = append(parts, s)
			}
		}
		if names[i] = strings.Join(parts, "/"); names[i] == "" {
			names[i] = unnamedColumn(i)
		}
	}
	return names
}

// unnamedColumn is the name of a column that has none.
func unnamedColumn(i int) string { return "column_" + strconv.Itoa(i+1) }

func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\ufeff', '\u200b', '\u200c', '\u200d', '\u2060':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// named lays the connection's own column names over a header.
func named(place string, row int, header []string, o options) ([]string, error) {
	if len(o.columns) == 0 {
		return header, nil
	}
	if row > 0 && len(header) != len(o.columns) {
		return nil, fault.New("E2119", place, "row", row, "got", len(header), "want", len(o.columns))
	}
	return o.columns, nil
}

// fillRight gives the empty cells of all header levels but the lowest the name
// to their left, where no merged cells tell better.
func fillRight(levels [][]string) {
	for n, l := range levels[:len(levels)-1] {
		below := levels[n+1]
		for len(l) < len(below) {
			l = append(l, "")
		}
		for i := 1; i < len(l); i++ {
			if strings.TrimSpace(l[i]) == "" && i < len(below) && strings.TrimSpace(below[i]) != "" {
				l[i] = l[i-1]
			}
		}
		levels[n] = l
	}
}

// duplicates returns the names that stand more than once, in order.
func duplicates(names []string) []string {
	seen := map[string]int{}
	var twice []string
	for _, n := range names {
		seen[n]++
		if seen[n] == 2 && !slices.Contains(twice, n) {
			twice = append(twice, n)
		}
	}
	return twice
}
