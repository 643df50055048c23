package stream_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines/stream"
	"crmhub/record"
)

// However a run is broken (store, source, interruption) and however its rows
// are cut into batches, going on ends in what an unbroken run gives, and each
// row is counted once.
func TestBrokenRunsEndAlike(t *testing.T) {
	all := customers(400)
	for i := range all {
		switch {
		case i%17 == 0:
			all[i].Data["name"] = "skip"
		case i%23 == 0:
			all[i].Data["id"] = nil
		case i%29 == 0:
			all[i].Fault = fault.New("E3254", all[i].Place.String())
		}
	}
	m := mapper(func(row map[string]any) ([]mappings.Output, error) {
		if row["name"] == "skip" {
			return nil, nil
		}
		return rename(row)
	})
	whole, sink := runner(t, rows(all, 50), "limits: {max_quarantined: 100%}\n")
	whole.Mapper = m
	want := mustRun(t, whole).Counts
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		r, got := runner(t, source{}, "limits: {max_quarantined: 100%}\nprocessors: [{noop: {}}]\n")
		r.Mapper, r.Threads = m, 1+int(seed%4)
		broken := 0
		got.beforeCommit = func(int) error {
			if broken < 30 && rnd.IntN(3) == 0 {
				broken++
				return errors.New("disk full")
			}
			return nil
		}
		var run record.Run
		for try := 0; ; try++ {
			ctx, cancel := context.WithCancel(t.Context())
			good, stop := rows(all, 1+rnd.IntN(40)), rnd.IntN(20)
			r.Source = source{read: func(ctx context.Context, q connectors.Request, emit connectors.Emit) error {
				return good.Read(ctx, q, func(ctx context.Context, b connectors.Batch) error {
					if stop--; stop == 0 && try%2 == 0 {
						cancel()
					} else if stop == 0 {
						return errors.New("connection reset")
					}
					return emit(ctx, b)
				})
			}}
			var err error
			run, err = r.Run(ctx)
			cancel()
			if err == nil {
				break
			}
			if try > 300 {
				t.Fatalf("seed %d: it never ends: %v", seed, err)
			}
		}
		wantCounts(t, run.Counts, want)
		if !maps.Equal(got.records, sink.records) {
			t.Errorf("seed %d: %d records, want %d", seed, len(got.records), len(sink.records))
		}
		if !slices.EqualFunc(got.landed, sink.landed, func(a, b record.Landing) bool { return a.Place.Line == b.Place.Line }) {
			t.Errorf("seed %d: the rows landed in another order", seed)
		}
	}
}

func TestRateSlowsReading(t *testing.T) {
	for rate, least := range map[string]time.Duration{"100/s": 40 * time.Millisecond, "1000 rows/s": 40 * time.Millisecond} {
		r, _ := runner(t, rows(customers(50), 10), "limits: {rate: "+rate+"}\n")
		began := time.Now()
		mustRun(t, r)
		if took := time.Since(began); took < least {
			t.Errorf("%s: 5 batches of 10 rows took %v, want at least %v", rate, took, least)
		}
	}
	r, _ := runner(t, rows(customers(50), 1), "limits: {rate: 1/h}\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := r.Run(ctx); fault.ExitCode(err) != fault.ExitInterrupted {
		t.Errorf("waiting for the rate: %v, want interrupted", err)
	}
}

func TestMemoryIsFlat(t *testing.T) {
	heap := func(n int) uint64 {
		var most uint64
		var stats runtime.MemStats
		s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
			for at := 0; at < n; at += 500 {
				all := customers(500)
				for i := range all {
					all[i].Place.Line = int64(at + i + 2)
				}
				if err := emit(ctx, connectors.Batch{Rows: all, Position: record.Position(strconv.Itoa(at))}); err != nil {
					return err
				}
				if at%10_000 == 0 {
					runtime.GC()
					runtime.ReadMemStats(&stats)
					most = max(most, stats.HeapAlloc)
				}
			}
			return nil
		}}
		r := &stream.Runner{Pipeline: pipeline(t, shop), Source: s, Sink: &counting{}, Mapper: rename, Schemas: shipped(t)}
		mustRun(t, r)
		return most
	}
	few, many := heap(30_000), heap(120_000)
	if many > few+few/2+8<<20 {
		t.Errorf("%d MB for 30,000 rows, %d MB for 120,000", few>>20, many>>20)
	}
}
