package linkage

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// field is what is compared of a row: one column, or several that tell of one
// thing. Its values are numbered; 0 is missing.
type field struct {
	name     string
	columns  []int
	kinds    []column.Kind
	comparer column.Comparer
	// codes are the rows' values in canonical order.
	codes  []uint32
	values values
	// space is where what is made of the values lies.
	space *spill.Space
	// group numbers the values by their canonical texts; holders counts the
	// rows of a group.
	group   []uint32
	holders []uint32
	// twins marks the values that share their group.
	twins marks
	// self is the level of a value with itself.
	self []uint8
	// filled counts the rows with a value.
	filled int
}

// levels returns how many levels the field has beside missing.
func (f *field) levels() int { return len(f.comparer.Levels()) }

// level compares the values of two rows.
func (f *field) level(a, b uint32) uint8 {
	switch {
	case a == 0 || b == 0:
		return column.Missing
	case a == b:
		return f.self[a]
	}
	return f.comparer.Level(f.values.at(a), f.values.at(b))
}

// maxFields is how many fields a pattern has room for.
const maxFields = 16

// sampleValues is how many distinct values a column is recognised by.
const sampleValues = 2000

// sample returns some of a column's distinct values, chosen by their hashes.
func (c *tableColumn) sample(n int) []string {
	codes := c.sampleCodes(n)
	out := make([]string, len(codes))
	for i, x := range codes {
		out[i] = string(c.values.text(x))
	}
	return out
}

// sampleCodes is sample, but for the values' codes.
func (c *tableColumn) sampleCodes(n int) []uint32 {
	codes := make([]uint32, 0, c.values.len())
	for i := 1; i < c.values.len(); i++ {
		codes = append(codes, uint32(i))
	}
	hash := c.values.hashes()
	byHash := func(a, b uint32) int { return cmp.Compare(hash[a], hash[b]) }
	if len(codes) > 4*n {
		// A random choice has its n smallest hashes below this bound all but surely.
		bound := ^uint64(0) / uint64(len(codes)) * uint64(2*n)
		codes = slices.DeleteFunc(codes, func(x uint32) bool { return hash[x] > bound })
	}
	slices.SortFunc(codes, byHash)
	return codes[:min(n, len(codes))]
}

// classify recognises the columns, each in the light of the others.
func (t *Table) classify(ctx context.Context) ([]column.Guess, error) {
	samples, out := make([]column.Sample, len(t.headers)), make([]column.Guess, len(t.headers))
	err := parallel(ctx, len(samples), func(i int) {
		c := &t.columns[i]
		filled := 0
		for _, x := range c.codes {
			if x != 0 {
				filled++
			}
		}
		values := c.sample(sampleValues)
		if filled >= oftenHeld*(c.values.len()-1) {
			values = c.common(filled)
		}
		samples[i] = column.Sample{
			Header: t.headers[i], Values: values, Rows: t.rows, Filled: filled, Distinct: c.values.len() - 1,
		}
		out[i] = column.Classify(samples[i])
		samples[i].Values = nil
	})
	if err != nil {
		return nil, err
	}
	column.Reconsider(samples, out)
	return out, nil
}

// oftenHeld is by how many rows a value is held on average where the values
// that most rows hold tell what a column is: slips of the keys make many
// values there that few rows hold.
const oftenHeld = 20

// common returns the values that nearly all rows hold which have one, the most
// frequent first, at most sampleValues.
func (c *tableColumn) common(filled int) []string {
	counts := make([]int, c.values.len())
	for _, x := range c.codes {
		counts[x]++
	}
	codes := make([]uint32, 0, len(counts))
	for i := 1; i < len(counts); i++ {
		codes = append(codes, uint32(i))
	}
	var x, y []byte
	slices.SortFunc(codes, func(a, b uint32) int {
		if c := cmp.Compare(counts[b], counts[a]); c != 0 {
			return c
		}
		x, y = c.values.view(x, a), c.values.view(y, b)
		return bytes.Compare(x, y)
	})
	var out []string
	for covered := 0; len(out) < min(len(codes), sampleValues) && covered < filled-filled/50; {
		x := codes[len(out)]
		covered += counts[x]
		out = append(out, string(c.values.text(x)))
	}
	return out
}

// encode fills the codes, values and counts of a field from the rows of a
// table in canonical order; packed is called when the table's columns were read.
func (f *field) encode(ctx context.Context, t *Table, order []uint32, packed func(*field)) error {
	f.space = t.space
	if err := f.pack(ctx, t, order); err != nil {
		return err
	}
	packed(f)
	f.self = spill.Make[uint8](t.space, f.values.len())
	err := spans(ctx, f.values.len(), 1<<12, func(from, to int) {
		for i := from; i < to; i++ {
			v := f.values.at(uint32(i))
			f.self[i] = f.comparer.Level(v, v)
		}
	})
	if err != nil {
		return err
	}
	groups, err := f.groupValues(ctx)
	if err != nil {
		return err
	}
	f.holders = spill.Make[uint32](t.space, groups)
	f.twins = f.twinned()
	for i, c := range f.codes {
		if f.values.missing(c) {
			f.codes[i] = 0
			continue
		}
		f.filled++
		f.holders[f.group[c]]++
	}
	return nil
}

// pack packs the field's values, and numbers those of the rows.
func (f *field) pack(ctx context.Context, t *Table, order []uint32) error {
	c := &t.columns[f.columns[0]]
	if composite, ok := f.comparer.(column.Composite); ok && len(f.columns) > 1 {
		x, codes := t.newTuples(f.columns)
		defer spill.Free(t.space, codes)
		f.place(codes, order)
		return x.pack(ctx, t.space, &f.values, composite)
	}
	f.place(c.codes, order)
	return f.values.pack(ctx, t.space, c.values.len(), func() appender {
		texts := c.values.wholes()
		return func(dst []byte, code uint32) []byte {
			if code == 0 {
				return dst
			}
			return f.comparer.Append(dst, texts.text(code))
		}
	})
}

// place lays the codes of the rows in canonical order.
func (f *field) place(codes, order []uint32) {
	f.codes = spill.Make[uint32](f.space, len(order))
	for i, r := range order {
		f.codes[i] = codes[r]
	}
}
