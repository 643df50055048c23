package mdm

import (
	"context"
	"fmt"

	"crmhub/mdm/entity"
)

// Effect is what resolving all records would change.
type Effect struct {
	// Merged are golden records that others would take in, Split those whose
	// records would belong to several, Same those that stay as they are.
	Merged int64 `json:"merged"`
	Split  int64 `json:"split"`
	Same   int64 `json:"same"`
	// Samples are some pairs of records, joined or parted.
	Samples []EffectSample `json:"-"`
}

// EffectSample is two records that would come to be of one golden record, or of two.
type EffectSample struct {
	A, B   entity.RecordID
	Joined bool
}

// Effect computes what resolving all records by the resolver's model would change,
// with at most samples pairs joined and as many parted. It writes nothing. The store must be a
// Placing, and the model's blocking keys those that its records landed with.
func (r *Resolver) Effect(ctx context.Context, samples int) (Effect, error) {
	_, current, err := r.store.Stat(ctx)
	if err != nil {
		return Effect{}, fmt.Errorf("effect: %w", err)
	}
	s := &effects{checking: checking{Store: r.store}, samples: samples}
	pass := &run{Resolver: &Resolver{store: s, model: r.model, o: r.o}, progress: func(Progress) {}, total: current}
	if err := pass.bulk(ctx); err != nil {
		return Effect{}, fmt.Errorf("effect: %w", err)
	}
	return s.found, nil
}

// effects is a store that compares the memberships that a resolve would write with those that stand.
type effects struct {
	checking
	samples        int
	joined, parted int
	found          Effect
}

func (s *effects) Apply(ctx context.Context, r entity.Resolution) error {
	var ids []entity.RecordID
	for _, c := range r.Components {
		for _, e := range c.Entities {
			ids = append(ids, e.Members...)
		}
	}
	places, err := s.Store.(Placing).Places(ctx, ids)
	if err != nil {
		return err
	}
	first := map[entity.ID]entity.RecordID{} // the first record of each golden record that stands
	in := map[entity.ID]int{}                // in how many of the new ones it is
	for _, c := range r.Components {
		for _, e := range c.Entities {
			of := map[entity.ID]bool{}
			for _, id := range e.Members {
				was := places[id].Entity
				if of[was] || was.Zero() {
					continue
				}
				if len(of) > 0 {
					s.found.Merged++
					s.sample(e.Members[0], id, true)
				}
				of[was] = true
				if in[was]++; in[was] == 1 {
					first[was] = id
				} else if in[was] == 2 {
					s.found.Split++
					s.sample(first[was], id, false)
				}
			}
			if len(of) == 1 {
				s.found.Same++
			}
		}
	}
	return nil
}

func (s *effects) sample(a, b entity.RecordID, joined bool) {
	n := &s.parted
	if joined {
		n = &s.joined
	}
	if *n < s.samples {
		*n++
		s.found.Samples = append(s.found.Samples, EffectSample{a, b, joined})
	}
}
