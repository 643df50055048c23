package sqldb_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/sqldb"
	"crmhub/fault"
)

// try opens, checks and reads; it returns the first error.
func try(t *testing.T, raw params, r connectors.Request) error {
	t.Helper()
	p, err := sqldb.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		return err
	}
	s, err := sqldb.Connector{}.Open(connectors.Config{Name: "legacy", Params: p, Dir: t.TempDir()})
	if err != nil {
		return err
	}
	if err := s.Check(t.Context()); err != nil {
		return err
	}
	return s.Read(t.Context(), r, func(context.Context, connectors.Batch) error { return nil })
}

func wantFault(t *testing.T, name string, err error, code fault.Code, exit int, says ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code || fault.ExitCode(err) != exit {
		t.Errorf("%s: %v (%s), exit %d; want %s, exit %d", name, err, cause(err), fault.ExitCode(err), code, exit)
		return
	}
	for _, s := range says {
		if !strings.Contains(f.Error(), s) {
			t.Errorf("%s: %q does not say %q", name, f.Error(), s)
		}
	}
	for _, l := range []fault.Lang{fault.English, fault.Chinese} {
		if text := f.Line(l) + f.Cause(l) + f.Fix(l) + f.Kept(l); strings.ContainsAny(text, "{}") && !strings.Contains(text, "${") {
			t.Errorf("%s: an argument is missing in %q", name, text)
		}
	}
}

func TestWrongAddresses(t *testing.T) {
	// A port where nobody listens: it was ours a moment ago.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// And a server that takes connections and says nothing.
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := mute.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, tt := range []struct {
		name, url string
		code      fault.Code
		exit      int
	}{
		{"mysql away", "mysql://u@" + closed + "/x", "E2202", fault.ExitTemporary},
		{"postgres away", "postgres://u@" + closed + "/x", "E2202", fault.ExitTemporary},
		{"mysql mute", "mysql://u@" + mute.Addr().String() + "/x", "E2202", fault.ExitTemporary},
		{"postgres mute", "postgres://u@" + mute.Addr().String() + "/x?sslmode=disable", "E2202", fault.ExitTemporary},
		{"no such host", "mysql://u@nowhere.invalid/x", "E2202", fault.ExitTemporary},
		{"no database", "mysql://u@127.0.0.1/", "E2201", fault.ExitUsage},
		{"no database", "postgres://u@127.0.0.1", "E2201", fault.ExitUsage},
		{"no scheme", "legacy.db", "E2201", fault.ExitUsage},
		{"not a url", "mysql://u:se%zzcret@127.0.0.1/x", "E2201", fault.ExitUsage},
		{"wrong sslmode", "mysql://u@127.0.0.1/x?sslmode=always", "E2201", fault.ExitUsage},
		{"misspelt scheme", "postgre://u@127.0.0.1/x", "E2222", fault.ExitUsage},
		{"misspelt option", "mysql://u@127.0.0.1/x?sslmod=require", "E2001", fault.ExitUsage},
		{"dangerous option", "mysql://u@127.0.0.1/x?allowAllFiles=true", "E2001", fault.ExitUsage},
		{"no file", "sqlite:nowhere.db", "E2214", fault.ExitUsage},
		{"a folder", "sqlite:.", "E2214", fault.ExitUsage},
	} {
		err := try(t, params{"url": tt.url, "timeout": "300ms", "password": "se%cret"}, connectors.Request{Stream: "x"})
		wantFault(t, tt.name, err, tt.code, tt.exit)
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%s: the password is in the error", tt.name)
		}
	}
}

func TestMissingTablesAndColumns(t *testing.T) {
	everywhere(t, func(t *testing.T, d database) {
		changing(t, d)
		for _, tt := range []struct {
			name string
			r    connectors.Request
			code fault.Code
			says string
		}{
			{"table", connectors.Request{Stream: "peple"}, "E2205", "nearest: people"},
			{"table with another schema", connectors.Request{Stream: "other.people"}, "E2205", `"other.people"`},
			{"key", connectors.Request{Stream: "people", Key: []string{"idd"}}, "E2206", "nearest: id"},
			{"cursor", connectors.Request{Stream: "people", Mode: connectors.Incremental, Cursor: "update_at"}, "E2206", "nearest: updated_at"},
			{"deleted", connectors.Request{Stream: "people", Deleted: "deleted_flag"}, "E2206", `"deleted_flag"`},
			{"no cursor", connectors.Request{Stream: "people", Query: "SELECT id, name FROM people", Mode: connectors.Incremental}, "E2211", "people"},
			{"query's table", connectors.Request{Stream: "people", Query: "SELECT * FROM peple"}, "E2225", ""},
			{"query's column", connectors.Request{Stream: "people", Query: "SELECT nam FROM people"}, "E2226", ""},
			{"query's spelling", connectors.Request{Stream: "people", Query: "SELEC * FROM people"}, "E2209", ""},
			{"two statements", connectors.Request{Stream: "people", Query: "SELECT 1; DELETE FROM people"}, "E2209", ""},
			{"a lock", connectors.Request{Stream: "people", Query: "SELECT * FROM people FOR UPDATE"}, "E2209", ""},
			{"a write", connectors.Request{Stream: "people", Query: "DELETE FROM people"}, "E2209", ""},
		} {
			wantFault(t, tt.name, try(t, params{"url": d.url}, tt.r), tt.code, fault.ExitUsage, tt.says)
		}
		rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: "people"})
		if len(rows) != 4 {
			t.Errorf("%d rows are left, want 4", len(rows))
		}
	})
}

func TestAQueryWithAHole(t *testing.T) {
	d := mysqlDB(t)
	changing(t, d)
	err := try(t, params{"url": d.url}, connectors.Request{Stream: "x", Query: "SELECT * FROM people WHERE id = ?"})
	wantFault(t, "a question mark", err, "E2209", fault.ExitUsage)
}

// The test servers have no TLS: who asks for it gets no connection in clear.
func TestNoPlainTextWhereTLSIsAskedFor(t *testing.T) {
	for _, d := range []database{mysqlDB(t), postgresDB(t)} {
		u, err := url.Parse(d.url)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("sslmode", "require")
		u.RawQuery = q.Encode()
		wantFault(t, d.kind, try(t, params{"url": u.String()}, connectors.Request{Stream: "x"}), "E2218", fault.ExitUsage)
	}
}

func TestAQueryWithTwoColumnsOfOneName(t *testing.T) {
	for _, d := range []database{mysqlDB(t), postgresDB(t)} { // SQLite renames the second
		changing(t, d)
		err := try(t, params{"url": d.url}, connectors.Request{Stream: "x", Query: "SELECT a.id, b.id FROM people a JOIN people b ON a.id = b.id"})
		wantFault(t, d.kind, err, "E2210", fault.ExitUsage)
	}
}

func TestMySQLRights(t *testing.T) {
	d := mysqlDB(t)
	changing(t, d)
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	name, user := strings.TrimPrefix(u.Path, "/"), fresh()
	d.exec(t, "CREATE USER "+user+"@'%' IDENTIFIED BY 'right-secret'", "CREATE TABLE hidden (id INT PRIMARY KEY)")
	t.Cleanup(func() { dropped(t, d.db, "DROP USER "+user+"@'%'") })
	u.User = url.User(user)
	request := connectors.Request{Stream: "people"}
	err = try(t, params{"url": u.String(), "password": "wrong-secret"}, request)
	wantFault(t, "wrong password", err, "E2203", fault.ExitPermission)
	err = try(t, params{"url": u.String(), "password": "right-secret"}, request)
	wantFault(t, "no right to the database", err, "E2207", fault.ExitPermission)
	d.exec(t, "GRANT SELECT (id) ON "+name+".people TO "+user+"@'%'")
	if err := try(t, params{"url": u.String(), "password": "right-secret"}, request); err != nil {
		t.Errorf("a right to one column: %v", err)
	}
	err = try(t, params{"url": u.String(), "password": "right-secret"}, connectors.Request{Stream: "x", Query: "SELECT * FROM hidden"})
	wantFault(t, "no right to the table", err, "E2207", fault.ExitPermission)
	u.Path = "/no_such_database"
	d.exec(t, "GRANT SELECT ON *.* TO "+user+"@'%'")
	err = try(t, params{"url": u.String(), "password": "right-secret"}, request)
	wantFault(t, "no such database", err, "E2204", fault.ExitUsage)
}

func TestPostgresRights(t *testing.T) {
	d := postgresDB(t)
	changing(t, d)
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	user := fresh()
	d.exec(t, "CREATE ROLE "+user+" NOLOGIN")
	t.Cleanup(func() {
		dropped(t, d.db, "DROP OWNED BY "+user)
		dropped(t, d.db, "DROP ROLE "+user)
	})
	u.User = url.User(user)
	err = try(t, params{"url": u.String()}, connectors.Request{Stream: "people"})
	wantFault(t, "no login", err, "E2203", fault.ExitPermission)
	d.exec(t, "ALTER ROLE "+user+" LOGIN")
	err = try(t, params{"url": u.String()}, connectors.Request{Stream: "people"})
	wantFault(t, "sees no table", err, "E2221", fault.ExitPermission)
	d.exec(t, "GRANT USAGE ON SCHEMA "+u.Query().Get("search_path")+" TO "+user, "GRANT SELECT ON people TO "+user, "CREATE TABLE hidden (id int)")
	err = try(t, params{"url": u.String()}, connectors.Request{Stream: "x", Query: "SELECT * FROM hidden"})
	wantFault(t, "no right", err, "E2207", fault.ExitPermission)
	u.Path = "/no_such_database"
	err = try(t, params{"url": u.String()}, connectors.Request{Stream: "people"})
	wantFault(t, "no such database", err, "E2204", fault.ExitUsage)
}

func TestWhatIsNoSQLiteDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crm.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter to a customer. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "a letter", try(t, params{"url": "sqlite:" + path}, connectors.Request{Stream: "x"}), "E2215", fault.ExitFailed)
}

// The server goes away in the middle of a read.
func TestAConnectionThatIsLost(t *testing.T) {
	for _, d := range []database{mysqlDB(t), postgresDB(t)} {
		numbers(t, d)
		relay := newRelay(t, d)
		u, err := url.Parse(d.url)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = relay.address()
		s := open(t, database{d.kind, u.String(), nil}, nil, nil)
		n := 0
		err = s.Read(t.Context(), connectors.Request{Stream: "t", BatchRows: 2000}, func(_ context.Context, b connectors.Batch) error {
			if n += len(b.Rows); n == 12_000 {
				relay.cut()
			}
			return nil
		})
		wantFault(t, d.kind, err, "E2208", fault.ExitTemporary)
		if n >= 25_000 {
			t.Errorf("%s: all %d rows came through", d.kind, n)
		}
	}
}

// A SQLite database is opened read-only: nothing beside it or in it changes,
// not even in a folder that can't be written.
func TestSQLiteIsOnlyRead(t *testing.T) {
	d := sqliteDB(t)
	changing(t, d)
	d.exec(t, "PRAGMA journal_mode = WAL", "INSERT INTO people VALUES (77, 'x', NULL)")
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(d.url, "sqlite:")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := read(t, open(t, d, nil, nil), connectors.Request{Stream: "people"})
	if len(rows) != 5 {
		t.Errorf("%d rows, want 5", len(rows))
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the file has changed")
	}
}
