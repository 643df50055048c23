package linkage

import (
	"context"
	"encoding/binary"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// sheets hold the values of each row side by side, in the order of the file. In
// a space a look at what lies elsewhere brings in pages: there a row is looked
// at once, for all of its values, and rows that follow each other lie together.
type sheets struct {
	values
	// place is that of each row in the file.
	place []uint32
}

// sheet is the values of a row by its fields, each after its length.
type sheet = column.Packed

// lay lays out the sheets of the rows.
func (d *data) lay(ctx context.Context) error {
	at, n := d.places(), len(d.fields)
	defer spill.Free(d.space, at)
	s := &sheets{place: d.order}
	err := s.pack(ctx, d.space, d.rows, func() appender {
		return func(dst []byte, place uint32) []byte {
			if place%slots == 0 {
				d.space.Breathe()
			}
			for k, v := range d.row[int(at[place])*n : int(at[place]+1)*n] {
				var p column.Packed
				if v != 0 {
					p = d.fields[k].values.at(v)
				}
				dst = append(binary.AppendUvarint(dst, uint64(len(p))), p...)
			}
			return dst
		}
	})
	d.sheets = s
	return err
}

// of returns the sheet of a row.
func (s *sheets) of(row uint32) sheet { return s.at(s.place[row]) }

// valueOf returns a value of a sheet.
func valueOf(s sheet, field int) column.Packed {
	for {
		n, width := 0, 0
		for shift := 0; ; shift += 7 {
			b := s[width]
			width++
			if n |= int(b&0x7f) << shift; b < 0x80 {
				break
			}
		}
		if field == 0 {
			return s[width : width+n]
		}
		s = s[width+n:]
		field--
	}
}

// piece returns the sheets of a range of the file, from piece<<pieceBits on.
func (s *sheets) piece(piece int) string {
	to := min(s.n, (piece+1)<<pieceBits)
	return s.hidden.String(s.base[piece], s.base[piece]+uint64(s.start[to+piece]))
}

// within returns the sheet of a place, of those of its piece.
func (s *sheets) within(piece string, place uint32) sheet {
	i := place + place>>pieceBits
	return sheet(piece[s.start[i]:s.start[i+1]])
}
