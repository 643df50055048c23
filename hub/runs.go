package hub

import (
	"context"

	"crmhub/record"
	"crmhub/store/journal"
)

// Runs lists runs, the latest first; of all pipelines where none is named.
func (h *Hub) Runs(ctx context.Context, pipeline string, limit int) ([]record.Run, error) {
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	return h.journal.Runs(ctx, pipeline, limit)
}

// RunByID returns one run by its id or the beginning of it.
func (h *Hub) RunByID(ctx context.Context, id string) (record.Run, error) {
	if err := h.open(ctx); err != nil {
		return record.Run{}, err
	}
	return h.journal.Run(ctx, id)
}

// Rollback undoes what a run landed, and with through the newer runs of its
// pipeline too, then resolves.
func (h *Hub) Rollback(ctx context.Context, id record.RunID, through bool, events func(Event)) (res journal.Rollback, err error) {
	err = h.locked(ctx, "runs rollback", func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		run, err := h.journal.Run(ctx, string(id))
		if err != nil {
			return err
		}
		if res, err = h.journal.Rollback(ctx, string(id), through); err != nil {
			return err
		}
		if run.Pipeline == trainPipeline {
			if err := h.untrain(run); err != nil {
				return err
			}
		}
		_, err = h.resolve(ctx, events)
		return err
	})
	return res, err
}

// Reveals lists who looked at clear values, the latest first, at most limit of
// them (all for 0).
func (h *Hub) Reveals(ctx context.Context, limit int) ([]journal.Revealed, error) {
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	return h.journal.Reveals(ctx, limit)
}
