package linkage_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"io"
	"runtime"
	"testing"
	"time"

	"crmhub/mdm/linkage"
	"crmhub/mdm/synthetic"
)

var records = flag.Int64("records", 20_000, "made-up customers of the benchmark")

// BenchmarkDedupe finds made-up customers of six systems, trained on
// themselves: records/s from table to clusters, pairs/s of scoring alone on
// all processors, and the memory that lives while clusters are made.
func BenchmarkDedupe(b *testing.B) {
	g, err := synthetic.New(synthetic.Options{Rows: *records, Seed: 7, Systems: 6, Languages: []string{"zh", "en"}})
	if err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	if err := g.Write(context.Background(), &file, io.Discard, func(int64) {}); err != nil {
		b.Fatal(err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	var scoring, all time.Duration
	var pairs int64
	var peak uint64
	for b.Loop() {
		t := linkage.NewTable(rows[0])
		for _, r := range rows[1:] {
			t.Add(r)
		}
		var began time.Time
		start := time.Now()
		r, err := linkage.Dedupe(context.Background(), t, linkage.Options{ID: "record_id", Progress: func(s linkage.Stage, done, _ int64) {
			switch {
			case s != linkage.Comparing:
			case done == 0:
				began = time.Now()
			default:
				scoring += time.Since(began)
				runtime.GC() // what lives, not what is about to go
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		all += time.Since(start)
		pairs += r.Compared
	}
	b.ReportMetric(float64(*records)*float64(b.N)/all.Seconds(), "records/s")
	b.ReportMetric(float64(pairs)/scoring.Seconds(), "pairs/s")
	b.ReportMetric(float64(peak)/(1<<20), "MB")
}
