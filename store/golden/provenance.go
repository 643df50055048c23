package golden

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"crmhub/mdm/entity"
	"crmhub/schemas"
	"crmhub/store"
	"crmhub/store/canon"
)

// packMembers packs ascending record ids: the first, then the differences.
func packMembers(ids []entity.RecordID) []byte {
	var b []byte
	last := entity.RecordID(0)
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id-last))
		last = id
	}
	return b
}

func unpackMembers(b []byte) ([]entity.RecordID, error) {
	var ids []entity.RecordID
	last := entity.RecordID(0)
	for len(b) > 0 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			return nil, errPayload
		}
		last += entity.RecordID(n)
		ids, b = append(ids, last), b[size:]
	}
	return ids, nil
}

// provenanceV1 is the first byte of packed provenance:
//
//	0x01 | number of the text that names the attributes | for each of them:
//	place of the record in the list of members + 1, or 0 |
//	2 * number of the rule's name, + 1 where contributors follow |
//	their count and places
//
// all as uvarints: 2 to 3 bytes for most values.
const provenanceV1 = 0x01

// attributeSeparator stands between the names of attributes in a dictionary text.
const attributeSeparator = "\x1f"

func (d *dictionary) packProvenance(ctx context.Context, g *entity.Golden, schema *schemas.Schema) ([]byte, error) {
	names := make([]string, 0, len(g.Provenance))
	for n := range g.Provenance {
		if known(schema, n) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	set, err := d.number(ctx, "attributes"+attributeSeparator+strings.Join(names, attributeSeparator))
	if err != nil {
		return nil, err
	}
	b := binary.AppendUvarint([]byte{provenanceV1}, uint64(set))
	place := func(id entity.RecordID) (uint64, error) {
		i, ok := slices.BinarySearch(g.Members, id)
		if !ok {
			return 0, fmt.Errorf("provenance of a golden record names record %d, which is no member of it", id)
		}
		return uint64(i), nil
	}
	for _, n := range names {
		p := g.Provenance[n]
		rule, err := d.number(ctx, "rule"+attributeSeparator+p.Rule)
		if err != nil {
			return nil, err
		}
		from := uint64(0)
		if p.From != 0 {
			if from, err = place(p.From); err != nil {
				return nil, err
			}
			from++
		}
		b = binary.AppendUvarint(b, from)
		flag := uint64(0)
		if len(p.All) > 0 {
			flag = 1
		}
		b = binary.AppendUvarint(b, uint64(rule)<<1|flag)
		if flag == 0 {
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(p.All)))
		for _, id := range p.All {
			i, err := place(id)
			if err != nil {
				return nil, err
			}
			b = binary.AppendUvarint(b, i)
		}
	}
	return b, nil
}

func (s *Store) unpackProvenance(ctx context.Context, tx *store.Tx, b []byte, members []entity.RecordID) (map[string]entity.Provenance, error) {
	all := map[string]entity.Provenance{}
	if len(b) == 0 {
		return all, nil
	}
	if b[0] != provenanceV1 {
		return nil, errPayload
	}
	b = b[1:]
	bad := false
	next := func() uint64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			bad = true
			return 0
		}
		b = b[size:]
		return n
	}
	member := func(i uint64) entity.RecordID {
		if i >= uint64(len(members)) {
			bad = true
			return 0
		}
		return members[i]
	}
	set, err := s.text(ctx, tx, int64(next()))
	if err != nil {
		return nil, err
	}
	names := strings.Split(set, attributeSeparator)[1:]
	for _, n := range names {
		if n == "" {
			continue
		}
		var p entity.Provenance
		if from := next(); from > 0 {
			p.From = member(from - 1)
		}
		rule := next()
		text, err := s.text(ctx, tx, int64(rule>>1))
		if err != nil {
			return nil, err
		}
		_, p.Rule, _ = strings.Cut(text, attributeSeparator)
		if rule&1 != 0 {
			for range min(next(), uint64(len(members))) {
				p.All = append(p.All, member(next()))
			}
		}
		if bad {
			return nil, errPayload
		}
		all[n] = p
	}
	return all, nil
}

// known reports whether the schema knows a property; the name of one that it
// does not know is sealed like its value.
func known(schema *schemas.Schema, name string) bool {
	return schema != nil && schema.Property(name).Class != schemas.Unclassified
}

// unknownOrigins is the provenance of properties that no schema knows, to be
// sealed with their values.
func unknownOrigins(g *entity.Golden, schema *schemas.Schema) []byte {
	var all map[string]any
	for n, p := range g.Provenance {
		if !known(schema, n) {
			if all == nil {
				all = map[string]any{}
			}
			all[n] = originJSON(p)
		}
	}
	if all == nil {
		return nil
	}
	return canon.Append(nil, all)
}

// addOrigins adds what unknownOrigins wrote to a golden record's provenance.
func addOrigins(to map[string]entity.Provenance, raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	all, err := canon.Object(raw)
	if err != nil {
		return err
	}
	for n, v := range all {
		list, _ := v.([]any)
		if len(list) != 3 {
			return errPayload
		}
		from, err := recordID(list[0])
		if err != nil {
			return err
		}
		p := entity.Provenance{From: from}
		p.Rule, _ = list[2].(string)
		contributors, _ := list[1].([]any)
		for _, c := range contributors {
			id, err := recordID(c)
			if err != nil {
				return err
			}
			p.All = append(p.All, id)
		}
		to[n] = p
	}
	return nil
}

func recordID(v any) (entity.RecordID, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, errPayload
	}
	id, err := n.Int64()
	return entity.RecordID(id), err
}
