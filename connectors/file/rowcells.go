package file

import (
	"strings"

	"crmhub/record"
)

// cellRoom holds the cells of many rows in few pieces of memory.
type cellRoom struct {
	text *strings.Builder
	at   []uint32
}

// The sizes of those pieces: bytes of text, and numbers.
const (
	roomText = 64 << 10
	roomAt   = 8 << 10
)

// row keeps a row as it was split. The text of a builder never changes, so
// that rows may share it while others are added.
func (k *cellRoom) row(h *record.Header, c *csvReader, s split) record.Cells {
	need := len(s.bytes)
	for _, x := range c.cells {
		if x.differs(s.bytes) { // what stands without its quotes is not longer
			need += x.to - x.from
		}
	}
	if k.text == nil || k.text.Cap()-k.text.Len() < need {
		k.text = &strings.Builder{}
		k.text.Grow(max(need, roomText))
	}
	n := 2 * len(h.Names)
	if cap(k.at)-len(k.at) < n {
		k.at = make([]uint32, 0, max(n, roomAt))
	}
	from, first := k.text.Len(), len(k.at)
	k.text.Write(s.bytes)
	row := k.text.String()[from:]
	for i := range h.Names {
		var x cell
		if i < len(c.cells) {
			x = c.cells[i]
		}
		if x.differs(s.bytes) {
			at := uint32(k.text.Len() - from)
			k.text.WriteString(c.text(row, x))
			k.at = append(k.at, at, uint32(k.text.Len()-from))
			continue
		}
		k.at = append(k.at, uint32(x.from), uint32(x.to))
	}
	end := len(k.at)
	return record.Cells{Header: h, Text: k.text.String()[from:], At: k.at[first:end:end]}
}
