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
		for i := range b.rows {
			b.landings[i] = m.land(b, i)
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
func (m *mapping) land(b *batch, i int) (l record.Landing) {
	row := &b.rows[i]
	l = record.Landing{Place: row.Place, Key: row.Key, Raw: func() []byte { return rowBytes(row) }}
	stage := record.StageMap
	defer func() {
		if v := recover(); v != nil {
			l.Records = nil
			l.Refusal = refusal(stage, row, fault.New("E3253", row.Place.String()).Because(fmt.Errorf("panic: %T", v)))
		}
	}()
	if l.Key == "" {
		l.Key = keyOf(row.Data, m.key)
	}
	switch {
	case row.Fault != nil:
		stage = record.StageRead
		l.Refusal = refusal(stage, row, row.Fault)
		return l
	case row.Deleted && m.deletes != pipelines.DeletesNone:
		if l.Deleted = l.Key != ""; !l.Deleted {
			l.Refusal = refusal(stage, row, fault.New("E3254", row.Place.String()))
		}
		return l
	}
	inputs := []map[string]any{row.Data}
	if b.work != nil {
		if w := b.work[i]; w.fault != nil {
			l.Refusal = refusal(record.StageProcess, row, w.fault)
			return l
		} else if inputs = w.rows; m.s.trace {
			b.samples[i].Processed = w.rows
		}
	}
	for _, input := range inputs {
		outputs, err := m.s.r.Mapper.Map(input)
		if err != nil {
			l.Records = nil
			l.Refusal = refusal(stage, row, at(row.Place.String(), mapFault(err)))
			return l
		}
		for n := range outputs {
			stage = record.StageMap
			rec, err := m.record(b, row, l.Key, &outputs[n])
			if err == nil {
				if m.s.trace {
					b.samples[i].mapped(rec)
				}
				stage = record.StageValidate
				if t := m.types[rec.Ref.Type]; t != nil {
					if err = t.apply(&rec); err != nil {
						err = m.locate(err, row, input, n)
					}
				}
			}
			if err == nil && slices.ContainsFunc(l.Records, func(x record.Record) bool { return x.Ref == rec.Ref }) {
				stage = record.StageMap
				err = fault.New("E3255", row.Place.String(), "type", rec.Ref.Type)
			}
			if err != nil {
				l.Records = nil
				l.Refusal = refusal(stage, row, err)
				return l
			}
			l.Records = append(l.Records, rec)
		}
	}
	return l
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
	if err := e.Encode(row.Data); err != nil {
		return []byte("{}")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
