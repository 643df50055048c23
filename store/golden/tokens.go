package golden

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"crmhub/mdm/entity"
	"crmhub/store"
)

// Holders returns, for each token asked, the records that hold it, ascending,
// or nil where more than limit do. Tokens that nobody holds have no entry.
func (s *Store) Holders(ctx context.Context, asked []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error) {
	numbers := make([]uint64, len(asked))
	for i, t := range asked {
		numbers[i] = number(t)
	}
	slices.Sort(numbers)
	found := make(map[entity.Token][]entity.RecordID, len(asked))
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return s.held(ctx, tx, slices.Compact(numbers), func(token uint64, _, now []int64) {
			if len(now) == 0 {
				return
			}
			t := entity.Token(tokenOf(token))
			if found[t] = nil; len(now) <= limit {
				found[t] = recordIDs(now)
			}
		})
	})
	return found, err
}

// heldBatch is how many tokens are looked up at once.
const heldBatch = 2048

// held looks up tokens, which are sorted: f is given the records of each that
// stand in a segment, and those that hold it now, both ascending.
func (s *Store) held(ctx context.Context, tx *store.Tx, tokens []uint64, f func(token uint64, packed, now []int64)) error {
	size, err := readIndexSize(ctx, tx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(tokens, heldBatch) {
		keys := make([][]byte, len(part))
		for i, t := range part {
			keys[i] = tokenOf(t)
		}
		packed := make([][]int64, len(part))
		var room []holding
		if size.packed > 0 {
			err := tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
				var err error
				room, err = unpack(room[:0], segment{binary.BigEndian.Uint64(r.Bytes(0)), r.Bytes(1)}, part[i], part[i])
				for _, h := range room {
					packed[i] = append(packed[i], h.record)
				}
				return err
			}, "SELECT token, held FROM token_segment WHERE token <= $key ORDER BY token DESC LIMIT 1")
			if err != nil {
				return err
			}
		}
		now := slices.Clone(packed)
		if size.loose > 0 {
			changes := make([][]change, len(part))
			err := tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
				changes[i] = append(changes[i], change{holding: holding{part[i], r.Int(0)}, add: r.Int(1) == 0})
				return nil
			}, "SELECT record, gone FROM token WHERE token = $key")
			if err != nil {
				return err
			}
			for i, c := range changes {
				now[i] = amended(packed[i], c)
			}
		}
		for i, t := range part {
			f(t, packed[i], now[i])
		}
	}
	return nil
}

// amended returns the records of a token after changes.
func amended(records []int64, changes []change) []int64 {
	if len(changes) == 0 {
		return records
	}
	out := slices.Clone(records)
	for _, c := range changes {
		at, found := slices.BinarySearch(out, c.record)
		switch {
		case c.add && !found:
			out = slices.Insert(out, at, c.record)
		case !c.add && found:
			out = slices.Delete(out, at, at+1)
		}
	}
	return out
}

// change is a holding that comes or goes.
type change struct {
	holding
	add   bool
	block bool // the token proposes pairs
}

// SyncTokens brings the token index in line with these records: their
// blocking tokens, and those for search. A blocking token whose holders cross limit makes all of
// them dirty in the same transaction; their ids are returned, ascending.
func (s *Store) SyncTokens(ctx context.Context, ids []entity.RecordID, limit int) ([]entity.RecordID, error) {
	var changes []change
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return tx.InInts(ctx, sortedInts(ids), func(r store.Row) error {
			changes = appendChanges(changes, r)
			return nil
		}, "SELECT r.id, r.deleted, r.tokens, x.stale FROM record r LEFT JOIN xref x ON x.record = r.id WHERE r.id IN ($keys) AND r.own IS NOT NULL")
	})
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	slices.SortFunc(changes, func(a, b change) int {
		if c := a.compare(b.holding); c != 0 || a.add == b.add {
			return c
		} else if a.add {
			return -1
		}
		return 1
	})
	// What comes and goes at once stays.
	changes = slices.CompactFunc(changes, func(a, b change) bool { return a.holding == b.holding })
	var crossed []int64
	many := false
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		size, err := readIndexSize(ctx, tx)
		if err != nil {
			return err
		}
		if many = size.loose+int64(len(changes)) > max(looseLeast, size.packed/looseShare); many {
			return nil
		}
		crossed, err = s.loosen(ctx, tx, size, changes, limit)
		return err
	})
	if err == nil && many {
		crossed, err = s.merge(ctx, changes, limit)
	}
	return recordIDs(crossed), err
}

// Changes stay line by line up to this many of them, and up to this share of
// the whole index.
const (
	looseLeast = 40_000
	looseShare = 32
)

// appendChanges appends the changes of one record: id, deleted, tokens, stale.
func appendChanges(all []change, r store.Row) []change {
	id, lives := r.Int(0), r.Int(1) == 0
	blocks, search := splitTokens(r.Bytes(2))
	oldBlocks, oldSearch := splitTokens(r.Bytes(3))
	for _, g := range []struct {
		packed     []byte
		add, block bool
	}{{blocks, lives, true}, {oldBlocks, false, true}, {search, lives, false}, {oldSearch, false, false}} {
		for p := g.packed; len(p) >= tokenSize; p = p[tokenSize:] {
			all = append(all, change{holding{binary.BigEndian.Uint64(p), id}, g.add, g.block})
		}
	}
	return all
}

// loosen writes changes line by line.
func (s *Store) loosen(ctx context.Context, tx *store.Tx, size indexSize, changes []change, limit int) ([]int64, error) {
	var tokens []uint64
	for i, c := range changes {
		if i == 0 || c.token != changes[i-1].token {
			tokens = append(tokens, c.token)
		}
	}
	var write, take []change // lines to write, with add false for one that is gone; lines to take out
	var crossed []int64
	rest := changes
	err := s.held(ctx, tx, tokens, func(token uint64, packed, before []int64) {
		n := 0
		for n < len(rest) && rest[n].token == token {
			n++
		}
		of := rest[:n]
		rest = rest[n:]
		after := amended(before, of)
		for _, c := range of {
			_, held := slices.BinarySearch(before, c.record)
			_, whole := slices.BinarySearch(packed, c.record)
			switch {
			case held == c.add:
			case whole == c.add: // as the segment has it
				take = append(take, c)
			default:
				write = append(write, c)
			}
		}
		if slices.ContainsFunc(of, func(c change) bool { return c.block }) && (len(before) > limit) != (len(after) > limit) {
			crossed = append(crossed, after...)
		}
	})
	if err != nil || len(write)+len(take) == 0 {
		return nil, err
	}
	if _, err := tx.Remove(ctx, "token", len(take), func(i int, v []any) { v[0], v[1] = tokenOf(take[i].token), take[i].record }); err != nil {
		return nil, err
	}
	err = tx.Insert(ctx, "token", []string{"token", "record", "gone"}, len(write), func(i int, v []any) {
		v[0], v[1], v[2] = tokenOf(write[i].token), write[i].record, bit(!write[i].add)
	})
	if err != nil {
		return nil, err
	}
	size.loose += int64(len(write) - len(take))
	if err := size.write(ctx, tx); err != nil {
		return nil, err
	}
	return crossed, s.soil(ctx, tx, crossed)
}

// soil makes records dirty.
func (s *Store) soil(ctx context.Context, tx *store.Tx, ids []int64) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if err := enter(ctx, tx, ids); err != nil {
		return err
	}
	return tx.ExecInts(ctx, ids, "UPDATE xref SET dirty = $1 WHERE record IN ($keys) AND dirty = 0", s.marked())
}

// indexSize is how many holdings stand in segments, and how many lines beside them.
type indexSize struct{ packed, loose int64 }

const indexSizeName = "token_index"

func readIndexSize(ctx context.Context, tx *store.Tx) (indexSize, error) {
	raw, err := tx.Meta(ctx, indexSizeName)
	if err != nil || raw == nil {
		return indexSize{}, err
	}
	packed, n := binary.Uvarint(raw)
	loose, m := binary.Uvarint(raw[max(n, 0):])
	if n <= 0 || m <= 0 || packed > math.MaxInt64 || loose > math.MaxInt64 {
		return indexSize{}, errSegment
	}
	return indexSize{int64(packed), int64(loose)}, nil
}

func (n indexSize) write(ctx context.Context, tx *store.Tx) error {
	raw := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n.packed)), uint64(n.loose))
	if is, err := tx.Meta(ctx, indexSizeName); err != nil || bytes.Equal(is, raw) {
		return err
	}
	return tx.SetMeta(ctx, indexSizeName, raw)
}
