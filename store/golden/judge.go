package golden

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// Judge writes a steward's word on two customers and makes them dirty. The
// same word again writes nothing. Records that are no customers of this store give E5022.
func (s *Store) Judge(ctx context.Context, j entity.Judgement) error {
	if j.A > j.B {
		j.A, j.B = j.B, j.A
	}
	return s.db.Update(ctx, func(tx *store.Tx) error {
		for _, id := range []entity.RecordID{j.A, j.B} {
			n, err := tx.Int(ctx, "SELECT count(*) FROM record WHERE id = $1 AND own IS NOT NULL", int64(id))
			if err != nil {
				return err
			}
			if n == 0 || j.A == j.B {
				return fault.New("E5022", "", "record", id)
			}
		}
		stands, err := s.judgements(ctx, tx, []int64{int64(j.A)})
		if err != nil {
			return err
		}
		for _, o := range stands {
			if o.A == j.A && o.B == j.B && o.Kind == j.Kind && o.By == j.By && o.Reason == j.Reason {
				return nil
			}
		}
		id, err := tx.Int(ctx, "SELECT coalesce(max(id), 0) + 1 FROM judgement")
		if err != nil {
			return err
		}
		wrapped, sealed, err := s.db.SealOne("judgement", binary.BigEndian.AppendUint64(nil, uint64(id)), []byte(j.Reason))
		if err != nil {
			return err
		}
		if j.At.IsZero() {
			j.At = s.db.Now()
		}
		err = tx.Do(ctx, "INSERT INTO judgement (id, a, b, kind, decided_by, at, wrapped, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			id, int64(j.A), int64(j.B), string(j.Kind), []byte(j.By), j.At.UnixMicro(), wrapped, sealed)
		if err != nil {
			return err
		}
		mark, err := stamp(ctx, tx)
		if err != nil {
			return err
		}
		return soil(ctx, tx, []int64{int64(j.A), int64(j.B)}, mark)
	})
}

// Judgements returns the judgements in force on any of these records, the later
// one on the same pair; nil ids asks for all. They come by pair, ascending.
func (s *Store) Judgements(ctx context.Context, ids []entity.RecordID) ([]entity.Judgement, error) {
	var all []entity.Judgement
	read := s.db.View
	if len(ids) > 0 { // mostly the first question is the last
		read = s.db.Glance
	}
	err := read(ctx, func(tx *store.Tx) (err error) {
		if ids == nil {
			all, err = s.judgements(ctx, tx, nil)
		} else if len(ids) > 0 {
			all, err = s.judgements(ctx, tx, sortedInts(ids))
		}
		return err
	})
	return all, err
}

func (s *Store) judgements(ctx context.Context, tx *store.Tx, ids []int64) ([]entity.Judgement, error) {
	any, err := tx.Int(ctx, "SELECT count(*) FROM (SELECT 1 FROM judgement LIMIT 1) AS x")
	if err != nil || any == 0 {
		return nil, err
	}
	type pair struct{ a, b int64 }
	type ruling struct {
		id int64
		entity.Judgement
		wrapped, sealed []byte
	}
	last := map[pair]ruling{}
	scan := func(r store.Row) error {
		p := pair{r.Int(1), r.Int(2)}
		if r.Int(0) > last[p].id {
			last[p] = ruling{r.Int(0), entity.Judgement{A: entity.RecordID(p.a), B: entity.RecordID(p.b), Kind: entity.Kind(r.Text(3)), By: string(r.Bytes(4)), At: instant(r.Int(5))}, r.Bytes(6), r.Bytes(7)}
		}
		return nil
	}
	const columns = "SELECT id, a, b, kind, decided_by, at, wrapped, reason FROM judgement WHERE kind <> 'skip'"
	if ids == nil {
		err = tx.Each(ctx, scan, columns)
	} else if err = tx.InInts(ctx, ids, scan, columns+" AND a IN ($keys)"); err == nil {
		err = tx.InInts(ctx, ids, scan, columns+" AND b IN ($keys)")
	}
	if err != nil {
		return nil, err
	}
	all := make([]entity.Judgement, 0, len(last))
	for _, r := range last {
		reason, err := s.db.OpenOne("judgement", binary.BigEndian.AppendUint64(nil, uint64(r.id)), r.wrapped, r.sealed)
		if err != nil {
			return nil, err
		}
		r.Reason = string(reason)
		all = append(all, r.Judgement)
	}
	slices.SortFunc(all, func(x, y entity.Judgement) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) })
	return all, nil
}

// hops is how far Related follows refs: a payment hangs on an order, a refund
// on that payment, and the order on the customer.
const hops = 4

// Related returns the current records of a type that hang on a golden record's
// members by their refs, directly or through others (the payments of its orders),
// oldest first. A merge or unmerge moves them, for they are found when they are read.
func (s *Store) Related(ctx context.Context, id entity.ID, t record.Type) ([]record.Record, error) {
	var out []record.Record
	err := s.db.View(ctx, func(tx *store.Tx) error {
		at, err := s.target(ctx, tx, id)
		if err != nil {
			return err
		}
		var x row
		found, err := tx.One(ctx, func(r store.Row) error {
			x = scanGolden(r)
			return nil
		}, goldenSelect+" WHERE id = $1", at[:])
		if err != nil {
			return err
		}
		if !found {
			return fault.New("E5020", "", "id", idText(id))
		}
		ids, err := x.list()
		if err != nil {
			return err
		}
		var parents [][]byte
		err = tx.InInts(ctx, sortedInts(ids), func(r store.Row) error {
			parents = append(parents, r.Bytes(0))
			return nil
		}, "SELECT ref FROM record WHERE id IN ($keys)")
		if err != nil {
			return err
		}
		names, err := s.streams(ctx, tx)
		if err != nil {
			return err
		}
		known, wanted := map[int64]bool{}, []int64{}
		for range hops {
			var next [][]byte
			err := tx.InBytes(ctx, parents, func(r store.Row) error {
				if known[r.Int(0)] {
					return nil
				}
				known[r.Int(0)] = true
				next = append(next, r.Bytes(1))
				if names[r.Int(2)].typ == t {
					wanted = append(wanted, r.Int(0))
				}
				return nil
			}, "SELECT r.id, r.ref, r.stream FROM child c JOIN record r ON r.id = c.record WHERE c.parent IN ($keys) AND r.deleted = 0")
			if err != nil {
				return err
			}
			if parents = next; len(next) == 0 {
				break
			}
		}
		slices.Sort(wanted)
		out, err = s.records(ctx, tx, names, wanted)
		return err
	})
	return out, err
}

// records reads and opens records of any type, ascending by id.
func (s *Store) records(ctx context.Context, tx *store.Tx, names map[int64]streamName, ids []int64) ([]record.Record, error) {
	all := map[int64]record.Record{}
	err := tx.InInts(ctx, ids, func(r store.Row) error {
		n := names[r.Int(1)]
		o, err := s.open(r.Bytes(5), r.Bytes(6), string(n.typ), r.Bytes(2), false)
		if err != nil {
			return err
		}
		invalid, err := setAside(o.invalid)
		all[r.Int(0)] = record.Record{
			Ref: record.Ref{Source: n.source, Stream: n.stream, Type: n.typ, Key: o.key}, Fields: o.fields,
			UpdatedAt: instant(r.Int(3)), Observed: instant(r.Int(4)), Invalid: invalid,
		}
		return err
	}, "SELECT id, stream, ref, updated, observed, wrapped, payload FROM record WHERE id IN ($keys)")
	out := make([]record.Record, 0, len(all))
	for _, id := range ids {
		if r, ok := all[id]; ok {
			out = append(out, r)
		}
	}
	return out, err
}
