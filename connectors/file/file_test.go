package file_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/file"
	"crmhub/fault"
	"crmhub/record"
)

// write puts a file into dir.
func write(t testing.TB, dir, name string, content []byte) {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// open returns a source on dir with these parameters.
func open(t testing.TB, dir string, params map[string]any) connectors.Source {
	t.Helper()
	src, err := tryOpen(dir, params)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return src
}

func tryOpen(dir string, params map[string]any) (connectors.Source, error) {
	p, err := file.Connector{}.Spec().Decode("hub.yaml:5", params)
	if err != nil {
		return nil, err
	}
	return file.Connector{}.Open(connectors.Config{
		Name: "shop", Params: p, Dir: dir, Now: time.Now, TempDir: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// read reads everything and returns the rows and the last position.
func read(t testing.TB, dir string, params map[string]any, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	rows, pos, err := tryRead(dir, params, r)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return rows, pos
}

func tryRead(dir string, params map[string]any, r connectors.Request) ([]record.Row, record.Position, error) {
	src, err := tryOpen(dir, params)
	if err != nil {
		return nil, nil, err
	}
	var rows []record.Row
	var pos record.Position
	err = src.Read(context.Background(), r, func(_ context.Context, b connectors.Batch) error {
		rows = append(rows, b.Rows...)
		pos = b.Position
		return nil
	})
	if err == nil {
		err = src.Close()
	}
	return rows, pos, err
}

// readText reads one file with that content.
func readText(t testing.TB, name, content string, params map[string]any, r connectors.Request) []record.Row {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, name, []byte(content))
	p := map[string]any{"path": name}
	maps.Copy(p, params)
	rows, _ := read(t, dir, p, r)
	return rows
}

// refused reads one file and returns the fault that ends it.
func refused(t testing.TB, name, content string, params map[string]any, r connectors.Request) *fault.Error {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, name, []byte(content))
	p := map[string]any{"path": name}
	maps.Copy(p, params)
	_, _, err := tryRead(dir, p, r)
	f := fault.Of(err)
	if f == nil {
		t.Fatalf("Read: %v, want a fault", err)
	}
	return f
}

// TestFilesOfOneTable holds that a further file whose header lacks a column is
// told of: its rows would lose those values in silence.
func TestFilesOfOneTable(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.csv", []byte("id,name,email\n1,Ann,a@x.cn\n"))
	write(t, dir, "b.csv", []byte("email;id;name\nb@x.cn;2;Bob\n"))
	write(t, dir, "c.csv", []byte("id,name,e_mail\n3,Cy,c@x.cn\n"))
	write(t, dir, "d.csv", []byte("id,name,e_mail,city\n4,Dan,d@x.cn,Leeds\n"))
	var got []string
	src := connectortest.Open(t, file.Connector{}, map[string]any{"path": "*.csv"}, connectors.Config{Dir: dir, Warn: func(w *fault.Error) {
		got = append(got, w.Error())
	}})
	rows, _ := connectortest.Read(t, src, connectors.Request{Key: []string{"id"}})
	if want := []string{"W2102 c.csv: it lacks columns that the file before it has: email"}; !slices.Equal(got, want) || len(rows) != 4 {
		t.Errorf("%d rows, told %q, want %q", len(rows), got, want)
	}
}
