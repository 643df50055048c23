package hub

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"crmhub/fault"
	"crmhub/hub/sheet"
	"crmhub/pipelines"
	"crmhub/record"
	"crmhub/store/journal"
)

// ItemView is one row in quarantine. Row is set by QuarantineItem only.
type ItemView struct {
	ID       string         `json:"id"`
	Pipeline string         `json:"pipeline"`
	Place    string         `json:"place"`
	Code     fault.Code     `json:"code"`
	Stage    record.Stage   `json:"stage"`
	Count    int64          `json:"count"`
	Message  string         `json:"message"`
	Cause    string         `json:"cause,omitempty"`
	Fix      string         `json:"fix,omitempty"`
	Row      map[string]any `json:"row,omitempty"`
}

func (h *Hub) itemView(i journal.Item) ItemView {
	f := i.Fault
	return ItemView{
		ID: i.ID, Pipeline: i.Pipeline, Place: i.Place, Code: f.Code, Stage: i.Stage, Count: i.Count,
		Message: f.Message(h.o.Lang), Cause: f.Cause(h.o.Lang), Fix: f.Fix(h.o.Lang),
	}
}

// Quarantine lists the open items, without their rows.
func (h *Hub) Quarantine(ctx context.Context, pipeline string, limit int) ([]ItemView, error) {
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	items, err := h.journal.Quarantine(ctx, journal.Filter{Pipeline: pipeline, Limit: limit})
	if err != nil {
		return nil, err
	}
	list := []ItemView{}
	for _, i := range items {
		v := h.itemView(i)
		v.Cause, v.Fix = "", ""
		list = append(list, v)
	}
	return list, nil
}

// QuarantineItem returns one item with its row, masked unless revealed.
func (h *Hub) QuarantineItem(ctx context.Context, id string, r Reveal) (ItemView, error) {
	if err := r.allow(); err != nil {
		return ItemView{}, err
	}
	if err := h.open(ctx); err != nil {
		return ItemView{}, err
	}
	i, err := h.journal.Item(ctx, id)
	if err != nil {
		return ItemView{}, err
	}
	if err := h.recorded(ctx, r, "quarantine "+id); err != nil {
		return ItemView{}, err
	}
	v := h.itemView(i)
	v.Row = hidden(rowOf(i), r)
	return v, nil
}

// ExportQuarantine writes the open items with their rows in clear, as xlsx or
// csv, and returns how many there were. It needs a reveal (E1211).
func (h *Hub) ExportQuarantine(ctx context.Context, w io.Writer, format, pipeline string, r Reveal) (int, error) {
	if !r.On {
		return 0, fault.New("E1211", "")
	}
	if err := r.allow(); err != nil {
		return 0, err
	}
	if err := h.open(ctx); err != nil {
		return 0, err
	}
	if err := h.recorded(ctx, r, "quarantine export"); err != nil {
		return 0, err
	}
	var list []sheet.Row
	err := h.journal.EachItem(ctx, journal.Filter{Pipeline: pipeline}, func(i journal.Item) error {
		v := h.itemView(i)
		list = append(list, sheet.Row{Item: v.ID, Pipeline: v.Pipeline, Place: v.Place, Code: string(v.Code), Reason: v.Message, Data: rowOf(i)})
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(list), sheet.Write(w, format, list)
}

// ImportQuarantine puts the rows of a corrected sheet that were changed
// through their pipelines again, then resolves.
func (h *Hub) ImportQuarantine(ctx context.Context, path string, events func(Event)) (RunResult, error) {
	rows, err := sheet.Read(path)
	if err != nil {
		return RunResult{}, err
	}
	return h.replayed(ctx, "quarantine import", events, func() (map[string][]replayRow, error) {
		var ids []string
		for _, c := range rows {
			i, err := h.journal.Item(ctx, c.Item)
			if err != nil {
				return nil, err
			}
			row, changed := c.Apply(rowOf(i))
			if !i.Open || !changed {
				continue
			}
			raw, err := json.Marshal(row)
			if err != nil {
				return nil, err
			}
			if err := h.journal.Correct(ctx, i.ID, raw); err != nil {
				return nil, err
			}
			ids = append(ids, i.ID)
		}
		return h.waiting(ctx, func(i journal.Item) bool { return slices.Contains(ids, i.ID) })
	})
}

// Replay puts the open items of pipelines through again as they are, then
// resolves. every means all pipelines that have open items.
func (h *Hub) Replay(ctx context.Context, names []string, every bool, events func(Event)) (RunResult, error) {
	return h.replayed(ctx, "quarantine replay", events, func() (map[string][]replayRow, error) {
		wanted := map[string]bool{}
		for _, name := range names {
			if _, err := h.chosen([]string{name}, false); err != nil {
				return nil, err
			}
			wanted[pipelineName(name)] = true
		}
		return h.waiting(ctx, func(i journal.Item) bool { return every || wanted[i.Pipeline] })
	})
}

// waiting returns the open items that are asked for and can be sent again, by
// pipeline. A row that could not be decoded has to be mended in its source.
func (h *Hub) waiting(ctx context.Context, wanted func(journal.Item) bool) (map[string][]replayRow, error) {
	rows := map[string][]replayRow{}
	err := h.journal.EachItem(ctx, journal.Filter{}, func(i journal.Item) error {
		if data := rowOf(i); data != nil && wanted(i) {
			rows[i.Pipeline] = append(rows[i.Pipeline], replayRow{item: i, data: data})
		}
		return nil
	})
	return rows, err
}

// replayed runs rows through their pipelines under the lock, closes the items
// whose corrected rows landed, and resolves.
func (h *Hub) replayed(ctx context.Context, what string, events func(Event), collect func() (map[string][]replayRow, error)) (res RunResult, err error) {
	began := h.o.Now()
	err = h.locked(ctx, what, func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		rows, err := collect()
		if err != nil {
			return err
		}
		for _, name := range sorted(rows) {
			p, err := h.chosen([]string{name}, false)
			if err != nil {
				return err
			}
			done := h.replayOne(ctx, p[0], rows[name], events)
			res.Pipelines = append(res.Pipelines, done)
			if storeFailed(done.Err) || ctx.Err() != nil {
				return nil
			}
		}
		res.Resolve, err = h.resolve(ctx, events)
		return err
	})
	res.Took = h.o.Now().Sub(began)
	return res, err
}

func (h *Hub) replayOne(ctx context.Context, p *pipelines.Pipeline, rows []replayRow, events func(Event)) PipelineResult {
	r, err := h.runner(p, nil)
	if err != nil {
		return h.ended(p, record.Run{}, err, events)
	}
	src, err := replaySource(ctx, r.Source, p, rows)
	if err != nil {
		return h.ended(p, record.Run{}, err, events)
	}
	r.Source, r.Replay = src, true
	run, err := h.stream(ctx, r, events)
	if err == nil && run.Status == record.Done {
		err = h.closeReplayed(ctx, rows, run)
	}
	return h.ended(p, run, err, events)
}
