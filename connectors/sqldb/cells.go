package sqldb

import (
	"strings"

	"crmhub/record"
)

// cellRoom holds the cells of many rows in few pieces of memory.
type cellRoom struct {
	header *record.Header
	text   *strings.Builder
	at     []uint32
}

// The sizes of those pieces: bytes of text, and numbers.
const (
	roomText = 64 << 10
	roomAt   = 8 << 10
	// mostText bounds the text of a row of cells.
	mostText = int(record.NullCell) - 1
)

// newCellRoom returns room for rows of these columns. An empty text is a value
// in a database; null says that there is none.
func newCellRoom(cols []column) *cellRoom {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.name
	}
	return &cellRoom{header: record.NewHeader(names, make([]bool, len(names)), true)}
}

// row keeps the row that a builder holds; false where it has values that are
// neither text nor numbers. Rows share the text of a builder, which never
// changes, while others are added.
func (k *cellRoom) row(b *builder) (record.Cells, bool) {
	for i := range b.shown {
		if b.cells[i].form == formValue {
			return record.Cells{}, false
		}
	}
	if len(b.buf) > mostText {
		return record.Cells{}, false
	}
	if k.text == nil || k.text.Cap()-k.text.Len() < len(b.buf) {
		k.text = &strings.Builder{}
		k.text.Grow(max(len(b.buf), roomText))
	}
	if n := 2 * b.shown; cap(k.at)-len(k.at) < n {
		k.at = make([]uint32, 0, max(n, roomAt))
	}
	from, first := k.text.Len(), len(k.at)
	k.text.Write(b.buf)
	for i := range b.shown {
		c := &b.cells[i]
		switch start := uint32(c.start); c.form {
		case formNull:
			k.at = append(k.at, record.NullCell, 0)
		case formNumber:
			k.at = append(k.at, start|record.NumberCell, uint32(c.end))
		default:
			k.at = append(k.at, start, uint32(c.end))
		}
	}
	end := len(k.at)
	return record.Cells{Header: k.header, Text: k.text.String()[from:], At: k.at[first:end:end]}, true
}
