package golden

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"crmhub/governance/crypt"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/canon"
)

// goldenState is a golden record as it stands, without its values.
type goldenState struct {
	status, version int64
	content         []byte
	lone            lone
}

// sealedGolden is a golden record that is to be written.
type sealedGolden struct {
	*entity.Golden
	content          [16]byte
	wrapped, payload []byte
	was              goldenState
	known, skip      bool
	changed          []string
	// stood are the values before, where the row named a record's version.
	stood record.Fields
}

// sealGoldens compares golden records with what stands, and seals those that differ.
func (s *Store) sealGoldens(ctx context.Context, all []*sealedGolden) error {
	ids := make([][]byte, len(all))
	byID := make(map[entity.ID]*sealedGolden, len(all))
	for i, g := range all {
		ids[i], byID[g.ID] = g.ID[:], g
	}
	err := s.db.Glance(ctx, func(tx *store.Tx) error {
		err := tx.InBytes(ctx, ids, func(r store.Row) error {
			g := byID[entity.ID(r.Bytes(0))]
			g.known, g.was = true, goldenState{r.Int(1), r.Int(2), r.Bytes(3), lone{r.Int(4), r.Int(5)}}
			return nil
		}, "SELECT id, status, version, content, record, record_version FROM golden WHERE id IN ($keys)")
		if err != nil {
			return err
		}
		return s.compared(ctx, tx, all)
	})
	if err != nil {
		return err
	}
	schema, _ := s.schema(record.Customer)
	sealers := sync.Pool{New: func() any { return &sealer{s: s, layout: s.layoutOf(schema)} }}
	return parallel(ctx, len(all), func(i int) error {
		g := all[i]
		p, _ := sealers.Get().(*sealer)
		defer sealers.Put(p)
		p.canonical(g.Fields, originBytes(g.Golden))
		g.content = s.db.ContentTokenOf("golden", p.buf)
		if g.skip = g.known && g.was.status == statusActive && bytes.Equal(g.content[:], g.was.content); g.skip {
			return nil
		}
		k, wrapped, err := s.db.NewDataKey()
		if err != nil {
			return err
		}
		p.buf = p.buf[:p.end+1] // the provenance has a column of its own
		p.origins = unknownOrigins(g.Golden, schema)
		g.wrapped = wrapped
		g.payload = p.pack(make([]byte, 0, p.room()), k, goldenKind, g.ID[:], schema, "")
		return nil
	})
}

// compared opens the golden records that stand for a record alone, so that
// they can be compared as if they held their values.
func (s *Store) compared(ctx context.Context, tx *store.Tx, all []*sealedGolden) error {
	var asked []lone
	for _, g := range all {
		if g.was.lone.record != 0 {
			asked = append(asked, g.was.lone)
		}
	}
	stand, err := s.openLone(ctx, tx, asked)
	if err != nil {
		return err
	}
	for _, g := range all {
		if was, ok := stand[g.was.lone]; ok {
			p := sealer{s: s}
			p.canonical(was.Fields, originBytes(&was))
			content := s.db.ContentToken("golden", string(p.buf))
			g.was.content, g.stood = content[:], was.Fields
		}
	}
	return nil
}

// goldenKind is what the values of golden records are sealed for.
const goldenKind = "golden customer"

// originBytes are a golden record's members and provenance in one form, for
// comparison inside this store.
func originBytes(g *entity.Golden) []byte {
	b := append(packMembers(g.Members), 0)
	var room [24]string
	names := room[:0]
	for n := range g.Provenance {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		p := g.Provenance[n]
		b = crypt.AppendAD(b, n, p.Rule)
		b = binary.AppendUvarint(b, uint64(p.From))
		b = binary.AppendUvarint(b, uint64(len(p.All)))
		b = append(b, packMembers(p.All)...)
	}
	return b
}

func originJSON(p entity.Provenance) []any { return []any{int64(p.From), idsJSON(p.All), p.Rule} }

func idsJSON(list []entity.RecordID) []any {
	all := make([]any, len(list))
	for i, id := range list {
		all[i] = int64(id)
	}
	return all
}

// attributes finds the names of the values that changed, for the change events.
func (a *application) attributes(ctx context.Context, changed []*sealedGolden) error {
	ids := make([][]byte, len(changed))
	byID := map[entity.ID]*sealedGolden{}
	for i, g := range changed {
		ids[i], byID[g.ID] = g.ID[:], g
	}
	type old struct {
		g                *sealedGolden
		wrapped, payload []byte // none where the values are known
	}
	var olds []old
	for _, g := range changed {
		if g.stood != nil {
			olds = append(olds, old{g: g})
		}
	}
	err := a.tx.InBytes(ctx, ids, func(r store.Row) error {
		if payload := r.Bytes(2); payload != nil {
			olds = append(olds, old{byID[entity.ID(r.Bytes(0))], r.Bytes(1), payload})
		}
		return nil
	}, "SELECT id, wrapped, payload FROM golden WHERE id IN ($keys)")
	if err != nil {
		return err
	}
	return parallel(ctx, len(olds), func(i int) error {
		o, g := olds[i], olds[i].g
		stood := g.stood
		if stood == nil {
			was, err := a.s.open(o.wrapped, o.payload, goldenKind, g.ID[:], false)
			if err != nil {
				return err
			}
			stood = was.fields
		}
		for n, v := range g.Fields {
			if !bytes.Equal(canon.Append(nil, v), canon.Append(nil, stood[n])) {
				g.changed = append(g.changed, n)
			}
		}
		for n := range stood {
			if _, ok := g.Fields[n]; !ok {
				g.changed = append(g.changed, n)
			}
		}
		for i, n := range g.changed {
			if !known(a.schema, n) {
				g.changed[i] = "…" // a name that no schema knows may say something itself
			}
		}
		slices.Sort(g.changed)
		g.changed = slices.Compact(g.changed)
		return nil
	})
}
