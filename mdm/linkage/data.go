package linkage

import (
	"context"
	"math/bits"
	"sync/atomic"

	"crmhub/mdm/spill"
)

// data is a table made ready for comparing: its rows in canonical order, the
// values of each row side by side.
type data struct {
	fields []*field
	// order is the table's row of each canonical row.
	order []uint32
	rows  int
	// unused are the columns that are not compared, as others tell more.
	unused []string
	// row holds the codes of row i from i*len(fields).
	row []uint32
	// twins marks, for each row, the fields whose value shares its group with others.
	twins []uint16
	// briefs are what is known of the rows at a glance.
	briefs briefs
	// sheets are the values of the rows in a space; nil elsewhere.
	sheets *sheets
	// source numbers the file of each row from 1; nil where there is one. Rows
	// of one file are not compared then.
	source []uint32
	// total is how many pairs of rows there are to compare.
	total float64
	// all are the rows that these are a beginning of; nil where they are all.
	all *data
	// space is where large arrays lie.
	space *spill.Space
	// touched keeps the reads that bring memory near from being left out.
	touched atomic.Uint32
	// chooser chooses the rules of these rows, and of a beginning of them.
	chooser *chooser
}

// barred reports whether two rows are not compared because they are of one file.
func (d *data) barred(a, b uint32) bool { return d.source != nil && d.source[a] == d.source[b] }

// place sets the files of the rows and counts the pairs.
func (d *data) place(from []uint32) {
	if from != nil {
		d.source = spill.Make[uint32](d.space, d.rows)
		for i, r := range d.order {
			d.source[i] = from[r]
		}
	}
	d.count()
}

// count counts the pairs of rows that may be compared.
func (d *data) count() {
	counts := map[uint32]uint64{}
	for _, s := range d.source {
		counts[s]++
	}
	d.total = float64(pairsOf(uint64(d.rows)))
	for _, n := range counts {
		d.total -= float64(pairsOf(n))
	}
	d.total = max(d.total, 1)
}

// gather lays the codes of each row side by side.
func (d *data) gather(ctx context.Context) error {
	n := len(d.fields)
	d.row, d.twins = spill.Hot[uint32](d.space, d.rows*n), spill.Hot[uint16](d.space, d.rows)
	return spans(ctx, d.rows, 1<<14, func(from, to int) {
		for k, f := range d.fields {
			for i := from; i < to; i++ {
				v := f.codes[i]
				if d.row[i*n+k] = v; v != 0 && f.twins.has(v) {
					d.twins[i] |= 1 << k
				}
			}
		}
	})
}

// places returns the row at each place of the file; of rows that are a beginning
// of others, all in their own order.
func (d *data) places() []uint32 {
	at := spill.Make[uint32](d.space, d.rows)
	if d.all != nil {
		for i := range at {
			at[i] = uint32(i)
		}
		return at
	}
	for i, place := range d.order {
		at[place] = uint32(i)
	}
	return at
}

// pattern is the levels of a pair, four bits for each field.
type pattern uint64

func (p pattern) level(field int) uint8 { return uint8(p>>(4*field)) & 15 }

// compare returns the pattern of two rows.
func (d *data) compare(a, b uint32) pattern {
	n := len(d.fields)
	x, y := d.row[int(a)*n:int(a+1)*n], d.row[int(b)*n:int(b+1)*n]
	p, left := d.glance(a, b)
	if left != 0 && d.sheets != nil {
		return p | d.unlike(a, b, left)
	}
	for ; left != 0; left &= left - 1 {
		k := bits.TrailingZeros16(left)
		p |= pattern(d.fields[k].level(x[k], y[k])) << (4 * k)
	}
	return p
}

// unlike returns the levels of two rows in fields in which their values differ,
// by their sheets.
func (d *data) unlike(a, b uint32, fields uint16) (p pattern) {
	x, y := d.sheets.of(a), d.sheets.of(b)
	for ; fields != 0; fields &= fields - 1 {
		k := bits.TrailingZeros16(fields)
		p |= pattern(d.fields[k].comparer.Level(valueOf(x, k), valueOf(y, k))) << (4 * k)
	}
	return p
}

// glance returns the levels of two rows that are known without a look at their
// values, and the fields whose levels are not.
func (d *data) glance(a, b uint32) (p pattern, left uint16) {
	n := len(d.fields)
	x, y := d.row[int(a)*n:int(a+1)*n], d.row[int(b)*n:int(b+1)*n]
	for k, f := range d.fields {
		switch {
		case x[k] == 0 || y[k] == 0:
		case x[k] == y[k]:
			p |= pattern(f.self[x[k]]) << (4 * k)
		default:
			left |= 1 << k
		}
	}
	if d.briefs.words == 0 {
		return p, left
	}
	u, v := d.briefs.of(a), d.briefs.of(b)
	for i := range d.briefs.fields {
		f := &d.briefs.fields[i]
		if left>>f.field&1 == 0 {
			continue
		}
		if l, sure := f.comparer.Bound(u[f.from:f.to], v[f.from:f.to]); sure {
			p |= pattern(l) << (4 * f.field)
			left &^= 1 << f.field
		}
	}
	return p, left
}

// near reads something of a row, to have it near.
func (d *data) near(row uint32) uint32 {
	touched := d.row[int(row)*len(d.fields)] + uint32(d.twins[row])
	if x := &d.briefs; x.words > 0 {
		touched += uint32(x.rows[int(row)*x.words])
	}
	return touched
}

// glanced is how many pairs are compared together.
const glanced = 1 << 8

// compareAll returns the patterns of pairs. Rows and values lie anywhere: asking
// for those of many pairs before any is used lets the processor fetch several
// at a time.
func (d *data) compareAll(pairs [][2]uint32) []pattern {
	out := make([]pattern, len(pairs))
	n, touched := len(d.fields), uint32(0)
	var left [glanced]uint16
	for from := 0; from < len(pairs); from += glanced {
		part := pairs[from:min(len(pairs), from+glanced)]
		patterns := out[from:]
		for _, p := range part {
			touched += d.near(p[0]) + d.near(p[1])
		}
		for i, p := range part {
			patterns[i], left[i] = d.glance(p[0], p[1])
		}
		if d.sheets != nil {
			d.space.Breathe()
			for i, p := range part {
				if left[i] != 0 {
					patterns[i] |= d.unlike(p[0], p[1], left[i])
				}
			}
			continue
		}
		for k, f := range d.fields {
			for i, p := range part {
				if left[i]>>k&1 == 1 {
					touched += f.values.touch(d.row[int(p[0])*n+k]) + f.values.touch(d.row[int(p[1])*n+k])
				}
			}
			for i, p := range part {
				if left[i]>>k&1 == 1 {
					patterns[i] |= pattern(f.level(d.row[int(p[0])*n+k], d.row[int(p[1])*n+k])) << (4 * k)
				}
			}
		}
	}
	d.touched.Store(touched)
	return out
}
