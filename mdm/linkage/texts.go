package linkage

import (
	"bytes"
	"context"
	"math/bits"

	"crmhub/mdm/spill"
)

// groupValues numbers the values of a field by their canonical texts, from 1 in
// the order of their codes, 0 for the missing ones, and returns how many
// numbers there are.
func (f *field) groupValues(ctx context.Context) (int, error) {
	n := f.values.len()
	hash := make([]uint64, n) // see dictionary.hashes
	err := spans(ctx, n, 1<<12, func(from, to int) {
		var text []byte
		for i := from; i < to; i++ {
			if !f.values.missing(uint32(i)) {
				text = f.comparer.AppendText(text[:0], f.values.at(uint32(i)))
				hash[i] = hashBytes(text)
			}
		}
	})
	if err != nil {
		return 0, err
	}
	// Of each group its first value has a place.
	size := 64
	for size < n+n/2 {
		size *= 2
	}
	first := spill.Hot[uint32](f.space, size)
	defer spill.Free(f.space, first)
	shift := 65 - bits.Len(uint(size))
	groups := uint32(1)
	var one, other []byte
	f.group = spill.Make[uint32](f.space, n)
	for i := range f.group {
		c := uint32(i)
		if f.values.missing(c) {
			continue
		}
		one = one[:0]
		for at := hash[c] >> shift; ; at = (at + 1) & uint64(size-1) {
			x := first[at]
			if x == 0 {
				first[at], f.group[c] = c, groups
				groups++
				break
			}
			if hash[x] != hash[c] {
				continue
			}
			if len(one) == 0 {
				one = f.comparer.AppendText(one, f.values.at(c))
			}
			other = f.comparer.AppendText(other[:0], f.values.at(x))
			if bytes.Equal(one, other) {
				f.group[c] = f.group[x]
				break
			}
		}
	}
	return int(groups), nil
}

// text returns the canonical text of a value.
func (f *field) text(code uint32) string {
	return string(f.comparer.AppendText(nil, f.values.at(code)))
}
