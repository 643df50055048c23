package golden

import (
	"context"
	"encoding/binary"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/review"
	"crmhub/record"
	"crmhub/store"
)

var _ mdm.Placing = (*Store)(nil)

// Places tells where current customers belong, without opening any.
func (s *Store) Places(ctx context.Context, ids []entity.RecordID) (map[entity.RecordID]review.Side, error) {
	var all map[entity.RecordID]review.Side
	err := s.db.View(ctx, func(tx *store.Tx) error {
		all = make(map[entity.RecordID]review.Side, len(ids))
		return tx.InInts(ctx, sortedInts(ids), func(r store.Row) error {
			side := review.Side{Record: entity.RecordID(r.Int(0)), Version: r.Int(1), Size: 1}
			copy(side.Entity[:], r.Bytes(2))
			if packed := r.Bytes(3); packed != nil {
				members, err := unpackMembers(packed)
				if err != nil {
					return err
				}
				side.Size = len(members)
			}
			all[side.Record] = side
			return nil
		}, "SELECT r.id, r.version, CASE WHEN x.record IS NULL THEN g.id ELSE x.entity END, g.members FROM record r LEFT JOIN xref x ON x.record = r.id LEFT JOIN golden g ON g.id = CASE WHEN x.record IS NULL THEN r.own ELSE x.entity END WHERE r.deleted = 0 AND r.own IS NOT NULL AND r.id IN ($keys)")
	})
	return all, err
}

// skipped is the kind of a steward's word that decides nothing yet. It stands
// among the judgements, and no resolver is told of it.
const skipped = "skip"

// Skip writes that a steward looked at two customers and left them as they are. Records that are no customers give E5022.
func (s *Store) Skip(ctx context.Context, j entity.Judgement) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Int(ctx, "SELECT count(*) FROM record WHERE (id = $1 OR id = $2) AND own IS NOT NULL", int64(j.A), int64(j.B))
		if err != nil {
			return err
		}
		if n != 2 {
			return fault.New("E5022", "", "record", j.A)
		}
		id, err := tx.Int(ctx, "SELECT coalesce(max(id), 0) + 1 FROM judgement")
		if err != nil {
			return err
		}
		wrapped, sealed, err := s.db.SealOne("judgement", binary.BigEndian.AppendUint64(nil, uint64(id)), []byte(j.Reason))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO judgement (id, a, b, kind, decided_by, at, wrapped, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			id, int64(min(j.A, j.B)), int64(max(j.A, j.B)), skipped, []byte(j.By), j.At.UnixMicro(), wrapped, sealed)
		return err
	})
}

// Skipped returns the names of the pairs that were skipped, as review.Pair.ID gives them.
func (s *Store) Skipped(ctx context.Context) (map[string]bool, error) {
	var all map[string]bool
	err := s.db.View(ctx, func(tx *store.Tx) error {
		all = map[string]bool{}
		return tx.Each(ctx, func(r store.Row) error {
			p := review.Pair{A: review.Side{Record: entity.RecordID(r.Int(0))}, B: review.Side{Record: entity.RecordID(r.Int(1))}}
			all[p.ID()] = true
			return nil
		}, "SELECT a, b FROM judgement WHERE kind = $1", skipped)
	})
	return all, err
}

// ByRef returns the current customer of that name, opened. E5020 where there is none.
func (s *Store) ByRef(ctx context.Context, ref record.Ref) (Member, error) {
	var id int64
	token := s.db.RefToken(ref.Canonical())
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		id, err = tx.Int(ctx, "SELECT coalesce(max(id), 0) FROM record WHERE ref = $1 AND deleted = 0 AND own IS NOT NULL", token[:])
		return err
	})
	if err != nil {
		return Member{}, err
	}
	members, err := s.CurrentMembers(ctx, []entity.RecordID{entity.RecordID(id)})
	if err != nil || len(members) == 0 {
		if err == nil {
			err = fault.New("E6509", "")
		}
		return Member{}, err
	}
	return members[0], nil
}

// CurrentMembers returns those of some customers that are current, opened,
// ascending.
func (s *Store) CurrentMembers(ctx context.Context, ids []entity.RecordID) ([]Member, error) {
	found, err := s.Members(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Member
	for _, m := range found {
		if !m.Deleted {
			out = append(out, Member{Ref: m.Ref, RecordID: m.ID, Own: m.Own, UpdatedAt: m.UpdatedAt, Fields: m.Fields})
		}
	}
	return out, nil
}
