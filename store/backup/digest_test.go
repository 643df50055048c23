package backup_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/backup"
	"crmhub/store/golden"
	"crmhub/store/storetest"
)

// landCustomers lands n customers, a row for quarantine and a second version
// of one of them, and makes golden records of all.
func landCustomers(t testing.TB, db *store.DB, n int) *golden.Store {
	t.Helper()
	ctx := context.Background()
	g := storetest.Golden(t, db)
	row := func(i, version int) record.Landing {
		key := fmt.Sprint(i)
		raw := fmt.Sprintf(`{"id":%d,"version":%d}`, i, version)
		if i == n {
			return record.Landing{Key: key, Place: record.Place{Name: "shop.csv", Line: int64(i)}, Refusal: &record.Refusal{
				Stage: record.StageValidate, Fault: fault.New("E3402", "shop.csv:9", "type", "customer"), Row: []byte(raw),
			}}
		}
		return record.Landing{
			Key: key, Place: record.Place{Name: "shop.csv", Line: int64(i)}, Raw: func() []byte { return []byte(raw) },
			Records: []record.Record{{
				Ref:       record.Ref{Source: "shop", Stream: "customers", Type: record.Customer, Key: key},
				Fields:    record.Fields{"full_name": fmt.Sprintf("王小明 %d", i), "emails": []any{fmt.Sprintf("wang%d@example.cn", i)}},
				UpdatedAt: november.AddDate(0, 0, version), Observed: november,
			}},
		}
	}
	for version, rows := range [][]record.Landing{nil, {row(1, 1)}} {
		if version == 0 {
			for i := 1; i <= n; i++ {
				rows = append(rows, row(i, 0))
			}
		}
		run, err := g.Begin(ctx, record.RunSpec{Pipeline: "shop", Source: "shop", Stream: "customers", Type: record.Customer})
		if err != nil {
			t.Fatal(err)
		}
		p, err := g.Prepare(ctx, run.ID, rows)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Commit(ctx, run.ID, []any{p}, run.Position, record.Position(`{"at":1}`)); err != nil {
			t.Fatal(err)
		}
		if _, err := g.End(ctx, run.ID, record.Done, nil); err != nil {
			t.Fatal(err)
		}
	}
	ids, err := g.Dirty(ctx, 0, 2*n)
	if err != nil {
		t.Fatal(err)
	}
	dirty, err := g.Members(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	var r entity.Resolution
	for _, m := range dirty {
		r.Components = append(r.Components, entity.Component{Entities: []entity.Golden{{
			ID: m.Own, Fields: m.Fields, Members: []entity.RecordID{m.ID},
			Provenance: map[string]entity.Provenance{"full_name": {From: m.ID, Rule: "most_recent"}, "emails": {All: []entity.RecordID{m.ID}, Rule: "union"}},
		}}})
	}
	if _, err := g.SyncTokens(ctx, ids, 100); err != nil {
		t.Fatal(err)
	}
	if err := g.Apply(ctx, r); err != nil {
		t.Fatal(err)
	}
	if err := g.Judge(ctx, entity.Judgement{A: dirty[0].ID, B: dirty[1].ID, Kind: entity.CannotLink, By: "steward", At: november, Reason: "twins"}); err != nil {
		t.Fatal(err)
	}
	return g
}

// digestOf is what the hub asks of a backup.
func digestOf(g *golden.Store) func(context.Context, *store.Tx) (string, error) {
	return func(ctx context.Context, tx *store.Tx) (string, error) {
		d, err := g.DigestTx(ctx, tx)
		return d.Digest, err
	}
}

// checkCustomers checks that a restored store answers as the one that
// landCustomers filled did.
func checkCustomers(t testing.TB, db *store.DB, m backup.Manifest) {
	t.Helper()
	ctx := context.Background()
	g := storetest.Golden(t, db)
	d, err := g.Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if d.Digest != m.StoreDigest || m.StoreDigest == "" {
		t.Errorf("store digest = %s, want %s", d.Digest, m.StoreDigest)
	}
	found, err := g.Search(ctx, "emails", "wang2@example.cn", 5)
	if err != nil || len(found) != 1 {
		t.Fatalf("Search = %v, %v, want one", found, err)
	}
	if got := found[0].Fields["full_name"]; got != "王小明 2" {
		t.Errorf("full_name = %v, want 王小明 2", got)
	}
}

func TestTheRestoredStoreHasTheStoreDigest(t *testing.T) {
	ctx := context.Background()
	source, own := newRing(t), newRing(t)
	for from, newFrom := range kinds {
		t.Run("from "+from, func(t *testing.T) {
			db := newFrom(t, source)
			g := landCustomers(t, db, 40)
			target := newMemory()
			m, err := backup.Create(ctx, db, target, backup.Options{Digest: digestOf(g)})
			if err != nil {
				t.Fatal(err)
			}
			for to, newTo := range kinds {
				into := newTo(t, own)
				if _, err := backup.Restore(ctx, into, target, "", backup.Options{Ring: source}); err != nil {
					t.Fatalf("to %s: %v", to, err)
				}
				checkCustomers(t, into, m)
				// The restored store is alive: the same rows again change nothing.
				again := storetest.Golden(t, into)
				run, err := again.Begin(ctx, record.RunSpec{Pipeline: "shop", Source: "shop", Stream: "customers", Type: record.Customer})
				if err != nil {
					t.Fatal(err)
				}
				p, err := again.Prepare(ctx, run.ID, []record.Landing{{Key: "2", Raw: func() []byte { return []byte(`{"id":2,"version":0}`) }, Records: []record.Record{{
					Ref:       record.Ref{Source: "shop", Stream: "customers", Type: record.Customer, Key: "2"},
					Fields:    record.Fields{"full_name": "王小明 2", "emails": []any{"wang2@example.cn"}},
					UpdatedAt: november, Observed: november.Add(time.Hour),
				}}}})
				if err != nil {
					t.Fatal(err)
				}
				c, err := again.Commit(ctx, run.ID, []any{p}, run.Position, record.Position(`{"at":2}`))
				if err != nil || c.Unchanged != 1 {
					t.Errorf("to %s: the same row again: %+v, %v, want unchanged", to, c, err)
				}
			}
		})
	}
}
