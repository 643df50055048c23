// Package storetest is the conformance suite that both databases of the store pass.
package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"crmhub/governance/crypt"
	"crmhub/mdm"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store"
	"crmhub/store/golden"
)

// Open opens a fresh, empty store; it is closed and removed with the test.
type Open func(t testing.TB) *store.DB

// Clock is a clock that goes on by a second each time it is read.
func Clock() func() time.Time {
	var reads atomic.Int64
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	return func() time.Time { return start.Add(time.Duration(reads.Add(1)) * time.Second) }
}

// Ring returns a fresh key ring.
func Ring(t testing.TB) *crypt.Ring {
	t.Helper()
	r, err := crypt.NewRing(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// SQLite opens an embedded store in a folder of the test's own.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Config{URL: "sqlite:store.db", Dir: t.TempDir(), Ring: Ring(t), Now: Clock()})
}

// Postgres makes a database on the server that CRMHUB_TEST_POSTGRES names, and
// returns what opens stores in it, each in a schema of its own: to make and drop a
// database takes the server far longer.
func Postgres(t testing.TB) Open {
	t.Helper()
	base := Database(t)
	var n atomic.Int64
	return func(t testing.TB) *store.DB {
		t.Helper()
		schema := fmt.Sprintf("s%d", n.Add(1))
		execute(t, base, "CREATE SCHEMA "+schema)
		return open(t, store.Config{URL: base + "&search_path=" + schema, Ring: Ring(t), Now: Clock()})
	}
}

// Database makes an empty database on the test server, drops it after the test,
// and returns its URL.
func Database(t testing.TB) string {
	t.Helper()
	server := os.Getenv("CRMHUB_TEST_POSTGRES")
	if server == "" {
		t.Fatal("CRMHUB_TEST_POSTGRES is not set: run make test, or give an address")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("CRMHUB_TEST_POSTGRES is not a URL")
	}
	name := fmt.Sprintf("crmhub_%d_%d", os.Getpid(), time.Now().UnixNano())
	execute(t, server, "CREATE DATABASE "+name+" ENCODING 'UTF8' TEMPLATE template0")
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	q := u.Query()
	q.Set("application_name", "crmhub test")
	u.RawQuery = q.Encode()
	return u.String()
}

// execute runs one statement on a connection of its own.
func execute(t testing.TB, server, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
	if err := conn.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

func open(t testing.TB, c store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

// Golden returns the golden store in db with the shipped schemas and simple
// blocking keys: each e-mail address, each phone.
func Golden(t testing.TB, db *store.DB) *golden.Store {
	t.Helper()
	return golden.New(db, golden.Options{Schemas: Schemas(t), Features: Features, Model: "test 1"})
}

// Schemas returns the shipped schemas.
func Schemas(t testing.TB) *schemas.Set {
	t.Helper()
	set, err := schemas.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Features are those that the shipped model makes, and the blocking keys that the suite uses.
func Features(dst []byte, f record.Fields, block func(key []byte)) []byte {
	for _, name := range []string{"emails", "phones"} {
		list, _ := f[name].([]any)
		for _, v := range list {
			if s, ok := v.(string); ok {
				block([]byte(name + "|" + s))
			}
		}
	}
	return mdm.DefaultModel().Features(dst, f, func([]byte) {})
}

// Run runs the suite on the databases that open opens.
func Run(t *testing.T, open Open) {
	t.Run("keys", func(t *testing.T) { testKeys(t, open) })
	t.Run("landing", func(t *testing.T) { testLanding(t, open) })
	t.Run("runs", func(t *testing.T) { testRuns(t, open) })
	t.Run("golden", func(t *testing.T) { testGoldens(t, open) })
	t.Run("alone", func(t *testing.T) { testAlone(t, open) })
	t.Run("features", func(t *testing.T) { testFeatures(t, open) })
	t.Run("quiet", func(t *testing.T) { testQuiet(t, open) })
	t.Run("overrides", func(t *testing.T) { testOverrides(t, open) })
	t.Run("many tokens", func(t *testing.T) { testManyTokens(t, open) })
	t.Run("short tokens", func(t *testing.T) { testShortTokens(t, open) })
	t.Run("journal", func(t *testing.T) { testJournal(t, open) })
	t.Run("faults", func(t *testing.T) { testFaults(t, open) })
	t.Run("order", func(t *testing.T) { testOrder(t, open) })
}
