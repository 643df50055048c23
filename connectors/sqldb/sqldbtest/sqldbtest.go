// Package sqldbtest gives a test a MariaDB database of its own, and holds what every preset over one must do.
package sqldbtest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the database that presets read

	"crmhub/connectors"
	"crmhub/record"
)

var serial atomic.Int64

// Database is a database of one test. It is dropped at the test's end.
type Database struct {
	// URL is the address for a connection in hub.yaml.
	URL string
	db  *sql.DB
}

// New makes a database on the server of CRMHUB_TEST_MYSQL and runs the SQL files in it.
func New(t testing.TB, files ...string) Database {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_MYSQL")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_MYSQL is not set; make test starts the servers")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("crmhub_preset_%d_%d", os.Getpid(), serial.Add(1))
	user := u.User.Username()
	if p, ok := u.User.Password(); ok {
		user += ":" + p
	}
	// Legacy systems ran on servers that were not strict.
	dsn := user + "@tcp(" + u.Host + ")/%s?charset=utf8mb4&multiStatements=true&sql_mode=''"
	admin, err := sql.Open("mysql", fmt.Sprintf(dsn, ""))
	if err != nil {
		t.Fatal(err)
	}
	d := Database{}
	if d.db, err = sql.Open("mysql", fmt.Sprintf(dsn, name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
		for _, c := range []*sql.DB{d.db, admin} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	d.URL = u.String()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d.Exec(t, string(text))
	}
	return d
}

// Exec runs statements.
func (d Database) Exec(t testing.TB, statements string) {
	t.Helper()
	if _, err := d.db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%v\n%.300s", err, statements)
	}
}

// Source opens a connector on the database.
func (d Database) Source(t testing.TB, c connectors.Connector) connectors.Source {
	t.Helper()
	p, err := c.Spec().Decode("hub.yaml:5", map[string]any{"url": d.URL})
	if err != nil {
		t.Fatal(err)
	}
	src, err := c.Open(connectors.Config{Name: "legacy", Params: p, Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// Read reads a stream and returns its rows and the position at the end.
func Read(t testing.TB, src connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	at := r.From
	err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("Read %s: %v", r.Stream, err)
	}
	return rows, at
}

// Preset holds that Discover lists every stream of the Spec, and that each
// reads as testdata/STREAM.golden says; update rewrites those files. Columns
// are left out that hold nothing.
func Preset(t *testing.T, c connectors.Connector, d Database, update bool) {
	t.Helper()
	src := d.Source(t, c)
	if err := src.Check(t.Context()); err != nil {
		t.Fatalf("Check: %v", err)
	}
	found, err := src.Discover(t.Context())
	if err != nil {
		t.Fatalf("Discover: %v", err)
	}
	listed := map[string]int64{}
	for _, st := range found {
		listed[st.Name] = st.Rows
	}
	for _, st := range c.Spec().Streams {
		rows, _ := Read(t, src, connectors.Request{Stream: st.Name})
		if n, ok := listed[st.Name]; !ok || n != int64(len(rows)) {
			t.Errorf("%s: Discover counts %d rows (%v), read %d", st.Name, n, ok, len(rows))
		}
		got := golden(t, rows)
		path := filepath.Join("testdata", st.Name+".golden")
		if update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: the rows are not those of %s:\n%s", st.Name, path, got)
		}
	}
}

// golden writes rows one after the other, each with key, fate and filled columns.
func golden(t *testing.T, rows []record.Row) string {
	t.Helper()
	var b strings.Builder
	for _, r := range rows {
		data := map[string]any{}
		for k, v := range r.Data {
			if v != nil && v != "" {
				data[k] = v
			}
		}
		text, err := json.MarshalIndent(map[string]any{"key": r.Key, "deleted": r.Deleted, "data": data}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
		b.WriteString("\n")
		if r.Fault != nil {
			t.Errorf("%s: %v", r.Key, r.Fault)
		}
	}
	return b.String()
}
