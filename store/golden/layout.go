package golden

import (
	"encoding/binary"

	"crmhub/governance/crypt"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store/canon"
)

// layout is what sealing asks of a schema, field by field, made once.
type layout struct {
	fields []*field // by name
	byName map[string]*field
	// indexed are the fields that can be searched.
	indexed []*field
}

// field is one top-level property that a schema classifies.
type field struct {
	name   string
	sealed bool
	// quoted is the name as it stands before the value in a canonical plaintext.
	quoted []byte
	// head is what stands before the value in a payload: name and class.
	head []byte
	// bound is the part of a seal's associated data that is the field's.
	bound []byte
	// space is that of its search tokens.
	space string
}

// layoutOf returns the layout of a schema; one without fields for nil.
func (s *Store) layoutOf(schema *schemas.Schema) *layout {
	if l, ok := s.layouts[schema]; ok {
		return l
	}
	return newLayout(schema)
}

// layouts are those of all types.
func layouts(set *schemas.Set) map[*schemas.Schema]*layout {
	all := map[*schemas.Schema]*layout{nil: newLayout(nil)}
	if set == nil {
		return all
	}
	for _, t := range record.Types {
		if schema, ok := set.Schema(t); ok {
			all[schema] = newLayout(schema)
		}
	}
	return all
}

// entryNames are the names that entries of payloads have.
func (s *Store) entryNames() map[string]string {
	all := map[string]string{featuresEntry: featuresEntry, keyEntry: keyEntry, invalidEntry: invalidEntry, extrasEntry: extrasEntry, originsEntry: originsEntry}
	for _, l := range s.layouts {
		for n := range l.byName {
			all[n] = n
		}
	}
	return all
}

func newLayout(schema *schemas.Schema) *layout {
	l := &layout{byName: map[string]*field{}}
	if schema == nil {
		return l
	}
	for _, p := range schema.Sorted() {
		if p.Index {
			l.indexed = append(l.indexed, &field{name: p.Name, space: searchSpace(p.Name)})
		}
		if p.Class == schemas.Unclassified {
			continue
		}
		f := &field{name: p.Name, sealed: p.Seal, quoted: append(canon.String(nil, p.Name), ':'), bound: crypt.AppendAD(nil, p.Name, p.Class)}
		class := classByte(p.Class)
		f.head = append(binary.AppendUvarint(nil, uint64(len(p.Name))), p.Name...)
		if p.Seal {
			f.head = append(f.head, class|sealedFlag)
		} else {
			f.head = append(f.head, class)
		}
		l.fields = append(l.fields, f)
		l.byName[p.Name] = f
	}
	return l
}
