package linkage

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"crmhub/mdm/spill"
	"crmhub/mdm/standardize"
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
	space   *spill.Space
	// expected is how many rows there will be about.
	expected int
}

type tableColumn struct {
	values *dictionary
	codes  []uint32
	// single says that each value is of one row, so that none is looked for.
	single bool
	// cells and touched serve add.
	cells   []cell
	touched uint64
}

// cell is a value and its hash.
type cell struct {
	text []byte
	hash uint64
}

// NewTable returns a table without rows.
func NewTable(headers []string) *Table { return NewTableIn(nil, headers) }

// NewTableIn returns a table without rows, which lies in a space with whatever
// is made of it; nil is Go's memory.
func NewTableIn(s *spill.Space, headers []string) *Table {
	t := &Table{headers: slices.Clone(headers), space: s}
	for range headers {
		t.columns = append(t.columns, tableColumn{values: newDictionary(s), codes: spill.Growing[uint32](s)})
	}
	return t
}

// Single says of a column, before there are rows, that no two have one value,
// such as the record ids: it takes less time and memory.
func (t *Table) Single(column int) { t.columns[column].single = true }

// Expect says how many rows there will be about, so that room is made for them
// at once. It may be said again.
func (t *Table) Expect(rows int) { t.expected = rows }

// free gives back the memory of the rows.
func (t *Table) free() {
	for i := range t.columns {
		t.columns[i].free(t.space)
	}
}

// free gives back the memory of a column, of which nothing is asked again.
func (c *tableColumn) free(s *spill.Space) {
	c.values.free()
	spill.Free(s, c.codes)
	c.codes, c.cells = nil, nil
}

// releaser frees the columns that no field is of, but for that of the sources,
// and returns what frees those of a field, as soon as the last that is of them
// was packed.
func (t *Table) releaser(o *Options, fields []*field) func(*field) {
	users := make([]atomic.Int32, len(t.columns))
	for _, f := range fields {
		for _, c := range f.columns {
			users[c].Add(1)
		}
	}
	if c := t.Column(o.Source); c >= 0 {
		users[c].Add(1)
	}
	for i := range t.columns {
		if users[i].Load() == 0 {
			t.columns[i].free(t.space)
		}
	}
	return func(f *field) {
		for _, c := range f.columns {
			if users[c].Add(-1) == 0 {
				t.columns[c].free(t.space)
			}
		}
	}
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
			code = c.code(clean(t.scratch))
		}
		c.codes = append(c.codes, code)
	}
	t.rows++
}

func (c *tableColumn) code(text []byte) uint32 {
	if c.single && len(text) > 0 {
		return c.values.append(text)
	}
	return c.values.code(text)
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
	t.space.Breathe()
	n := cells.Rows()
	if file > 0 {
		t.from = append(t.from, slices.Repeat([]uint32{uint32(file)}, n)...)
	}
	// What takes longest comes first: columns of many values.
	order := make([]int, len(t.columns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t.columns[b].values.len(), t.columns[a].values.len()) })
	each(len(order), func(i int) {
		i = order[i]
		c := &t.columns[i]
		k := slices.Index(to, i)
		if k < 0 {
			c.codes = append(c.codes, make([]uint32, n)...)
			return
		}
		c.reserve(t.space, t.rows, n, t.expected)
		c.add(cells, k)
	})
	t.rows += n
}

// reserve makes room for n rows more: where it is out, for as many as will come
// if they are like those that there are.
func (c *tableColumn) reserve(s *spill.Space, rows, n, expected int) {
	if s != nil || rows == 0 || expected < rows+n {
		return // arrays of a space don't move
	}
	for _, x := range []*[]uint32{&c.codes, &c.values.ends} {
		if len(*x)+n > cap(*x) {
			room := make([]uint32, len(*x), scaled(len(*x), rows, expected)+spareBatches*n)
			copy(room, *x)
			*x = room
		}
	}
	size := c.values.bytes.Len()
	more := scaled(size, rows, n)
	c.values.bytes.Reserve(2*more, scaled(size, rows, expected)+spareBatches*more)
}

// spareBatches is for how many batches of rows there is room beyond those that
// are expected.
const spareBatches = 4

// scaled returns what is n of some rows for others, and a little more.
func scaled(n, rows, others int) int {
	x := float64(n) * float64(others) / float64(rows)
	return int(x + x/32)
}

// add appends column k of cells. All hashes are worked out, and the places that
// they lead to asked for, before any value is looked for: memory is waited for
// once for many.
func (c *tableColumn) add(cells Cells, k int) {
	c.cells = c.cells[:0]
	touched := uint64(0)
	for r := range cells.Rows() {
		x := cell{text: clean(cells.Cell(r, k))}
		if len(x.text) > 0 && !c.single {
			x.hash = hashBytes(x.text)
			touched |= c.values.near(x.hash)
		}
		c.cells = append(c.cells, x)
	}
	if !c.single {
		for i := range c.cells {
			touched |= c.values.nearer(c.cells[i].hash)
		}
	}
	for i := range c.cells {
		x, code := &c.cells[i], uint32(0)
		switch {
		case len(x.text) == 0:
		case c.single:
			code = c.values.append(x.text)
		default:
			code = c.values.find(x.text, x.hash)
		}
		c.codes = append(c.codes, code)
	}
	c.touched = touched
	clear(c.cells)
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
	if !trimmed(s) {
		s = bytes.TrimSpace(s)
	}
	if !standardize.Valid(s) {
		s = bytes.TrimSpace(bytes.ToValidUTF8(s, nil))
	}
	return s
}

// trimmed reports of most texts without white space around them that they are.
func trimmed(s []byte) bool {
	n := len(s)
	if n == 0 {
		return true
	}
	first, last := s[0], s[n-1]
	return (first > ' ' && first < utf8.RuneSelf || first >= 0xE4) &&
		(last > ' ' && last < utf8.RuneSelf || n >= 3 && s[n-3] >= 0xE4 && s[n-2]&last&0xC0 == 0x80)
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
	keys := spill.Make[uint64](t.space, t.rows)
	defer spill.Free(t.space, keys)
	together := max(1, len(columns))
	if t.space != nil {
		together = 1 // hashes take memory
	}
	for part := range slices.Chunk(columns, together) {
		each(len(part), func(i int) { t.columns[part[i]].values.hashes() })
		err := spans(ctx, t.rows, 1<<14, func(from, to int) {
			for _, i := range part {
				c := &t.columns[i]
				hash := c.values.hash
				for r := from; r < to; r++ {
					keys[r] = fold(keys[r]^prime1, hash[c.codes[r]]^prime2)
				}
			}
		})
		if err != nil {
			return nil, err
		}
		if t.space != nil {
			t.columns[part[0]].values.forget()
		}
	}
	order := spill.Make[uint32](t.space, t.rows)
	for i := range order {
		order[i] = uint32(i)
	}
	sortBy(t.space, keys, order)
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && keys[j] == keys[i] {
			j++
		}
		if tie >= 0 && j > i+1 {
			c := &t.columns[tie]
			var x, y []byte
			slices.SortFunc(order[i:j], func(a, b uint32) int {
				x, y = c.values.view(x, c.codes[a]), c.values.view(y, c.codes[b])
				return bytes.Compare(x, y)
			})
		}
		i = j
	}
	return order, nil
}

// breath is after how many items that are put anywhere memory is looked after.
const breath = 1 << 14

// sortBy sorts keys ascending and carries items along; equal keys keep their
// order. It is a radix sort.
func sortBy(s *spill.Space, keys []uint64, items []uint32) {
	first, second := spill.Make[uint64](s, len(keys)), spill.Make[uint32](s, len(items))
	defer spill.Free(s, first)
	defer spill.Free(s, second)
	k2, i2 := first, second
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
			if i%breath == 0 {
				s.Breathe()
			}
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
