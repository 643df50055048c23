package mdm

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"crmhub/mdm/cluster"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
)

// bulk resolves all current records at once.
func (r *run) bulk(ctx context.Context) error {
	r.stats.Bulk = true
	whole, ok := r.store.(Whole)
	if ok {
		if err := whole.BeginAll(ctx); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
	}
	_, current, err := r.store.Stat(ctx)
	if err != nil {
		return fmt.Errorf("count records: %w", err)
	}
	g, blocks, err := r.load(ctx, current)
	if err != nil {
		return err
	}
	if err := r.connect(ctx, g, blocks); err != nil {
		return err
	}
	if err := r.settle(ctx, g, bundlesOf(g)); err != nil || !ok {
		return err
	}
	if err := whole.EndAll(ctx); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	return nil
}

// span is how many record ids are looked at together.
const span = 1 << 14

// load reads the tokens of every current record and the dirty tombstones,
// brings the token index in line, and returns the records and their blocks.
// Records that share a token with another are opened; the others wait until they are settled.
func (r *run) load(ctx context.Context, current int64) (*graph, *blocks, error) {
	g := &graph{ids: make([]entity.RecordID, 0, current), old: make([]entity.RecordID, 0, current)}
	tokens, allDirty := &tokenShards{}, true
	last, err := r.store.Last(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read the last record: %w", err)
	}
	err = inOrder(ctx, r.o.Workers, (int(last)+span-1)/span, func(k int) ([]Key, error) {
		first := entity.RecordID(k*span + 1)
		keys, err := r.store.Keys(ctx, first, min(first+span-1, last))
		if err != nil {
			return nil, fmt.Errorf("read tokens: %w", err)
		}
		return keys, nil
	}, func(_ int, keys []Key) error {
		for i := range keys {
			k := &keys[i]
			if k.Deleted {
				g.tombs = append(g.tombs, tomb{k.ID, k.Own, k.Entity, k.Component})
				continue
			}
			place := int32(len(g.ids))
			tokens.add(k.Blocks, place, true)
			tokens.add(k.Search, place, false)
			allDirty = allDirty && k.Dirty
			g.ids = append(g.ids, k.ID)
			g.old = append(g.old, k.Component)
		}
		r.progress(Progress{Blocking, int64(len(g.ids)) / 2, current})
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	w := &tokenWriter{run: r, ids: g.ids, part: Part{AllDirty: allDirty, Lines: make([]Line, 0, min(tokens.count(), 2*partLines))}}
	b, err := r.group(ctx, tokens, len(g.ids), func(k int, lines []Line) error { return w.add(ctx, k, lines) })
	if err != nil {
		return nil, nil, err
	}
	judgements, err := r.store.Judgements(ctx, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("read judgements: %w", err)
	}
	g.judgements = later(judgements)
	g.connected, g.bundled = newSets(len(g.ids)), newSets(len(g.ids))
	return g, b, r.open(ctx, g, b)
}

// tokenWriter hands the sorted lines of shards to the store, some shards at once.
type tokenWriter struct {
	run  *run
	ids  []entity.RecordID
	part Part
}

// partLines is about how many lines of the token index are replaced in one transaction.
const partLines = 250_000

func (w *tokenWriter) add(ctx context.Context, shard int, lines []Line) error {
	w.part.Lines = append(w.part.Lines, lines...)
	last := shard == 1<<shardBits-1
	if len(w.part.Lines) < partLines && !last {
		return nil
	}
	w.part.Next = 0
	if !last {
		w.part.Next = uint64(shard+1) << (64 - shardBits)
	}
	if err := w.run.store.ReplaceTokens(ctx, w.part, w.ids, w.run.model.maxBlock); err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	w.part.First, w.part.Lines = w.part.Next, w.part.Lines[:0]
	return nil
}

// open reads what comparing asks of the records that are compared: those that
// share a block, and those that somebody judged.
func (r *run) open(ctx context.Context, g *graph, b *blocks) error {
	g.features = make([]*compare.Features, len(g.ids))
	judged := make(map[entity.RecordID]bool, 2*len(g.judgements))
	for p := range g.judgements {
		judged[p.a], judged[p.b] = true, true
	}
	var places []int32
	for i, id := range g.ids {
		if !b.alone(i) || len(judged) > 0 && judged[id] {
			places = append(places, int32(i))
		}
	}
	d := compare.NewDictionary(r.model.frequencies)
	parts := slices.Collect(slices.Chunk(places, r.o.Batch))
	var done atomic.Int64
	return r.parallel(ctx, len(parts), func(k int) error {
		ids := make([]entity.RecordID, len(parts[k]))
		for i, place := range parts[k] {
			ids[i] = g.ids[place]
		}
		err := r.store.Features(ctx, ids, d, func(i int, x *compare.Features) { g.features[parts[k][i]] = x })
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		n := int64(len(g.ids))
		r.progress(Progress{Blocking, (n + n*done.Add(int64(len(ids)))/int64(len(places))) / 2, n})
		return nil
	})
}

// connect scores the proposed pairs, joins those that reach the merge threshold, and
// bundles what belongs together.
func (r *run) connect(ctx context.Context, g *graph, b *blocks) error {
	if err := r.join(ctx, g, b); err != nil {
		return err
	}
	if g.finish() > cluster.Limit {
		g.edges = func(items []int32) []scored { return r.edges(g, b, items) }
	}
	return nil
}

// join scores the proposed pairs and joins those that reach the merge threshold. Pairs that
// are connected already are not scored: the components are the same without.
func (r *run) join(ctx context.Context, g *graph, b *blocks) error {
	const step = 512
	steps := (b.count() + step - 1) / step
	var pairs, done atomic.Int64
	err := r.parallel(ctx, steps, func(s int) error {
		n := int64(0)
		for k := s * step; k < min(b.count(), (s+1)*step); k++ {
			n += r.block(g, b, int32(k))
		}
		pairs.Add(n)
		d := done.Add(1)
		if d%16 == 0 {
			r.progress(Progress{Comparing, d * step, int64(b.count())})
		}
		return nil
	})
	r.stats.Pairs += pairs.Load()
	return err
}

func (r *run) block(g *graph, b *blocks, k int32) int64 {
	n := int64(0)
	in := b.block(int(k))
	for i, x := range in {
		for _, y := range in[:i] {
			if g.connected.find(x) == g.connected.find(y) || !b.first(k, x, y) {
				continue
			}
			n++
			if _, ok := r.model.reaches(g.features[x], g.features[y], r.model.rules.Merge); ok {
				g.connected.union(x, y)
			}
		}
	}
	return n
}

// edges scores the proposed pairs among the records of one component.
func (r *run) edges(g *graph, b *blocks, items []int32) []scored {
	in := make(map[int32]bool, len(items))
	seen := map[int32]bool{}
	for _, i := range items {
		in[i] = true
	}
	var out []scored
	for _, i := range items {
		for _, k := range b.of[b.ofStart[i]:b.ofStart[i+1]] {
			if seen[k] {
				continue
			}
			seen[k] = true
			block := b.block(int(k))
			for m, x := range block {
				for _, y := range block[:m] {
					if in[x] && in[y] && b.first(k, x, y) {
						if s, ok := r.model.reaches(g.features[x], g.features[y], r.model.rules.Merge); ok {
							out = append(out, scored{x, y, s})
						}
					}
				}
			}
		}
	}
	return out
}
