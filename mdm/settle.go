package mdm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"crmhub/fault"
	"crmhub/mdm/cluster"
	"crmhub/mdm/entity"
)

// bundle is some whole components that are written together: what belonged
// together before, or does now.
type bundle struct {
	items []int32
	tombs []tomb
}

// each hands out the records of a bundle, tombstones too.
func (b *bundle) each(g *graph, hand func(entity.RecordID)) {
	for _, i := range b.items {
		hand(g.ids[i])
	}
	for i := range b.tombs {
		hand(b.tombs[i].id)
	}
}

// settleSpan is how many records one round of settle goes through: those that
// stand alone are written in one transaction, the others in chunks.
const settleSpan = 20_000

// settle clusters the components of a graph and writes them, whole bundles
// of them in each transaction, about in the order of their oldest records. While
// one chunk is written the next is decided.
func (r *run) settle(ctx context.Context, g *graph, bundles []bundle) error {
	r.done = 0
	var err error
	if r.anchors, err = r.overridden(ctx); err != nil {
		return err
	}
	w := &settling{run: r, backlog: backlog{ahead: settleAhead}, g: g, total: int64(len(g.ids) + len(g.tombs))}
	for len(bundles) > 0 {
		span := prefix(bundles, settleSpan)
		bundles = bundles[len(span):]
		others, err := w.alone(ctx, span)
		if err == nil {
			err = w.write(ctx, others)
		}
		if err != nil {
			return errors.Join(err, w.wait())
		}
	}
	// What was not so simple as it looked.
	if err := w.wait(); err != nil {
		return err
	}
	if err := w.write(ctx, w.left); err != nil {
		return errors.Join(err, w.wait())
	}
	return w.wait()
}

func (r *run) count(res *entity.Resolution, records int64) {
	r.stats.Records += records
	r.stats.Components += int64(len(res.Components))
	r.stats.Retired += int64(len(res.Retired))
	for _, c := range res.Components {
		r.stats.Entities += int64(len(c.Entities))
		for _, e := range c.Entities {
			r.stats.Merged += int64(len(e.Members) - 1)
		}
	}
}

// bundlesOf lists the bundles of a graph by their oldest record, tombstones
// included.
func bundlesOf(g *graph) []bundle {
	// A set is named by its smallest index: ends count its records there, then
	// say where in one list they end.
	ends := make([]int32, len(g.ids)+1)
	for i := range g.ids {
		ends[g.bundled.find(int32(i))+1]++
	}
	count := 0
	for i := range g.ids {
		if ends[i+1] > 0 {
			count++
		}
		ends[i+1] += ends[i]
	}
	items := make([]int32, len(g.ids))
	for i := range g.ids {
		root := g.bundled.find(int32(i))
		items[ends[root]] = int32(i)
		ends[root]++
	}
	out := make([]bundle, 0, count+len(g.tombs))
	byOld := map[entity.RecordID]int{}
	from := int32(0)
	for i := range g.ids {
		if ends[i] == from {
			continue
		}
		of := items[from:ends[i]:ends[i]]
		from = ends[i]
		for _, k := range of {
			if len(g.tombs) > 0 && g.old[k] != 0 {
				byOld[g.old[k]] = len(out)
			}
		}
		if len(of) > 1 {
			slices.SortFunc(of, func(a, b int32) int { return cmp.Compare(g.ids[a], g.ids[b]) })
		}
		out = append(out, bundle{items: of})
	}
	for _, t := range g.tombs {
		k, ok := byOld[t.old]
		if !ok || t.old == 0 {
			k = len(out)
			out = append(out, bundle{})
			if t.old != 0 {
				byOld[t.old] = k
			}
		}
		out[k].tombs = append(out[k].tombs, t)
	}
	slices.SortFunc(out, func(a, b bundle) int { return cmp.Compare(a.oldest(g), b.oldest(g)) })
	return out
}

func (b *bundle) oldest(g *graph) entity.RecordID {
	if len(b.items) > 0 {
		return g.ids[b.items[0]]
	}
	return b.tombs[0].id
}

// decide reads the members of some bundles again and computes what they are.
func (r *run) decide(ctx context.Context, g *graph, bundles []bundle) (entity.Resolution, error) {
	var ids []entity.RecordID
	for _, b := range bundles {
		for _, i := range b.items {
			ids = append(ids, g.ids[i])
		}
	}
	slices.Sort(ids)
	res := entity.Resolution{Redirects: map[entity.ID]entity.ID{}, Owns: map[entity.RecordID]entity.ID{}, Heirs: map[entity.RecordID]entity.RecordID{}}
	members := make([]entity.Member, 0, len(ids))
	for part := range slices.Chunk(ids, r.o.Batch) {
		ms, err := r.store.Members(ctx, part)
		if err != nil {
			return res, fmt.Errorf("read records: %w", err)
		}
		members = append(members, ms...)
	}
	if len(members) != len(ids) {
		return res, fault.New("E6102", "", "count", len(ids)-len(members), "want", len(ids))
	}
	find := func(id entity.RecordID) *entity.Member {
		i, _ := slices.BinarySearchFunc(members, id, func(m entity.Member, id entity.RecordID) int { return cmp.Compare(m.ID, id) })
		return &members[i]
	}
	on, err := r.overridesOn(ctx, bundles, g)
	if err != nil {
		return res, err
	}
	outcomes := make([]outcome, len(bundles))
	err = r.parallel(ctx, len(bundles), func(i int) error {
		outcomes[i] = r.outcome(g, &bundles[i], find, on)
		return nil
	})
	for i := range outcomes {
		outcomes[i].addTo(&res)
		if r.fresh != nil {
			bundles[i].each(g, func(id entity.RecordID) {
				if r.fresh.at(id) >= 0 {
					res.Dirty = append(res.Dirty, id)
				}
			})
		}
	}
	slices.Sort(res.Dirty)
	return res, err
}

// outcome is what became of one bundle.
type outcome struct {
	components []entity.Component
	changes    changes
	cleared    []entity.RecordID
	heirs      map[entity.RecordID]entity.RecordID
}

func (o *outcome) addTo(res *entity.Resolution) {
	res.Components = append(res.Components, o.components...)
	res.Cleared = append(res.Cleared, o.cleared...)
	res.Retired = append(res.Retired, o.changes.retired...)
	maps.Copy(res.Heirs, o.heirs)
	for from, to := range o.changes.redirects {
		res.Redirects[from] = to
	}
	for id, own := range o.changes.owns {
		res.Owns[id] = own
	}
}

func (r *run) outcome(g *graph, b *bundle, find func(entity.RecordID) *entity.Member, on overrides) outcome {
	var o outcome
	for _, t := range b.tombs {
		o.cleared = append(o.cleared, t.id)
	}
	var groups [][]*entity.Member
	for _, items := range componentsOf(g, b.items) {
		c := entity.Component{}
		if len(items) > 1 {
			c.ID = g.ids[items[0]]
		}
		for _, group := range r.cluster(g, items, find) {
			groups = append(groups, group)
			c.Entities = append(c.Entities, entity.Golden{})
		}
		o.components = append(o.components, c)
	}
	ids := identify(groups, b.tombs, &o.changes)
	o.heirs = on.heirs(b.tombs, o.changes.owns)
	k := 0
	for i := range o.components {
		for j := range o.components[i].Entities {
			members := make([]entity.Member, len(groups[k]))
			for n, m := range groups[k] {
				members[n] = *m
			}
			own := on.of(members, o.heirs)
			golden := r.model.survive.Golden(members, own...)
			golden.ID = ids[k]
			if len(members) == 1 && len(own) == 0 {
				golden.Alone = members[0].Version
			}
			o.components[i].Entities[j] = golden
			k++
		}
	}
	return o
}

// componentsOf parts a bundle into components, by their oldest records.
func componentsOf(g *graph, items []int32) [][]int32 {
	if len(items) == 1 {
		return [][]int32{items}
	}
	at := map[int32]int{}
	var out [][]int32
	for _, i := range items {
		root := g.connected.find(i)
		k, ok := at[root]
		if !ok {
			k = len(out)
			at[root] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	return out
}

// cluster returns the members of each entity of a component, ascending; the
// entities by their oldest members.
func (r *run) cluster(g *graph, items []int32, find func(entity.RecordID) *entity.Member) [][]*entity.Member {
	switch {
	case len(items) == 1:
		return [][]*entity.Member{{find(g.ids[items[0]])}}
	case g.stands:
		return standing(g, items, find)
	}
	type named struct {
		item   int32
		member *entity.Member
		ref    string
	}
	all := make([]named, len(items))
	for k, i := range items {
		m := find(g.ids[i])
		all[k] = named{i, m, m.Ref.Canonical()}
	}
	slices.SortFunc(all, func(a, b named) int { return strings.Compare(a.ref, b.ref) })
	at := make(map[entity.RecordID]int, len(all))
	position := make(map[int32]int, len(all))
	for k := range all {
		at[all[k].member.ID], position[all[k].item] = k, k
	}
	p := &cluster.Problem{
		N:     len(all),
		Merge: int32(r.model.rules.Merge),
		Score: func(a, b int) int32 {
			return r.model.scoreWithin(g.features[all[a].item], g.features[all[b].item])
		},
		Same: func(i int) string { return g.features[all[i].item].Fingerprint() },
	}
	p.MustLinks, p.CannotLinks = links(g, at)
	if len(all) > cluster.Limit {
		for _, e := range g.edges(items) {
			p.Edges = append(p.Edges, cluster.Edge{A: position[e.a], B: position[e.b], Score: e.score})
		}
	}
	var out [][]*entity.Member
	for _, group := range cluster.Solve(p) {
		members := make([]*entity.Member, len(group))
		for i, k := range group {
			members[i] = all[k].member
		}
		slices.SortFunc(members, func(a, b *entity.Member) int { return cmp.Compare(a.ID, b.ID) })
		out = append(out, members)
	}
	slices.SortFunc(out, func(a, b []*entity.Member) int { return cmp.Compare(a[0].ID, b[0].ID) })
	return out
}

// links returns the judgements among some records, the newest first.
func links(g *graph, at map[entity.RecordID]int) (must, cannot []cluster.Pair) {
	if len(g.judgements) == 0 {
		return nil, nil
	}
	type judged struct {
		cluster.Pair
		j entity.Judgement
	}
	var all []judged
	for p, j := range g.judgements {
		a, okA := at[p.a]
		b, okB := at[p.b]
		if okA && okB {
			all = append(all, judged{cluster.Pair{A: min(a, b), B: max(a, b)}, j})
		}
	}
	slices.SortFunc(all, func(x, y judged) int {
		return cmp.Or(y.j.At.Compare(x.j.At), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	for _, x := range all {
		if x.j.Kind == entity.MustLink {
			must = append(must, x.Pair)
		} else {
			cannot = append(cannot, x.Pair)
		}
	}
	return must, cannot
}
