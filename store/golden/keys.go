package golden

import (
	"cmp"
	"context"
	"slices"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// Last returns the largest id of a record, 0 where there are none.
func (s *Store) Last(ctx context.Context) (entity.RecordID, error) {
	var last int64
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		last, err = tx.Int(ctx, "SELECT coalesce(max(id), 0) FROM record")
		return err
	})
	return entity.RecordID(last), err
}

// Keys returns what blocking asks of the current customers and the dirty
// tombstones with ids from first to last, ascending. None is opened.
func (s *Store) Keys(ctx context.Context, first, last entity.RecordID) ([]mdm.Key, error) {
	var all []mdm.Key
	err := s.db.View(ctx, func(tx *store.Tx) error {
		c, err := readCensus(ctx, tx)
		if err != nil {
			return err
		}
		some, err := tx.Int(ctx, holdsCustomers, string(record.Customer), int64(first)>>chunkShift, int64(last)>>chunkShift)
		if err != nil || some == 0 {
			return err
		}
		all = make([]mdm.Key, 0, last-first+1)
		return tx.Each(ctx, func(r store.Row) error {
			all = append(all, scanKey(c, r))
			return nil
		}, keySelect+" AND x.record >= $1 AND x.record <= $2 WHERE r.id >= $1 AND r.id <= $2 AND r.own IS NOT NULL AND (r.deleted = 0 OR x.dirty <> 0) ORDER BY r.id", int64(first), int64(last))
	})
	return all, err
}

// KeysOf returns what blocking asks of these customers, tombstones too,
// ascending. None is opened.
func (s *Store) KeysOf(ctx context.Context, ids []entity.RecordID) ([]mdm.Key, error) {
	all := make([]mdm.Key, 0, len(ids))
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		var rowless []int
		err := tx.InInts(ctx, sortedInts(ids), func(r store.Row) error {
			if r.Null(4) {
				rowless = append(rowless, len(all))
			}
			all = append(all, scanKey(census{}, r))
			return nil
		}, keySelect+" WHERE r.own IS NOT NULL AND r.id IN ($keys)")
		if err != nil || len(rowless) == 0 {
			return err
		}
		c, err := readCensus(ctx, tx)
		for _, i := range rowless {
			all[i].Dirty = c.fresh(int64(all[i].ID))
		}
		return err
	})
	slices.SortFunc(all, func(a, b mdm.Key) int { return cmp.Compare(a.ID, b.ID) })
	return all, err
}

const (
	keySelect = "SELECT r.id, r.deleted, x.component, r.tokens, x.dirty, CASE WHEN r.deleted = 1 THEN x.own END, CASE WHEN r.deleted = 1 THEN r.own END, CASE WHEN r.deleted = 1 THEN x.entity END, CASE WHEN x.stale IS NOT NULL AND x.entity IS NOT NULL THEN 1 ELSE 0 END FROM record r LEFT JOIN xref x ON x.record = r.id"
	// holdsCustomers counts the chunks of ids from one to another in which customers landed.
	holdsCustomers = "SELECT count(*) FROM stream s JOIN stream_chunk c ON c.stream = s.id WHERE s.type = $1 AND c.chunk >= $2 AND c.chunk <= $3"
)

// scanKey reads a row of keySelect.
func scanKey(c census, r store.Row) mdm.Key {
	k := mdm.Key{ID: entity.RecordID(r.Int(0)), Component: entity.RecordID(r.Int(2)), Dirty: r.Int(4) != 0 || r.Null(4) && c.fresh(r.Int(0)), Quiet: r.Int(4) < 0, Changed: r.Int(8) != 0}
	if k.Deleted = r.Int(1) != 0; k.Deleted {
		k.Own = effective(r.Bytes(5), r.Bytes(6))
		copy(k.Entity[:], r.Bytes(7))
	} else {
		k.Blocks, k.Search = splitTokens(r.Bytes(3))
	}
	return k
}
