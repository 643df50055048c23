package mdm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"crmhub/fault"
	"crmhub/mdm/entity"
)

// Team is a store at which several resolvers work at once, each by a Team of its own. What
// one writes who fell behind, so that another pass was opened meanwhile, is refused: E6104.
//
// They work in passes. A pass is opened by one of them, while the others wait: it brings the token
// index in line with the records that are dirty, and parts these into shares. From then
// on until the pass ends the index stands still, and everyone takes shares while there are any.
type Team interface {
	Store
	// Meet waits until nobody is in a pass. It joins the pass that somebody opened
	// meanwhile, if there are shares left of it: then the result is its bounds. Otherwise it calls
	// open, which nobody else does anything beside, and what open returns are the
	// bounds of the new pass; where there are none, nobody is in one.
	Meet(ctx context.Context, open func() ([]uint64, error)) (bounds []uint64, err error)
	// Take takes the next share of the pass; each is taken once. It reports whether there was one.
	Take(ctx context.Context) (share int, ok bool, err error)
	// Pass is the number of the pass that this resolver is in, or was last.
	Pass() int64
	// Left returns those of these records that are dirty still, ascending.
	Left(ctx context.Context, ids []entity.RecordID) ([]entity.RecordID, error)
	// Leave ends this resolver's part in the pass.
	Leave(ctx context.Context) error
}

// Work resolves as Resolve does, beside others: it returns when no record of the
// store is dirty any more. The result is that of one resolver, whoever does what and
// in which order, and where one of them is cut off the others, or the next,
// go on. Several may work by one Resolver, each with a Team of his own: what one of them
// read to open a pass the others need not read. See docs/adr/0012.
func (r *Resolver) Work(ctx context.Context, team Team, progress func(Progress)) (Stats, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	var all Stats
	for idle, last := 0, int64(0); ; {
		w := &worker{run: &run{Resolver: &Resolver{store: team, model: r.model, o: r.o, opened: r.opened}, progress: progress, shared: true}, team: team}
		err := w.pass(ctx)
		all = all.Plus(w.stats)
		if err != nil {
			return all, fmt.Errorf("resolve: %w", err)
		}
		if w.drained {
			return all, nil
		}
		if !w.opened {
			continue
		}
		if idle++; w.total < last {
			idle = 0
		}
		if last = w.total; idle > maxIdle {
			return all, fault.New("E6103", "", "count", w.total)
		}
	}
}

// opened is what several resolvers of one process know of the pass that one of them opened.
type opened struct {
	mu    sync.Mutex
	pass  int64
	fresh *fresh
}

// tell says what is dirty in a pass.
func (o *opened) tell(pass int64, f *fresh) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pass, o.fresh = pass, f
}

// in returns what is dirty in a pass, nil where nobody here opened it.
func (o *opened) in(pass int64) *fresh {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pass != pass {
		return nil
	}
	return o.fresh
}

// worker is one resolver's part in one pass.
type worker struct {
	*run
	team   Team
	bounds []uint64 // the greatest rank of each share but the last
	ranked []int    // places in fresh, by rank
	// opened says that this worker opened the pass, drained that nothing was dirty.
	opened, drained bool
}

func (w *worker) pass(ctx context.Context) error {
	bounds, err := w.team.Meet(ctx, func() ([]uint64, error) { return w.open(ctx) })
	if err != nil || bounds == nil {
		return err
	}
	w.bounds = bounds
	err = w.shares(ctx)
	if f := fault.Of(err); f != nil && f.Code == "E6104" {
		err = nil // what is left is dirty still, and belongs to the other pass
	}
	return errors.Join(err, w.team.Leave(context.WithoutCancel(ctx)))
}

// open opens a pass, or resolves everything at once where much is dirty.
func (w *worker) open(ctx context.Context) ([]uint64, error) {
	dirty, many, err := w.store.Waiting(ctx, w.o.Bulk)
	if err != nil {
		return nil, fmt.Errorf("count records: %w", err)
	}
	w.opened, w.drained, w.total = true, dirty == 0, dirty
	if w.drained {
		return nil, nil
	}
	if err := w.store.BeginPass(ctx); err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if many || dirty > bulkMost {
		return nil, w.bulk(ctx)
	}
	if err := w.sync(ctx); err != nil {
		return nil, err
	}
	w.rank()
	w.Resolver.opened.tell(w.team.Pass(), w.fresh)
	return w.parted(), nil
}

// quietWorth is how many quiet records are about as much work as one that is compared.
const quietWorth = 8

// parted returns the bounds of shares of about the same work.
func (w *worker) parted() []uint64 {
	work := func(place int) int {
		if w.fresh.keys[place].Quiet {
			return 1
		}
		return quietWorth
	}
	all := 0
	for _, place := range w.ranked {
		all += work(place)
	}
	bounds, size, done := []uint64{}, w.batchOf(all/quietWorth)*quietWorth, 0
	for at, place := range w.ranked {
		done += work(place)
		b := w.fresh.rank(place)
		if done < size || at == len(w.ranked)-1 {
			continue
		}
		done = 0
		if len(bounds) == 0 || bounds[len(bounds)-1] < b {
			bounds = append(bounds, b)
		}
	}
	return bounds
}

// join reads what is dirty in a pass that another opened.
func (w *worker) join(ctx context.Context) error {
	if w.fresh = w.Resolver.opened.in(w.team.Pass()); w.fresh != nil {
		w.total = int64(len(w.fresh.ids))
		w.rank()
		return nil
	}
	var ids []entity.RecordID
	for after := entity.RecordID(0); ; after = ids[len(ids)-1] {
		part, err := w.store.Dirty(ctx, after, syncBatch)
		if err != nil {
			return fmt.Errorf("read dirty records: %w", err)
		}
		if len(part) == 0 {
			break
		}
		ids = append(ids, part...)
	}
	if err := w.readFresh(ctx, ids); err != nil {
		return err
	}
	w.total = int64(len(ids))
	w.rank()
	return nil
}

func (w *worker) rank() {
	ranks := make([]uint64, len(w.fresh.ids))
	w.ranked = make([]int, len(ranks))
	for i := range ranks {
		ranks[i], w.ranked[i] = w.fresh.rank(i), i
	}
	slices.SortFunc(w.ranked, func(a, b int) int { return cmp.Or(cmp.Compare(ranks[a], ranks[b]), cmp.Compare(a, b)) })
}

// share returns the share that a rank is in.
func (w *worker) share(rank uint64) int {
	return sort.Search(len(w.bounds), func(i int) bool { return rank <= w.bounds[i] })
}

// ErrResolved is what Team.Apply returns where a record that was dirty when it was read is
// not any more: somebody resolved it, and all that belongs with it. Nothing is written.
var ErrResolved = errors.New("another resolver was first")

// shares resolves shares while there are any. While one is written the next is gathered, as if
// another worker did the one and the other.
func (w *worker) shares(ctx context.Context) error {
	w.oneAtATime()
	behind := &backlog{}
	for {
		more, err := w.next(ctx, behind)
		if err != nil || !more {
			return errors.Join(err, behind.wait())
		}
	}
}

// next gathers the next share, if there is one, and leaves it to be settled.
func (w *worker) next(ctx context.Context, behind *backlog) (more bool, err error) {
	k, ok, err := w.team.Take(ctx)
	if err != nil || !ok {
		return false, err
	}
	if w.fresh == nil {
		if err := w.join(ctx); err != nil {
			return false, err
		}
	}
	from := sort.Search(len(w.ranked), func(i int) bool { return w.share(w.fresh.rank(w.ranked[i])) >= k })
	var batch []entity.RecordID
	for _, place := range w.ranked[from:] {
		if w.share(w.fresh.rank(place)) > k {
			break
		}
		batch = append(batch, w.fresh.ids[place])
	}
	slices.Sort(batch)
	// What others resolved already need not be looked at.
	if batch, err = w.team.Left(ctx, batch); err != nil {
		return false, fmt.Errorf("read dirty records: %w", err)
	}
	if len(batch) == 0 {
		return true, nil
	}
	graphs, err := w.gathered(ctx, batch)
	if err != nil {
		return false, err
	}
	return true, behind.behind(func() error {
		for _, g := range graphs {
			mine := slices.DeleteFunc(bundlesOf(g), func(b bundle) bool { return w.owner(g, &b) != k })
			if err := w.settle(ctx, g, mine); err != nil {
				return err
			}
		}
		return nil
	})
}

// gathered returns the graphs of what some dirty records belong to.
func (w *worker) gathered(ctx context.Context, batch []entity.RecordID) ([]*graph, error) {
	var graphs []*graph
	if quiet := w.fresh.quiet(batch); len(quiet) > 0 {
		g, err := w.standing(ctx, quiet)
		if err != nil {
			return nil, err
		}
		graphs = append(graphs, g)
		batch = slices.DeleteFunc(batch, func(id entity.RecordID) bool {
			_, stands := slices.BinarySearch(g.ids, id)
			return stands
		})
	}
	if len(batch) == 0 {
		return graphs, nil
	}
	g, err := w.closed(ctx, batch)
	return append(graphs, g), err
}

// owner returns the share that a bundle belongs to: the first that has a dirty
// record of it. Whoever has another share of it leaves it alone.
func (w *worker) owner(g *graph, b *bundle) int {
	first := len(w.bounds)
	b.each(g, func(id entity.RecordID) {
		if at := w.fresh.at(id); at >= 0 {
			first = min(first, w.share(w.fresh.rank(at)))
		}
	})
	return first
}
