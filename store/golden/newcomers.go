package golden

import (
	"context"
	"encoding/binary"
	"maps"
	"slices"

	"crmhub/store"
)

// newcomers tells of most refs that no record has them, without asking the database.
// It begins with a stream that holds no record, and from then on learns each ref that its
// run lands there: nobody else lands in a stream meanwhile, and a run that goes on elsewhere,
// or later, begins without. It may take a new ref for a known one, never the reverse.
//
// Refs are keyed hashes: their own bits say which bits of the filter they set.
type newcomers struct{ bits []uint64 }

// newcomerBits make a filter of two megabytes, which serves some millions of records.
const newcomerBits = 1 << 24

// newcomersOf returns the filter of a run, nil where it has none.
func (s *Store) newcomersOf(ctx context.Context, tx *store.Tx, r *run, streams []int64) (*newcomers, error) {
	s.mu.Lock()
	known := s.runs[r.id]
	s.mu.Unlock()
	if known == nil || known.landed {
		if known == nil {
			return nil, nil
		}
		return known.newcomers, nil
	}
	held := int64(0)
	if len(streams) > 0 {
		err := tx.InInts(ctx, streams, func(r store.Row) error {
			held += r.Int(0)
			return nil
		}, "SELECT count(*) FROM stream_chunk WHERE stream IN ($keys)")
		if err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known.landed = true
	if held == 0 {
		known.newcomers = &newcomers{bits: make([]uint64, newcomerBits/64)}
	}
	return known.newcomers, nil
}

// places are the bits of a ref.
func places(ref [16]byte) [4]uint32 {
	a, b := binary.LittleEndian.Uint64(ref[:]), binary.LittleEndian.Uint64(ref[8:])
	return [4]uint32{uint32(a) % newcomerBits, uint32(a>>32) % newcomerBits, uint32(b) % newcomerBits, uint32(b>>32) % newcomerBits}
}

// new reports whether certainly no record of the stream has that ref.
func (n *newcomers) new(ref [16]byte) bool {
	if n == nil {
		return false
	}
	for _, p := range places(ref) {
		if n.bits[p/64]&(1<<(p%64)) == 0 {
			return true
		}
	}
	return false
}

// add notes that a record has that ref, or will have once the commit stands.
func (n *newcomers) add(ref [16]byte) {
	if n == nil {
		return
	}
	for _, p := range places(ref) {
		n.bits[p/64] |= 1 << (p % 64)
	}
}

// streamNumbers are the numbers of a run's streams.
func (c *commit) streamNumbers() []int64 { return slices.Collect(maps.Values(c.streams)) }
