package mongodb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"crmhub/connectors"
	"crmhub/connectors/mongodb"
	"crmhub/fault"
	"crmhub/record"
)

var serial atomic.Int64

// fresh makes a database of this test's own on the real server.
func fresh(t testing.TB) (string, *mongo.Database) {
	t.Helper()
	server := os.Getenv("CRMHUB_TEST_MONGODB")
	if server == "" {
		t.Fatal("CRMHUB_TEST_MONGODB is not set: run make test, or give an address")
	}
	c, err := mongo.Connect(t.Context(), options.Client().ApplyURI(server))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("crmhub_%d_%d", os.Getpid(), serial.Add(1))
	db := c.Database(name)
	t.Cleanup(func() {
		ctx := context.Background()
		if err := errors.Join(db.Drop(ctx), c.Disconnect(ctx)); err != nil {
			t.Error(err)
		}
	})
	return strings.TrimSuffix(server, "/") + "/" + name, db
}

func insert(t testing.TB, c *mongo.Collection, docs ...any) {
	t.Helper()
	if _, err := c.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

type params = map[string]any

func open(t testing.TB, raw params) connectors.Source {
	t.Helper()
	s, err := tryOpen(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryOpen(raw params) (connectors.Source, error) { return tryOpenIn("", raw) }

// tryOpenIn opens for a project in that folder.
func tryOpenIn(dir string, raw params) (connectors.Source, error) {
	p, err := mongodb.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		return nil, err
	}
	return mongodb.Connector{}.Open(connectors.Config{
		Name: "docs", Params: p, Dir: dir, Now: time.Now, Log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)),
	})
}

func read(t testing.TB, s connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	var at record.Position
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v (%v)", err, cause(err))
	}
	return rows, at
}

func cause(err error) error {
	if f := fault.Of(err); f != nil {
		return f.Err
	}
	return nil
}

func keys(rows []record.Row) string {
	var ks []string
	for _, r := range rows {
		ks = append(ks, r.Key)
	}
	return strings.Join(ks, " ")
}

func wantFault(t *testing.T, name string, err error, code fault.Code, exit int, says ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code || fault.ExitCode(err) != exit {
		t.Errorf("%s: %v (%v), exit %d; want %s, exit %d", name, err, cause(err), fault.ExitCode(err), code, exit)
		return
	}
	for _, s := range says {
		if !strings.Contains(f.Error(), s) {
			t.Errorf("%s: %q does not say %q", name, f.Error(), s)
		}
	}
}

func doc(pairs ...any) bson.D {
	var d bson.D
	for i := 0; i < len(pairs); i += 2 {
		d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return d
}
