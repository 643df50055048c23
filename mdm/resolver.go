package mdm

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"crmhub/fault"
	"crmhub/mdm/compare"
	"crmhub/mdm/entity"
)

// Options tune a resolver; they never change its results.
type Options struct {
	// Workers are the goroutines that compute; 0 means one a core.
	Workers int
	// Batch is how many records are read at once; 0 means 4096.
	Batch int
	// Chunk is about how many records are written in one transaction, whole
	// components always; 0 means 4000.
	Chunk int
	// Bulk says when all records are resolved at once instead of the dirty ones
	// and their neighbours: from this share of dirty records on; 0 means BulkShare.
	Bulk float64
}

// BulkShare is the share of dirty records from which all records are resolved at once. Of 250,000 in SQLite
// a sixteenth took 9 s of processor time by themselves, and 15 s with all; a tenth 14.6 and 17.3.
const BulkShare = 1.0 / 10

// bulkMost is from how many dirty records on all are resolved at once, whatever their share.
const bulkMost = 2_000_000

// Stats says what a resolve did.
type Stats struct {
	// Records are those resolved: the dirty ones and all that they touched.
	Records int64 `json:"records"`
	// Pairs were proposed by blocking and compared.
	Pairs int64 `json:"pairs"`
	// Components are sets of connected records, Entities what came of them.
	Components int64 `json:"components"`
	Entities   int64 `json:"entities"`
	// Merged are the records beyond the first of each entity.
	Merged  int64 `json:"merged"`
	Retired int64 `json:"retired"`
	// Bulk says that all records were resolved at once.
	Bulk bool `json:"bulk"`
}

// Stage is what a resolve is doing.
type Stage string

// The stages of a resolve.
const (
	Blocking  Stage = "block"   // reading records, bringing tokens in line
	Comparing Stage = "compare" // scoring pairs
	Surviving Stage = "survive" // clustering, choosing values, writing
)

// Progress is how far a stage is, in records (pairs' blocks while comparing).
type Progress struct {
	Stage Stage
	Done  int64
	Total int64 // 0 where it isn't known
}

// Resolver finds the entities of a store's records. Resolve does not run
// concurrently with itself: the store's lock sees to that. Work does.
type Resolver struct {
	store Store
	model *Model
	o     Options
	// opened is for those who Work.
	opened *opened
}

// NewResolver returns a resolver of that store's records by that model.
func NewResolver(s Store, m *Model, o Options) *Resolver {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Batch <= 0 {
		o.Batch = 4096
	}
	if o.Chunk <= 0 {
		o.Chunk = 4000
	}
	if o.Bulk <= 0 {
		o.Bulk = BulkShare
	}
	return &Resolver{store: s, model: m, o: o, opened: &opened{}}
}

// maxIdle is how many passes may leave as many records dirty as before, while
// others write to the store, until a resolve gives up.
const maxIdle = 10

// Explain returns the waterfall of two records.
func (r *Resolver) Explain(a, b entity.Member) Waterfall { return r.model.Explain(a, b) }

// Resolve drains the dirty set: afterwards memberships and golden records are
// those that resolving all current records at once would give. What is
// committed is whole components; a resolve that was cut off is continued by
// the next. progress may be nil.
func (r *Resolver) Resolve(ctx context.Context, progress func(Progress)) (Stats, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	var all Stats
	for idle, last := 0, int64(0); ; {
		dirty, many, err := r.store.Waiting(ctx, r.o.Bulk)
		if err != nil {
			return all, fmt.Errorf("resolve: count records: %w", err)
		}
		if dirty == 0 {
			return all, nil
		}
		if idle++; dirty < last {
			idle = 0
		}
		if last = dirty; idle > maxIdle {
			return all, fault.New("E6103", "", "count", dirty)
		}
		run := &run{Resolver: r, progress: progress, total: dirty}
		err = run.pass(ctx, many || dirty > bulkMost)
		all = all.Plus(run.stats)
		if err != nil {
			return all, fmt.Errorf("resolve: %w", err)
		}
	}
}

// Plus returns what both did together.
func (s Stats) Plus(t Stats) Stats {
	return Stats{s.Records + t.Records, s.Pairs + t.Pairs, s.Components + t.Components, s.Entities + t.Entities, s.Merged + t.Merged, s.Retired + t.Retired, s.Bulk || t.Bulk}
}

// run is one pass over the dirty set.
type run struct {
	*Resolver
	progress func(Progress)
	stats    Stats
	total    int64
	done     int64
	// anchors are the records on which overrides stand, ascending.
	anchors []entity.RecordID
	// fresh is what is dirty; nil where all records are resolved at once.
	fresh *fresh
	// features are those of the records that were looked at some at a time, nil for one that is not
	// current; dictionary keeps their values.
	features   map[entity.RecordID]*compare.Features
	dictionary *compare.Dictionary
	// shared says that others resolve beside this one.
	shared bool
}

// pass brings the token index in line, then resolves by the engine that suits
// the number of dirty records.
func (r *run) pass(ctx context.Context, bulk bool) error {
	if err := r.store.BeginPass(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if bulk {
		return r.bulk(ctx)
	}
	return r.incremental(ctx)
}

// parallel calls f for 0 to n-1 on all workers. It stops early when ctx ends
// or a call fails, and returns the error of the lowest index that failed.
func (r *Resolver) parallel(ctx context.Context, n int, f func(i int) error) error {
	workers := min(r.o.Workers, n)
	if workers <= 1 {
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	var next atomic.Int64
	var mu sync.Mutex
	first, failed := n, error(nil)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= n || ctx.Err() != nil {
					return
				}
				if err := f(i); err != nil {
					mu.Lock()
					if i < first {
						first, failed = i, err
					}
					mu.Unlock()
					next.Store(int64(n))
					return
				}
			}
		})
	}
	wg.Wait()
	if failed == nil {
		return ctx.Err()
	}
	return failed
}
