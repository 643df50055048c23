package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/storetest"
)

var ctx = context.Background()

func wantFault(t *testing.T, err error, code fault.Code, exit int) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code {
		t.Fatalf("error = %v, want %s", err, code)
	}
	if got := fault.ExitCode(err); got != exit {
		t.Errorf("%s ends with %d, want %d", code, got, exit)
	}
}

func TestAStoreThatCannotBeOpenedSaysWhy(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text.db"), []byte(strings.Repeat("this is no database", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, url string
		code      fault.Code
		exit      int
	}{
		{"no scheme", "store.db", "E5001", fault.ExitUsage},
		{"another scheme", "mysql://x", "E5001", fault.ExitUsage},
		{"no path", "sqlite:", "E5001", fault.ExitUsage},
		{"malformed", "postgres://a:b@[::1/x?y=%zz", "E5001", fault.ExitUsage},
		{"no folder", "sqlite:no/such/folder/store.db", "E5002", fault.ExitFailed},
		{"a folder", "sqlite:.", "E5002", fault.ExitFailed},
		{"not a database", "sqlite:text.db", "E5009", fault.ExitFailed},
		{"nobody listens", "postgres://nobody:secret@127.0.0.1:1/crm?connect_timeout=2", "E5008", fault.ExitTemporary},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, err := store.Open(ctx, store.Config{URL: tt.url, Dir: dir, Ring: storetest.Ring(t)})
			if err == nil {
				t.Fatal(errors.Join(errors.New("the store opened"), db.Close()))
			}
			wantFault(t, err, tt.code, tt.exit)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password stands in %q", err)
			}
		})
	}
}

func TestOddFileNamesWork(t *testing.T) {
	for _, name := range []string{"库 ?%41#&.db", "a?mode=memory.db", "file:x.db"} {
		dir := t.TempDir()
		c := store.Config{URL: "sqlite:" + name, Dir: dir, Ring: storetest.Ring(t)}
		db, err := store.Open(ctx, c)
		if err != nil {
			t.Fatalf("Open(%q): %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the store of %q is not where its name says", name)
		}
		if _, err := store.Open(ctx, store.Config{URL: "sqlite:" + filepath.Join(dir, name), Ring: c.Ring}); err != nil {
			t.Errorf("opened again: %v", err)
		}
	}
}

// landing is some rows that take a few pages.
func landing(n int) []record.Landing {
	rows := make([]record.Landing, n)
	for i := range rows {
		key := fmt.Sprint(i)
		rows[i] = record.Landing{Key: key, Records: []record.Record{{
			Ref:    record.Ref{Source: "shop", Stream: "c", Type: record.Customer, Key: key},
			Fields: record.Fields{"full_name": strings.Repeat("x", 1000)},
		}}}
	}
	return rows
}

func TestADiskThatFillsUpLeavesWhatStood(t *testing.T) {
	db := storetest.SQLite(t)
	g := storetest.Golden(t, db)
	run, err := g.Begin(ctx, record.RunSpec{Pipeline: "p", Source: "shop", Stream: "c", Type: record.Customer})
	if err != nil {
		t.Fatal(err)
	}
	before, err := g.Digest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		t.Helper()
		err := db.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	p, err := g.Prepare(ctx, run.ID, landing(2000))
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Commit(ctx, run.ID, []any{p}, nil, record.Position("1"))
	wantFault(t, err, "E5006", fault.ExitFailed)
	if after, err := g.Digest(ctx); err != nil || after.Digest != before.Digest {
		t.Errorf("the failed commit left something (%v)", err)
	}
	limit(1 << 30)
	if c, err := g.Commit(ctx, run.ID, []any{p}, nil, record.Position("1")); err != nil || c.Created != 2000 {
		t.Errorf("with room again: %+v, %v", c, err)
	}
}

func TestADamagedFileIsNamed(t *testing.T) {
	dir, ring := t.TempDir(), storetest.Ring(t)
	c := store.Config{URL: "sqlite:s.db", Dir: dir, Ring: ring}
	db, err := store.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s.db")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < len(raw); i++ {
		raw[i] ^= 0xa5
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(ctx, c)
	wantFault(t, err, "E5009", fault.ExitFailed)
}

func TestAStoreThatMayOnlyBeReadIsNamed(t *testing.T) {
	url, ring := storetest.Database(t), storetest.Ring(t)
	db, err := store.Open(ctx, store.Config{URL: url, Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err = store.Open(ctx, store.Config{URL: url + "&default_transaction_read_only=on", Ring: ring})
	if err == nil {
		err = db.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, "x", []byte("y")) })
		if e := db.Close(); e != nil {
			t.Error(e)
		}
	}
	wantFault(t, err, "E5007", fault.ExitPermission)
}

func TestALostServerRollsBackAndComesBack(t *testing.T) {
	db := storetest.Postgres(t)(t)
	err := db.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetMeta(ctx, "x", []byte("y")); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
		return err
	})
	wantFault(t, err, "E5008", fault.ExitTemporary)
	err = db.View(ctx, func(tx *store.Tx) error {
		x, err := tx.Meta(ctx, "x")
		if x != nil {
			t.Error("half of the transaction stands")
		}
		return err
	})
	if err != nil {
		t.Errorf("after the server is back: %v", err)
	}
}

func TestAHolderThatDiedHoldsNothing(t *testing.T) {
	url, ring := storetest.Database(t), storetest.Ring(t)
	open := func() *store.DB {
		db, err := store.Open(ctx, store.Config{URL: url, Ring: ring})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	a, b := open(), open()
	if _, err := a.Lock(ctx, "run"); err != nil {
		t.Fatal(err)
	}
	_, err := b.Lock(ctx, "run")
	wantFault(t, err, "E5005", fault.ExitLocked)
	err = b.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	free, err := b.Lock(ctx, "run")
	if err != nil {
		t.Fatalf("Lock after the holder's death: %v", err)
	}
	for _, f := range []func() error{free, a.Close, b.Close} {
		if err := f(); err != nil {
			t.Error(err)
		}
	}
}
