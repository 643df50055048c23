package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"crmhub/connectors"
	"crmhub/mappings"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
	"crmhub/record"
	"crmhub/schemas"
)

// memory is a pipelines.Sink in memory. It holds itself to the interface: one
// transaction at a time, positions compared and set.
type memory struct {
	mu       sync.Mutex
	records  map[record.Ref]string
	refused  []record.Landing
	landed   []record.Landing
	run      record.Run
	runs     int
	spec     record.RunSpec
	commits  []int // batches in each
	position record.Position

	beforeCommit func(n int) error // n counts from 1
	prepare      func([]record.Landing) error
	lose         bool // forgets to count one row
}

type landings []record.Landing

func newMemory() *memory { return &memory{records: map[record.Ref]string{}} }

func (m *memory) Begin(_ context.Context, s record.RunSpec) (record.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run.Status == record.Interrupted || m.run.Status == record.Running || m.run.Status == record.Failed {
		m.run.Status, m.run.Resumed = record.Running, true
		return m.run, nil
	}
	m.runs++
	m.spec = s
	m.run = record.Run{ID: record.RunID("run-" + strconv.Itoa(m.runs)), Pipeline: s.Pipeline, Source: s.Source, Stream: s.Stream, Status: record.Running}
	if s.Incremental {
		m.run.Position = m.position
	}
	return m.run, nil
}

func (m *memory) Prepare(_ context.Context, _ record.RunID, rows []record.Landing) (any, error) {
	if m.prepare != nil {
		if err := m.prepare(rows); err != nil {
			return nil, err
		}
	}
	return landings(slices.Clone(rows)), nil
}

func (m *memory) Commit(_ context.Context, _ record.RunID, prepared []any, from, to record.Position) (record.Counts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if string(from) != string(m.run.Position) {
		return record.Counts{}, fmt.Errorf("from %s, the run stands at %s", from, m.run.Position)
	}
	m.commits = append(m.commits, len(prepared))
	if m.beforeCommit != nil {
		if err := m.beforeCommit(len(m.commits)); err != nil {
			return record.Counts{}, err
		}
	}
	for _, p := range prepared {
		for _, l := range p.(landings) {
			m.land(l)
		}
	}
	if m.lose {
		m.run.Counts.Read--
	}
	m.run.Position, m.position = to, to
	return m.run.Counts, nil
}

func (m *memory) land(l record.Landing) {
	c := &m.run.Counts
	c.Read++
	m.landed = append(m.landed, l)
	switch {
	case l.Refusal != nil:
		c.Quarantined++
		m.refused = append(m.refused, l)
	case l.Deleted:
		c.Deleted++
	case len(l.Records) == 0:
		c.Filtered++
	default:
		created, updated := false, false
		for _, r := range l.Records {
			text, err := json.Marshal(r.Fields)
			if err != nil {
				panic(err)
			}
			before, known := m.records[r.Ref]
			created, updated = created || !known, updated || before != string(text)
			m.records[r.Ref] = string(text)
		}
		switch {
		case created:
			c.Created++
		case updated:
			c.Updated++
		default:
			c.Unchanged++
		}
	}
}

func (m *memory) End(_ context.Context, _ record.RunID, status record.Status, cause error) (record.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.run.Status, m.run.Error = status, cause
	return m.run, nil
}

var _ pipelines.Sink = (*memory)(nil)

// source is a connectors.Source out of a function.
type source struct {
	read    func(ctx context.Context, r connectors.Request, emit connectors.Emit) error
	streams []connectors.Stream
}

func (s source) Check(context.Context) error { return nil }

func (s source) Discover(context.Context) ([]connectors.Stream, error) { return s.streams, nil }

func (s source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	return s.read(ctx, r, emit)
}

func (s source) Close() error { return nil }

// rows is a source of rows in batches; its position is the number of the next row.
func rows(all []record.Row, size int) source {
	return source{read: func(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
		if r.BatchRows > 0 {
			size = r.BatchRows
		}
		at := 0
		if r.From != nil {
			var err error
			if at, err = strconv.Atoi(string(r.From)); err != nil {
				return err
			}
		}
		for at < len(all) {
			next := min(at+size, len(all))
			if err := emit(ctx, connectors.Batch{Rows: slices.Clone(all[at:next]), Position: record.Position(strconv.Itoa(next))}); err != nil {
				return err
			}
			at = next
		}
		return ctx.Err()
	}}
}

var columns = record.Columns{"id": 0, "name": 1, "mail": 2, "phone": 3, "changed": 4}

// customers are n good rows.
func customers(n int) []record.Row {
	all := make([]record.Row, n)
	for i := range all {
		id := strconv.Itoa(i + 1)
		all[i] = record.Row{
			Place: record.Place{Name: "shop.csv", Line: int64(i + 2), Columns: columns},
			Data:  map[string]any{"id": id, "name": "张三" + id, "mail": "a" + id + "@example.com", "phone": nil, "changed": "2024-05-01T10:00:00Z"},
		}
	}
	return all
}

// mapper is a stream.Mapper out of a function.
type mapper func(row map[string]any) ([]mappings.Output, error)

func (m mapper) Map(row map[string]any) ([]mappings.Output, error) { return m(row) }

// rename maps the rows of customers.
var rename = mapper(func(row map[string]any) ([]mappings.Output, error) {
	f := record.Fields{"full_name": row["name"]}
	if row["mail"] != nil {
		f["emails"] = []any{row["mail"]}
	}
	return []mappings.Output{{UpdatedAt: row["changed"], Fields: f}}, nil
})

const shop = "source: {connection: shop, stream: customers, key: id}\nmapping: shop\ntype: customer\n"

func pipeline(t testing.TB, text string) *pipelines.Pipeline {
	t.Helper()
	p, err := pipelines.Parse("pipelines/shop.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func shipped(t testing.TB) *schemas.Set {
	t.Helper()
	s, err := schemas.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runner is a Runner of the pipeline shop, with more text appended to it.
func runner(t testing.TB, s source, more string) (*stream.Runner, *memory) {
	t.Helper()
	sink := newMemory()
	return &stream.Runner{Pipeline: pipeline(t, shop+more), Source: s, Sink: sink, Mapper: rename, Schemas: shipped(t)}, sink
}

func blobl(t testing.TB, text string) stream.Mapper {
	t.Helper()
	m, err := mappings.Parse("shop.blobl", text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustRun(t testing.TB, r *stream.Runner) record.Run {
	t.Helper()
	run, err := r.Run(context.Background())
	if err != nil {
		t.Fatalf("Run: %v (because %v)", err, errors.Unwrap(err))
	}
	return run
}

func wantCounts(t testing.TB, got, want record.Counts) {
	t.Helper()
	got.Records = nil
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("counts\n got %+v\nwant %+v", got, want)
	}
}
