package linkage

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// tuples are the distinct tuples of values that the rows have in some columns,
// numbered from 1; 0 has no value. They are in the order of the column with
// the most values, so that those which share one are neighbours.
type tuples struct {
	columns []*tableColumn
	// rows are rows that have them.
	rows []uint32
}

// newTuples numbers the tuples of some columns, and returns that of each row.
func (t *Table) newTuples(columns []int) (tuples, []uint32) {
	var x tuples
	for _, c := range columns {
		x.columns = append(x.columns, &t.columns[c])
	}
	ascending := slices.Clone(x.columns)
	slices.SortStableFunc(ascending, func(a, b *tableColumn) int { return cmp.Compare(a.values.len(), b.values.len()) })
	keys, order := spill.Make[uint64](t.space, t.rows), spill.Make[uint32](t.space, t.rows)
	defer spill.Free(t.space, keys)
	defer spill.Free(t.space, order)
	codes := spill.Make[uint32](t.space, t.rows)
	used := 0
	for _, c := range ascending {
		width := bits.Len(uint(c.values.len() - 1))
		if used+width > 64 {
			for i := range order {
				order[i] = uint32(i)
			}
			sortBy(t.space, keys, order)
			x.rows = numbered(keys, order, codes, x.rows[:0])
			for r, code := range codes {
				keys[r] = uint64(code)
			}
			used = bits.Len(uint(len(x.rows) - 1))
		}
		for r, code := range c.codes {
			keys[r] |= uint64(code) << used
		}
		used += width
	}
	for i := range order {
		order[i] = uint32(i)
	}
	sortBy(t.space, keys, order)
	x.rows = numbered(keys, order, codes, x.rows[:0])
	return x, codes
}

// numbered numbers the keys of rows, which are in their order, from 1, and 0 if
// they are 0; it appends a row of each number to firsts.
func numbered(keys []uint64, order, codes, firsts []uint32) []uint32 {
	firsts = append(firsts, 0)
	last := uint64(0)
	for i, key := range keys {
		if key != last {
			firsts, last = append(firsts, order[i]), key
		}
		codes[order[i]] = uint32(len(firsts) - 1)
	}
	return firsts
}

// len returns how many tuples there are, that without a value included.
func (x *tuples) len() int { return len(x.rows) }

// texts sets texts to those of a tuple.
func (x *tuples) texts(texts []string, code uint32) {
	for k, c := range x.columns {
		w := c.values.wholes()
		texts[k] = w.text(c.codes[x.rows[code]])
	}
}

// pack packs the tuples by a composite. What several of them share is taken
// apart once, where the composite can.
func (x *tuples) pack(ctx context.Context, s *spill.Space, v *values, c column.Composite) error {
	if !c.Parted() {
		return v.pack(ctx, s, x.len(), func() appender {
			texts := make([]string, len(x.columns))
			return func(dst []byte, code uint32) []byte {
				if code == 0 {
					return dst
				}
				x.texts(texts, code)
				return c.Combine(dst, texts)
			}
		})
	}
	parts := make([]values, len(x.columns))
	defer func() {
		for i := range parts {
			parts[i].free(s)
		}
	}()
	for k, col := range x.columns {
		if 2*col.values.len() > x.len() {
			continue
		}
		texts := col.values.wholes()
		err := parts[k].pack(ctx, s, col.values.len(), func() appender {
			return func(dst []byte, code uint32) []byte {
				if code == 0 {
					return dst
				}
				return c.Part(dst, k, texts.text(code))
			}
		})
		if err != nil {
			return err
		}
	}
	return v.pack(ctx, s, x.len(), func() appender { return x.joiner(c, parts) })
}

// joiner appends tuples of parts, of which those that were not taken apart
// before are remembered from one tuple to the next.
func (x *tuples) joiner(c column.Composite, parts []values) appender {
	joined := make([]column.Packed, len(x.columns))
	known := make([]uint32, len(x.columns))
	var room []byte
	return func(dst []byte, code uint32) []byte {
		if code == 0 {
			return dst
		}
		for k, col := range x.columns {
			value := col.codes[x.rows[code]]
			switch {
			case value == known[k]:
			case value == 0:
				joined[k] = ""
			case parts[k].len() > 0:
				joined[k] = parts[k].at(value)
			default:
				texts := col.values.wholes()
				room = c.Part(room[:0], k, texts.text(value))
				joined[k] = column.Packed(room)
			}
			known[k] = value
		}
		return c.Join(dst, joined)
	}
}
