package record

import "encoding/json"

// Header names the columns that rows of cells stand under; one value is shared
// by all rows of a table. It is not changed after it is made.
type Header struct {
	// Names are those of the columns, none twice.
	Names []string
	// KeepEmpty says that an empty cell is empty text. Otherwise it is null.
	KeepEmpty bool
	// Unnamed says of each column whether the table gives it no name: its empty
	// cells are no values at all.
	Unnamed []bool
	index   map[string]int
}

// NewHeader returns a header; unnamed has one element for each name.
func NewHeader(names []string, unnamed []bool, keepEmpty bool) *Header {
	h := &Header{Names: names, KeepEmpty: keepEmpty, Unnamed: unnamed, index: make(map[string]int, len(names))}
	for i, n := range names {
		h.index[n] = i
	}
	return h
}

// Column returns the place of a column, -1 where there is none of that name.
func (h *Header) Column(name string) int {
	if i, ok := h.index[name]; ok {
		return i
	}
	return -1
}

// Cells are the values of a row as a table of text has them, by column: a
// fraction of the memory of Row.Data, and none of its look-ups. The zero Cells
// stands for a row that is not made of cells.
type Cells struct {
	Header *Header
	// Text holds the cells, At where each begins and ends in it: two numbers
	// for each column. A beginning may be marked by NumberCell or NullCell.
	Text string
	At   []uint32
}

// Marks of a cell's beginning: its text is a number, as json.Number would hold
// it; it is null, and has no text, also where an empty cell is empty text.
const (
	NumberCell uint32 = 1 << 31
	NullCell   uint32 = 1 << 30
	begins            = NullCell - 1
)

// Cell returns the text of a column's cell; that of an empty one is empty.
func (c *Cells) Cell(column int) string { return c.Text[c.At[2*column]&begins : c.At[2*column+1]] }

// IsNumber reports whether a column's cell is a number.
func (c *Cells) IsNumber(column int) bool { return c.At[2*column]&NumberCell != 0 }

// Value returns the value of a column's cell as Row.Data would hold it: text,
// a number, or nil where it is null, or empty and that means null. Column -1 is
// null.
func (c *Cells) Value(column int) any {
	if column < 0 {
		return nil
	}
	s := c.Cell(column)
	switch {
	case c.IsNumber(column):
		return json.Number(s)
	case s != "" || c.Header.KeepEmpty && c.At[2*column]&NullCell == 0:
		return s
	}
	return nil
}

// Map returns the row as Row.Data would hold it; it is the caller's own.
func (c *Cells) Map() map[string]any {
	m := make(map[string]any, len(c.Header.Names))
	for i, name := range c.Header.Names {
		if v := c.Value(i); v != nil || !c.Header.Unnamed[i] {
			m[name] = v
		}
	}
	return m
}
