package mdm

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	"crmhub/mdm/entity"
)

// Verification is what Verify found.
type Verification struct {
	// Checked are the golden records that there should be, Different those that
	// are not as they should be or not there.
	Checked   int64 `json:"checked"`
	Different int64 `json:"different"`
	// Dirty are records that wait for a resolve; their golden records may
	// rightly differ.
	Dirty int64 `json:"dirty"`
	// Entities are some of those that differ, at most 20.
	Entities []entity.ID `json:"-"`
}

// OK reports whether everything is as it should be.
func (v Verification) OK() bool { return v.Different == 0 }

// Verify computes all entities and golden records anew from the current
// records, the model and the judgements, and compares them with those that
// stand. It writes nothing.
func (r *Resolver) Verify(ctx context.Context) (Verification, error) {
	dirty, current, err := r.store.Stat(ctx)
	if err != nil {
		return Verification{}, fmt.Errorf("verify: %w", err)
	}
	check := &checking{Store: r.store, v: Verification{Dirty: dirty}}
	pass := &run{Resolver: &Resolver{store: check, model: r.model, o: r.o}, progress: func(Progress) {}, total: current}
	if err := pass.bulk(ctx); err != nil {
		return Verification{}, fmt.Errorf("verify: %w", err)
	}
	return check.v, nil
}

// checking is a store that compares what a resolve would write with what
// stands. It has no tombstones and keeps no tokens, so that a bulk resolve writes nothing.
type checking struct {
	Store
	v Verification
}

func (c *checking) Keys(ctx context.Context, first, last entity.RecordID) ([]Key, error) {
	keys, err := c.Store.Keys(ctx, first, last)
	return slices.DeleteFunc(keys, func(k Key) bool { return k.Deleted }), err
}

func (c *checking) ReplaceTokens(context.Context, Part, []entity.RecordID, int) error { return nil }

func (c *checking) Apply(ctx context.Context, r entity.Resolution) error {
	var ids []entity.ID
	for _, k := range r.Components {
		for _, g := range k.Entities {
			ids = append(ids, g.ID)
		}
	}
	stand, err := c.Goldens(ctx, ids)
	if err != nil {
		return err
	}
	slices.SortFunc(stand, func(a, b entity.Golden) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, k := range r.Components {
		for _, g := range k.Entities {
			c.v.Checked++
			i, found := slices.BinarySearchFunc(stand, g.ID, func(s entity.Golden, id entity.ID) int { return cmp.Or(slices.Compare(s.ID[:], id[:])) })
			if found && same(stand[i], g) {
				continue
			}
			c.v.Different++
			if len(c.v.Entities) < 20 {
				c.v.Entities = append(c.v.Entities, g.ID)
			}
		}
	}
	return nil
}

func (c *checking) Overridden(ctx context.Context) ([]entity.RecordID, error) {
	if o, ok := c.Store.(Overriding); ok {
		return o.Overridden(ctx)
	}
	return nil, nil
}

func (c *checking) Overrides(ctx context.Context, ids []entity.RecordID) ([]entity.Override, error) {
	if o, ok := c.Store.(Overriding); ok {
		return o.Overrides(ctx, ids)
	}
	return nil, nil
}

func same(a, b entity.Golden) bool {
	return slices.Equal(a.Members, b.Members) && reflect.DeepEqual(a.Fields, b.Fields) && reflect.DeepEqual(a.Provenance, b.Provenance)
}
