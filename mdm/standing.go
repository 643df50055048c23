package mdm

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"crmhub/mdm/entity"
)

// standing returns the graph of those parts (see closure) of some quiet records that have nothing to do with
// records that are dirty and not quiet. Nothing of what makes components and entities
// changed in such a part: it is a component that stands, and so do its entities. No record of it is compared.
// The other parts are left to closed.
func (r *run) standing(ctx context.Context, quiet []entity.RecordID) (*graph, error) {
	var components []entity.RecordID
	for _, id := range quiet {
		if c := r.fresh.key(id).Component; c != 0 {
			components = append(components, c)
		}
	}
	slices.Sort(components)
	ids := slices.Clone(quiet)
	if len(components) > 0 {
		members, err := r.store.InComponents(ctx, slices.Compact(components))
		if err != nil {
			return nil, fmt.Errorf("read components: %w", err)
		}
		ids = append(ids, members...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	keys, err := r.keys(ctx, ids)
	if err != nil {
		return nil, err
	}
	touched, err := r.touched(ctx, keys)
	if err != nil {
		return nil, err
	}
	g := &graph{stands: true}
	for _, k := range keys {
		if !touched[partOf(k)] {
			g.ids, g.old, g.features = append(g.ids, k.ID), append(g.old, k.Component), append(g.features, nil)
		}
	}
	g.connected, g.bundled = newSets(len(g.ids)), newSets(len(g.ids))
	g.bundle(nil)
	for i := range g.ids {
		g.connected.union(int32(i), g.bundled.find(int32(i)))
	}
	return g, nil
}

// partOf names a component that stands: by itself, or by the record that it has alone.
func partOf(k *Key) entity.RecordID { return cmp.Or(k.Component, k.ID) }

// touched are the components of some records, all of whose records are among them, that have to do with a
// record that is dirty and not quiet: it belongs to them, shares a token with one of theirs, or a steward linked them.
func (r *run) touched(ctx context.Context, keys []*Key) (map[entity.RecordID]bool, error) {
	touched, part := map[entity.RecordID]bool{}, make(map[entity.RecordID]entity.RecordID, len(keys))
	ids := make([]entity.RecordID, len(keys))
	for i, k := range keys {
		part[k.ID], ids[i] = partOf(k), k.ID
		if k.Deleted || r.fresh.loud(k.ID) {
			touched[partOf(k)] = true
		}
		for _, t := range tokensOf(k.Blocks) {
			r.fresh.holding(t, func(entity.RecordID) { touched[partOf(k)] = true })
		}
	}
	judgements, err := r.store.Judgements(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read judgements: %w", err)
	}
	for p, j := range later(judgements) {
		if j.Kind == entity.MustLink && part[p.a] != part[p.b] {
			touched[part[p.a]], touched[part[p.b]] = true, true
		}
	}
	return touched, nil
}

// standing returns the members of each entity of a component that stands, as cluster does.
func standing(g *graph, items []int32, find func(entity.RecordID) *entity.Member) [][]*entity.Member {
	at := map[entity.ID]int{}
	var out [][]*entity.Member
	for _, i := range items { // ascending, as their records are
		m := find(g.ids[i])
		k, ok := at[m.Entity]
		if !ok {
			k = len(out)
			at[m.Entity] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], m)
	}
	return out
}
