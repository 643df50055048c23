package hub

import (
	"context"
	"errors"
	"strings"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
	"crmhub/record"
	"crmhub/store"
)

// RunRequest says which pipelines run.
type RunRequest struct {
	Names []string
	// All runs every pipeline of the project, by name.
	All bool
	// FullRefresh reads from the beginning, whatever was read before.
	FullRefresh bool
}

// Run runs pipelines one after the other and resolves once at the end. What a
// former run left dirty is resolved first. A pipeline that fails does not stop
// the others, unless the store itself failed. The error is what no
// single pipeline is to blame for; each result carries its own.
func (h *Hub) Run(ctx context.Context, r RunRequest, events func(Event)) (res RunResult, err error) {
	began := h.o.Now()
	list, err := h.chosen(r.Names, r.All)
	if err != nil {
		return res, err
	}
	gc := newCollector()
	defer gc.restore()
	err = h.locked(ctx, "run "+names(list), func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		first, err := h.resolve(ctx, events)
		if err != nil {
			return err
		}
		gc.landing()
		for _, p := range list {
			done := h.runOne(ctx, p, r.FullRefresh, events)
			res.Pipelines = append(res.Pipelines, done)
			if storeFailed(done.Err) || ctx.Err() != nil {
				break
			}
		}
		switch last := res.Pipelines[len(res.Pipelines)-1]; {
		case storeFailed(last.Err):
			res.Resolve = first
			return nil
		case ctx.Err() != nil:
			res.Resolve = first
			if last.Status == record.Interrupted {
				return nil // the result says so itself
			}
			return context.Cause(ctx)
		}
		gc.unbounded()
		last, err := h.resolve(ctx, events)
		res.Resolve = first.plus(last)
		return err
	})
	res.Took = h.o.Now().Sub(began)
	h.notify(ctx, res, err, events)
	return res, err
}

func names(list []*pipelines.Pipeline) string {
	all := make([]string, len(list))
	for i, p := range list {
		all[i] = p.Name
	}
	return strings.Join(all, " ")
}

// storeFailed reports whether going on with another pipeline is useless.
func storeFailed(err error) bool {
	f := fault.Of(err)
	return f != nil && strings.HasPrefix(string(f.Code), "E5") && f.Code != "E5013"
}

// runOne runs one pipeline under the lock.
func (h *Hub) runOne(ctx context.Context, p *pipelines.Pipeline, full bool, events func(Event)) PipelineResult {
	var noticed []*fault.Error
	r, err := h.runner(p, func(w *fault.Error) { noticed = append(noticed, w) })
	if err != nil {
		return h.ended(p, record.Run{Status: record.Failed}, err, events)
	}
	r.FullRefresh = full
	warnings, err := h.watch(ctx, p, r)
	if err != nil {
		return h.ended(p, record.Run{}, errors.Join(err, r.Source.Close()), events)
	}
	run, err := h.stream(ctx, r, events)
	for _, w := range append(noticed, warnings()...) {
		events(Event{Kind: Warned, At: h.now(), Pipeline: p.Name, Run: run.ID, Fault: w})
	}
	return h.ended(p, run, err, events)
}

// stream runs r and closes its source.
func (h *Hub) stream(ctx context.Context, r *stream.Runner, events func(Event)) (run record.Run, err error) {
	defer func() { err = errors.Join(err, r.Source.Close()) }()
	started, resumed := false, false
	r.Events = func(e stream.Event) {
		if !started {
			started, resumed = true, e.Counts.Read > e.Landed
			events(Event{Kind: Started, At: h.now(), Pipeline: e.Pipeline, Run: e.Run, Resumed: resumed, Counts: e.Counts})
		}
		if !e.Finished {
			events(Event{Kind: Progress, At: h.now(), Pipeline: e.Pipeline, Run: e.Run, Counts: e.Counts})
		}
	}
	run, err = r.Run(ctx)
	run.Resumed = run.Resumed || resumed
	return run, err
}

// ended reports the end of a pipeline's run.
func (h *Hub) ended(p *pipelines.Pipeline, run record.Run, err error, events func(Event)) PipelineResult {
	if run.Status == "" {
		run.Status = record.Failed
	}
	events(Event{Kind: Landed, At: h.now(), Pipeline: p.Name, Run: run.ID, Counts: run.Counts, Fault: fault.Of(err)})
	return PipelineResult{Pipeline: p.Name, Run: run.ID, Status: run.Status, Resumed: run.Resumed, Counts: run.Counts, Err: err}
}

// resolve drains the dirty set.
func (h *Hub) resolve(ctx context.Context, events func(Event)) (ResolveResult, error) {
	began := h.o.Now()
	// What a steward set for a time ends here, at this run's instant, and stays
	// ended: who computes a golden record asks no clock.
	if _, err := h.golden.LapseOverrides(ctx, h.now()); err != nil {
		return ResolveResult{}, err
	}
	dirty, all, err := h.golden.Waiting(ctx, mdm.BulkShare)
	if err != nil || dirty == 0 {
		return ResolveResult{}, err
	}
	if all {
		_, current, err := h.golden.Stat(ctx)
		if err != nil {
			return ResolveResult{}, err
		}
		gc := newCollector()
		defer gc.restore()
		gc.resolving(current)
	}
	events(Event{Kind: Resolving, At: h.now(), Total: dirty})
	var stats mdm.Stats
	if h.db.Kind() == store.Postgres && h.config.Workers > 1 {
		stats, err = h.team(ctx, h.config.Workers, h.resolving(events))
	} else {
		stats, err = h.resolver().Resolve(ctx, h.resolving(events))
	}
	res := ResolveResult{Stats: stats, Took: h.o.Now().Sub(began)}
	if err == nil {
		events(Event{Kind: Resolved, At: h.now(), Done: res.Records, Total: res.Records})
	}
	return res, err
}

// resolver returns the resolver of the open store.
func (h *Hub) resolver() *mdm.Resolver { return mdm.NewResolver(h.golden, h.model, mdm.Options{}) }

func (r ResolveResult) plus(s ResolveResult) ResolveResult {
	return ResolveResult{r.Stats.Plus(s.Stats), r.Took + s.Took}
}
