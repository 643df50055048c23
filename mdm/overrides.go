package mdm

import (
	"context"
	"fmt"
	"slices"

	"crmhub/mdm/entity"
	"crmhub/mdm/survive"
)

// Overriding is an extra power of a Store: it holds stewards' own values for
// attributes of golden records.
type Overriding interface {
	// Overridden returns the records, tombstones too, on which overrides stand, ascending.
	Overridden(ctx context.Context) ([]entity.RecordID, error)
	// Overrides returns the overrides that stand on these records, opened; nil
	// ids asks for all. They come in the order in which they were given.
	Overrides(ctx context.Context, ids []entity.RecordID) ([]entity.Override, error)
}

// overrides are those that stand on some records.
type overrides map[entity.RecordID][]entity.Override

// overridden are the records on which overrides stand.
func (r *run) overridden(ctx context.Context) ([]entity.RecordID, error) {
	store, ok := r.store.(Overriding)
	if !ok {
		return nil, nil
	}
	ids, err := store.Overridden(ctx)
	if err != nil {
		return nil, fmt.Errorf("read overrides: %w", err)
	}
	return ids, nil
}

// overridesOn returns the overrides on those of some records that have any.
func (r *run) overridesOn(ctx context.Context, bundles []bundle, g *graph) (overrides, error) {
	if len(r.anchors) == 0 {
		return nil, nil
	}
	var ids []entity.RecordID
	note := func(id entity.RecordID) {
		if r.anchored(id) {
			ids = append(ids, id)
		}
	}
	for _, b := range bundles {
		for _, i := range b.items {
			note(g.ids[i])
		}
		for _, t := range b.tombs {
			note(t.id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	all, err := r.store.(Overriding).Overrides(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read overrides: %w", err)
	}
	on := overrides{}
	for _, o := range all {
		on[o.Record] = append(on[o.Record], o)
	}
	return on, nil
}

// anchored reports whether an override stands on a record.
func (r *run) anchored(id entity.RecordID) bool {
	_, ok := slices.BinarySearch(r.anchors, id)
	return ok
}

// of returns the overrides of an entity: those on its members, and those of
// deleted founders whose ids its members inherit.
func (on overrides) of(members []entity.Member, heirs map[entity.RecordID]entity.RecordID) []entity.Override {
	if len(on) == 0 {
		return nil
	}
	var all []entity.Override
	for i := range members {
		all = append(all, on[members[i].ID]...)
	}
	for tomb, heir := range heirs {
		if slices.ContainsFunc(members, func(m entity.Member) bool { return m.ID == heir }) {
			for _, o := range on[tomb] {
				o.Record = heir
				all = append(all, o)
			}
		}
	}
	return all
}

// heirs says which record inherits the overrides of each deleted founder: the
// one that inherits its id.
func (on overrides) heirs(tombs []tomb, owns map[entity.RecordID]entity.ID) map[entity.RecordID]entity.RecordID {
	var heirs map[entity.RecordID]entity.RecordID
	for _, t := range tombs {
		if len(on[t.id]) == 0 {
			continue
		}
		for heir, own := range owns {
			if own == t.own {
				if heirs == nil {
					heirs = map[entity.RecordID]entity.RecordID{}
				}
				heirs[t.id] = heir
			}
		}
	}
	return heirs
}

// Decision says how the value of one attribute of an entity was chosen from
// its members and the overrides on them.
func (m *Model) Decision(attribute string, members []entity.Member, overrides []entity.Override) survive.Decision {
	return m.survive.Explain(attribute, members, overrides...)
}

// Survives returns the golden record of some members and the overrides on
// them, as a resolve would; its ID is not set.
func (m *Model) Survives(members []entity.Member, overrides []entity.Override) entity.Golden {
	return m.survive.Golden(members, overrides...)
}
