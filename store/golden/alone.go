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

// A golden record of one record need hold no copy of it: its row names the
// version of the record whose values it has, and mdm.Alone computes them when they
// are read. Versions of records are never changed, only superseded, and
// the superseded ones stand in the history.

// lone names the version of a record whose values a golden record has; zero
// where it holds values of its own.
type lone struct{ record, version int64 }

var _ mdm.Lone = (*Store)(nil)

const (
	// freshAlone reads customers without a row that were never resolved: their ids never named anything.
	freshAlone = "SELECT id, own, version FROM record WHERE deleted = 0 AND "
	// newAlone finds the records that were never resolved and whose ids never named anything.
	newAlone = `SELECT r.id, coalesce(x.own, r.own), r.version FROM xref x JOIN record r ON r.id = x.record
		WHERE x.record IN ($keys) AND x.entity IS NULL AND x.dirty <= $1 AND r.deleted = 0
		AND NOT EXISTS (SELECT 1 FROM redirect d WHERE d.id = coalesce(x.own, r.own))
		AND NOT EXISTS (SELECT 1 FROM golden g WHERE g.id = coalesce(x.own, r.own))`
	// stillAlone finds the records whose golden record says so already.
	stillAlone = `SELECT x.record FROM xref x JOIN record r ON r.id = x.record JOIN golden g ON g.id = x.entity
		WHERE x.record IN ($keys) AND x.entity = coalesce(x.own, r.own) AND x.component = 0 AND x.dirty <= $1 AND r.deleted = 0
		AND g.status = 0 AND g.record = r.id AND g.record_version = r.version`
	newMembership   = "UPDATE xref SET entity = coalesce(own, (SELECT r.own FROM record r WHERE r.id = xref.record)), component = 0, dirty = 0, stale = NULL WHERE record IN ($keys)"
	stillMembership = "UPDATE xref SET dirty = 0, stale = NULL WHERE record IN ($keys) AND (dirty <> 0 OR stale IS NOT NULL)"
)

// Alone writes that records stand alone, and returns those that Apply has to see to.
func (s *Store) Alone(ctx context.Context, ids []entity.RecordID) ([]entity.RecordID, error) {
	return s.alone(ctx, ids, s.writing())
}

func (s *Store) alone(ctx context.Context, ids []entity.RecordID, w writing) ([]entity.RecordID, error) {
	var rest []int64
	mark := s.marked()
	err := w.update(ctx, func(tx *store.Tx) error {
		rest = nil
		run, err := tx.Int(ctx, "SELECT coalesce(max(n), 0) FROM run")
		if err != nil {
			return err
		}
		var change Change
		var still []int64
		found, ids, err := s.freshAlone(ctx, tx, ids)
		if err != nil {
			return err
		}
		entered, err := s.newAlone(ctx, tx, ids, mark)
		if err != nil {
			return err
		}
		found = sortNamed(append(found, entered...))
		now := s.db.Now().UnixMicro()
		err = tx.Insert(ctx, "golden", []string{"id", "status", "version", "run", "updated", "record", "record_version"}, len(found), func(i int, v []any) {
			v[0], v[1], v[2], v[3], v[4], v[5], v[6] = found[i].id[:], int64(statusActive), int64(1), run, now, found[i].record, found[i].version
		})
		if err != nil {
			return err
		}
		change.Golden = make([]GoldenEvent, 0, len(found))
		for _, n := range found {
			change.Golden = append(change.Golden, GoldenEvent{Event: "created", ID: hexID(n.id), Version: 1})
		}
		fresh := make([]int64, len(entered))
		for i, n := range entered {
			fresh[i] = n.record
		}
		slices.Sort(fresh)
		if len(fresh) < len(ids) {
			rest = without(sortedInts(ids), fresh)
			err = tx.InInts(ctx, rest, func(r store.Row) error {
				still = append(still, r.Int(0))
				return nil
			}, stillAlone, mark)
			if err != nil {
				return err
			}
			slices.Sort(still)
			rest = without(rest, still)
		}
		if err := tx.ExecInts(ctx, fresh, newMembership); err != nil {
			return err
		}
		if err := tx.ExecInts(ctx, still, stillMembership); err != nil {
			return err
		}
		if err := w.last(ctx, tx); err != nil {
			return err
		}
		return change.write(ctx, tx, 0)
	})
	return recordIDs(rest), err
}

// named is a version of a record with the id of its golden record.
type named struct {
	lone
	id entity.ID
}

// freshAlone returns those of some customers that have no row and were never resolved,
// and the ids of those that have one. What a resolve of all covers gets none; the others do.
func (s *Store) freshAlone(ctx context.Context, tx *store.Tx, ids []entity.RecordID) (found []named, entered []entity.RecordID, err error) {
	c, err := readCensus(ctx, tx)
	if err != nil || len(ids) == 0 {
		return nil, ids, err
	}
	with := map[int64]bool{}
	note := func(r store.Row) error {
		with[r.Int(0)] = true
		return nil
	}
	// A row that is passed over costs a tenth of one that is looked up.
	if first, last := int64(ids[0]), int64(ids[len(ids)-1]); 10*int64(len(ids)) > last-first {
		err = tx.Each(ctx, note, "SELECT record FROM xref WHERE record >= $1 AND record <= $2", first, last)
	} else {
		err = tx.InInts(ctx, sortedInts(ids), note, "SELECT record FROM xref WHERE record IN ($keys)")
	}
	if err != nil {
		return nil, nil, err
	}
	var fresh []entity.RecordID
	for _, id := range ids {
		switch {
		case with[int64(id)]:
			entered = append(entered, id)
		case c.fresh(int64(id)):
			fresh = append(fresh, id)
		}
	}
	if len(fresh) == 0 {
		return nil, entered, nil
	}
	found = make([]named, 0, len(fresh))
	take := func(r store.Row) error {
		if _, asked := slices.BinarySearch(fresh, entity.RecordID(r.Int(0))); asked {
			n := named{lone: lone{r.Int(0), r.Int(2)}}
			r.Append(n.id[:0], 1)
			found = append(found, n)
		}
		return nil
	}
	if first, last := int64(fresh[0]), int64(fresh[len(fresh)-1]); float64(len(fresh)) >= dense*float64(last-first+1) {
		err = tx.Each(ctx, take, freshAlone+"id >= $1 AND id <= $2", first, last)
	} else {
		err = tx.InInts(ctx, sortedInts(fresh), take, freshAlone+"id IN ($keys)")
	}
	if err != nil {
		return nil, nil, err
	}
	p, rows := s.pass(), found
	if p != nil {
		rows = slices.DeleteFunc(slices.Clone(found), func(n named) bool { return p.covers(entity.RecordID(n.record)) })
	}
	return found, entered, tx.Insert(ctx, "xref", []string{"record", "entity", "component", "dirty"}, len(rows), func(i int, v []any) {
		v[0], v[1], v[2], v[3] = rows[i].record, rows[i].id[:], int64(0), int64(0)
	})
}

// newAlone returns those of some records that newAlone finds, in the order of
// their golden records' ids, which makes the table's index grow at its end.
func (s *Store) newAlone(ctx context.Context, tx *store.Tx, ids []entity.RecordID, mark int64) ([]named, error) {
	found := make([]named, 0, len(ids))
	err := tx.InInts(ctx, sortedInts(ids), func(r store.Row) error {
		n := named{lone: lone{r.Int(0), r.Int(2)}}
		r.Append(n.id[:0], 1)
		found = append(found, n)
		return nil
	}, newAlone, mark)
	return sortNamed(found), err
}

// sortNamed sorts by the ids of golden records, which are then there once each.
func sortNamed(all []named) []named {
	slices.SortFunc(all, func(a, b named) int { return cmp.Or(bytes.Compare(a.id[:], b.id[:]), cmp.Compare(a.record, b.record)) })
	return slices.CompactFunc(all, func(a, b named) bool { return a.id == b.id })
}

// without returns the ids of all, ascending, that are not in some, ascending too.
func without(all, some []int64) []int64 {
	left := make([]int64, 0, len(all)-len(some))
	for _, id := range all {
		for len(some) > 0 && some[0] < id {
			some = some[1:]
		}
		if len(some) == 0 || some[0] != id {
			left = append(left, id)
		}
	}
	return left
}

// loneOf are the versions whose values some golden records have.
func loneOf(rows []row) []lone {
	var all []lone
	for i := range rows {
		if rows[i].lone.record != 0 {
			all = append(all, rows[i].lone)
		}
	}
	return all
}

// openLone returns the golden records of these versions of records, without ids.
func (s *Store) openLone(ctx context.Context, tx *store.Tx, asked []lone) (map[lone]entity.Golden, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	type sealed struct {
		lone
		stream                int64
		kind                  string
		ref, wrapped, payload []byte
	}
	want := make(map[lone]int, len(asked)) // its place in all, + 1
	ids := make([]int64, 0, len(asked))
	for _, x := range asked {
		want[x] = 0
		ids = append(ids, x.record)
	}
	ids = sortedInts(ids)
	var all []sealed
	refs := map[int64]sealed{} // of the records that have newer versions by now
	err := tx.InInts(ctx, ids, func(r store.Row) error {
		x := sealed{lone{r.Int(0), r.Int(1)}, r.Int(2), "", r.Bytes(3), r.Bytes(4), r.Bytes(5)}
		if _, ok := want[x.lone]; ok {
			all = append(all, x)
			want[x.lone] = len(all)
		}
		refs[x.record] = x
		return nil
	}, "SELECT id, version, stream, ref, wrapped, payload FROM record WHERE id IN ($keys)")
	if err != nil {
		return nil, err
	}
	var past []int64
	for x, at := range want {
		if at == 0 {
			past = append(past, x.record)
		}
	}
	err = tx.InInts(ctx, sortedInts(past), func(r store.Row) error {
		x := refs[r.Int(0)]
		x.version = r.Int(1)
		if at, ok := want[x.lone]; ok && at == 0 {
			x.wrapped, x.payload = r.Bytes(2), r.Bytes(3)
			all = append(all, x)
			want[x.lone] = len(all)
		}
		return nil
	}, "SELECT id, version, wrapped, payload FROM record_history WHERE id IN ($keys)")
	if err != nil {
		return nil, err
	}
	for i := range all {
		name, err := s.streamOf(ctx, tx, all[i].stream)
		if err != nil {
			return nil, err
		}
		all[i].kind = string(name.typ)
	}
	opened := make([]entity.Golden, len(all))
	err = parallel(ctx, len(all), func(i int) error {
		o, err := s.open(all[i].wrapped, all[i].payload, all[i].kind, all[i].ref, false)
		if err == nil {
			opened[i] = mdm.Alone(entity.Member{ID: entity.RecordID(all[i].record), Fields: o.fields})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	found := make(map[lone]entity.Golden, len(all))
	for x, at := range want {
		if at == 0 {
			return nil, errPayload
		}
		found[x] = opened[at-1]
	}
	return found, nil
}
