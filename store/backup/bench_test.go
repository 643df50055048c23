package backup_test

import (
	"context"
	"fmt"
	mathrand "math/rand/v2"
	"runtime"
	"testing"

	"crmhub/governance/crypt"
	"crmhub/store"
	"crmhub/store/backup"
)

// fillRecords writes n customers as landing leaves them: 700 sealed bytes each,
// eight tokens, a cross-reference.
func fillRecords(b *testing.B, db *store.DB, n int) (bytes int64) {
	b.Helper()
	ctx := context.Background()
	src := mathrand.New(mathrand.NewPCG(1, 1))
	noise := func(n int) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(src.Uint32())
		}
		bytes += int64(n)
		return p
	}
	_, wrapped, err := db.NewDataKey()
	if err != nil {
		b.Fatal(err)
	}
	record, _ := store.TableOf("record")
	xref, _ := store.TableOf("xref")
	err = db.Update(ctx, func(tx *store.Tx) error {
		at := map[string]int{}
		for i, c := range record.Columns {
			at[c.Name] = i
		}
		err := tx.Insert(ctx, "record", record.Names(), n, func(i int, v []any) {
			for j, c := range record.Columns {
				if v[j] = nil; c.Kind == store.IntKind {
					v[j] = int64(i)
					bytes += 4
				}
			}
			v[at["ref"]], v[at["content"]], v[at["wrapped"]] = noise(16), noise(16), wrapped
			v[at["payload"]], v[at["tokens"]] = noise(700), noise(128)
			bytes += 64
		})
		if err != nil {
			return err
		}
		return tx.Insert(ctx, "xref", xref.Names(), n, func(i int, v []any) {
			for j, c := range xref.Columns {
				if v[j] = nil; c.Kind == store.IntKind {
					v[j] = int64(i)
					bytes += 4
				}
			}
			v[1], v[2] = noise(16), noise(16)
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

const benchRecords = 100_000

func BenchmarkCreate(b *testing.B) {
	for kind, newStore := range kinds {
		b.Run(kind, func(b *testing.B) {
			db := newStore(b, newRing(b))
			b.SetBytes(fillRecords(b, db, benchRecords))
			target, _ := newFolder(b)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				if _, err := backup.Create(context.Background(), db, target, backup.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.Sys-before.Sys)/(1<<20), "MiB-more")
			b.ReportMetric(float64(benchRecords*b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkVerifyAndRestore(b *testing.B) {
	ring := newRing(b)
	db := newSQLite(b, ring)
	size := fillRecords(b, db, benchRecords)
	target, _ := newFolder(b)
	if _, err := backup.Create(context.Background(), db, target, backup.Options{}); err != nil {
		b.Fatal(err)
	}
	b.Run("verify", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			if _, err := backup.Verify(context.Background(), target, "", ring, backup.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for kind, newStore := range kinds {
		for name, own := range map[string]*crypt.Ring{"same ring": ring, "another ring": newRing(b)} {
			b.Run(fmt.Sprintf("restore %s %s", kind, name), func(b *testing.B) {
				b.SetBytes(size)
				for b.Loop() {
					b.StopTimer()
					into := newStore(b, own)
					b.StartTimer()
					if _, err := backup.Restore(context.Background(), into, target, "", backup.Options{Ring: ring}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(benchRecords*b.N)/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}
