package golden

import (
	"context"
	"errors"
	"slices"

	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/canon"
)

// dense is the share of records asked for, among those between the first and
// the last of them, from which reading all of them is faster than looking each up.
const dense = 0.4

// Features hands f what comparing asks of each of these customers that is current, its values
// kept in d. i is the customer's place in ids, which ascend. Of a customer that landed with its
// features nothing else is opened; of others, or where this program makes other features, its fields are.
func (s *Store) Features(ctx context.Context, ids []entity.RecordID, d *compare.Dictionary, f func(i int, x *compare.Features)) error {
	if len(ids) == 0 {
		return nil
	}
	x, _ := s.plains.Get().(*plainText)
	defer s.plains.Put(x)
	var m sealedFields
	return s.db.Glance(ctx, func(tx *store.Tx) error {
		var whole []int64
		take := func(r store.Row) error {
			i, found := slices.BinarySearch(ids, entity.RecordID(r.Int(0)))
			if !found || r.Int(1) != 0 {
				return nil
			}
			m = sealedFields{r.Append(m.ref[:0], 2), r.Append(m.wrapped[:0], 3), r.Append(m.payload[:0], 4)}
			cut := int64(len(m.payload)) < r.Int(5)
			features, err := s.features(x, &m, d, cut)
			x.clear()
			if errors.Is(err, errCut) {
				whole = append(whole, r.Int(0))
				return nil
			}
			if err == nil {
				f(i, features)
			}
			return err
		}
		columns := headSelect
		if s.headless.Load() {
			columns = wholeSelect
		}
		first, last := int64(ids[0]), int64(ids[len(ids)-1])
		var err error
		if float64(len(ids)) >= dense*float64(last-first+1) {
			err = tx.Each(ctx, take, columns+"id >= $1 AND id <= $2 ORDER BY id", first, last)
		} else {
			err = tx.InInts(ctx, sortedInts(ids), take, columns+"id IN ($keys)")
		}
		if err != nil {
			return err
		}
		if len(whole) > 0 {
			s.headless.Store(2*len(whole) > len(ids))
		}
		slices.Sort(whole)
		return tx.InInts(ctx, whole, take, wholeSelect+"id IN ($keys)")
	})
}

// What of a payload is read: its head, in which what is compared stands but for few customers; or all of it,
// once most of those looked at had landed without. The last column is how long the payload is at least.
const (
	headSelect  = "SELECT id, deleted, ref, wrapped, substr(payload, 1, 320), length(payload) FROM record WHERE "
	wholeSelect = "SELECT id, deleted, ref, wrapped, payload, 0 FROM record WHERE "
)

// sealedFields are a customer's values as they were read.
type sealedFields struct{ ref, wrapped, payload []byte }

// errEnough ends the walk over a payload; errCut says that the head of one is not enough.
var errEnough, errCut = errors.New("enough"), errors.New("more of the payload is needed")

// features opens what comparing asks of a customer, of whose payload the rest may be cut off.
func (s *Store) features(x *plainText, m *sealedFields, d *compare.Dictionary, cut bool) (*compare.Features, error) {
	k, err := s.db.OpenDataKey(m.wrapped)
	if err != nil {
		return nil, err
	}
	x.ad = s.db.SubjectAD(x.ad[:0], string(record.Customer), m.ref)
	bound := len(x.ad)
	var features *compare.Features
	err = entries(m.payload, func(name []byte, class byte, value []byte) error {
		switch {
		case string(name) == featuresEntry:
			if err := x.open(k, bound, featuresEntry, class, value); err != nil {
				return err
			}
			last := len(x.entries) - 1
			var ok bool
			if features, ok = d.Unpack(x.plain[x.entries[last].from:]); ok {
				return errEnough
			}
			x.entries = x.entries[:last]
			if cut {
				return errCut
			}
			return nil
		case cut: // what is compared would come first
			return errCut
		case s.attributes[string(name)]:
			return x.open(k, bound, s.name(name), class, value)
		}
		return nil
	})
	switch {
	case errors.Is(err, errEnough):
		return features, nil
	case cut:
		return nil, errCut
	case err != nil:
		return nil, err
	}
	values, err := x.compared(s.attributes)
	if err != nil {
		return nil, err
	}
	return d.New(values), nil
}

// compared decodes the values of the names asked for.
func (x *plainText) compared(asked map[string]bool) (record.Fields, error) {
	values, text := make(record.Fields, len(x.entries)), string(x.plain)
	for _, e := range x.entries {
		v, err := canon.DecodeText(text[e.from:e.to])
		if err != nil {
			return nil, err
		}
		if e.name != extrasEntry {
			values[e.name] = v
			continue
		}
		extras, _ := v.(map[string]any)
		for n, v := range extras {
			if asked[n] {
				values[n] = v
			}
		}
	}
	return values, nil
}
