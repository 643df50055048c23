package golden

import (
	"context"

	"crmhub/store"
)

// seen is the set of records that a run has read, a bit each, in chunks of
// 32,768 records. It is kept with the run until that ends, so that marking a
// record as seen rewrites no record.
type seen struct {
	tx     *store.Tx
	run    int64
	chunks map[int64]*seenChunk
}

type seenChunk struct {
	bits    []byte
	changed bool
}

const seenBits = 32768

func (s *seen) chunk(ctx context.Context, n int64) (*seenChunk, error) {
	if c, ok := s.chunks[n]; ok {
		return c, nil
	}
	c := &seenChunk{}
	_, err := s.tx.One(ctx, func(r store.Row) error {
		c.bits = r.Bytes(0)
		return nil
	}, "SELECT bits FROM run_seen WHERE run = $1 AND chunk = $2", s.run, n)
	if err != nil {
		return nil, err
	}
	if len(c.bits) != seenBits/8 {
		c.bits = make([]byte, seenBits/8)
	}
	s.chunks[n] = c
	return c, nil
}

// has reports whether the run has seen the record.
func (s *seen) has(ctx context.Context, id int64) (bool, error) {
	c, err := s.chunk(ctx, id/seenBits)
	if err != nil {
		return false, err
	}
	at := id % seenBits
	return c.bits[at/8]&(1<<(at%8)) != 0, nil
}

func (s *seen) add(ctx context.Context, id int64) error {
	c, err := s.chunk(ctx, id/seenBits)
	if err != nil {
		return err
	}
	at := id % seenBits
	if bit := byte(1) << (at % 8); c.bits[at/8]&bit == 0 {
		c.bits[at/8] |= bit
		c.changed = true
	}
	return nil
}

func (s *seen) flush(ctx context.Context) error {
	var ids []int64
	for n, c := range s.chunks {
		if c.changed {
			ids = append(ids, n)
		}
	}
	return s.tx.Upsert(ctx, "run_seen", []string{"run", "chunk", "bits"}, len(ids), func(i int, v []any) {
		v[0], v[1], v[2] = s.run, ids[i], s.chunks[ids[i]].bits
	})
}
