package mdm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"crmhub/mdm/entity"
)

// settling writes what a run decides, one transaction after the other, beside
// the run's own work.
type settling struct {
	*run
	backlog // of writes
	g       *graph
	total   int64
	left    []bundle // of one record each, which the store left to Apply; read after wait
}

// settleAhead is how many writes may wait for the one under way. Those of records that
// stand alone take long and have nothing decided: meanwhile much can be.
const settleAhead = 2

// settled counts records that are written.
func (w *settling) settled(n int64) {
	w.done += n
	w.progress(Progress{Surviving, w.done, w.total})
}

// alone hands the bundles of one record to a store that needs to know no more
// of them, and returns the others.
func (w *settling) alone(ctx context.Context, span []bundle) ([]bundle, error) {
	store, ok := w.store.(Lone)
	if !ok {
		return span, nil
	}
	ids, single := make([]entity.RecordID, 0, len(span)), make([]bundle, 0, len(span))
	var others []bundle
	for _, b := range span {
		if len(b.items) == 1 && len(b.tombs) == 0 && !w.anchored(w.g.ids[b.items[0]]) && !w.changed(w.g.ids[b.items[0]]) {
			ids, single = append(ids, w.g.ids[b.items[0]]), append(single, b)
		} else {
			others = append(others, b)
		}
	}
	if len(ids) == 0 {
		return others, nil
	}
	return others, w.behind(func() error {
		rest, err := store.Alone(ctx, ids)
		if err != nil {
			return fmt.Errorf("write entities: %w", err)
		}
		n := int64(len(ids) - len(rest))
		w.stats.Records += n
		w.stats.Components += n
		w.stats.Entities += n
		for i := range single {
			if _, left := slices.BinarySearch(rest, ids[i]); left {
				w.left = append(w.left, single[i])
			}
		}
		w.settled(n)
		return nil
	})
}

// write decides bundles and writes them, chunk by chunk.
func (w *settling) write(ctx context.Context, bundles []bundle) error {
	for len(bundles) > 0 {
		chunk := prefix(bundles, w.o.Chunk)
		bundles = bundles[len(chunk):]
		res, err := w.decide(ctx, w.g, chunk)
		if err != nil {
			return err
		}
		err = w.behind(func() error {
			switch err := w.store.Apply(ctx, res); {
			case errors.Is(err, ErrResolved):
				return w.apart(ctx, chunk)
			case err != nil:
				return fmt.Errorf("write entities: %w", err)
			}
			n := int64(0)
			for i := range chunk {
				n += int64(chunk[i].size())
				w.g.forget(chunk[i].items)
			}
			w.count(&res, n)
			w.settled(n)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// apart writes those of some bundles that nobody else resolved, one by one.
func (w *settling) apart(ctx context.Context, bundles []bundle) error {
	for i := range bundles {
		if len(bundles) == 1 {
			break
		}
		res, err := w.decide(ctx, w.g, bundles[i:i+1])
		if err != nil {
			return err
		}
		switch err := w.store.Apply(ctx, res); {
		case errors.Is(err, ErrResolved):
		case err != nil:
			return fmt.Errorf("write entities: %w", err)
		default:
			w.count(&res, int64(bundles[i].size()))
		}
		w.settled(int64(bundles[i].size()))
	}
	return nil
}

func (b *bundle) size() int { return len(b.items) + len(b.tombs) }

// prefix returns the first of some bundles, at least one, that hold about n records.
func prefix(bundles []bundle, n int) []bundle {
	to, size := 0, 0
	for to < len(bundles) && (to == 0 || size+bundles[to].size() <= n) {
		size += bundles[to].size()
		to++
	}
	return bundles[:to]
}
