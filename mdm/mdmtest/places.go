package mdmtest

import (
	"context"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/review"
)

var _ mdm.Placing = (*Store)(nil)

// Places tells where current records belong; records have no versions here.
func (s *Store) Places(ctx context.Context, ids []entity.RecordID) (map[entity.RecordID]review.Side, error) {
	end, err := s.begin(ctx, "places")
	if err != nil {
		return nil, err
	}
	defer end()
	sizes := map[entity.ID]int{}
	for _, x := range s.records {
		if !x.Deleted {
			sizes[x.Entity]++
		}
	}
	out := map[entity.RecordID]review.Side{}
	for _, id := range ids {
		if x := s.records[id-1]; !x.Deleted {
			out[id] = review.Side{Record: id, Entity: x.Entity, Size: sizes[x.Entity]}
		}
	}
	return out, nil
}
