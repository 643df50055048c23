package mdm

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"crmhub/fault"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
	"crmhub/record"
)

// incrementalBatch is how many dirty records are resolved together.
const incrementalBatch = 512

// incremental resolves the dirty records and what they touch, some at a time.
func (r *run) incremental(ctx context.Context) error {
	dirty, err := r.sync(ctx)
	if err != nil {
		return err
	}
	// Records that become dirty from here on wait for the next pass: their
	// tokens were not brought in line.
	ids := slices.Sorted(maps.Keys(dirty))
	for len(ids) > 0 {
		var next []entity.RecordID
		for len(ids) > 0 && len(next) < min(r.o.Batch, incrementalBatch) {
			if dirty[ids[0]] {
				next = append(next, ids[0])
			}
			ids = ids[1:]
		}
		c := &closure{run: r, dirty: dirty, graph: &graph{}, dictionary: compare.NewDictionary(r.model.frequencies), seen: map[entity.RecordID]*node{}, holders: map[entity.Token][]entity.RecordID{}}
		if err := c.close(ctx, next); err != nil {
			return err
		}
		if err := r.settle(ctx, c.graph); err != nil {
			return err
		}
		for _, id := range c.graph.ids {
			delete(dirty, id)
		}
		for _, t := range c.graph.tombs {
			delete(dirty, t.id)
		}
	}
	return nil
}

// closure gathers the records that a batch of dirty ones may be connected
// with: those of their old components, those that they share a key and enough
// likeness with, and the old components of these.
type closure struct {
	*run
	dirty      map[entity.RecordID]bool
	graph      *graph
	dictionary *compare.Dictionary
	seen       map[entity.RecordID]*node
	// holders are the records that hold a token; nil where it proposes no pairs.
	holders map[entity.Token][]entity.RecordID
	pending []entity.RecordID // records to be taken in
}

// node is a record that was read.
type node struct {
	features  *compare.Features
	blocks    []entity.Token
	component entity.RecordID
	tomb      *tomb
	// index is the record's place in the graph, -1 for a candidate that is not
	// in it.
	index int32
}

func (c *closure) close(ctx context.Context, batch []entity.RecordID) error {
	c.pending = batch
	for len(c.pending) > 0 {
		taken, err := c.take(ctx)
		if err != nil {
			return err
		}
		if err := c.propose(ctx, taken); err != nil {
			return err
		}
	}
	return c.connect(ctx)
}

// openedAtOnce is how many records one goroutine reads the values of.
const openedAtOnce = 128

// read makes nodes of records, of which it opens no more than comparing asks.
func (c *closure) read(ctx context.Context, ids []entity.RecordID) error {
	keys, err := c.store.KeysOf(ctx, ids)
	if err != nil {
		return fmt.Errorf("read tokens: %w", err)
	}
	if len(keys) != len(ids) {
		return fault.New("E6102", "", "count", len(ids)-len(keys), "want", len(ids))
	}
	var current []*node
	var opened []entity.RecordID
	for i := range keys {
		k := &keys[i]
		n := &node{component: k.Component, index: -1}
		if k.Deleted {
			n.tomb = &tomb{k.ID, k.Own, k.Entity, k.Component}
		} else {
			n.blocks = tokensOf(k.Blocks)
			current, opened = append(current, n), append(opened, k.ID)
		}
		c.seen[k.ID] = n
	}
	names := compare.Attributes()
	err = c.parallel(ctx, (len(opened)+openedAtOnce-1)/openedAtOnce, func(k int) error {
		of := current[k*openedAtOnce : min((k+1)*openedAtOnce, len(current))]
		err := c.store.Fields(ctx, opened[k*openedAtOnce:k*openedAtOnce+len(of)], names, func(i int, values record.Fields) {
			of[i].features = c.dictionary.New(values)
		})
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	gone := 0
	for _, n := range current {
		if n.features == nil {
			gone++
		}
	}
	if gone > 0 {
		return fault.New("E6102", "", "count", gone, "want", len(ids))
	}
	return nil
}

// tokensOf unpacks tokens that stand one after the other.
func tokensOf(packed []byte) []entity.Token {
	all := make([]entity.Token, 0, len(packed)/tokenBytes)
	for ; len(packed) >= tokenBytes; packed = packed[tokenBytes:] {
		all = append(all, entity.Token(packed[:tokenBytes]))
	}
	return all
}

// need reads the records that were not read before.
func (c *closure) need(ctx context.Context, ids []entity.RecordID) error {
	var unread []entity.RecordID
	for _, id := range ids {
		if c.seen[id] == nil {
			unread = append(unread, id)
		}
	}
	slices.Sort(unread)
	unread = slices.Compact(unread)
	for part := range slices.Chunk(unread, c.o.Batch) {
		if err := c.read(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// take moves the pending records, their old components and those that
// stewards linked with them into the graph, and returns the new ones.
func (c *closure) take(ctx context.Context) ([]entity.RecordID, error) {
	pending := c.pending
	c.pending = nil
	if err := c.need(ctx, pending); err != nil {
		return nil, err
	}
	var components []entity.RecordID
	var taken []entity.RecordID
	g := c.graph
	for _, id := range pending {
		n := c.seen[id]
		if n.index >= 0 {
			continue
		}
		n.index = int32(len(g.ids))
		if n.component != 0 {
			components = append(components, n.component)
		}
		if n.tomb != nil {
			n.index = 0 // a tombstone is in, but has no place
			g.tombs = append(g.tombs, *n.tomb)
			continue
		}
		g.ids = append(g.ids, id)
		g.features = append(g.features, n.features)
		g.old = append(g.old, n.component)
		taken = append(taken, id)
	}
	if len(components) > 0 {
		slices.Sort(components)
		members, err := c.store.InComponents(ctx, slices.Compact(components))
		if err != nil {
			return nil, fmt.Errorf("read components: %w", err)
		}
		c.pending = append(c.pending, members...)
	}
	linked, err := c.linked(ctx, taken)
	c.pending = append(c.pending, linked...)
	return taken, err
}

// linked returns the records that stewards linked with these.
func (c *closure) linked(ctx context.Context, ids []entity.RecordID) ([]entity.RecordID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	judgements, err := c.store.Judgements(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read judgements: %w", err)
	}
	if c.graph.judgements == nil {
		c.graph.judgements = map[pair]entity.Judgement{}
	}
	var out []entity.RecordID
	for p, j := range later(judgements) {
		c.graph.judgements[p] = j
		if j.Kind == entity.MustLink {
			out = append(out, p.a, p.b)
		}
	}
	return out, nil
}

// propose looks at the dirty ones among the records just taken: only their
// pairs can be new. The partners that they reach are pending.
func (c *closure) propose(ctx context.Context, taken []entity.RecordID) error {
	var fresh []entity.RecordID
	var tokens []entity.Token
	for _, id := range taken {
		if c.dirty[id] {
			fresh = append(fresh, id)
			tokens = append(tokens, c.seen[id].blocks...)
		}
	}
	if err := c.hold(ctx, tokens); err != nil {
		return err
	}
	var candidates []entity.RecordID
	for _, id := range fresh {
		for _, t := range c.seen[id].blocks {
			candidates = append(candidates, c.holders[t]...)
		}
	}
	if err := c.need(ctx, candidates); err != nil {
		return err
	}
	reached := make([][]entity.RecordID, len(fresh))
	counts := make([]int64, len(fresh))
	err := c.parallel(ctx, len(fresh), func(i int) error {
		n := c.seen[fresh[i]]
		tried := map[entity.RecordID]bool{fresh[i]: true}
		for _, t := range n.blocks {
			for _, id := range c.holders[t] {
				if tried[id] {
					continue
				}
				tried[id] = true
				counts[i]++
				other := c.seen[id]
				if other.tomb != nil || other.index >= 0 {
					continue
				}
				if _, ok := c.model.reaches(n.features, other.features, c.model.rules.Merge); ok {
					reached[i] = append(reached[i], id)
				}
			}
		}
		return nil
	})
	for i := range fresh {
		c.pending = append(c.pending, reached[i]...)
		c.stats.Pairs += counts[i]
	}
	return err
}

// hold learns who holds tokens.
func (c *closure) hold(ctx context.Context, tokens []entity.Token) error {
	var unknown []entity.Token
	for _, t := range tokens {
		if _, ok := c.holders[t]; !ok {
			unknown = append(unknown, t)
			c.holders[t] = nil
		}
	}
	for part := range slices.Chunk(unknown, c.o.Batch) {
		found, err := c.store.Holders(ctx, part, c.model.maxBlock)
		if err != nil {
			return fmt.Errorf("read tokens: %w", err)
		}
		maps.Copy(c.holders, found)
	}
	return nil
}

// connect joins the records of the graph by the pairs that active tokens
// propose among them.
func (c *closure) connect(ctx context.Context) error {
	g := c.graph
	g.connected, g.bundled = newSets(len(g.ids)), newSets(len(g.ids))
	// Tokens that only one record in the graph holds propose nothing here.
	within := map[entity.Token]int32{}
	for _, id := range g.ids {
		for _, t := range c.seen[id].blocks {
			within[t]++
		}
	}
	var tokens []entity.Token
	for t, n := range within {
		if n >= 2 {
			tokens = append(tokens, t)
		}
	}
	slices.SortFunc(tokens, func(a, b entity.Token) int { return slices.Compare(a[:], b[:]) })
	if err := c.hold(ctx, tokens); err != nil {
		return err
	}
	shards := &tokenShards{}
	for i, id := range g.ids {
		for _, t := range c.seen[id].blocks {
			if within[t] >= 2 && len(c.holders[t]) > 0 {
				shards.add(t[:], int32(i), true)
			}
		}
	}
	b, err := c.group(ctx, shards, len(g.ids), nil)
	if err != nil {
		return err
	}
	pairs := c.stats.Pairs
	err = c.run.connect(ctx, g, b)
	c.stats.Pairs = pairs // they were counted when they were proposed
	return err
}
