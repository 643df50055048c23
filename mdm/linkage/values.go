package linkage

import (
	"context"
	"sync"

	"crmhub/mdm/column"
	"crmhub/mdm/spill"
)

// pieceBits is how many values of a field lie in one piece of memory, as a
// power of two.
const pieceBits = 12

// values are the packed values of a field by their codes, in pieces that hold
// no pointers.
type values struct {
	pieces []string
	// start says where in its piece a value begins, with one more for each
	// piece, where its last ends.
	start []uint32
	n     int
	// hidden holds the pieces where they don't lie in memory, each from its base.
	hidden *spill.Text
	base   []uint64
}

// len returns how many values there are, the missing one included.
func (v *values) len() int { return v.n }

// at returns a value.
func (v *values) at(code uint32) column.Packed {
	piece := code >> pieceBits
	i := code + piece
	if v.hidden != nil {
		return column.Packed(v.hidden.String(v.base[piece]+uint64(v.start[i]), v.base[piece]+uint64(v.start[i+1])))
	}
	return column.Packed(v.pieces[piece][v.start[i]:v.start[i+1]])
}

// missing reports whether a value is missing.
func (v *values) missing(code uint32) bool {
	i := code + code>>pieceBits
	return v.start[i] == v.start[i+1]
}

// touch reads something of a value, to have it near.
func (v *values) touch(code uint32) uint32 {
	piece := code >> pieceBits
	i := code + piece
	switch {
	case v.start[i] == v.start[i+1]:
		return 0
	case v.hidden != nil:
		return uint32(v.hidden.Touch(v.base[piece] + uint64(v.start[i])))
	}
	return uint32(v.pieces[piece][v.start[i]])
}

// appender appends a value by its code, to one goroutine.
type appender func(dst []byte, code uint32) []byte

// size returns how many bytes the values take in a space.
func (v *values) size() int64 { return int64(v.hidden.Len()) + 4*int64(len(v.start)) }

// drop gives back the memory of the values; how many there are is known still.
func (v *values) drop(s *spill.Space) {
	n := v.n
	v.free(s)
	v.n = n
}

// free gives back the memory.
func (v *values) free(s *spill.Space) {
	spill.Free(s, v.start)
	if v.hidden != nil {
		v.hidden.Free()
	}
	*v = values{}
}

// pack packs n values; begin returns what appends them, in the order of their
// codes, to a goroutine that is to.
func (v *values) pack(ctx context.Context, s *spill.Space, n int, begin func() appender) error {
	pieces := (n + 1<<pieceBits - 1) >> pieceBits
	v.n, v.start = n, spill.Make[uint32](s, n+pieces)
	if s == nil {
		v.pieces = make([]string, pieces)
	} else {
		v.hidden, v.base = spill.NewText(s), make([]uint64, pieces)
	}
	var hiding sync.Mutex
	var buffers sync.Pool
	return parallel(ctx, pieces, func(piece int) {
		buffer, ok := buffers.Get().(*[]byte)
		if !ok {
			buffer = new([]byte)
		}
		from, to := piece<<pieceBits, min(n, (piece+1)<<pieceBits)
		start := v.start[from+piece : to+piece+1]
		dst, add := (*buffer)[:0], begin()
		for i := from; i < to; i++ {
			dst = add(dst, uint32(i))
			start[i-from+1] = uint32(len(dst))
		}
		if v.hidden == nil {
			v.pieces[piece] = string(dst)
		} else {
			hiding.Lock()
			v.base[piece] = uint64(v.hidden.Len())
			v.hidden.Append(dst)
			hiding.Unlock()
		}
		*buffer = dst
		buffers.Put(buffer)
	})
}
