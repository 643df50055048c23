package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/store"
	"crmhub/store/backup"

	"github.com/jackc/pgx/v5"
)

// canary stands, sealed, in rows that tests write; nothing may show it.
const canary = "CANARY-王小明-13812345678"

var november = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func newRing(t testing.TB) *crypt.Ring {
	t.Helper()
	r, err := crypt.NewRing(november)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open opens a store; it is closed with the test.
func open(t testing.TB, url string, ring *crypt.Ring) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Config{URL: url, Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func newSQLite(t testing.TB, ring *crypt.Ring) *store.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "store.db"), ring)
}

// newPostgres opens a store in a database of its own.
func newPostgres(t testing.TB, ring *crypt.Ring) *store.DB {
	t.Helper()
	server := os.Getenv("CRMHUB_TEST_POSTGRES")
	if server == "" {
		t.Fatal("CRMHUB_TEST_POSTGRES is not set: run make test, or give an address")
	}
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	name := "backup_" + strings.ToLower(rand.Text())[:12]
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return open(t, u.String(), ring)
}

// fill writes n rows into every table but meta: nulls, the ends of the number
// line, long and short values, and data keys that the store's ring wraps.
func fill(t testing.TB, db *store.DB, n int, seed uint64) {
	t.Helper()
	src := mathrand.New(mathrand.NewPCG(seed, 1))
	err := db.Update(context.Background(), func(tx *store.Tx) error {
		for _, table := range store.Tables() {
			if table.Name == "meta" {
				continue
			}
			var broken error
			err := tx.Insert(context.Background(), table.Name, table.Names(), n, func(i int, v []any) {
				for c, column := range table.Columns {
					if v[c], broken = value(db, src, seed, i, column); broken != nil {
						return
					}
				}
			})
			if err := errors.Join(err, broken); err != nil {
				return fmt.Errorf("fill %s: %w", table.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func value(db *store.DB, src *mathrand.Rand, seed uint64, i int, c store.Column) (any, error) {
	switch {
	case c.Name == "wrapped" || strings.HasSuffix(c.Name, "_wrapped"):
		k, wrapped, err := db.NewDataKey()
		if err == nil && len(k.Seal(nil, []byte(canary), nil)) == 0 {
			err = errors.New("nothing sealed")
		}
		return wrapped, err
	case c.Kind == store.IntKind:
		// Unique, so that it can be any table's key; both ends of the line are in.
		return []int64{int64(seed)<<32 + int64(i), -int64(seed)<<32 - int64(i)}[i%2], nil
	case c.Kind == store.TextKind:
		return fmt.Sprintf("%d/%d 王小明 \u2028 %s", seed, i, strings.Repeat("x", src.IntN(40))), nil
	}
	b := make([]byte, 16+src.IntN(200))
	for j := range b {
		b[j] = byte(src.Uint32())
	}
	return b, nil
}

// content returns every row of every table as text, sorted.
func content(t testing.TB, db *store.DB) []string {
	t.Helper()
	var all []string
	err := db.View(context.Background(), func(tx *store.Tx) error {
		for _, table := range store.Tables() {
			err := tx.Dump(context.Background(), table, func(r store.Row) error {
				var b strings.Builder
				b.WriteString(table.Name)
				for i, c := range table.Columns {
					switch {
					case r.Null(i):
						b.WriteString("|null")
					case c.Kind == store.IntKind:
						fmt.Fprintf(&b, "|%d", r.Int(i))
					case c.Kind == store.BytesKind:
						fmt.Fprintf(&b, "|%x", r.Bytes(i))
					case c.Kind == store.TextKind:
						fmt.Fprintf(&b, "|%q", r.Text(i))
					}
				}
				all = append(all, b.String())
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func sameContent(t testing.TB, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("row %d = %.300s, want %.300s (%d rows, want %d)", i, got[i], want[i], len(got), len(want))
		}
	}
	t.Fatalf("%d rows, want %d", len(got), len(want))
}

func newFolder(t testing.TB) (backup.Target, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "backups")
	target, err := backup.Open(backup.TargetConfig{URL: dir})
	if err != nil {
		t.Fatal(err)
	}
	return target, dir
}

func create(t testing.TB, db *store.DB, target backup.Target) backup.Manifest {
	t.Helper()
	m, err := backup.Create(context.Background(), db, target, small)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// small makes objects of a few rows, so that little data has many.
var small = backup.WithPartSize(backup.Options{Program: "crmhub test"}, 30000)

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code {
		t.Errorf("error = %v, want %s", err, code)
	}
	if err != nil && strings.Contains(err.Error(), "CANARY") {
		t.Error("the error shows a value")
	}
}

// files returns every file under dir by its path.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

// memory is a target for tests that write many snapshots.
type memory struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func newMemory() *memory { return &memory{objects: map[string][]byte{}} }

func (m *memory) String() string { return "memory" }

func (m *memory) Put(ctx context.Context, name string, body []byte, _ [32]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, taken := m.objects[name]; taken {
		return fault.New("E8013", name)
	}
	m.objects[name] = bytes.Clone(body)
	return nil
}

func (m *memory) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, ok := m.objects[name]
	if !ok {
		return nil, backup.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(body)), ctx.Err()
}

func (m *memory) Stat(ctx context.Context, name string) (backup.Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, ok := m.objects[name]
	if !ok {
		return backup.Object{}, backup.ErrNotFound
	}
	return backup.Object{Name: name, Size: int64(len(body)), Modified: time.Now()}, ctx.Err()
}

func (m *memory) List(ctx context.Context, f func(backup.Object) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, body := range m.objects {
		if err := f(backup.Object{Name: name, Size: int64(len(body)), Modified: time.Now()}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (m *memory) Remove(ctx context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, name)
	return ctx.Err()
}

// wrapper is a target that a test may trip up.
type wrapper struct {
	backup.Target
	put  func(ctx context.Context, name string, body []byte) error
	read func(name string, r io.ReadCloser) io.ReadCloser
}

func (w wrapper) Put(ctx context.Context, name string, body []byte, sum [32]byte) error {
	if w.put != nil {
		if err := w.put(ctx, name, body); err != nil {
			return err
		}
	}
	return w.Target.Put(ctx, name, bytes.Clone(body), sum)
}

func (w wrapper) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := w.Target.Get(ctx, name)
	if err == nil && w.read != nil {
		r = w.read(name, r)
	}
	return r, err
}
