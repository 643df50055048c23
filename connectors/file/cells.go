package file

import (
	"context"
	"io"

	"crmhub/connectors"
	"crmhub/record"
)

// Cells is some rows of a delimited text, cell by cell as they stand in the
// file. It is the caller's own.
type Cells struct {
	// Columns names the columns; they are those of one file.
	Columns []string
	// Faults are the rows among these that can't be read, with their places.
	Faults []error
	name   string
	lines  []int64
	text   []byte
	// at holds where each cell of a row begins and ends in text.
	at []uint32
	// spent takes what is given back.
	spent chan<- *Cells
}

// Recycle gives the rows back, which must not be used any more, so that
// others may lie where they did. It need not be called.
func (c *Cells) Recycle() {
	select {
	case c.spent <- c:
	default:
	}
}

// Bytes is about how many bytes the rows have in a file in UTF-8.
func (c *Cells) Bytes() int { return len(c.text) + len(c.lines) }

// Rows counts the rows that could be read.
func (c *Cells) Rows() int { return len(c.lines) }

// Cell returns the text of a cell; that of a missing one is empty.
func (c *Cells) Cell(row, column int) []byte {
	i := 2 * (row*len(c.Columns) + column)
	return c.text[c.at[i]:c.at[i+1]]
}

// Place tells where a row stands.
func (c *Cells) Place(row int) record.Place { return record.Place{Name: c.name, Line: c.lines[row]} }

// CellReader reads text cell by cell, for callers who want neither records
// nor positions: many times quicker than Read.
type CellReader interface {
	// ReadCells emits the rows of a stream in order, some at a time. ok is
	// false, and nothing was emitted, where the stream is not delimited text.
	ReadCells(ctx context.Context, stream string, emit func(*Cells) error) (ok bool, err error)
}

var _ CellReader = (*source)(nil)

// The bounds of what is emitted at once.
const (
	cellRows  = 1 << 12
	cellBytes = 4 << 20
	// cellsSpent is how many Cells are kept for others to lie in.
	cellsSpent = 4
)

// ReadCells reads delimited files without making records.
func (s *source) ReadCells(ctx context.Context, stream string, emit func(*Cells) error) (ok bool, err error) {
	ins, err := s.inputs()
	if err != nil {
		return false, err
	}
	if ins, err = s.chosen(ins, stream); err != nil {
		return false, err
	}
	for _, in := range ins {
		switch in.format {
		case formatCSV, formatTSV, formatDelimited:
		default:
			return false, nil
		}
	}
	if len(s.o.dates) > 0 {
		return false, nil // day counts are turned into dates row by row
	}
	for _, in := range ins {
		r, err := s.rows(in, connectors.Request{Stream: stream}, nil)
		if err != nil {
			return true, err
		}
		if err := r.(*delimited).cells(ctx, emit); err != nil {
			return true, closeAfter(r, err)
		}
		if err := r.Close(); err != nil {
			return true, in.broken(in.name, err)
		}
	}
	return true, nil
}

// cells emits the rows of one file.
func (d *delimited) cells(ctx context.Context, emit func(*Cells) error) error {
	spent := make(chan *Cells, cellsSpent)
	out, c := d.newCells(spent), d.csv
	kinds := c.d.plainBytes()
	for {
		if out.Rows() == cellRows || len(out.text) >= cellBytes {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := emit(out); err != nil {
				return err
			}
			out = d.newCells(spent)
		}
		if d.plainRow(out, &kinds) {
			continue
		}
		s, err := c.split()
		if err == io.EOF {
			if out.Rows() > 0 || len(out.Faults) > 0 {
				return emit(out)
			}
			return nil
		}
		if err != nil {
			return d.in.broken(record.Place{Name: d.in.name, Line: c.line}.String(), err)
		}
		if s.code != "" || !c.blank(s) {
			if code, at, args := d.wrong(s); code != "" {
				row := record.Row{Place: record.Place{Name: d.in.name, Line: c.line, Columns: d.table.index}}
				d.refuse(&row, s, code, at, args)
				out.Faults = append(out.Faults, row.Fault)
			} else {
				out.add(c, s)
			}
		}
		c.accept(s)
	}
}

// newCells returns no rows, where some that are spent lay if there are any.
func (d *delimited) newCells(spent chan *Cells) *Cells {
	out := &Cells{}
	select {
	case out = <-spent:
	default:
	}
	*out = Cells{Columns: d.table.columns, name: d.in.name, lines: out.lines[:0], text: out.text[:0], at: out.at[:0], spent: spent}
	return out
}

// add appends a row as it was split.
func (o *Cells) add(c *csvReader, s split) {
	o.lines = append(o.lines, c.line)
	base := uint32(len(o.text))
	o.text = append(o.text, s.bytes...)
	for i := range o.Columns {
		if i >= len(c.cells) {
			o.at = append(o.at, base, base)
			continue
		}
		x := c.cells[i]
		if x.differs(s.bytes) {
			from := uint32(len(o.text))
			o.text = append(o.text, c.text(string(s.bytes), x)...)
			o.at = append(o.at, from, uint32(len(o.text)))
			continue
		}
		o.at = append(o.at, base+uint32(x.from), base+uint32(x.to))
	}
}

// count counts the rows to the end of the file, which makes none of them; -1
// where the end can't be read.
func (d *delimited) count(ctx context.Context) (n int64, err error) {
	for c := d.csv; ; {
		if n&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		s, err := c.split()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return -1, nil
		}
		if s.code != "" || !c.blank(s) {
			n++
		}
		c.accept(s)
	}
}
