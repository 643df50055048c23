package golden

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/store"
)

// Holders returns, for each token asked, the records that hold it, ascending,
// or nil where more than limit do. Tokens that nobody holds have no entry.
func (s *Store) Holders(ctx context.Context, asked []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error) {
	keys := make([][]byte, len(asked))
	for i := range asked {
		keys[i] = asked[i][:]
	}
	found := make(map[entity.Token][]entity.RecordID, len(asked))
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
			found[asked[i]] = append(found[asked[i]], entity.RecordID(r.Int(0)))
			return nil
		}, "SELECT record FROM token WHERE token = $key ORDER BY record LIMIT $1", limit+1)
	})
	for t, ids := range found {
		if len(ids) > limit {
			found[t] = nil
		} else {
			slices.Sort(ids)
			found[t] = slices.Compact(ids) // a token may have been asked twice
		}
	}
	return found, err
}

// holding is one line of the token table that comes or goes. It is packed
// small: a first load sorts millions of them.
type holding struct {
	token  entity.Token
	packed uint64 // record, then a bit each: it comes; it is for blocking
}

func newHolding(t entity.Token, record int64, add, block bool) holding {
	return holding{t, uint64(record)<<2 | uint64(bit(add))<<1 | uint64(bit(block))}
}

func (h holding) record() int64 { return int64(h.packed >> 2) }
func (h holding) add() bool     { return h.packed&2 != 0 }
func (h holding) block() bool   { return h.packed&1 != 0 }

// tokenPart is how many lines of the token table one transaction changes.
const tokenPart = 200_000

// manyDirty is how many dirty records make SyncTokens bring the index in line
// for all of them at once, instead of for those it was called with: lines that come in
// the order of the tokens append, or at least touch each page once; in the
// order of the records every call would rewrite the whole table.
const manyDirty = 20_000

// SyncTokens brings the token index in line with the blocking tokens given and
// with the search tokens that the store itself keeps for these records. A
// blocking token whose holders cross limit makes all of them dirty in the same transaction;
// their ids are returned, ascending. Where very many records are dirty, the first call does the
// work for all of them, and the next ones find it done.
func (s *Store) SyncTokens(ctx context.Context, records []mdm.TokenChange, limit int) ([]entity.RecordID, error) {
	todo, many, err := s.unsynced(ctx, records)
	if err != nil || len(todo) == 0 {
		return nil, err
	}
	var crossed []int64
	if many {
		if crossed, err = s.syncAll(ctx, limit); err != nil {
			return nil, err
		}
		if todo, _, err = s.unsynced(ctx, todo); err != nil || len(todo) == 0 {
			return recordIDs(crossed), err
		}
	}
	lines, err := s.holdings(ctx, todo)
	if err != nil {
		return nil, err
	}
	more, err := s.syncLines(ctx, lines, limit)
	return recordIDs(append(crossed, more...)), err
}

// unsynced leaves out the records that a syncAll has seen to, and reports
// whether very many are dirty.
func (s *Store) unsynced(ctx context.Context, records []mdm.TokenChange) (todo []mdm.TokenChange, many bool, err error) {
	s.mu.Lock()
	synced := s.synced
	s.mu.Unlock()
	err = s.db.View(ctx, func(tx *store.Tx) error {
		if synced > 0 {
			ids := make([]int64, len(records))
			for i, c := range records {
				ids[i] = int64(c.ID)
			}
			done := map[int64]bool{}
			if err := tx.InInts(ctx, ids, func(r store.Row) error {
				done[r.Int(0)] = true
				return nil
			}, "SELECT record FROM xref WHERE record IN ($keys) AND dirty <> 0 AND dirty <= $1", synced); err != nil {
				return err
			}
			for _, c := range records {
				if !done[int64(c.ID)] {
					todo = append(todo, c)
				}
			}
		} else {
			todo = records
		}
		n, err := tx.Int(ctx, "SELECT count(*) FROM (SELECT 1 FROM xref WHERE dirty <> 0 AND dirty > $1 LIMIT $2) AS x", synced, manyDirty)
		many = n >= manyDirty
		return err
	})
	return todo, many, err
}

// syncRecords is how many dirty records syncAll holds the tokens of.
const syncRecords = 500_000

// syncAll brings the index in line for all dirty records.
func (s *Store) syncAll(ctx context.Context, limit int) ([]int64, error) {
	var mark int64
	var crossed []int64
	var spare []holding
	for after := int64(0); ; {
		lines := slices.Grow(spare[:0], manyDirty)
		records := 0
		for records < syncRecords {
			n := 0
			err := s.db.View(ctx, func(tx *store.Tx) (err error) {
				if mark == 0 {
					if mark, err = currentStamp(ctx, tx); err != nil {
						return err
					}
				}
				return tx.Each(ctx, func(r store.Row) error {
					after, n = r.Int(0), n+1
					lines = appendHoldings(lines, r, true)
					return nil
				}, "SELECT r.id, r.deleted, r.tokens, x.stale FROM xref x JOIN record r ON r.id = x.record WHERE x.dirty <> 0 AND x.dirty <= $1 AND x.record > $2 ORDER BY x.record LIMIT $3", mark, after, manyDirty)
			})
			if err != nil {
				return nil, err
			}
			if records += n; n == 0 {
				break
			}
		}
		if records == 0 {
			break
		}
		spare = lines
		ids, err := s.syncLines(ctx, lines, limit)
		if err != nil {
			return nil, err
		}
		crossed = append(crossed, ids...)
	}
	s.mu.Lock()
	s.synced = mark
	s.mu.Unlock()
	return crossed, nil
}

// syncLines writes lines in the order of their tokens.
func (s *Store) syncLines(ctx context.Context, lines []holding, limit int) ([]int64, error) {
	slices.SortFunc(lines, func(a, b holding) int {
		if c := bytes.Compare(a.token[:], b.token[:]); c != 0 {
			return c
		}
		return cmp.Compare(a.packed, b.packed)
	})
	lines = slices.Compact(lines)
	var crossed []int64
	for len(lines) > 0 {
		// A part ends between two tokens.
		end := min(tokenPart, len(lines))
		for end < len(lines) && lines[end].token == lines[end-1].token {
			end++
		}
		var ids []int64
		err := s.db.Update(ctx, func(tx *store.Tx) (err error) {
			ids, err = s.syncPart(ctx, tx, lines[:end], limit)
			return err
		})
		if err != nil {
			return nil, err
		}
		crossed = append(crossed, ids...)
		lines = lines[end:]
	}
	return crossed, nil
}

// holdings are the lines to add and to remove.
func (s *Store) holdings(ctx context.Context, records []mdm.TokenChange) ([]holding, error) {
	var lines []holding
	ids := make([]int64, 0, len(records))
	for _, c := range records {
		ids = append(ids, int64(c.ID))
		for _, t := range c.Add {
			lines = append(lines, newHolding(t, int64(c.ID), true, true))
		}
		for _, t := range c.Drop {
			if !slices.Contains(c.Add, t) {
				lines = append(lines, newHolding(t, int64(c.ID), false, true))
			}
		}
	}
	slices.Sort(ids)
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return tx.InInts(ctx, ids, func(r store.Row) error {
			lines = appendHoldings(lines, r, false)
			return nil
		}, "SELECT r.id, r.deleted, r.tokens, x.stale FROM record r JOIN xref x ON x.record = r.id WHERE r.id IN ($keys)")
	})
	return lines, err
}

// appendHoldings appends the lines of one record's search tokens, and of its
// blocking tokens where asked: id, deleted, tokens, stale.
func appendHoldings(lines []holding, r store.Row, blocking bool) []holding {
	id, lives := r.Int(0), r.Int(1) == 0
	blocks, search := splitTokens(r.Bytes(2))
	oldBlocks, oldSearch := splitTokens(r.Bytes(3))
	for _, g := range []struct {
		packed     []byte
		add, block bool
	}{{blocks, lives, true}, {oldBlocks, false, true}, {search, lives, false}, {oldSearch, false, false}} {
		if g.block && !blocking {
			continue
		}
		for p := g.packed; len(p) >= tokenSize; p = p[tokenSize:] {
			lines = append(lines, newHolding(entity.Token(p[:tokenSize]), id, g.add, g.block))
		}
	}
	return lines
}
