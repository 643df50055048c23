package mdm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"crmhub/mdm/entity"
	"crmhub/mdm/review"
)

// Placing is an extra power of a Store: it tells where records belong without
// opening them.
type Placing interface {
	// Places returns the side of each of these records that is current: its
	// entity, how many records that has, and the record's version.
	Places(ctx context.Context, ids []entity.RecordID) (map[entity.RecordID]review.Side, error)
}

// Doubts returns the pairs that a steward should look at: two records of two
// entities that share a blocking key, score at least the review threshold, and
// were not judged. They are computed from the store as it stands, by the blocks and
// comparisons of a bulk resolve: nothing is kept while resolving, which
// costs nothing there. It writes nothing. The store must be a Placing.
func (r *Resolver) Doubts(ctx context.Context) ([]review.Pair, error) {
	_, current, err := r.store.Stat(ctx)
	if err != nil {
		return nil, fmt.Errorf("doubts: %w", err)
	}
	pass := &run{Resolver: &Resolver{store: &checking{Store: r.store}, model: r.model, o: r.o}, progress: func(Progress) {}, total: current}
	g, b, err := pass.load(ctx, current)
	if err != nil {
		return nil, fmt.Errorf("doubts: %w", err)
	}
	found, err := pass.doubtful(ctx, g, b)
	if err != nil {
		return nil, fmt.Errorf("doubts: %w", err)
	}
	asked := map[entity.RecordID]bool{}
	for _, s := range found {
		asked[g.ids[s.a]], asked[g.ids[s.b]] = true, true
	}
	places := map[entity.RecordID]review.Side{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(asked)), r.o.Batch) {
		some, err := r.store.(Placing).Places(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("doubts: %w", err)
		}
		maps.Copy(places, some)
	}
	var pairs []review.Pair
	for _, s := range found {
		p := pairOf(g.ids[s.a], g.ids[s.b])
		a, okA := places[p.a]
		b, okB := places[p.b]
		if _, judged := g.judgements[p]; judged || !okA || !okB || a.Entity == b.Entity {
			continue
		}
		cause := review.Band
		if s.score >= int32(r.model.rules.Merge) {
			cause = review.Bridge
		}
		pairs = append(pairs, review.Pair{A: a, B: b, Score: s.score, Cause: cause})
	}
	return pairs, nil
}

// doubtful scores the pairs that the blocks propose and returns those at or
// above the review threshold.
func (r *run) doubtful(ctx context.Context, g *graph, b *blocks) ([]scored, error) {
	const step = 512
	steps := (b.count() + step - 1) / step
	var mu sync.Mutex
	var all []scored
	err := r.parallel(ctx, steps, func(s int) error {
		var found []scored
		for k := s * step; k < min(b.count(), (s+1)*step); k++ {
			in := b.block(k)
			for i, x := range in {
				for _, y := range in[:i] {
					if !b.first(int32(k), x, y) {
						continue
					}
					if score, ok := r.model.reaches(g.features[x], g.features[y], r.model.rules.Review); ok {
						found = append(found, scored{x, y, score})
					}
				}
			}
		}
		mu.Lock()
		all = append(all, found...)
		mu.Unlock()
		return nil
	})
	return all, err
}
