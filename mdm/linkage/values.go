package linkage

import (
	"context"
	"sync"

	"crmhub/mdm/column"
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
}

// len returns how many values there are, the missing one included.
func (v *values) len() int { return v.n }

// at returns a value.
func (v *values) at(code uint32) column.Packed {
	piece := code >> pieceBits
	i := code + piece
	return column.Packed(v.pieces[piece][v.start[i]:v.start[i+1]])
}

// pack packs n values; add appends one by its code.
func (v *values) pack(ctx context.Context, n int, add func(dst []byte, code uint32) []byte) error {
	pieces := (n + 1<<pieceBits - 1) >> pieceBits
	v.n, v.pieces, v.start = n, make([]string, pieces), make([]uint32, n+pieces)
	var buffers sync.Pool
	return parallel(ctx, pieces, func(piece int) {
		buffer, ok := buffers.Get().(*[]byte)
		if !ok {
			buffer = new([]byte)
		}
		from, to := piece<<pieceBits, min(n, (piece+1)<<pieceBits)
		start := v.start[from+piece : to+piece+1]
		dst := (*buffer)[:0]
		for i := from; i < to; i++ {
			dst = add(dst, uint32(i))
			start[i-from+1] = uint32(len(dst))
		}
		v.pieces[piece] = string(dst)
		*buffer = dst
		buffers.Put(buffer)
	})
}
