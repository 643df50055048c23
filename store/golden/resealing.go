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
	// stood is what it was before, where the row named a record's version.
	stood *entity.Golden
}

// lone is the version of a record whose values it has, zero where it has values of its own.
func (g *sealedGolden) lone() (is lone) {
	if g.Alone != 0 {
		is = lone{int64(g.Members[0]), g.Alone}
	}
	return is
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
		return s.recall(ctx, tx, all)
	})
	if err != nil {
		return err
	}
	schema, _ := s.schema(record.Customer)
	sealers := sync.Pool{New: func() any { return &sealer{s: s, layout: s.layoutOf(schema)} }}
	return parallel(ctx, len(all), func(i int) error {
		g := all[i]
		if g.skip {
			return nil
		}
		p, _ := sealers.Get().(*sealer)
		defer sealers.Put(p)
		if g.stood != nil {
			stood := bytes.Clone(p.canonical(g.stood.Fields, originBytes(g.stood)))
			g.skip = g.was.status == statusActive && bytes.Equal(stood, p.canonical(g.Fields, originBytes(g.Golden)))
		} else {
			p.canonical(g.Fields, originBytes(g.Golden))
		}
		if g.skip || g.Alone != 0 && g.was.content == nil {
			return nil
		}
		g.content = s.db.ContentTokenOf("golden", p.buf)
		g.skip = g.known && g.was.status == statusActive && bytes.Equal(g.content[:], g.was.content)
		if g.skip || g.Alone != 0 {
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

// recall opens the golden records that stand for a record alone, so that they can be compared as if
// they held their values. Those that would name the version that they do are left as they are.
func (s *Store) recall(ctx context.Context, tx *store.Tx, all []*sealedGolden) error {
	var asked []lone
	for _, g := range all {
		if g.was.lone.record == 0 {
			continue
		}
		if g.skip = g.was.status == statusActive && g.was.lone == g.lone(); !g.skip {
			asked = append(asked, g.was.lone)
		}
	}
	stand, err := s.openLone(ctx, tx, asked)
	if err != nil {
		return err
	}
	for _, g := range all {
		if was, ok := stand[g.was.lone]; ok {
			g.stood = &was
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
	var ids [][]byte
	byID := map[entity.ID]*sealedGolden{}
	type old struct {
		g                *sealedGolden
		wrapped, payload []byte // none where the values are known
	}
	var olds []old
	for _, g := range changed {
		if g.stood != nil {
			olds = append(olds, old{g: g})
			continue
		}
		ids, byID[g.ID] = append(ids, g.ID[:]), g
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
		var stood record.Fields
		if g.stood != nil {
			stood = g.stood.Fields
		} else {
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
