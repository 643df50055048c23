package stream

import (
	"context"
	"sync"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// Sample is one row on its way through all stages. It holds personal values:
// whoever shows it masks them.
type Sample struct {
	Place record.Place
	Key   string
	// Row is what the source gave; nil where it could not be decoded.
	Row map[string]any
	// Processed is what the pipeline's own processors made of it; nil where
	// there are none.
	Processed []map[string]any
	// Mapped is what the mapping made of it, Records the same standardised
	// and validated.
	Mapped, Records []record.Record
	Refusal         *record.Refusal
	Deleted         bool
	// Filtered says that a processor or the mapping dropped the row.
	Filtered bool
}

// mapped keeps a copy of a record as it left the mapping.
func (s *Sample) mapped(r record.Record) {
	r.Fields = clone(map[string]any(r.Fields)).(map[string]any)
	s.Mapped = append(s.Mapped, r)
}

func (s *Sample) finish(row *record.Row, l record.Landing) {
	s.Place, s.Key, s.Row = row.Place, l.Key, row.Data
	s.Records, s.Refusal, s.Deleted = l.Records, l.Refusal, l.Deleted
	s.Filtered = len(l.Records) == 0 && l.Refusal == nil && !l.Deleted
}

// Preview sends the first n rows of the source through the same stream as
// Run, and returns what each stage made of them. Nothing is written: the
// Runner's Sink is not used, and may be nil.
func (r *Runner) Preview(ctx context.Context, n int) ([]Sample, error) {
	streamName, err := r.streamName(ctx)
	if err != nil {
		return nil, err
	}
	if err := Check(r.Pipeline); err != nil {
		return nil, err
	}
	quiet := *r
	quiet.Events = nil
	quiet.FullRefresh = true
	quiet.Sink = &nowhere{}
	quiet.Source = first{r.Source, n}
	s := newSession(&quiet, streamName, record.Run{})
	s.trace = true
	if _, err := s.run(ctx); err != nil {
		return s.sample, err
	}
	return s.sample, nil
}

// first reads the first n rows of a source.
type first struct {
	connectors.Source
	n int
}

// Read hands over n rows at most, whether the source minds Limit or not.
func (f first) Read(ctx context.Context, q connectors.Request, emit connectors.Emit) error {
	q.Limit, q.BatchRows = f.n, f.n
	left := f.n
	enough := fault.New("E4104", "")
	err := f.Source.Read(ctx, q, func(ctx context.Context, b connectors.Batch) error {
		b.Rows = b.Rows[:min(left, len(b.Rows))]
		left -= len(b.Rows)
		if err := emit(ctx, b); err != nil {
			return err
		}
		if left == 0 {
			return enough
		}
		return nil
	})
	if left == 0 {
		return nil
	}
	return err
}

// nowhere is a sink that counts rows and keeps nothing.
type nowhere struct {
	mu     sync.Mutex
	counts record.Counts
}

func (*nowhere) Begin(context.Context, record.RunSpec) (record.Run, error) { return record.Run{}, nil }

func (*nowhere) Prepare(_ context.Context, _ record.RunID, rows []record.Landing) (any, error) {
	return len(rows), nil
}

func (n *nowhere) Commit(_ context.Context, _ record.RunID, prepared []any, _, _ record.Position) (record.Counts, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range prepared {
		n.counts.Read += int64(p.(int))
		n.counts.Filtered += int64(p.(int))
	}
	return n.counts, nil
}

func (*nowhere) End(context.Context, record.RunID, record.Status, error) (record.Run, error) {
	return record.Run{}, nil
}
