package golden

import (
	"bytes"
	"context"
	"errors"

	"crmhub/record"
	"crmhub/store"
)

// A customer that waits for a resolve has in its cross-reference the stamp of when it became dirty. Where
// it is a new version of which nothing changed that is compared, and no blocking token,
// the stamp is negative: who belongs together stands then, and the resolver has no pair to look for.
// Everything else makes it positive, and only a resolve ends that.

// hush finds those of the customers that changed of which nothing changed that is compared.
func (c *commit) hush(ctx context.Context) error {
	var ids []int64
	for _, x := range c.touched {
		if x.typ == record.Customer && x.full && x.dirty && !x.deleted && !x.loud {
			ids = append(ids, x.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	type versions struct {
		x      *stored
		stands sealedFields
	}
	all := make([]versions, 0, len(ids))
	err := c.tx.InInts(ctx, ids, func(r store.Row) error {
		all = append(all, versions{c.byID[r.Int(0)], sealedFields{wrapped: r.Bytes(1), payload: r.Bytes(2)}})
		return nil
	}, "SELECT id, wrapped, substr(payload, 1, 320) FROM record WHERE id IN ($keys)")
	if err != nil {
		return err
	}
	return parallel(ctx, len(all), func(i int) error {
		v := &all[i]
		v.stands.ref = v.x.ref[:]
		was, err := c.s.packedFeatures(&v.stands)
		if err != nil || was == nil {
			return err
		}
		is, err := c.s.packedFeatures(&sealedFields{v.x.ref[:], v.x.wrapped, v.x.payload})
		v.x.quiet = bytes.Equal(was, is)
		return err
	})
}

// packedFeatures opens what comparing asks of a customer, as it landed; nil where that stands not
// in the head of its payload.
func (s *Store) packedFeatures(m *sealedFields) ([]byte, error) {
	var packed []byte
	err := entries(m.payload, func(name []byte, class byte, value []byte) error {
		if string(name) != featuresEntry {
			return errEnough
		}
		k, err := s.db.OpenDataKey(m.wrapped)
		if err != nil {
			return err
		}
		x := plainText{ad: s.db.SubjectAD(nil, string(record.Customer), m.ref)}
		if err := x.open(k, len(x.ad), featuresEntry, class, value); err != nil {
			return err
		}
		packed = x.plain
		return errEnough
	})
	if errors.Is(err, errEnough) || errors.Is(err, errPayload) { // the head may end within an entry
		return packed, nil
	}
	return packed, err
}

// sameBlocks reports whether packed tokens are the same for blocking.
func sameBlocks(a, b []byte) bool {
	x, _ := splitTokens(a)
	y, _ := splitTokens(b)
	return bytes.Equal(x, y)
}
