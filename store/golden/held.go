package golden

import (
	"context"
	"encoding/binary"
	"slices"

	"crmhub/store"
)

// heldBatch is how many tokens are looked up at once.
const heldBatch = 1 << 16

// Where one row in so few, or fewer, is asked for, reading all of them in their
// order is faster than looking for each.
const (
	segmentDense = 3
	looseDense   = 8
)

// heldBytes is about what one holding takes in a segment.
const heldBytes = 8

// held looks up tokens, which are sorted, in an index of that size: f is given the records
// of each that stand in a segment, and those that hold it now, both ascending.
func (s *Store) held(ctx context.Context, tx *store.Tx, size indexSize, tokens []uint64, f func(token uint64, packed, now []int64)) error {
	for part := range slices.Chunk(tokens, heldBatch) {
		l := lookup{tx: tx, asked: part, packed: make([][]int64, len(part)), changes: make([][]change, len(part))}
		// Tokens are hashes: a stretch has its share of the rows.
		rows := (float64(part[len(part)-1]-part[0]) + 1) / (1 << 63) / 2
		if size.packed > 0 {
			segments := rows * float64(size.packed) * heldBytes / segmentBytes
			if err := l.segments(ctx, float64(len(part))*segmentDense > segments); err != nil {
				return err
			}
		}
		if size.loose > 0 {
			if err := l.lines(ctx, float64(len(part))*looseDense > rows*float64(size.loose)); err != nil {
				return err
			}
		}
		for i, t := range part {
			f(t, l.packed[i], amended(l.packed[i], l.changes[i]))
		}
	}
	return nil
}

// lookup is some tokens, sorted, on their way through both levels of the index.
type lookup struct {
	tx    *store.Tx
	asked []uint64
	// packed are the records of each in segments, changes what came and went since.
	packed  [][]int64
	changes [][]change
}

// segments reads the segments that may hold the tokens, or all between the first and the last.
func (l *lookup) segments(ctx context.Context, all bool) error {
	if all {
		at := 0
		return l.tx.Each(ctx, func(r store.Row) error {
			var err error
			at, err = l.pick(segment{binary.BigEndian.Uint64(r.Peek(0)), r.Peek(1)}, at)
			return err
		}, "SELECT token, held FROM token_segment WHERE token >= coalesce((SELECT token FROM token_segment WHERE token <= $1 ORDER BY token DESC LIMIT 1), $1) AND token <= $2 ORDER BY token",
			tokenOf(l.asked[0]), tokenOf(l.asked[len(l.asked)-1]))
	}
	keys := make([][]byte, len(l.asked))
	for i, t := range l.asked {
		keys[i] = tokenOf(t)
	}
	return l.tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
		one := lookup{asked: l.asked[i : i+1], packed: l.packed[i : i+1]}
		_, err := one.pick(segment{binary.BigEndian.Uint64(r.Peek(0)), r.Peek(1)}, 0)
		return err
	}, "SELECT token, held FROM token_segment WHERE token <= $key ORDER BY token DESC LIMIT 1")
}

// pick takes the records of the tokens asked from the one at that place on that stand
// in a segment, and returns the place of the first token that is greater than all in it.
func (l *lookup) pick(s segment, at int) (int, error) {
	if len(s.held) < 2 || s.held[0] != segmentV1 {
		return at, errSegment
	}
	b, t := s.held[1:], s.first
	for len(b) > 0 && at < len(l.asked) {
		distance, size := uvarint(b)
		if size <= 0 || distance > ^uint64(0)-t {
			return at, errSegment
		}
		b, t = b[size:], t+distance
		for at < len(l.asked) && l.asked[at] < t {
			at++
		}
		if at == len(l.asked) {
			return at, nil
		}
		if l.asked[at] > t {
			// Its records are passed over: the lowest bit of a number is in its first byte, the highest says
			// that another byte follows.
			for more := true; more; {
				i := 0
				for i < len(b) && b[i] >= 0x80 {
					i++
				}
				if i == len(b) {
					return at, errSegment
				}
				more = b[0]&1 == 1
				b = b[i+1:]
			}
			continue
		}
		record := int64(0)
		for more := true; more; {
			x, size := uvarint(b)
			if size <= 0 {
				return at, errSegment
			}
			b, record, more = b[size:], record+int64(x>>1), x&1 == 1
			l.packed[at] = append(l.packed[at], record)
		}
		at++
	}
	return at, nil
}

// lines reads the changes of the tokens, or all between the first and the last.
func (l *lookup) lines(ctx context.Context, all bool) error {
	take := func(r store.Row) error {
		t := binary.BigEndian.Uint64(r.Peek(0))
		if i, found := slices.BinarySearch(l.asked, t); found {
			l.changes[i] = append(l.changes[i], change{holding: holding{t, r.Int(1)}, add: r.Int(2) == 0})
		}
		return nil
	}
	if all {
		return l.tx.Each(ctx, take, "SELECT token, record, gone FROM token WHERE token >= $1 AND token <= $2", tokenOf(l.asked[0]), tokenOf(l.asked[len(l.asked)-1]))
	}
	keys := make([][]byte, len(l.asked))
	for i, t := range l.asked {
		keys[i] = tokenOf(t)
	}
	return l.tx.InBytes(ctx, keys, take, "SELECT token, record, gone FROM token WHERE token IN ($keys)")
}
