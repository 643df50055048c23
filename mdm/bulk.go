package mdm

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync/atomic"

	"crmhub/mdm/cluster"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
)

// bulk resolves all current records at once.
func (r *run) bulk(ctx context.Context, current int64) error {
	r.stats.Bulk = true
	g, blocks, err := r.load(ctx, current)
	if err != nil {
		return err
	}
	if err := r.connect(ctx, g, blocks); err != nil {
		return err
	}
	return r.settle(ctx, g)
}

// load reads every current record and the dirty tombstones, brings the token
// index in line, and returns the records and their blocks.
func (r *run) load(ctx context.Context, current int64) (*graph, *blocks, error) {
	g := &graph{}
	d := compare.NewDictionary(r.model.frequencies)
	tokens := &tokenShards{}
	add := func(batch []entity.Member) error {
		features, err := r.features(ctx, d, batch)
		if err != nil {
			return err
		}
		for i := range batch {
			m := &batch[i]
			if m.Deleted {
				g.tombs = append(g.tombs, tomb{m.ID, m.Own, m.Entity, m.Component})
				continue
			}
			tokens.add(m.Blocks, int32(len(g.ids)))
			g.ids = append(g.ids, m.ID)
			g.features = append(g.features, features[i])
			g.old = append(g.old, m.Component)
		}
		return nil
	}
	if _, err := r.sync(ctx, add); err != nil {
		return nil, nil, err
	}
	if int64(len(g.ids)) < current {
		if err := r.loadClean(ctx, g, add); err != nil {
			return nil, nil, err
		}
	}
	judgements, err := r.store.Judgements(ctx, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("read judgements: %w", err)
	}
	g.judgements = later(judgements)
	g.connected, g.bundled = newSets(len(g.ids)), newSets(len(g.ids))
	b, err := r.group(ctx, tokens, len(g.ids))
	return g, b, err
}

// loadClean adds the current records that are not dirty.
func (r *run) loadClean(ctx context.Context, g *graph, add func([]entity.Member) error) error {
	dirty := slices.Clone(g.ids) // ascending, as they were read
	for after := entity.RecordID(0); ; {
		batch, err := r.store.Current(ctx, after, r.o.Batch)
		if err != nil {
			return fmt.Errorf("read current records: %w", err)
		}
		if len(batch) == 0 {
			return nil
		}
		after = batch[len(batch)-1].ID
		batch = slices.DeleteFunc(batch, func(m entity.Member) bool {
			_, found := slices.BinarySearch(dirty, m.ID)
			return found
		})
		if err := add(batch); err != nil {
			return err
		}
	}
}

// tokenShards are (token, record) pairs by the token's first byte. The first
// eight bytes stand for a token: it is a keyed hash, and two that met by
// chance would only propose a pair too many.
type tokenShards [256][]holding

type holding struct {
	token  uint64
	record int32
}

func (t *tokenShards) add(tokens []entity.Token, record int32) {
	for i := range tokens {
		k := tokens[i][0]
		t[k] = append(t[k], holding{binary.BigEndian.Uint64(tokens[i][:8]), record})
	}
}

// blocks are the records that share a token, for each token that proposes
// pairs; and the blocks that each record is in, ascending.
type blocks struct {
	records []int32 // of all blocks, one after the other
	start   []int32 // of each block in records, and the end
	of      []int32 // blocks of all records, one record after the other
	ofStart []int32
}

// group turns tokens into blocks and frees them.
func (r *run) group(ctx context.Context, tokens *tokenShards, n int) (*blocks, error) {
	type part struct{ records, sizes []int32 }
	parts := make([]part, len(tokens))
	err := r.parallel(ctx, len(tokens), func(k int) error {
		hs := tokens[k]
		tokens[k] = nil
		slices.SortFunc(hs, func(a, b holding) int {
			return cmp.Or(cmp.Compare(a.token, b.token), cmp.Compare(a.record, b.record))
		})
		for i := 0; i < len(hs); {
			j := i
			for j < len(hs) && hs[j].token == hs[i].token {
				j++
			}
			if size := j - i; size >= 2 && size <= r.model.maxBlock {
				for _, h := range hs[i:j] {
					parts[k].records = append(parts[k].records, h.record)
				}
				parts[k].sizes = append(parts[k].sizes, int32(size))
			}
			i = j
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b := &blocks{start: []int32{0}, ofStart: make([]int32, n+1)}
	for _, p := range parts {
		b.records = append(b.records, p.records...)
		for _, s := range p.sizes {
			b.start = append(b.start, b.start[len(b.start)-1]+s)
		}
	}
	b.invert(n)
	return b, nil
}

// invert lists the blocks of each record.
func (b *blocks) invert(n int) {
	for _, i := range b.records {
		b.ofStart[i+1]++
	}
	for i := range n {
		b.ofStart[i+1] += b.ofStart[i]
	}
	b.of = make([]int32, len(b.records))
	next := slices.Clone(b.ofStart[:n])
	for k := range len(b.start) - 1 {
		for _, i := range b.records[b.start[k]:b.start[k+1]] {
			b.of[next[i]] = int32(k)
			next[i]++
		}
	}
}

func (b *blocks) count() int { return len(b.start) - 1 }

func (b *blocks) block(k int) []int32 { return b.records[b.start[k]:b.start[k+1]] }

// first reports whether k is the first block that two records share: a pair
// is compared there and nowhere else.
func (b *blocks) first(k, i, j int32) bool {
	x, y := b.of[b.ofStart[i]:b.ofStart[i+1]], b.of[b.ofStart[j]:b.ofStart[j+1]]
	for m, n := 0, 0; m < len(x) && n < len(y); {
		switch {
		case x[m] < y[n]:
			m++
		case x[m] > y[n]:
			n++
		default:
			return x[m] == k
		}
	}
	return false
}

// connect scores the proposed pairs and joins those that reach the merge
// threshold. Pairs that are connected already are not scored: the components
// are the same without.
func (r *run) connect(ctx context.Context, g *graph, b *blocks) error {
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
	judged := make(map[entity.RecordID]bool, 2*len(g.judgements))
	for p := range g.judgements {
		judged[p.a], judged[p.b] = true, true
	}
	index := make(map[entity.RecordID]int32, len(judged))
	for i, id := range g.ids {
		if judged[id] {
			index[id] = int32(i)
		}
	}
	g.bundle(index)
	if g.thin() > cluster.Limit {
		g.edges = func(items []int32) []scored { return r.edges(g, b, items) }
	}
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
			if r.model.reaches(g.features[x], g.features[y]) {
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
						if s := r.model.score(g.features[x], g.features[y]); s >= int32(r.model.rules.Merge) {
							out = append(out, scored{x, y, s})
						}
					}
				}
			}
		}
	}
	return out
}
