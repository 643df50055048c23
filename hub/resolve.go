package hub

import (
	"context"
	"errors"
	"sync"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/store"
)

// Resolve resolves what is dirty and lands nothing. On PostgreSQL several may do
// so at once, in as many processes as one likes, each with some workers; whoever lands,
// judges or rolls back meanwhile is refused (E5005), and the other way round. An embedded store has one
// worker. workers 0 means as many as hub.yaml says.
func (h *Hub) Resolve(ctx context.Context, workers int, events func(Event)) (res ResolveResult, err error) {
	if workers == 0 {
		workers = h.config.Workers
	}
	if err := h.open(ctx); err != nil {
		return res, err
	}
	if h.db.Kind() == store.SQLite && workers > 1 {
		return res, fault.New("E6105", "", "workers", workers)
	}
	release, err := h.db.Share(ctx, "resolve")
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, release()) }()
	began := h.o.Now()
	dirty, _, err := h.golden.Waiting(ctx, mdm.BulkShare)
	if err != nil || dirty == 0 {
		return res, err
	}
	events(Event{Kind: Resolving, At: h.now(), Total: dirty})
	if h.db.Kind() == store.SQLite {
		res.Stats, err = h.resolver().Resolve(ctx, h.resolving(events))
	} else {
		res.Stats, err = h.team(ctx, workers, h.resolving(events))
	}
	res.Took = h.o.Now().Sub(began)
	if err == nil {
		events(Event{Kind: Resolved, At: h.now(), Done: res.Records, Total: res.Records})
	}
	return res, err
}

// resolving turns a resolver's progress into events.
func (h *Hub) resolving(events func(Event)) func(mdm.Progress) {
	return func(p mdm.Progress) {
		events(Event{Kind: Resolving, At: h.now(), Stage: p.Stage, Done: p.Done, Total: p.Total})
	}
}

// team resolves by some workers of this process. It is through when one of them
// finds nothing dirty; that another was cut off is then of no account.
func (h *Hub) team(ctx context.Context, workers int, progress func(mdm.Progress)) (all mdm.Stats, err error) {
	errs := make([]error, workers)
	resolver := h.resolver()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			team, ok, err := h.golden.Join(ctx)
			if err == nil && !ok {
				err = fault.New("E6105", "", "workers", workers)
			}
			if errs[i] = err; err != nil {
				return
			}
			stats, err := resolver.Work(ctx, team, func(p mdm.Progress) {
				mu.Lock()
				defer mu.Unlock()
				progress(p)
			})
			errs[i] = errors.Join(err, team.Close())
			mu.Lock()
			defer mu.Unlock()
			all = all.Plus(stats)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err == nil {
			return all, nil
		}
	}
	return all, errors.Join(errs...)
}
