package hub_test

import (
	"context"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/file"
	"crmhub/governance/crypt"
	"crmhub/mappings"
	"crmhub/mdm"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store"
	"crmhub/store/golden"
)

// unwritten is a store that prepares all and writes nothing.
type unwritten struct {
	*golden.Store
	counts record.Counts
}

func (u *unwritten) Prepare(ctx context.Context, run record.RunID, rows []record.Landing) (any, error) {
	if _, err := u.Store.Prepare(ctx, run, rows); err != nil {
		return nil, err
	}
	return len(rows), nil
}

func (u *unwritten) Commit(_ context.Context, _ record.RunID, prepared []any, _, _ record.Position) (record.Counts, error) {
	for _, p := range prepared {
		n, _ := p.(int)
		u.counts.Read += int64(n)
		u.counts.Created += int64(n)
	}
	return u.counts, nil
}

func (u *unwritten) End(_ context.Context, id record.RunID, s record.Status, cause error) (record.Run, error) {
	return record.Run{ID: id, Status: s, Counts: u.counts, Error: cause}, nil
}

// BenchmarkLanding takes the customers of BenchmarkGolden as far as the door of the database: read,
// mapped, standardised, validated, hashed, sealed. It reports the processor time and the memory allotted to
// a record, which other programs on the machine hardly change.
func BenchmarkLanding(b *testing.B) {
	ctx := context.Background()
	rows := benchRows(b)
	path := filepath.Join(b.TempDir(), "customers.csv")
	writeCustomers(b, path, rows)
	ring, err := crypt.NewRing(time.Now())
	if err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(ctx, store.Config{URL: "sqlite:" + filepath.Join(b.TempDir(), "store.db"), Ring: ring})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	set, err := schemas.Load(nil)
	if err != nil {
		b.Fatal(err)
	}
	m, err := mappings.Parse("held_customer.blobl", benchMapping)
	if err != nil {
		b.Fatal(err)
	}
	p, err := pipelines.Parse("pipelines/held_customer.yaml", []byte(benchPipeline))
	if err != nil {
		b.Fatal(err)
	}
	src, err := file.Connector{}.Open(connectors.Config{Name: "held", Params: map[string]any{"path": path}})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	g := golden.New(db, golden.Options{Schemas: set, Features: mdm.DefaultModel().Features})
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := used(b)
		r := stream.Runner{Pipeline: p, Source: src, Sink: &unwritten{Store: g}, Mapper: m, Schemas: set, FullRefresh: true}
		run, err := r.Run(ctx)
		if err != nil || run.Counts.Created != int64(rows) {
			b.Fatalf("run: %v %+v", err, run.Counts)
		}
		took := used(b) - start
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(took.Microseconds())/float64(rows), "cpu-us/record")
		b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(rows), "B/record")
		b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(rows), "allocs/record")
	}
}

// used is the processor time of this process until now.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
