package sqldb_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"crmhub/connectors"
	"crmhub/connectors/sqldb"
	"crmhub/record"
)

// database is a fresh database of one test.
type database struct {
	kind string
	url  string
	db   *sql.DB
}

// exec runs statements; one argument is one statement.
func (d database) exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := d.db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v\n%.200s", d.kind, err, s)
		}
	}
}

var serial atomic.Int64

// fresh returns a name that no other test or run uses.
func fresh() string {
	return fmt.Sprintf("crmhub_%d_%d", os.Getpid(), serial.Add(1))
}

func server(t testing.TB, variable string) *url.URL {
	t.Helper()
	raw := os.Getenv(variable)
	if raw == "" {
		t.Fatalf("%s is not set: run make test, or give an address", variable)
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return u
}

func opened(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
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

// background is for clean-ups, when the test's own context has ended.
func dropped(t testing.TB, db *sql.DB, statement string) {
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Error(err)
	}
}

func mysqlDSN(u *url.URL, name string) string {
	user := u.User.Username()
	if p, ok := u.User.Password(); ok {
		user += ":" + p
	}
	return user + "@tcp(" + u.Host + ")/" + name + "?charset=utf8mb4&multiStatements=true"
}

func mysqlDB(t testing.TB) database {
	u := server(t, "CRMHUB_TEST_MYSQL")
	admin := opened(t, "mysql", mysqlDSN(u, ""))
	name := fresh()
	database{"mysql", "", admin}.exec(t, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
	t.Cleanup(func() { dropped(t, admin, "DROP DATABASE "+name) })
	with := *u
	with.Path = "/" + name
	return database{"mysql", with.String(), opened(t, "mysql", mysqlDSN(u, name))}
}

// postgresHome is one database for the whole run: making one takes long. Each
// test has a schema of its own in it.
var postgresHome = sync.OnceValues(func() (string, error) {
	name := fresh()
	return name, inPostgres("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0")
})

func inPostgres(statement string) error {
	db, err := sql.Open("pgx", os.Getenv("CRMHUB_TEST_POSTGRES"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("CRMHUB_TEST_POSTGRES") != "" {
		if name, err := postgresHome(); err == nil {
			err = inPostgres("DROP DATABASE " + name + " WITH (FORCE)")
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

func postgresDB(t testing.TB) database {
	u := server(t, "CRMHUB_TEST_POSTGRES")
	home, err := postgresHome()
	if err != nil {
		t.Fatal(err)
	}
	with := *u
	with.Path = "/" + home
	name := fresh()
	q := with.Query()
	q.Set("search_path", name)
	with.RawQuery = q.Encode()
	d := database{"postgres", with.String(), opened(t, "pgx", with.String())}
	d.exec(t, "CREATE SCHEMA "+name)
	return d
}

func sqliteDB(t testing.TB) database {
	path := filepath.Join(t.TempDir(), "crm #1.db")
	return database{"sqlite", "sqlite:" + path, opened(t, "sqlite", (&url.URL{Scheme: "file", Path: path}).String())}
}

// everywhere runs a test against each kind of database.
func everywhere(t *testing.T, test func(t *testing.T, d database)) {
	for _, kind := range []struct {
		name string
		make func(testing.TB) database
	}{{"mysql", mysqlDB}, {"postgres", postgresDB}, {"sqlite", sqliteDB}} {
		t.Run(kind.name, func(t *testing.T) { test(t, kind.make(t)) })
	}
}

// params are the connection's parameters.
type params = map[string]any

func open(t testing.TB, d database, more params, zone *time.Location) connectors.Source {
	t.Helper()
	raw := params{"url": d.url}
	for k, v := range more {
		raw[k] = v
	}
	p, err := sqldb.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqldb.Connector{}.Open(connectors.Config{
		Name: "legacy", Params: p, Dir: t.TempDir(), Zone: zone, Now: time.Now, Log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read reads to the end and returns the rows and the last position.
func read(t testing.TB, s connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	var at record.Position
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows = append(rows, b.Rows...)
		at = b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v (%v)", err, cause(err))
	}
	return rows, at
}

func cause(err error) string {
	if u, ok := err.(interface{ Unwrap() error }); ok && u.Unwrap() != nil {
		return u.Unwrap().Error()
	}
	return ""
}

func keys(rows []record.Row) string {
	var ks []string
	for _, r := range rows {
		ks = append(ks, r.Key)
	}
	return strings.Join(ks, " ")
}

// collect is an emit that keeps the rows and calls then after each batch.
func collect(rows *[]record.Row, then func()) connectors.Emit {
	return func(_ context.Context, b connectors.Batch) error {
		*rows = append(*rows, b.Rows...)
		then()
		return nil
	}
}
