package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines"
	"crmhub/record"
)

// mapping turns the rows of a batch into landings: map, complete the refs,
// standardise, validate. It is safe for concurrent use.
type mapping struct {
	s       *session
	kind    record.Type
	deletes pipelines.Deletes
	types   map[record.Type]*canonical
	key     []string
	cells   cellMapper // nil where rows never are cells
}

// room is what the rows of one batch share on their way.
type room struct {
	outputs []mappings.Output
	// records are the first records of rows, which most rows have no more of.
	records []record.Record
}

func mapSpec() *service.ConfigSpec {
	return service.NewConfigSpec().
		Summary("Maps rows to canonical records, standardises and validates them.").
		Fields(service.NewStringField("mapping"), service.NewStringField("type"), service.NewStringField("deletes"))
}

func newMapping(s *session, c *service.ParsedConfig) (*mapping, error) {
	kind, err := c.FieldString("type")
	deletes, err2 := c.FieldString("deletes")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	m := &mapping{
		s: s, kind: record.Type(kind), deletes: pipelines.Deletes(deletes),
		types: map[record.Type]*canonical{}, key: s.r.Pipeline.Source.Key,
	}
	m.cells, _ = s.r.Mapper.(cellMapper)
	for _, t := range record.Types {
		if schema, ok := s.r.Schemas.Schema(t); ok {
			m.types[t] = newCanonical(schema, s.r.Locale)
		}
	}
	return m, nil
}

// ProcessBatch maps the rows of each batch.
func (m *mapping) ProcessBatch(_ context.Context, messages service.MessageBatch) ([]service.MessageBatch, error) {
	each(messages, func(b *batch) {
		if m.s.abandoned() {
			return
		}
		b.landings = make([]record.Landing, len(b.rows))
		if m.s.trace {
			b.samples = make([]Sample, len(b.rows))
		}
		shared := room{records: make([]record.Record, 0, len(b.rows))}
		for i := range b.rows {
			m.land(b, i, &shared, &b.landings[i])
			if m.s.trace {
				b.samples[i].finish(&b.rows[i], b.landings[i])
			}
		}
		b.rows, b.work = nil, nil
		m.s.meter.mapped(len(b.landings))
	})
	return []service.MessageBatch{messages}, nil
}

// Close has nothing to close.
func (m *mapping) Close(context.Context) error { return nil }

// land says what row i of a batch becomes. A panic is the row's fault.
func (m *mapping) land(b *batch, i int, shared *room, l *record.Landing) {
	row := &b.rows[i]
	*l = record.Landing{Place: row.Place, Key: row.Key, Raw: func() []byte { return rowBytes(row) }}
	stage := record.StageMap
	defer func() {
		if v := recover(); v != nil {
			l.Records = nil
			l.Refusal = refusal(stage, row, fault.New("E3253", row.Place.String()).Because(fmt.Errorf("panic: %T", v)))
		}
	}()
	if l.Key == "" {
		l.Key = keyOf(row.Values(), m.key)
	}
	switch {
	case row.Fault != nil:
		stage = record.StageRead
		l.Refusal = refusal(stage, row, row.Fault)
		return
	case row.Deleted && m.deletes != pipelines.DeletesNone:
		if l.Deleted = l.Key != ""; !l.Deleted {
			l.Refusal = refusal(stage, row, fault.New("E3254", row.Place.String()))
		}
		return
	}
	inputs := [1]map[string]any{} // nil: the row itself
	all := inputs[:]
	if b.work != nil {
		w := b.work[i]
		if w.fault != nil {
			l.Refusal = refusal(record.StageProcess, row, w.fault)
			return
		}
		if all = w.rows; m.s.trace {
			b.samples[i].Processed = w.rows
		}
	}
	for _, input := range all {
		stage = record.StageMap
		outputs, err := m.outputs(shared, row, input)
		if err != nil {
			l.Records = nil
			l.Refusal = refusal(stage, row, at(row.Place.String(), mapFault(err)))
			return
		}
		for n := range outputs {
			rec, err := m.checked(b, i, l, input, &outputs[n], n, &stage)
			if err != nil {
				l.Records = nil
				l.Refusal = refusal(stage, row, err)
				return
			}
			if at := len(shared.records); l.Records == nil && at < cap(shared.records) {
				shared.records = append(shared.records, rec)
				l.Records = shared.records[at : at+1 : at+1]
			} else {
				l.Records = append(l.Records, rec)
			}
		}
	}
}

// outputs maps a row, or what processors made of it. They are valid until the next call.
func (m *mapping) outputs(shared *room, row *record.Row, input map[string]any) (out []mappings.Output, err error) {
	switch {
	case input != nil:
		return m.s.r.Mapper.Map(input)
	case row.Cells.Header != nil:
		shared.outputs, err = m.cells.AppendCells(shared.outputs[:0], &row.Cells)
		return shared.outputs, err
	}
	return m.s.r.Mapper.Map(row.Data)
}

// checked returns the n-th output of a row's as a record, standardised and
// validated. stage is where it stands, also when it fails or panics.
func (m *mapping) checked(b *batch, i int, l *record.Landing, input map[string]any, out *mappings.Output, n int, stage *record.Stage) (record.Record, error) {
	*stage = record.StageMap
	row := &b.rows[i]
	rec, err := m.record(b, row, l.Key, out)
	if err != nil {
		return rec, err
	}
	if m.s.trace {
		b.samples[i].mapped(rec)
	}
	*stage = record.StageValidate
	if err := m.types[rec.Ref.Type].apply(&rec); err != nil {
		return rec, m.locate(err, row, input, n)
	}
	*stage = record.StageMap
	if slices.ContainsFunc(l.Records, func(x record.Record) bool { return x.Ref == rec.Ref }) {
		return rec, fault.New("E3255", row.Place.String(), "type", rec.Ref.Type)
	}
	return rec, nil
}

// record makes a record of what the mapping gave.
func (m *mapping) record(b *batch, row *record.Row, key string, out *mappings.Output) (record.Record, error) {
	rec := record.Record{
		Ref: record.Ref{Source: m.s.r.Pipeline.Source.Connection, Stream: m.s.stream, Type: out.Type, Key: out.Key},
		Op:  out.Op, Fields: out.Fields, Observed: b.read,
	}
	if rec.Ref.Type == "" {
		rec.Ref.Type = m.kind
	}
	if rec.Ref.Key == "" {
		rec.Ref.Key = key
	}
	if rec.Ref.Key == "" {
		return rec, fault.New("E3254", row.Place.String())
	}
	if m.types[rec.Ref.Type] == nil {
		return rec, fault.New("E3256", row.Place.String())
	}
	if rec.Fields == nil {
		rec.Fields = record.Fields{}
	}
	m.date(&rec, out.UpdatedAt)
	m.types[rec.Ref.Type].complete(rec.Fields, rec.Ref)
	return rec, nil
}

// date sets the source's time of the last change. One that cannot be read is
// set aside, and the record is undated.
func (m *mapping) date(rec *record.Record, v any) {
	if t, ok := v.(time.Time); ok {
		rec.UpdatedAt = t.UTC()
		return
	}
	if v == nil || v == "" {
		return
	}
	if text, ok := v.(string); ok {
		if t, ok := m.s.r.Locale.Time(text); ok {
			rec.UpdatedAt = t.UTC()
			return
		}
	}
	if s, ok := m.s.r.Locale.Value("instant", v).(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			rec.UpdatedAt = t.UTC()
			return
		}
	}
	rec.Invalid = append(rec.Invalid, record.Invalid{Path: "/_updated_at", Rule: "format", Code: "E3257", Value: v})
}

// mapFault makes a fault of any error of a mapping.
func mapFault(err error) error {
	if fault.Of(err) != nil {
		return err
	}
	return fault.New("E3253", "").Because(err)
}

// at gives a fault the place of its row.
func at(place string, err error) error {
	f := *fault.Of(err)
	f.Place = place
	return &f
}

// rowBytes is a row as quarantine keeps it.
func rowBytes(row *record.Row) []byte {
	if row.Raw != nil {
		return row.Raw
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(row.Values()); err != nil {
		return []byte("{}")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
