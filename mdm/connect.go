package mdm

import (
	"context"
	"slices"

	"crmhub/mdm/cluster"
	"crmhub/mdm/entity"
)

// connect joins the records of the graph by the pairs that active tokens propose among
// them. Of a token that no dirty record holds the store has to be asked how many hold it; that is
// left undone where all who hold it in the graph are joined by others.
func (c *closure) connect(ctx context.Context) error {
	g := c.graph
	g.connected, g.bundled = newSets(len(g.ids)), newSets(len(g.ids))
	holding := c.shared()
	pairs := c.stats.Pairs
	err := c.by(ctx, holding, c.known)
	if err == nil {
		asked := func(t entity.Token) bool { return !c.known(t) && !g.joined(holding[t]) }
		err = c.learn(ctx, holding, asked)
	}
	c.stats.Pairs = pairs // they were counted when they were proposed
	if err != nil || g.finish() <= cluster.Limit {
		return err
	}
	// A large component is parted by its scored pairs: then all of them count.
	if err := c.learn(ctx, holding, func(t entity.Token) bool { return !c.known(t) }); err != nil {
		return err
	}
	b, err := c.blocks(ctx, holding, c.known)
	g.edges = func(items []int32) []scored { return c.edges(g, b, items) }
	return err
}

// shared returns the places of the records that hold a token, of tokens that two and more
// records of the graph hold: the others propose nothing here.
func (c *closure) shared() map[entity.Token][]int32 {
	count := map[entity.Token]int32{}
	for _, id := range c.graph.ids {
		for _, t := range c.seen[id].blocks {
			count[t]++
		}
	}
	holding := map[entity.Token][]int32{}
	for i, id := range c.graph.ids {
		for _, t := range c.seen[id].blocks {
			if count[t] >= 2 {
				holding[t] = append(holding[t], int32(i))
			}
		}
	}
	return holding
}

// known reports whether it is known who holds a token.
func (c *closure) known(t entity.Token) bool {
	_, ok := c.holders[t]
	return ok
}

// joined reports whether records are of one component.
func (g *graph) joined(places []int32) bool {
	for _, i := range places[1:] {
		if g.connected.find(i) != g.connected.find(places[0]) {
			return false
		}
	}
	return true
}

// learn asks who holds those tokens, and joins by them.
func (c *closure) learn(ctx context.Context, holding map[entity.Token][]int32, which func(entity.Token) bool) error {
	var tokens []entity.Token
	fresh := map[entity.Token]bool{}
	for t := range holding {
		if which(t) {
			tokens, fresh[t] = append(tokens, t), true
		}
	}
	if len(tokens) == 0 {
		return nil
	}
	slices.SortFunc(tokens, func(a, b entity.Token) int { return slices.Compare(a[:], b[:]) })
	if err := c.hold(ctx, tokens); err != nil {
		return err
	}
	return c.by(ctx, holding, func(t entity.Token) bool { return fresh[t] })
}

// by joins records by the pairs that some of the tokens propose.
func (c *closure) by(ctx context.Context, holding map[entity.Token][]int32, which func(entity.Token) bool) error {
	b, err := c.blocks(ctx, holding, which)
	if err != nil {
		return err
	}
	return c.join(ctx, c.graph, b)
}

// blocks returns the blocks that some of the tokens make of the graph.
func (c *closure) blocks(ctx context.Context, holding map[entity.Token][]int32, which func(entity.Token) bool) (*blocks, error) {
	shards := &tokenShards{}
	for t, in := range holding {
		if len(c.holders[t]) == 0 || !which(t) {
			continue
		}
		for _, i := range in {
			shards.add(t[:], i, true)
		}
	}
	return c.group(ctx, shards, len(c.graph.ids), nil)
}
