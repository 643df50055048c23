package linkage

import (
	"cmp"
	"slices"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// briefs are what is known of the rows at a glance: the briefs of their values,
// side by side, those of row i from i*words.
type briefs struct {
	fields []briefed
	words  int
	rows   []uint64
}

// briefed is a field with briefs, and where they stand among those of a row.
type briefed struct {
	field    int
	comparer column.Briefer
	from, to int
}

// stretch is how many rows or values are laid out at a time.
const stretch = 1 << 14

// brief lays out the briefs of the rows. They tell a number, a date, in clear,
// so that they never lie on a disk: where there is no room for all in memory,
// some fields have none.
func (d *data) brief() {
	x := &d.briefs
	for k, f := range d.fields {
		if b, ok := f.comparer.(column.Briefer); ok {
			x.fields = append(x.fields, briefed{k, b, x.words, x.words + b.BriefWords()})
			x.words += b.BriefWords()
		}
	}
	// What takes least comes first.
	slices.SortStableFunc(x.fields, func(a, b briefed) int { return cmp.Compare(a.to-a.from, b.to-b.from) })
	for x.rows = spill.Keep[uint64](d.space, d.rows*x.words); x.rows == nil; x.rows = spill.Keep[uint64](d.space, d.rows*x.words) {
		x.drop()
	}
	if d.sheets != nil {
		d.briefSheets()
		return
	}
	n := len(d.fields)
	for _, b := range x.fields {
		f, size := d.fields[b.field], b.to-b.from
		values := make([]uint64, f.values.len()*size)
		each((f.values.len()+stretch-1)/stretch, func(i int) {
			for v := i * stretch; v < min(f.values.len(), (i+1)*stretch); v++ {
				if !f.values.missing(uint32(v)) {
					b.comparer.Brief(values[v*size:(v+1)*size], f.values.at(uint32(v)))
				}
			}
		})
		each((d.rows+stretch-1)/stretch, func(i int) {
			for r := i * stretch; r < min(d.rows, (i+1)*stretch); r++ {
				v := int(d.row[r*n+b.field])
				copy(x.rows[r*x.words+b.from:r*x.words+b.to], values[v*size:(v+1)*size])
			}
		})
	}
}

// briefSheets works out the briefs row by row, in the order of the file: those
// of all values of a field take much memory for a while.
func (d *data) briefSheets() {
	x, at := &d.briefs, d.places()
	defer spill.Free(d.space, at)
	if x.words == 0 {
		return
	}
	each((d.rows+stretch-1)/stretch, func(i int) {
		for place := i * stretch; place < min(d.rows, (i+1)*stretch); place++ {
			if place%breath == 0 {
				d.space.Breathe()
			}
			s, row := d.sheets.at(uint32(place)), int(at[place])
			for _, b := range x.fields {
				if p := valueOf(s, b.field); len(p) > 0 {
					b.comparer.Brief(x.rows[row*x.words+b.from:row*x.words+b.to], p)
				}
			}
		}
	})
}

// drop leaves out the field that takes most.
func (x *briefs) drop() {
	x.fields = x.fields[:len(x.fields)-1]
	x.words = 0
	for i := range x.fields {
		f := &x.fields[i]
		f.from, f.to, x.words = x.words, x.words+f.to-f.from, x.words+f.to-f.from
	}
}

// of returns the briefs of a row.
func (x *briefs) of(row uint32) []uint64 { return x.rows[int(row)*x.words : int(row+1)*x.words] }
