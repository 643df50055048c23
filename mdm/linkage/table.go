package linkage

import (
	"bytes"
	"context"
	"slices"
	"unicode/utf8"
)

// maxText is how many bytes of a value are compared; the rest is ignored.
const maxText = 4096

// Table is rows of text, column by column, each distinct value kept once. It
// is filled by one goroutine.
type Table struct {
	headers []string
	columns []tableColumn
	rows    int
	// from numbers the file of each row where they were added by AddFrom.
	from    []uint32
	scratch []byte
}

type tableColumn struct {
	values *dictionary
	codes  []uint32
}

// NewTable returns a table without rows.
func NewTable(headers []string) *Table {
	t := &Table{headers: slices.Clone(headers)}
	for range headers {
		t.columns = append(t.columns, tableColumn{values: newDictionary()})
	}
	return t
}

// Headers returns the names of the columns.
func (t *Table) Headers() []string { return t.headers }

// Rows returns how many rows there are.
func (t *Table) Rows() int { return t.rows }

// Add appends a row with one cell for each header; missing cells are empty.
// White space around a value and bytes that are not UTF-8 are dropped.
func (t *Table) Add(cells []string) {
	for i := range t.columns {
		c := &t.columns[i]
		code := uint32(0)
		if i < len(cells) && cells[i] != "" {
			t.scratch = append(t.scratch[:0], cells[i]...)
			code = c.values.code(clean(t.scratch))
		}
		c.codes = append(c.codes, code)
	}
	t.rows++
}

// AddFrom is Add for a row of one of several files, numbered from 1.
func (t *Table) AddFrom(file int, cells []string) {
	t.from = append(t.from, uint32(file))
	t.Add(cells)
}

// Cells are rows of text, cell by cell.
type Cells interface {
	Rows() int
	Cell(row, column int) []byte
}

// AddCells is Add for several rows at once, on all processors; column k of
// the cells is column to[k] of the table. file numbers the file where there
// are several, 0 is the only one.
func (t *Table) AddCells(file int, cells Cells, to []int) {
	n := cells.Rows()
	if file > 0 {
		t.from = append(t.from, slices.Repeat([]uint32{uint32(file)}, n)...)
	}
	each(len(t.columns), func(i int) {
		c := &t.columns[i]
		k := slices.Index(to, i)
		if k < 0 {
			c.codes = append(c.codes, make([]uint32, n)...)
			return
		}
		for r := range n {
			code := uint32(0)
			if text := cells.Cell(r, k); len(text) > 0 {
				code = c.values.code(clean(text))
			}
			c.codes = append(c.codes, code)
		}
	})
	t.rows += n
}

// clean returns what is compared of a value.
func clean(s []byte) []byte {
	if len(s) > maxText {
		n := maxText
		for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	s = bytes.TrimSpace(s)
	if !utf8.Valid(s) {
		s = bytes.TrimSpace(bytes.ToValidUTF8(s, nil))
	}
	return s
}

// several reports whether there are rows of two files at least.
func (t *Table) several() bool {
	return slices.ContainsFunc(t.from, func(f uint32) bool { return f != t.from[0] })
}

// Column returns the position of a header, -1 where there is none.
func (t *Table) Column(header string) int { return slices.Index(t.headers, header) }

// canonical returns the rows in an order that hangs on their content alone:
// by a hash of the cells of these columns, equal rows by the text of column
// tie (none where it is negative). The order is as good as random, so that a
// beginning of it is a fair sample.
func (t *Table) canonical(ctx context.Context, columns []int, tie int) ([]uint32, error) {
	keys := make([]uint64, t.rows)
	err := spans(ctx, t.rows, 1<<14, func(from, to int) {
		for _, i := range columns {
			c := &t.columns[i]
			for r := from; r < to; r++ {
				keys[r] = fold(keys[r]^prime1, c.values.hash[c.codes[r]]^prime2)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	order := make([]uint32, t.rows)
	for i := range order {
		order[i] = uint32(i)
	}
	sortBy(keys, order)
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && keys[j] == keys[i] {
			j++
		}
		if tie >= 0 && j > i+1 {
			c := &t.columns[tie]
			slices.SortFunc(order[i:j], func(a, b uint32) int {
				return bytes.Compare(c.values.text(c.codes[a]), c.values.text(c.codes[b]))
			})
		}
		i = j
	}
	return order, nil
}

// sortBy sorts keys ascending and carries items along; equal keys keep their
// order. It is a radix sort.
func sortBy(keys []uint64, items []uint32) {
	k2, i2 := make([]uint64, len(keys)), make([]uint32, len(items))
	const digits = 11
	var counts [1 << digits]int
	shifted := false
	for shift := 0; shift < 64; shift += digits {
		clear(counts[:])
		for _, k := range keys {
			counts[k>>shift&(1<<digits-1)]++
		}
		if len(keys) > 0 && counts[keys[0]>>shift&(1<<digits-1)] == len(keys) {
			continue
		}
		sum := 0
		for d, n := range counts {
			counts[d] = sum
			sum += n
		}
		for i, k := range keys {
			d := k >> shift & (1<<digits - 1)
			k2[counts[d]], i2[counts[d]] = k, items[i]
			counts[d]++
		}
		keys, k2, items, i2 = k2, keys, i2, items
		shifted = !shifted
	}
	if shifted {
		copy(k2, keys)
		copy(i2, items)
	}
}
