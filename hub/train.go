package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store/golden"
)

// trainPipeline is the name under which taking a model is a run. No pipeline of a
// project can have it.
const trainPipeline = "match train"

// TrainResult is a model that was learnt, and what taking it changes.
type TrainResult struct {
	mdm.Learnt
	mdm.Effect
	// Waiting are records that were not resolved yet: part of what changes comes of them.
	Waiting int64 `json:"waiting"`
	// Pairs that would be joined, and pairs that would be parted.
	Examples []TrainExample `json:"examples"`
	// Run is the run that took the model, empty where it was not taken.
	Run     record.RunID  `json:"run,omitempty"`
	Resolve ResolveResult `json:"-"`
}

// TrainExample is two records that the model would join, or part.
type TrainExample struct {
	Joined bool       `json:"joined"`
	Left   RecordView `json:"left"`
	Right  RecordView `json:"right"`
}

// taking is the position of a run that takes a model: the files before and after, null for none.
type taking struct {
	Was *string `json:"was"`
	Now string  `json:"now"`
}

// Train learns a model from what landed, and computes what it would change, with samples pairs
// of each kind, masked. With take it becomes the project's model, in a run that runs rollback
// undoes, and all customers are resolved by it.
func (h *Hub) Train(ctx context.Context, samples int, take bool, r Reveal, events func(Event)) (res TrainResult, err error) {
	if err := r.allow(); err != nil {
		return res, err
	}
	if err := h.open(ctx); err != nil {
		return res, err
	}
	if !take {
		return h.learn(ctx, samples, r)
	}
	err = h.locked(ctx, trainPipeline, func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		if res, err = h.learn(ctx, samples, r); err != nil {
			return err
		}
		return h.take(ctx, &res, events)
	})
	return res, err
}

func (h *Hub) learn(ctx context.Context, samples int, r Reveal) (res TrainResult, err error) {
	if err := h.recorded(ctx, r, trainPipeline); err != nil {
		return res, err
	}
	stands, err := h.modelText()
	if err != nil {
		return res, err
	}
	text := mdm.CustomerModel()
	if stands != nil {
		text = *stands
	}
	if res.Waiting, _, err = h.golden.Waiting(ctx, mdm.BulkShare); err != nil {
		return res, err
	}
	if res.Learnt, err = h.resolver().Learn(ctx, modelFile, []byte(text)); err != nil {
		return res, err
	}
	if res.Effect, err = mdm.NewResolver(h.golden, res.Model, mdm.Options{}).Effect(ctx, samples); err != nil {
		return res, err
	}
	var ids []entity.RecordID
	for _, s := range res.Samples {
		ids = append(ids, s.A, s.B)
	}
	slices.Sort(ids)
	members, err := h.golden.CurrentMembers(ctx, slices.Compact(ids))
	if err != nil {
		return res, err
	}
	k, views := h.keyClasses(), map[entity.RecordID]RecordView{}
	for _, m := range members {
		views[m.RecordID] = h.recordView(m, k, r)
	}
	res.Examples = []TrainExample{}
	for _, s := range res.Samples {
		res.Examples = append(res.Examples, TrainExample{s.Joined, views[s.A], views[s.B]})
	}
	return res, nil
}

// take makes the model the project's. The run is begun, and knows both files, before the
// file is written: it can be rolled back wherever it is cut off.
func (h *Hub) take(ctx context.Context, res *TrainResult, events func(Event)) error {
	was, err := h.modelText()
	if err != nil {
		return err
	}
	position, err := json.Marshal(taking{was, string(res.Text)})
	if err != nil {
		return err
	}
	run, err := h.golden.Begin(ctx, record.RunSpec{Pipeline: trainPipeline, Source: "mdm", Stream: modelFile, Type: record.Customer, FullRefresh: true})
	if err != nil {
		return err
	}
	res.Run = run.ID
	if _, err := h.golden.Commit(ctx, run.ID, nil, run.Position, position); err != nil {
		return err
	}
	text := string(res.Text)
	if err := h.setModel(&text); err != nil {
		return err
	}
	if _, err := h.golden.End(ctx, run.ID, record.Done, nil); err != nil {
		return err
	}
	res.Resolve, err = h.resolve(ctx, events)
	return err
}

// untrain restores the model that stood before a run that took one.
func (h *Hub) untrain(run record.Run) error {
	var t taking
	if err := json.Unmarshal(run.Position, &t); err != nil {
		return fault.New("E5012", h.db.Place()).Because(err)
	}
	return h.setModel(t.Was)
}

// modelText is the project's own model file, nil for none.
func (h *Hub) modelText() (*string, error) {
	data, err := os.ReadFile(h.config.Abs(modelFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New("E1103", modelFile, "reason", fault.Reason(err)).Because(err)
	}
	text := string(data)
	return &text, nil
}

// setModel writes the project's model file, or removes it, and goes on by it.
func (h *Hub) setModel(text *string) error {
	path := h.config.Abs(modelFile)
	err := func() error {
		if text == nil {
			if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
				return err
			}
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if stands, err := os.ReadFile(path); err == nil && bytes.Equal(stands, []byte(*text)) {
			return nil
		}
		if err := os.WriteFile(path+".new", []byte(*text), 0o644); err != nil {
			return err
		}
		return os.Rename(path+".new", path)
	}()
	if err != nil {
		return fault.New("E1104", modelFile, "reason", fault.Reason(err)).Because(err)
	}
	h.model = nil
	model, err := h.matchModel()
	if err != nil {
		return err
	}
	h.golden = golden.New(h.db, golden.Options{Schemas: h.schemas, Features: model.Features, Model: h.modelPrint})
	return nil
}

// Outgrown reports by how many bits the store has outgrown its model, and whether that is far.
func (h *Hub) Outgrown(ctx context.Context) (bits float64, far bool, err error) {
	if err := h.open(ctx); err != nil {
		return 0, false, err
	}
	_, current, err := h.golden.Stat(ctx)
	if err != nil {
		return 0, false, err
	}
	bits, far = h.model.Outgrown(current)
	return bits, far, nil
}
