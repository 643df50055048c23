package mdmtest

import (
	"context"
	"slices"

	"crmhub/mdm"
	"crmhub/mdm/entity"
)

var _ mdm.Overriding = (*Store)(nil)

// Override writes a steward's value and makes its record dirty.
func (s *Store) Override(o entity.Override) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.overrides = append(s.overrides, o)
	s.records[o.Record-1].soil()
}

// EndOverrides takes back all overrides on a record and makes it dirty.
func (s *Store) EndOverrides(id entity.RecordID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.overrides = slices.DeleteFunc(s.overrides, func(o entity.Override) bool { return o.Record == id })
	s.records[id-1].soil()
}

// Overridden returns the records on which overrides stand.
func (s *Store) Overridden(ctx context.Context) ([]entity.RecordID, error) {
	end, err := s.begin(ctx, "overridden")
	if err != nil {
		return nil, err
	}
	defer end()
	var ids []entity.RecordID
	for _, o := range s.overrides {
		ids = append(ids, o.Record)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// Overrides returns the overrides on some records, or all of them.
func (s *Store) Overrides(ctx context.Context, ids []entity.RecordID) ([]entity.Override, error) {
	end, err := s.begin(ctx, "overrides")
	if err != nil {
		return nil, err
	}
	defer end()
	var all []entity.Override
	for _, o := range s.overrides {
		if ids == nil || slices.Contains(ids, o.Record) {
			all = append(all, o)
		}
	}
	return all, nil
}

// inherit moves the overrides of deleted founders to their heirs.
func (s *Store) inherit(heirs map[entity.RecordID]entity.RecordID) {
	for i := range s.overrides {
		if heir, ok := heirs[s.overrides[i].Record]; ok {
			s.overrides[i].Record = heir
		}
	}
}
