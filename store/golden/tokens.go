package golden

import (
	"bytes"
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

// holding is one line of the token table that comes (add) or goes.
type holding struct {
	token  entity.Token
	record int64
	add    bool
	block  bool
}

// tokenPart is how many lines of the token table one transaction changes.
const tokenPart = 200_000

// SyncTokens brings the token index in line with the blocking tokens given and
// with the search tokens that the store itself keeps for these records. Lines are
// written in the order of the tokens, so that a first load appends. A blocking token
// whose holders cross limit makes all of them dirty in the same transaction; their ids are returned,
// ascending.
func (s *Store) SyncTokens(ctx context.Context, records []mdm.TokenChange, limit int) ([]entity.RecordID, error) {
	lines, err := s.holdings(ctx, records)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(lines, func(a, b holding) int {
		if c := bytes.Compare(a.token[:], b.token[:]); c != 0 {
			return c
		}
		return int(a.record - b.record)
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
	return recordIDs(crossed), nil
}

// holdings are the lines to add and to remove.
func (s *Store) holdings(ctx context.Context, records []mdm.TokenChange) ([]holding, error) {
	var lines []holding
	ids := make([]int64, 0, len(records))
	for _, c := range records {
		ids = append(ids, int64(c.ID))
		for _, t := range c.Add {
			lines = append(lines, holding{t, int64(c.ID), true, true})
		}
		for _, t := range c.Drop {
			if !slices.Contains(c.Add, t) {
				lines = append(lines, holding{t, int64(c.ID), false, true})
			}
		}
	}
	slices.Sort(ids)
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return tx.InInts(ctx, ids, func(r store.Row) error {
			_, search := splitTokens(r.Bytes(2))
			_, stale := splitTokens(r.Bytes(3))
			for _, t := range tokens(search) {
				lines = append(lines, holding{t, r.Int(0), r.Int(1) == 0, false})
			}
			for _, t := range tokens(stale) {
				lines = append(lines, holding{t, r.Int(0), false, false})
			}
			return nil
		}, "SELECT r.id, r.deleted, r.tokens, x.stale FROM record r JOIN xref x ON x.record = r.id WHERE r.id IN ($keys)")
	})
	return lines, err
}

// crowd is what a part does to one blocking token.
type crowd struct {
	token      entity.Token
	adds, goes int64
	before     int64
}

func (s *Store) syncPart(ctx context.Context, tx *store.Tx, lines []holding, limit int) ([]int64, error) {
	var last []byte
	if _, err := tx.One(ctx, func(r store.Row) error {
		last = r.Bytes(0)
		return nil
	}, "SELECT token FROM token ORDER BY token DESC LIMIT 1"); err != nil {
		return nil, err
	}
	var crowds []*crowd
	var add, drop []holding
	for _, l := range lines {
		if l.block {
			if n := len(crowds); n == 0 || crowds[n-1].token != l.token {
				crowds = append(crowds, &crowd{token: l.token})
			}
		}
		c := (*crowd)(nil)
		if l.block {
			c = crowds[len(crowds)-1]
		}
		switch {
		case l.add:
			add = append(add, l)
			if c != nil {
				c.adds++
			}
		default:
			drop = append(drop, l)
			if c != nil {
				c.goes++
			}
		}
	}
	if err := s.countBefore(ctx, tx, crowds, last, limit); err != nil {
		return nil, err
	}
	if _, err := tx.Remove(ctx, "token", len(drop), func(i int, v []any) { v[0], v[1] = drop[i].token[:], drop[i].record }); err != nil {
		return nil, err
	}
	columns := []string{"token", "record"}
	fill := func(i int, v []any) { v[0], v[1] = add[i].token[:], add[i].record }
	var err error
	if last == nil {
		err = tx.Insert(ctx, "token", columns, len(add), fill)
	} else {
		_, err = tx.InsertNew(ctx, "token", columns, len(add), fill)
	}
	if err != nil {
		return nil, err
	}
	return s.crossings(ctx, tx, crowds, limit)
}

// countBefore counts the holders of tokens, as far as it matters. Tokens past the
// last of the table have none, so that a first load counts nothing.
func (s *Store) countBefore(ctx context.Context, tx *store.Tx, crowds []*crowd, last []byte, limit int) error {
	var keys [][]byte
	var asked []*crowd
	most := int64(0)
	for _, c := range crowds {
		if last != nil && bytes.Compare(c.token[:], last) <= 0 {
			keys, asked = append(keys, c.token[:]), append(asked, c)
			most = max(most, c.goes)
		}
	}
	return tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
		asked[i].before = r.Int(0)
		return nil
	}, "SELECT count(*) FROM (SELECT 1 FROM token WHERE token = $key LIMIT $1) AS x", int64(limit)+most+1)
}

// crossings makes the holders of tokens that crossed the limit dirty.
func (s *Store) crossings(ctx context.Context, tx *store.Tx, crowds []*crowd, limit int) ([]int64, error) {
	most := int64(limit)
	var keys [][]byte
	var asked []*crowd
	for _, c := range crowds {
		if c.before <= most && c.before+c.adds > most || c.before > most && c.before-c.goes <= most {
			keys, asked = append(keys, c.token[:]), append(asked, c)
		}
	}
	var crossed [][]byte
	err := tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
		if (asked[i].before > most) != (r.Int(0) > most) {
			crossed = append(crossed, asked[i].token[:])
		}
		return nil
	}, "SELECT count(*) FROM (SELECT 1 FROM token WHERE token = $key LIMIT $1) AS x", most+1)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = tx.InBytes(ctx, crossed, func(r store.Row) error {
		ids = append(ids, r.Int(0))
		return nil
	}, "SELECT record FROM token WHERE token IN ($keys)")
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids, tx.ExecInts(ctx, ids, "UPDATE xref SET dirty = $1 WHERE record IN ($keys) AND dirty = 0", s.marked())
}
