package golden

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"

	"crmhub/mdm/entity"
	"crmhub/store"
)

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
	return s.syncTokens(ctx, ids, limit, s.db.UpdateSoon, s.db.Update)
}

// updating runs a function in a transaction that writes.
type updating func(context.Context, func(*store.Tx) error) error

// syncTokens is SyncTokens by transactions of the caller's: soon need not be on
// disk when it returns. What stands is read before: nobody else changes the index meanwhile.
func (s *Store) syncTokens(ctx context.Context, ids []entity.RecordID, limit int, soon, update updating) ([]entity.RecordID, error) {
	var changes []change
	var size indexSize
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		return tx.InInts(ctx, sortedInts(ids), func(r store.Row) (err error) {
			if len(changes) == 0 {
				size, err = indexSizeOf(r.Bytes(4))
			}
			changes = appendChanges(changes, r)
			return err
		}, "SELECT r.id, r.deleted, r.tokens, x.stale, (SELECT value FROM meta WHERE name = $1) FROM record r LEFT JOIN xref x ON x.record = r.id WHERE r.id IN ($keys) AND r.own IS NOT NULL AND (x.dirty IS NULL OR x.dirty >= 0 OR x.stale IS NOT NULL)", indexSizeName)
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
	l, err := s.loosen(ctx, size, changes, limit)
	if err != nil {
		return nil, err
	}
	if size.loose+int64(len(l.write)) > max(looseLeast, size.packed/looseShare) {
		s.holders.forget()
		crossed, err := s.merge(ctx, changes, limit, update)
		return recordIDs(crossed), err
	}
	if len(l.write)+len(l.take) > 0 {
		if err := soon(ctx, func(tx *store.Tx) error { return l.apply(ctx, tx, s, size) }); err != nil {
			return nil, err
		}
	}
	s.holders.learn(l.holders)
	return recordIDs(l.crossed), nil
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

// loosening writes changes line by line.
type loosening struct {
	limit int
	// write are the lines to write, with add false for one that is gone, take those to take out.
	write, take []change
	// crossed are the records of blocking tokens that crossed the limit, holders those that hold
	// the blocking tokens of the changes afterwards.
	crossed []int64
	holders map[uint64][]entity.RecordID
}

// loosenAtOnce is how many changes one processor looks up at least.
const loosenAtOnce = 1024

// loosen finds what changes, which are sorted, mean for the index as it stands. Each processor looks
// for some of them.
func (s *Store) loosen(ctx context.Context, size indexSize, changes []change, limit int) (*loosening, error) {
	parts := min(runtime.GOMAXPROCS(0), len(changes)/loosenAtOnce+1)
	done := make([]loosening, parts)
	errs := make([]error, parts)
	var wg sync.WaitGroup
	for k := range parts {
		of := changes[tokenEnd(changes, len(changes)*k/parts):tokenEnd(changes, len(changes)*(k+1)/parts)]
		done[k] = loosening{limit: limit, holders: map[uint64][]entity.RecordID{}}
		look := func() {
			errs[k] = s.db.Glance(ctx, func(tx *store.Tx) error { return done[k].compare(ctx, tx, s, size, of) })
		}
		if k == parts-1 {
			look()
			break
		}
		wg.Go(look)
	}
	wg.Wait()
	all := &done[0]
	for i := range done[1:] {
		more := &done[i+1]
		all.write, all.take, all.crossed = append(all.write, more.write...), append(all.take, more.take...), append(all.crossed, more.crossed...)
		maps.Copy(all.holders, more.holders)
	}
	return all, errors.Join(errs...)
}

// tokenEnd returns the first place from one on at which the changes of another token begin.
func tokenEnd(changes []change, at int) int {
	for at > 0 && at < len(changes) && changes[at].token == changes[at-1].token {
		at++
	}
	return at
}

// compare finds what changes, which are sorted, mean for the index as it stands.
func (l *loosening) compare(ctx context.Context, tx *store.Tx, s *Store, size indexSize, changes []change) error {
	var tokens []uint64
	for i, c := range changes {
		if i == 0 || c.token != changes[i-1].token {
			tokens = append(tokens, c.token)
		}
	}
	rest := changes
	return s.held(ctx, tx, size, tokens, func(token uint64, packed, before []int64) {
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
				l.take = append(l.take, c)
			default:
				l.write = append(l.write, c)
			}
		}
		if !slices.ContainsFunc(of, func(c change) bool { return c.block }) {
			return
		}
		l.holders[token] = recordIDs(slices.Clone(after))
		if (len(before) > l.limit) != (len(after) > l.limit) {
			l.crossed = append(l.crossed, after...)
		}
	})
}

// apply writes what compare found.
func (l *loosening) apply(ctx context.Context, tx *store.Tx, s *Store, size indexSize) error {
	if _, err := tx.Remove(ctx, "token", len(l.take), func(i int, v []any) { v[0], v[1] = tokenOf(l.take[i].token), l.take[i].record }); err != nil {
		return err
	}
	err := tx.Insert(ctx, "token", []string{"token", "record", "gone"}, len(l.write), func(i int, v []any) {
		v[0], v[1], v[2] = tokenOf(l.write[i].token), l.write[i].record, bit(!l.write[i].add)
	})
	if err != nil {
		return err
	}
	if more := int64(len(l.write) - len(l.take)); more != 0 {
		size.loose += more
		if err := tx.SetMeta(ctx, indexSizeName, size.pack()); err != nil {
			return err
		}
	}
	return s.soil(ctx, tx, l.crossed)
}

// soil makes records dirty.
func (s *Store) soil(ctx context.Context, tx *store.Tx, ids []int64) error {
	ids = sortedInts(ids) // a copy: what Compact leaves over is 0
	if err := enter(ctx, tx, ids); err != nil {
		return err
	}
	return tx.ExecInts(ctx, ids, "UPDATE xref SET dirty = $1 WHERE record IN ($keys) AND dirty <= 0", s.marked())
}

// indexSize is how many holdings stand in segments, and how many lines beside them.
type indexSize struct{ packed, loose int64 }

const indexSizeName = "token_index"

func readIndexSize(ctx context.Context, tx *store.Tx) (indexSize, error) {
	raw, err := tx.Meta(ctx, indexSizeName)
	if err != nil {
		return indexSize{}, err
	}
	return indexSizeOf(raw)
}

// indexSizeOf is the size in its row of meta, nil where there is none.
func indexSizeOf(raw []byte) (indexSize, error) {
	if raw == nil {
		return indexSize{}, nil
	}
	packed, n := binary.Uvarint(raw)
	loose, m := binary.Uvarint(raw[max(n, 0):])
	if n <= 0 || m <= 0 || packed > math.MaxInt64 || loose > math.MaxInt64 {
		return indexSize{}, errSegment
	}
	return indexSize{int64(packed), int64(loose)}, nil
}

func (n indexSize) pack() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n.packed)), uint64(n.loose))
}

func (n indexSize) write(ctx context.Context, tx *store.Tx) error {
	raw := n.pack()
	if is, err := tx.Meta(ctx, indexSizeName); err != nil || bytes.Equal(is, raw) {
		return err
	}
	return tx.SetMeta(ctx, indexSizeName, raw)
}
