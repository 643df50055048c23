package hub

import (
	"context"
	"errors"

	"crmhub/fault"
	"crmhub/governance/mask"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
	"crmhub/record"
)

// SampleView is one row on its way through the stages, as it is shown.
type SampleView struct {
	Place     string           `json:"place"`
	Key       string           `json:"key"`
	Row       map[string]any   `json:"row"`
	Processed []map[string]any `json:"processed,omitempty"`
	Mapped    []RecordView     `json:"mapped"`
	Records   []RecordView     `json:"records"`
	// SetAside names the optional values that validation set aside.
	SetAside []string     `json:"set_aside,omitempty"`
	Filtered bool         `json:"filtered,omitempty"`
	Deleted  bool         `json:"deleted,omitempty"`
	Stage    record.Stage `json:"stage,omitempty"`
	Refusal  *fault.Error `json:"-"`
	Fault    *RefusalView `json:"refusal,omitempty"`
}

// RefusalView is why a row was refused, in the hub's language.
type RefusalView struct {
	Code    fault.Code `json:"code"`
	Place   string     `json:"place"`
	Message string     `json:"message"`
}

// Preview sends the first n rows of a pipeline's source through all stages
// and writes nothing. Values are masked unless revealed.
func (h *Hub) Preview(ctx context.Context, name string, n int, r Reveal) ([]SampleView, error) {
	if err := r.allow(); err != nil {
		return nil, err
	}
	list, err := h.chosen([]string{name}, false)
	if err != nil {
		return nil, err
	}
	if r.On {
		// Only a reveal needs the store: it keeps the journal.
		if err := h.open(ctx); err != nil {
			return nil, err
		}
		if err := h.recorded(ctx, r, "preview "+list[0].Name); err != nil {
			return nil, err
		}
	}
	samples, err := h.sample(ctx, list[0], n)
	views := []SampleView{}
	for _, s := range samples {
		views = append(views, h.sampleView(list[0], s, r))
	}
	return views, err
}

// sample runs the first n rows through the stages.
func (h *Hub) sample(ctx context.Context, p *pipelines.Pipeline, n int) (samples []stream.Sample, err error) {
	run, err := h.runner(p, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, run.Source.Close()) }()
	return run.Preview(ctx, n)
}

func (h *Hub) sampleView(p *pipelines.Pipeline, s stream.Sample, r Reveal) SampleView {
	k := keys{}
	if c := string(p.Source.KeyClass); c != "" && c != "none" {
		k[[2]string{p.Source.Connection, ""}] = c
	}
	v := SampleView{
		Place: s.Place.String(), Row: hidden(s.Row, r), Mapped: h.recordViews(s.Mapped, k, r), Records: h.recordViews(s.Records, k, r),
		Filtered: s.Filtered, Deleted: s.Deleted,
		Key: k.show(record.Ref{Source: p.Source.Connection, Key: s.Key}, r),
	}
	for _, row := range s.Processed {
		v.Processed = append(v.Processed, hidden(row, r))
	}
	for _, rec := range s.Records {
		for _, i := range rec.Invalid {
			v.SetAside = append(v.SetAside, i.Path+" "+i.Rule)
		}
	}
	if s.Refusal != nil {
		v.Stage, v.Refusal = s.Refusal.Stage, fault.Of(s.Refusal.Fault)
		if f := v.Refusal; f != nil {
			v.Fault = &RefusalView{f.Code, f.Place, f.Message(h.o.Lang)}
		}
	}
	return v
}

func (h *Hub) recordViews(list []record.Record, k keys, r Reveal) []RecordView {
	out := []RecordView{}
	for _, rec := range list {
		v := RecordView{
			Source: rec.Ref.Source, Stream: rec.Ref.Stream, Type: rec.Ref.Type, Key: k.show(rec.Ref, r),
			Fields: h.fields(rec.Ref.Type, rec.Fields, r),
		}
		if !rec.UpdatedAt.IsZero() {
			t := rec.UpdatedAt.UTC()
			v.UpdatedAt = &t
		}
		out = append(out, v)
	}
	return out
}

// hidden masks a source row: its columns have no class, so little more than
// the first character of each value is shown.
func hidden(row map[string]any, r Reveal) map[string]any {
	if r.On || row == nil {
		return row
	}
	out := make(map[string]any, len(row))
	for name, v := range row {
		if v == nil {
			out[name] = nil
			continue
		}
		out[name] = mask.Value("unclassified", mask.Text, v)
	}
	return out
}
