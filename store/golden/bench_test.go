package golden_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/golden"
	"crmhub/store/storetest"
)

// customers makes landings of customers with 12 fields.
func customers(from, n int) []record.Landing {
	r := rand.New(rand.NewPCG(uint64(from), 1))
	rows := make([]record.Landing, n)
	for i := range rows {
		key := fmt.Sprint(from + i)
		rows[i] = record.Landing{Key: key, Place: record.Place{Name: "c.csv", Line: int64(from + i)}, Records: []record.Record{{
			Ref:       record.Ref{Source: "shop", Stream: "c", Type: record.Customer, Key: key},
			UpdatedAt: time.Unix(1_700_000_000+int64(r.IntN(1e6)), 0), Observed: time.Unix(1_760_000_000, 0),
			Fields: record.Fields{
				"kind": "person", "full_name": fmt.Sprintf("Name%d Family%d", r.IntN(1e5), r.IntN(1e5)), "given_name": fmt.Sprintf("Name%d", r.IntN(1e5)), "family_name": fmt.Sprintf("Family%d", r.IntN(1e5)),
				"emails": []any{fmt.Sprintf("user%d@example.com", r.IntN(1e9))}, "phones": []any{fmt.Sprintf("+86138%08d", r.IntN(1e8))},
				"addresses":  []any{map[string]any{"street": fmt.Sprintf("Long Street %d", r.IntN(1000)), "city": "Shanghai", "region": "Shanghai", "country": "CN", "postcode": fmt.Sprintf("2%05d", r.IntN(1e5))}},
				"birth_date": fmt.Sprintf("19%02d-%02d-%02d", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28)), "gender": "female", "language": "zh-CN", "status": "active", "tags": []any{"newsletter", "vip"},
			},
		}}}
	}
	return rows
}

// features are those that the shipped model makes, and five compound keys.
func features(dst []byte, f record.Fields, block func(key []byte)) []byte {
	email, _ := f["emails"].([]any)
	phone, _ := f["phones"].([]any)
	name, _ := f["full_name"].(string)
	birth, _ := f["birth_date"].(string)
	for _, key := range []string{"e|" + email[0].(string), "p|" + phone[0].(string), "n|" + name + "|" + birth, "f|" + f["family_name"].(string) + "|" + birth, "g|" + f["given_name"].(string) + "|" + phone[0].(string)} {
		block([]byte(key))
	}
	return mdm.DefaultModel().Features(dst, f, func([]byte) {})
}

const batchRows = 2500 // of one Prepare; eight to a commit

// land lands n customers as a pipeline does: Prepare on all processors, Commit in order.
func land(b *testing.B, g *golden.Store, from, n int) {
	b.Helper()
	ctx := context.Background()
	run, err := g.Begin(ctx, record.RunSpec{Pipeline: "bench", Source: "shop", Stream: "c", Type: record.Customer})
	if err != nil {
		b.Fatal(err)
	}
	type job struct {
		at   int
		done chan any
	}
	queue := make(chan job, 16)
	jobs := make(chan job, 16)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for j := range jobs {
				p, err := g.Prepare(ctx, run.ID, customers(from+j.at, min(batchRows, n-j.at)))
				if err != nil {
					b.Error(err)
				}
				j.done <- p
			}
		})
	}
	go func() {
		for at := 0; at < n; at += batchRows {
			j := job{at, make(chan any, 1)}
			jobs <- j
			queue <- j
		}
		close(jobs)
		close(queue)
	}()
	var group []any
	var position record.Position
	flush := func() {
		next := record.Position(fmt.Sprintf(`{"at":%d}`, len(position)+len(group)))
		if _, err := g.Commit(ctx, run.ID, group, position, next); err != nil {
			b.Fatal(err)
		}
		position, group = next, nil
	}
	for j := range queue {
		if group = append(group, <-j.done); len(group) == 8 {
			flush()
		}
	}
	flush()
	workers.Wait()
	if _, err := g.End(ctx, run.ID, record.Done, nil); err != nil {
		b.Fatal(err)
	}
}

func open(b *testing.B, o storetest.Open) (*store.DB, *golden.Store) {
	db := o(b)
	return db, golden.New(db, golden.Options{Schemas: storetest.Schemas(b), Features: features, Model: "bench"})
}

const benchRows = 100_000

// used is the processor time that the process has used, which a busy machine
// changes less than the wall's.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// meter reports records a second of the wall, and microseconds of processor a record.
func meter(b *testing.B, what string) func() {
	start, cpu := time.Now(), used()
	return func() {
		b.ReportMetric(benchRows/time.Since(start).Seconds(), what+"/s")
		b.ReportMetric(float64((used()-cpu).Microseconds())/benchRows, what+"-cpu-us")
	}
}

// BenchmarkLand lands 12-field customers into an empty store: rows made, hashed,
// sealed, written, committed. The rows' making is about 4 us of each.
func BenchmarkLand(b *testing.B) {
	for name, o := range map[string]storetest.Open{"sqlite": storetest.SQLite, "postgres": storetest.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, g := open(b, o)
				done := meter(b, "landed")
				land(b, g, 0, benchRows)
				done()
				done = meter(b, "unchanged")
				land(b, g, 0, benchRows)
				done()
			}
		})
	}
}

// BenchmarkPrepare hashes and seals 12-field customers on one processor.
func BenchmarkPrepare(b *testing.B) {
	_, g := open(b, storetest.SQLite)
	run, err := g.Begin(context.Background(), record.RunSpec{Pipeline: "bench", Source: "shop", Stream: "c", Type: record.Customer})
	if err != nil {
		b.Fatal(err)
	}
	rows := customers(0, 1000)
	cpu := used()
	for b.Loop() {
		if _, err := g.Prepare(context.Background(), run.ID, rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((used()-cpu).Microseconds())/float64(b.N)/1000, "cpu-us/record")
}

// BenchmarkResolve reads, opens, indexes and writes what a first resolve does,
// each record an entity of its own.
func BenchmarkResolve(b *testing.B) {
	ctx := context.Background()
	for name, o := range map[string]storetest.Open{"sqlite": storetest.SQLite, "postgres": storetest.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, g := open(b, o)
				land(b, g, 0, benchRows)
				done := meter(b, "opened")
				ids, err := g.Dirty(ctx, 0, benchRows)
				if err != nil {
					b.Fatal(err)
				}
				all, err := g.Members(ctx, ids)
				if err != nil {
					b.Fatal(err)
				}
				done()
				done = meter(b, "indexed")
				if _, err := g.SyncTokens(ctx, ids, 100); err != nil {
					b.Fatal(err)
				}
				done()
				done = meter(b, "applied")
				for at := 0; at < len(all); at += 10_000 {
					var r entity.Resolution
					for _, m := range all[at:min(at+10_000, len(all))] {
						e := entity.Golden{ID: m.Own, Fields: m.Fields, Members: []entity.RecordID{m.ID}, Provenance: map[string]entity.Provenance{}}
						for n := range m.Fields {
							e.Provenance[n] = entity.Provenance{From: m.ID, Rule: "most_recent"}
						}
						r.Components = append(r.Components, entity.Component{Entities: []entity.Golden{e}})
					}
					if err := g.Apply(ctx, r); err != nil {
						b.Fatal(err)
					}
				}
				done()
			}
		})
	}
}

// BenchmarkAlone writes that customers stand alone, in spans as the resolver does.
func BenchmarkAlone(b *testing.B) {
	ctx := context.Background()
	for name, o := range map[string]storetest.Open{"sqlite": storetest.SQLite, "postgres": storetest.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, g := open(b, o)
				land(b, g, 0, benchRows)
				if err := g.BeginPass(ctx); err != nil {
					b.Fatal(err)
				}
				done := meter(b, "alone")
				var ids []entity.RecordID
				for id := entity.RecordID(1); id <= benchRows; id++ {
					if id%5 != 0 {
						ids = append(ids, id)
					}
					if len(ids) == 16_000 || id == benchRows {
						if rest, err := g.Alone(ctx, ids); err != nil || len(rest) > 0 {
							b.Fatal(len(rest), err)
						}
						ids = nil
					}
				}
				done()
			}
		})
	}
}
