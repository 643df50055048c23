package golden

import (
	"cmp"
	"context"
	"slices"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/canon"
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
	err := s.db.View(ctx, func(tx *store.Tx) error {
		all = all[:0]
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
	k := mdm.Key{ID: entity.RecordID(r.Int(0)), Component: entity.RecordID(r.Int(2)), Dirty: r.Int(4) != 0 || r.Null(4) && c.fresh(r.Int(0)), Changed: r.Int(8) != 0}
	if k.Deleted = r.Int(1) != 0; k.Deleted {
		k.Own = effective(r.Bytes(5), r.Bytes(6))
		copy(k.Entity[:], r.Bytes(7))
	} else {
		k.Blocks, k.Search = splitTokens(r.Bytes(3))
	}
	return k
}

// dense is the share of records asked for, among those between the first and
// the last of them, from which reading all of them is faster than looking each up.
const dense = 0.4

// Fields hands f, for each of these customers that is current, those of its
// values that have one of these names, opened. i is the customer's place in ids, which
// ascend. f must not keep the map.
func (s *Store) Fields(ctx context.Context, ids []entity.RecordID, names []string, f func(i int, values record.Fields)) error {
	if len(ids) == 0 {
		return nil
	}
	asked := make(map[string]string, len(names)+1)
	for _, n := range append([]string{extrasEntry}, names...) {
		asked[n] = n
	}
	x, _ := s.plains.Get().(*plainText)
	defer s.plains.Put(x)
	values := make(record.Fields, len(names))
	var m sealedFields
	return s.db.Glance(ctx, func(tx *store.Tx) error {
		take := func(r store.Row) error {
			i, found := slices.BinarySearch(ids, entity.RecordID(r.Int(0)))
			if !found || r.Int(1) != 0 {
				return nil
			}
			m = sealedFields{r.Append(m.ref[:0], 2), r.Append(m.wrapped[:0], 3), r.Append(m.payload[:0], 4)}
			clear(values)
			err := s.openSome(x, &m, asked, values)
			x.clear()
			if err == nil {
				f(i, values)
			}
			return err
		}
		const columns = "SELECT id, deleted, ref, wrapped, payload FROM record WHERE "
		first, last := int64(ids[0]), int64(ids[len(ids)-1])
		if float64(len(ids)) >= dense*float64(last-first+1) {
			return tx.Each(ctx, take, columns+"id >= $1 AND id <= $2 ORDER BY id", first, last)
		}
		return tx.InInts(ctx, sortedInts(ids), take, columns+"id IN ($keys)")
	})
}

// sealedFields are a customer's values as they were read.
type sealedFields struct{ ref, wrapped, payload []byte }

// openSome opens a customer's values of the names asked for into values. asked holds
// each name, and extrasEntry, under itself.
func (s *Store) openSome(x *plainText, m *sealedFields, asked map[string]string, values record.Fields) error {
	k, err := s.db.OpenDataKey(m.wrapped)
	if err != nil {
		return err
	}
	x.ad = s.db.SubjectAD(x.ad[:0], string(record.Customer), m.ref)
	bound := len(x.ad)
	err = entries(m.payload, func(name []byte, class byte, value []byte) error {
		if own := asked[string(name)]; own != "" {
			return x.open(k, bound, own, class, value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	text := string(x.plain)
	for _, e := range x.entries {
		v, err := canon.DecodeText(text[e.from:e.to])
		if err != nil {
			return err
		}
		if e.name != extrasEntry {
			values[e.name] = v
			continue
		}
		extras, _ := v.(map[string]any)
		for n, v := range extras {
			if asked[n] != "" {
				values[n] = v
			}
		}
	}
	return nil
}
