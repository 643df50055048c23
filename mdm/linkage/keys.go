package linkage

import (
	"context"
	"slices"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// predicate is one kind of blocking keys of one field.
type predicate struct {
	field  int
	number uint8
}

func (p predicate) name(d *data) string {
	f := d.fields[p.field]
	return f.name + " " + f.comparer.Predicates()[p.number]
}

// lists are lists of keys, one for each row or each value: list i stands in
// keys from start[i] to start[i+1]. Where none has several, start is nil, and the
// key of list i is keys[i], 0 if it is empty.
type lists struct {
	start []uint32
	keys  []uint32
}

// free gives back the memory of the lists.
func (l *lists) free(s *spill.Space) {
	spill.Free(s, l.start)
	spill.Free(s, l.keys)
}

func (l *lists) of(i uint32) []uint32 {
	switch {
	case l.start != nil:
		return l.keys[l.start[i]:l.start[i+1]]
	case l.keys[i] == 0:
		return nil
	}
	return l.keys[i : i+1]
}

// short is a key in 32 bits, never 0.
func short(h uint64) uint32 {
	if k := uint32(h>>32) ^ uint32(h); k != 0 {
		return k
	}
	return 1
}

// join is the key of two keys together.
func join(a, b uint32) uint32 {
	return short(fold(uint64(a)^prime1, uint64(b)^prime2))
}

// used marks the values that one of the first n rows holds.
func (f *field) used(n int) []bool {
	used := make([]bool, f.values.len())
	for _, x := range f.codes[:n] {
		used[x] = true
	}
	return used
}

// valueKeys returns the keys of a field's values under each predicate that is
// wanted; values that aren't used have none.
func (f *field) valueKeys(ctx context.Context, wanted []uint8, used []bool) (map[uint8]*lists, error) {
	return f.keysOf(ctx, wanted, f.values.len(), func(i int) uint32 {
		if used[i] {
			return uint32(i)
		}
		return 0
	})
}

// part is the keys of some values under one predicate, and how many each has.
type part struct{ counts, keys []uint32 }

// keysOf returns the keys of n values under each predicate that is wanted,
// each list ascending; value tells the number of each, 0 for none.
func (f *field) keysOf(ctx context.Context, wanted []uint8, n int, value func(i int) uint32) (map[uint8]*lists, error) {
	const size = 1 << 12
	bits := uint32(0)
	for _, w := range wanted {
		bits |= 1 << w
	}
	pieces := (n + size - 1) / size
	parts := make([][32]*part, pieces)
	err := parallel(ctx, pieces, func(piece int) {
		from, to := piece*size, min(n, (piece+1)*size)
		out := &parts[piece]
		for _, w := range wanted {
			out[w] = &part{counts: make([]uint32, to-from)}
		}
		var scratch []column.Key
		for i := from; i < to; i++ {
			c := value(i)
			if c == 0 || f.values.missing(c) {
				continue
			}
			scratch = f.comparer.Keys(scratch[:0], f.values.at(c), bits)
			for _, w := range wanted {
				p := out[w]
				begin := len(p.keys)
				for _, k := range scratch {
					if k.Predicate == w {
						p.keys = append(p.keys, short(k.Hash))
					}
				}
				slices.Sort(p.keys[begin:])
				p.keys = p.keys[:begin+len(slices.Compact(p.keys[begin:]))]
				p.counts[i-from] = uint32(len(p.keys) - begin)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	all := map[uint8]*lists{}
	of := make([]*part, pieces)
	for _, w := range wanted {
		for k := range parts {
			of[k], parts[k][w] = parts[k][w], nil
		}
		all[w] = laidOut(f.space, n, of)
	}
	return all, nil
}

// laidOut puts together the keys of n values.
func laidOut(s *spill.Space, n int, parts []*part) *lists {
	total, most := 0, uint32(0)
	for _, p := range parts {
		total += len(p.keys)
		most = max(most, slices.Max(p.counts))
	}
	l, i := &lists{}, 0
	if most == 1 {
		l.keys = spill.Make[uint32](s, n)
		for k, p := range parts {
			at := 0
			for _, n := range p.counts {
				if n > 0 {
					l.keys[i] = p.keys[at]
					at++
				}
				i++
			}
			parts[k] = nil
		}
		return l
	}
	l.start, l.keys = spill.Make[uint32](s, n+1), spill.Make[uint32](s, total)
	at := uint32(0)
	for k, p := range parts {
		copy(l.keys[at:], p.keys)
		for _, n := range p.counts {
			at += n
			i++
			l.start[i] = at
		}
		parts[k] = nil
	}
	return l
}
