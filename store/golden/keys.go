package golden

import (
	"context"
	"encoding/binary"
	"slices"

	"crmhub/governance/crypt"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/canon"
)

// Last returns the largest id of a customer, 0 where there are none.
func (s *Store) Last(ctx context.Context) (entity.RecordID, error) {
	var last int64
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		last, err = tx.Int(ctx, "SELECT coalesce(max(record), 0) FROM xref")
		return err
	})
	return entity.RecordID(last), err
}

// Keys returns what blocking asks of the current customers and the dirty
// tombstones with ids from first to last, ascending. None is opened.
func (s *Store) Keys(ctx context.Context, first, last entity.RecordID) ([]mdm.Key, error) {
	all := make([]mdm.Key, 0, last-first+1)
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return tx.Each(ctx, func(r store.Row) error {
			k := mdm.Key{ID: entity.RecordID(r.Int(0)), Component: entity.RecordID(r.Int(2))}
			if k.Deleted = r.Int(1) != 0; k.Deleted {
				k.Own = effective(r.Bytes(4), r.Bytes(5))
				copy(k.Entity[:], r.Bytes(6))
			} else {
				k.Blocks, k.Search = splitTokens(r.Bytes(3))
			}
			all = append(all, k)
			return nil
		}, `SELECT x.record, r.deleted, x.component, r.tokens, CASE WHEN r.deleted = 1 THEN x.own END, CASE WHEN r.deleted = 1 THEN r.own END, CASE WHEN r.deleted = 1 THEN x.entity END
			FROM xref x JOIN record r ON r.id = x.record WHERE x.record >= $1 AND x.record <= $2 AND (r.deleted = 0 OR x.dirty <> 0) ORDER BY x.record`, int64(first), int64(last))
	})
	return all, err
}

// dense is the share of records asked for, among those between the first and
// the last of them, from which reading all of them is faster than looking each up.
const dense = 0.4

// Fields returns, in the order of ids, the values of current customers that
// have one of these names, opened; nil for a record that is not current.
func (s *Store) Fields(ctx context.Context, ids []entity.RecordID, names []string) ([]record.Fields, error) {
	sorted := sortedInts(ids)
	if len(sorted) == 0 {
		return nil, nil
	}
	sealed := make([]sealedFields, len(sorted))
	err := s.db.View(ctx, func(tx *store.Tx) error {
		take := func(r store.Row) error {
			if i, found := slices.BinarySearch(sorted, r.Int(0)); found && r.Int(1) == 0 {
				sealed[i] = sealedFields{r.Bytes(2), r.Bytes(3), r.Bytes(4)}
			}
			return nil
		}
		const columns = "SELECT id, deleted, ref, wrapped, payload FROM record WHERE "
		first, last := sorted[0], sorted[len(sorted)-1]
		if float64(len(sorted)) >= dense*float64(last-first+1) {
			return tx.Each(ctx, take, columns+"id >= $1 AND id <= $2 ORDER BY id", first, last)
		}
		return tx.InInts(ctx, sorted, take, columns+"id IN ($keys)")
	})
	if err != nil {
		return nil, err
	}
	asked := make(map[string]string, len(names))
	for _, n := range names {
		asked[n] = n
	}
	opened := make([]record.Fields, len(sorted))
	const step = 64
	err = parallel(ctx, (len(sorted)+step-1)/step, func(k int) error {
		o := &opener{s: s, names: asked}
		for i := k * step; i < min(len(sorted), (k+1)*step); i++ {
			if sealed[i].payload == nil {
				continue
			}
			var err error
			if opened[i], err = o.open(&sealed[i]); err != nil {
				return err
			}
		}
		return nil
	})
	out := make([]record.Fields, len(ids))
	for i, id := range ids {
		at, _ := slices.BinarySearch(sorted, int64(id))
		out[i] = opened[at]
	}
	return out, err
}

// sealedFields are a customer's values as they were read.
type sealedFields struct{ ref, wrapped, payload []byte }

// opener opens some of the values of customers; it keeps its buffers and is
// used by one goroutine.
type opener struct {
	s     *Store
	names map[string]string // the names asked for, each by itself
	ad    []byte
	plain []byte
}

func (o *opener) open(m *sealedFields) (record.Fields, error) {
	k, err := o.s.db.OpenDataKey(m.wrapped)
	if err != nil {
		return nil, err
	}
	fields := make(record.Fields, len(o.names))
	o.ad = o.s.db.SubjectAD(o.ad[:0], string(record.Customer), m.ref)
	bound := len(o.ad)
	if len(m.payload) == 0 || m.payload[0] != payloadV1 {
		return nil, errPayload
	}
	for p := m.payload[1:]; len(p) > 0; {
		name, class, value, rest, ok := entry(p)
		if !ok {
			return nil, errPayload
		}
		p = rest
		n, asked := o.names[string(name)]
		if !asked {
			continue
		}
		if class&sealedFlag != 0 {
			i := int(class &^ sealedFlag)
			if i >= len(classes) {
				return nil, errPayload
			}
			o.ad = crypt.AppendAD(o.ad[:bound], n, classes[i])
			if o.plain, err = k.Open(o.plain[:0], value, o.ad); err != nil {
				return nil, err
			}
			value = o.plain
		}
		if fields[n], err = canon.Decode(value); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// entry takes the next entry off a packed payload.
func entry(p []byte) (name []byte, class byte, value, rest []byte, ok bool) {
	part := func() []byte {
		n, size := binary.Uvarint(p)
		if size <= 0 || n > uint64(len(p)-size) {
			return nil
		}
		b := p[size : size+int(n)]
		p = p[size+int(n):]
		return b
	}
	if name = part(); name == nil || len(p) == 0 {
		return nil, 0, nil, nil, false
	}
	class, p = p[0], p[1:]
	value = part()
	return name, class, value, p, value != nil
}
