package mdm_test

import (
	"context"
	"flag"
	"runtime"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/mdm/evaluate"
)

var records = flag.Int("records", 20000, "records of the resolve benchmark")

// BenchmarkResolve resolves synthetic customers at once, the store apart.
// With -records 1000000 it is the figure that DESIGN asks for.
func BenchmarkResolve(b *testing.B) {
	m := mdm.DefaultModel()
	all, truth := newSynthetic(b, 1).make(*records)
	base := newFixed(m, all)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		s := *base
		peak, last := uint64(0), mdm.Blocking
		start := time.Now()
		stages := map[mdm.Stage]time.Duration{}
		stats, err := mdm.NewResolver(&s, m, mdm.Options{}).Resolve(context.Background(), func(p mdm.Progress) {
			stages[p.Stage] = time.Since(start)
			if p.Stage != last {
				last = p.Stage
				runtime.GC() // what lives, not what is about to go
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapAlloc)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(start).Seconds()
		found, want := map[int]entity.ID{}, map[int]int{}
		for i := range truth {
			found[i], want[i] = s.entities[i], truth[i]
		}
		r := evaluate.Compare(found, want)
		b.ReportMetric(float64(len(all))/took, "records/s")
		b.ReportMetric(float64(stats.Pairs)/float64(len(all)), "pairs/record")
		b.ReportMetric(r.Pairs.Precision, "precision")
		b.ReportMetric(r.Pairs.Recall, "recall")
		b.ReportMetric(float64(r.Largest), "largest")
		for stage, at := range stages {
			b.ReportMetric(at.Seconds(), "s-until-"+string(stage))
		}
		b.ReportMetric(float64(peak-min(peak, before.HeapAlloc))/float64(len(all)), "live-B/record")
	}
}

func BenchmarkBlocks(b *testing.B) {
	m := mdm.DefaultModel()
	all, _ := newSynthetic(b, 2).make(1000)
	keys, i := 0, 0
	for b.Loop() {
		keys += len(m.Blocks(all[i%len(all)]))
		i++
	}
	b.ReportMetric(float64(keys)/float64(i), "keys/record")
}

func BenchmarkExplain(b *testing.B) {
	m := mdm.DefaultModel()
	all, _ := newSynthetic(b, 3).make(1000)
	i := 0
	for b.Loop() {
		m.Explain(entity.Member{Fields: all[i%999]}, entity.Member{Fields: all[i%999+1]})
		i++
	}
}
