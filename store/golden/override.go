package golden

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/store"
	"crmhub/store/canon"
)

var _ mdm.Overriding = (*Store)(nil)

// How an override ended.
const (
	Revoked    = "revoked"    // a steward took it back
	Superseded = "superseded" // a later one on the same attribute
	Lapsed     = "lapsed"     // its time was over when a run began
)

// Override is an override with its number and how it stands.
type Override struct {
	ID int64
	entity.Override
	// Entity is the golden record that its record belongs to now; zero for none.
	Entity entity.ID
	// Ended is when it ended, Ending how; zero and "" while it stands.
	Ended  time.Time
	Ending string
}

const overrideKind = "golden_override"

func overrideSubject(id int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// Override writes a steward's value, ends the one that stood on the same
// attribute of the record, and makes the record dirty. The same word again writes
// nothing. It returns the override's number. A record that is no current customer gives E5022.
func (s *Store) Override(ctx context.Context, o entity.Override) (id int64, err error) {
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Int(ctx, "SELECT count(*) FROM record WHERE id = $1 AND own IS NOT NULL AND deleted = 0", int64(o.Record))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New("E5022", "", "record", o.Record)
		}
		if o.At.IsZero() {
			o.At = s.db.Now()
		}
		plain := canon.Append(nil, map[string]any{"reason": o.Reason, "value": o.Value})
		stand, err := s.overrides(ctx, tx, "ended = 0 AND record = $1 AND attribute = $2", int64(o.Record), o.Attribute)
		if err != nil {
			return err
		}
		for _, was := range stand {
			if was.By == o.By && was.Until.Equal(o.Until) && bytes.Equal(plain, canon.Append(nil, map[string]any{"reason": was.Reason, "value": was.Value})) {
				id = was.ID
				return nil
			}
			if _, err := tx.Exec(ctx, "UPDATE golden_override SET ended = $2, ending = $3 WHERE id = $1", was.ID, o.At.UnixMicro(), Superseded); err != nil {
				return err
			}
		}
		if id, err = tx.Int(ctx, "SELECT coalesce(max(id), 0) + 1 FROM golden_override"); err != nil {
			return err
		}
		wrapped, sealed, err := s.db.SealOne(overrideKind, overrideSubject(id), plain)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO golden_override (id, record, attribute, decided_by, at, until, ended, ending, wrapped, payload) VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7, $8)",
			id, int64(o.Record), o.Attribute, []byte(o.By), o.At.UnixMicro(), ending(o.Until), wrapped, sealed)
		if err != nil {
			return err
		}
		return restamp(ctx, tx, []int64{int64(o.Record)})
	})
	return id, err
}

// ending writes an instant that may never come: 0 is never.
func ending(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func ended(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return instant(micros)
}

// restamp makes records dirty, from now on.
func restamp(ctx context.Context, tx *store.Tx, ids []int64) error {
	mark, err := stamp(ctx, tx)
	if err != nil {
		return err
	}
	return soil(ctx, tx, ids, mark)
}

// EndOverride takes an override back and makes its record dirty. One that does
// not stand gives E5023.
func (s *Store) EndOverride(ctx context.Context, id int64) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		stand, err := s.overrides(ctx, tx, "ended = 0 AND id = $1", id)
		if err != nil {
			return err
		}
		if len(stand) == 0 {
			return fault.New("E5023", "", "id", id)
		}
		return s.endOverrides(ctx, tx, stand, s.db.Now(), Revoked)
	})
}

// LapseOverrides ends the overrides whose time is over at that instant, makes
// their records dirty, and returns how many there were. The instant becomes part of the
// store: who resolves later asks no clock.
func (s *Store) LapseOverrides(ctx context.Context, now time.Time) (int, error) {
	n, err := s.count(ctx, "SELECT count(*) FROM golden_override WHERE ended = 0 AND until > 0 AND until <= $1", now.UnixMicro())
	if err != nil || n == 0 {
		return 0, err
	}
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		over, err := s.overrides(ctx, tx, "ended = 0 AND until > 0 AND until <= $1", now.UnixMicro())
		if err != nil {
			return err
		}
		n = int64(len(over))
		return s.endOverrides(ctx, tx, over, now, Lapsed)
	})
	return int(n), err
}

func (s *Store) count(ctx context.Context, sql string, args ...any) (n int64, err error) {
	err = s.db.Glance(ctx, func(tx *store.Tx) error {
		n, err = tx.Int(ctx, sql, args...)
		return err
	})
	return n, err
}

func (s *Store) endOverrides(ctx context.Context, tx *store.Tx, over []Override, now time.Time, how string) error {
	var records []int64
	for _, o := range over {
		records = append(records, int64(o.Record))
		if _, err := tx.Exec(ctx, "UPDATE golden_override SET ended = $2, ending = $3 WHERE id = $1", o.ID, now.UnixMicro(), how); err != nil {
			return err
		}
	}
	slices.Sort(records)
	return restamp(ctx, tx, slices.Compact(records))
}

// Overridden returns the records on which overrides stand, ascending.
func (s *Store) Overridden(ctx context.Context) ([]entity.RecordID, error) {
	var ids []entity.RecordID
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		ids = nil
		return tx.Each(ctx, func(r store.Row) error {
			ids = append(ids, entity.RecordID(r.Int(0)))
			return nil
		}, "SELECT DISTINCT record FROM golden_override WHERE ended = 0 ORDER BY record")
	})
	return ids, err
}

// Overrides returns the overrides that stand on these records, opened, in the
// order in which they were given; nil ids asks for all.
func (s *Store) Overrides(ctx context.Context, ids []entity.RecordID) ([]entity.Override, error) {
	var all []entity.Override
	err := s.db.View(ctx, func(tx *store.Tx) error {
		all = nil
		stand, err := s.overridesOn(ctx, tx, ids)
		for i := range stand {
			all = append(all, stand[i].Override)
		}
		return err
	})
	return all, err
}

// ListOverrides returns overrides as they stand, the ended ones too where all
// is set, in the order in which they were given.
func (s *Store) ListOverrides(ctx context.Context, all bool) (list []Override, err error) {
	where := "ended = 0"
	if all {
		where = "ended >= 0"
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		if list, err = s.overrides(ctx, tx, where); err != nil {
			return err
		}
		at := map[int64]entity.ID{}
		for _, o := range list {
			at[int64(o.Record)] = entity.ID{}
		}
		err := tx.InInts(ctx, slices.Sorted(maps.Keys(at)), func(r store.Row) error {
			var id entity.ID
			copy(id[:], r.Bytes(1))
			at[r.Int(0)] = id
			return nil
		}, entitySelect+"r.id IN ($keys)")
		for i := range list {
			list[i].Entity = at[int64(list[i].Record)]
		}
		return err
	})
	return list, err
}

func (s *Store) overridesOn(ctx context.Context, tx *store.Tx, ids []entity.RecordID) ([]Override, error) {
	if ids == nil {
		return s.overrides(ctx, tx, "ended = 0")
	}
	var all []Override
	for part := range slices.Chunk(sortedInts(ids), 500) {
		err := tx.InInts(ctx, part, func(r store.Row) error {
			o, err := s.overrideOf(r)
			all = append(all, o)
			return err
		}, overrideColumns+"record IN ($keys) AND ended = 0")
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b Override) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

const overrideColumns = "SELECT id, record, attribute, decided_by, at, until, ended, ending, wrapped, payload FROM golden_override WHERE "

func (s *Store) overrides(ctx context.Context, tx *store.Tx, where string, args ...any) ([]Override, error) {
	var all []Override
	err := tx.Each(ctx, func(r store.Row) error {
		o, err := s.overrideOf(r)
		all = append(all, o)
		return err
	}, overrideColumns+where+" ORDER BY id", args...)
	return all, err
}

func (s *Store) overrideOf(r store.Row) (Override, error) {
	o := Override{ID: r.Int(0), Override: entity.Override{
		Record: entity.RecordID(r.Int(1)), Attribute: r.Text(2), By: string(r.Bytes(3)), At: instant(r.Int(4)), Until: ended(r.Int(5)),
	}, Ended: ended(r.Int(6)), Ending: r.Text(7)}
	plain, err := s.db.OpenOne(overrideKind, overrideSubject(o.ID), r.Bytes(8), r.Bytes(9))
	if err != nil {
		return o, err
	}
	m, err := canon.Object(plain)
	if err != nil {
		return o, err
	}
	o.Value = m["value"]
	o.Reason, _ = m["reason"].(string)
	return o, nil
}

// inherit moves the overrides of deleted founders to the records that have
// their ids now.
func (a *application) inherit(ctx context.Context, heirs map[entity.RecordID]entity.RecordID) error {
	for _, tomb := range slices.Sorted(maps.Keys(heirs)) {
		if _, err := a.tx.Exec(ctx, "UPDATE golden_override SET record = $2 WHERE record = $1 AND ended = 0", int64(tomb), int64(heirs[tomb])); err != nil {
			return err
		}
	}
	return nil
}

// digestOverrides adds the overrides that stand, by the refs of their records.
func (s *Store) digestOverrides(ctx context.Context, tx *store.Tx, to *sum) error {
	all, err := s.overrides(ctx, tx, "ended = 0")
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, digestPart) {
		ids := make([]int64, 0, len(part))
		for _, o := range part {
			ids = append(ids, int64(o.Record))
		}
		slices.Sort(ids)
		members, err := s.membersIn(ctx, tx, recordIDs(slices.Compact(ids)), true)
		if err != nil {
			return err
		}
		for _, o := range part {
			to.add("override", members[o.Record].Ref.Canonical(), o.Attribute, string(canon.Append(nil, o.Value)), o.By, o.Reason, o.Until.UTC().Format(time.RFC3339Nano))
		}
	}
	return nil
}
