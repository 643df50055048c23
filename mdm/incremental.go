package mdm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"crmhub/fault"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
)

// How many dirty records are resolved together: as many that what is asked once for all of
// them weighs little, and so few that while some are written others are gathered.
const (
	incrementalBatch = 512
	incrementalLeast = 128
	incrementalParts = 4
)

// batchOf returns how many of so many dirty records are resolved together.
func (r *Resolver) batchOf(dirty int) int {
	return min(r.o.Batch, incrementalBatch, max(incrementalLeast, dirty/incrementalParts))
}

// incremental resolves the dirty records and what they touch, some at a time. While
// some are written the next are gathered: those have nothing in common.
func (r *run) incremental(ctx context.Context) error {
	if err := r.sync(ctx); err != nil {
		return err
	}
	r.oneAtATime()
	behind := &backlog{}
	return errors.Join(r.batches(ctx, behind), behind.wait())
}

// oneAtATime lets nobody wait for progress to be told but those who tell it.
func (r *run) oneAtATime() {
	var mu sync.Mutex
	tell := r.progress
	r.progress = func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		tell(p)
	}
}

func (r *run) batches(ctx context.Context, behind *backlog) error {
	f := r.fresh
	done := make([]bool, len(f.ids))
	settled := func(g *graph) error {
		g.each(func(id entity.RecordID) {
			if at := f.at(id); at >= 0 {
				done[at] = true
			}
		})
		return behind.behind(func() error { return r.settle(ctx, g, bundlesOf(g)) })
	}
	for part := range slices.Chunk(f.quiet(f.ids), r.o.Batch) {
		g, err := r.standing(ctx, part)
		if err == nil {
			err = settled(g)
		}
		if err != nil {
			return err
		}
	}
	left, size := f.ids, r.batchOf(len(f.ids))
	for len(left) > 0 {
		var next []entity.RecordID
		for len(left) > 0 && len(next) < size {
			if !done[len(f.ids)-len(left)] {
				next = append(next, left[0])
			}
			left = left[1:]
		}
		g, err := r.closed(ctx, next)
		if err != nil {
			return err
		}
		if err := settled(g); err != nil {
			return err
		}
	}
	return nil
}

// featuresMost is about how many records' features are kept for the batches to come, some 500 bytes
// each: the more is dirty, the more often one record is compared with many.
const featuresMost = 200_000

// closed returns the graph of what some dirty records are connected with.
func (r *run) closed(ctx context.Context, batch []entity.RecordID) (*graph, error) {
	if len(r.features) > featuresMost {
		r.dictionary = nil
	}
	if r.dictionary == nil {
		r.dictionary, r.features = compare.NewDictionary(r.model.frequencies), map[entity.RecordID]*compare.Features{}
	}
	c := &closure{run: r, graph: &graph{}, seen: map[entity.RecordID]*node{}, holders: map[entity.Token][]entity.RecordID{}}
	return c.graph, c.close(ctx, batch)
}

// closure gathers the records that belong to what a batch of dirty ones will be
// settled with. Two records belong together where
//
//   - they were of one component, tombstones that are still dirty too,
//   - a steward linked them, or
//   - one of them is dirty and not quiet, they share a token that proposes pairs, and they reach the merge threshold.
//
// This is the same seen from either side, and from any record of the whole: the dirty records of a
// pass and what they touch fall into parts that have nothing in common. Pairs
// of which neither is are in one component already, or do not reach it.
type closure struct {
	*run
	graph *graph
	seen  map[entity.RecordID]*node
	// holders are the records that hold a token; nil where it proposes no pairs.
	holders map[entity.Token][]entity.RecordID
	pending []entity.RecordID // records to be taken in
}

// node is what blocking asks of a record.
type node struct {
	blocks    []entity.Token
	component entity.RecordID
	dirty     bool
	tomb      *tomb
	// index is the record's place in the graph, -1 where it is not in it.
	index int32
}

func (c *closure) close(ctx context.Context, batch []entity.RecordID) error {
	if err := c.need(ctx, batch); err != nil {
		return err
	}
	for _, id := range batch {
		if c.seen[id].dirty { // nobody else resolved it yet
			c.pending = append(c.pending, id)
		}
	}
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

// open reads the values of records that were not read before, of which it opens no
// more than comparing asks. Those that are not current have none.
func (c *closure) open(ctx context.Context, ids []entity.RecordID) error {
	var unread []entity.RecordID
	for _, id := range ids {
		if _, read := c.features[id]; !read {
			c.features[id] = nil
			unread = append(unread, id)
		}
	}
	slices.Sort(unread)
	features := make([]*compare.Features, len(unread))
	err := c.parallel(ctx, (len(unread)+openedAtOnce-1)/openedAtOnce, func(k int) error {
		from := k * openedAtOnce
		of := unread[from:min(from+openedAtOnce, len(unread))]
		err := c.store.Features(ctx, of, c.dictionary, func(i int, x *compare.Features) { features[from+i] = x })
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		return nil
	})
	for i, id := range unread {
		c.features[id] = features[i]
	}
	return err
}

// keys returns what blocking asks of records, ascending.
func (r *run) keys(ctx context.Context, ids []entity.RecordID) ([]*Key, error) {
	keys := make([]*Key, 0, len(ids))
	var others []entity.RecordID
	for _, id := range ids {
		if k := r.fresh.key(id); k != nil {
			keys = append(keys, k)
		} else {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return keys, nil
	}
	read, err := r.store.KeysOf(ctx, others)
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	for i := range read {
		keys = append(keys, &read[i])
	}
	if len(keys) != len(ids) {
		return nil, fault.New("E6102", "", "count", len(ids)-len(keys), "want", len(ids))
	}
	slices.SortFunc(keys, func(a, b *Key) int { return cmp.Compare(a.ID, b.ID) })
	return keys, nil
}

// tokensOf unpacks tokens that stand one after the other.
func tokensOf(packed []byte) []entity.Token {
	all := make([]entity.Token, 0, len(packed)/tokenBytes)
	for ; len(packed) >= tokenBytes; packed = packed[tokenBytes:] {
		all = append(all, entity.Token(packed[:tokenBytes]))
	}
	return all
}

// need makes nodes of the records that have none.
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
		keys, err := c.keys(ctx, part)
		if err != nil {
			return err
		}
		for _, k := range keys {
			n := &node{component: k.Component, dirty: k.Dirty, index: -1}
			if k.Deleted {
				n.tomb = &tomb{k.ID, k.Own, k.Entity, k.Component}
			} else {
				n.blocks = tokensOf(k.Blocks)
			}
			c.seen[k.ID] = n
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
		g.old = append(g.old, n.component)
		taken = append(taken, id)
	}
	if err := c.open(ctx, taken); err != nil {
		return nil, err
	}
	gone := 0
	for _, id := range taken {
		if c.features[id] == nil {
			gone++
		}
		g.features = append(g.features, c.features[id])
	}
	if gone > 0 {
		return nil, fault.New("E6102", "", "count", gone, "want", len(taken))
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
	if err != nil {
		return nil, err
	}
	if err := c.need(ctx, linked); err != nil {
		return nil, err
	}
	for _, id := range linked {
		if c.seen[id].tomb == nil { // what is deleted links nobody
			c.pending = append(c.pending, id)
		}
	}
	return taken, nil
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

// propose looks at the pairs of the records just taken of which one is dirty and not
// quiet: only these can be new. The partners that they reach are pending.
func (c *closure) propose(ctx context.Context, taken []entity.RecordID) error {
	var tokens []entity.Token
	for _, id := range taken {
		loud := c.fresh.loud(id)
		for _, t := range c.seen[id].blocks {
			asked := loud
			if !loud {
				c.fresh.holding(t, func(other entity.RecordID) { asked = asked || !c.taken(other) })
			}
			if asked {
				tokens = append(tokens, t)
			}
		}
	}
	if err := c.hold(ctx, tokens); err != nil {
		return err
	}
	partners := make([][]entity.RecordID, len(taken))
	var all []entity.RecordID
	for i, id := range taken {
		loud := c.fresh.loud(id)
		for _, t := range c.seen[id].blocks {
			held := c.holders[t]
			switch {
			case held == nil:
			case loud:
				partners[i] = append(partners[i], held...)
			default:
				c.fresh.holding(t, func(other entity.RecordID) { partners[i] = append(partners[i], other) })
			}
		}
		slices.Sort(partners[i])
		partners[i] = slices.DeleteFunc(slices.Compact(partners[i]), func(other entity.RecordID) bool { return other == id })
		if loud {
			c.stats.Pairs += int64(len(partners[i]))
		}
		partners[i] = slices.DeleteFunc(partners[i], c.taken)
		all = append(all, partners[i]...)
	}
	if err := c.open(ctx, all); err != nil {
		return err
	}
	err := c.parallel(ctx, len(taken), func(i int) error {
		one := c.features[taken[i]]
		partners[i] = slices.DeleteFunc(partners[i], func(id entity.RecordID) bool {
			other := c.features[id]
			if other == nil {
				return true
			}
			_, reached := c.model.reaches(one, other, c.model.rules.Merge)
			return !reached
		})
		return nil
	})
	for _, reached := range partners {
		c.pending = append(c.pending, reached...)
	}
	return err
}

// taken reports whether a record is in the graph.
func (c *closure) taken(id entity.RecordID) bool {
	n := c.seen[id]
	return n != nil && n.index >= 0
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
