package mongodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson/primitive"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/mongodb"
	"crmhub/fault"
	"crmhub/record"
)

const canary = "canary-9b1c@example.cn"

func day(n int) primitive.DateTime {
	return primitive.NewDateTimeFromTime(time.Date(2026, 1, n, 10, 0, 0, 0, time.UTC))
}

func TestConformance(t *testing.T) {
	url, db := fresh(t)
	insert(t, db.Collection("customers"),
		doc("_id", int32(1), "name", "张伟 😀", "email", canary, "updatedAt", day(1), "deleted", false),
		doc("_id", int32(2), "name", "José", "updatedAt", day(2), "address", doc("city", "上海", "zip", nil), "tags", primitive.A{"vip", int32(1)}),
		doc("_id", int64(9007199254740993), "name", "", "updatedAt", day(2), "deleted", true),
		doc("_id", "a|b", "updatedAt", day(3)),
		doc("_id", primitive.ObjectID{1, 2, 3}, "updatedAt", day(4), "x", 0.1))
	n := func(s string) any { return json.Number(s) }
	c := connectortest.Case{
		Connector: mongodb.Connector{},
		Params:    params{"url": url, "timeout": "5s"},
		Request:   connectors.Request{Stream: "customers", Deleted: "deleted"},
		Streams:   []string{"customers"},
		Want: []connectortest.Row{
			{Key: "1", Place: "customers", Data: map[string]any{"_id": n("1"), "name": "张伟 😀", "email": canary, "updatedAt": "2026-01-01T10:00:00Z", "deleted": false}},
			{Key: "2", Place: "customers", Data: map[string]any{"_id": n("2"), "name": "José", "updatedAt": "2026-01-02T10:00:00Z", "address": map[string]any{"city": "上海", "zip": nil}, "tags": []any{"vip", n("1")}}},
			{Key: "9007199254740993", Place: "customers", Deleted: true, Data: map[string]any{"_id": n("9007199254740993"), "name": "", "updatedAt": "2026-01-02T10:00:00Z", "deleted": true}},
			{Key: "a|b", Place: "customers", Data: map[string]any{"_id": "a|b", "updatedAt": "2026-01-03T10:00:00Z"}},
			{Key: "010203000000000000000000", Place: "customers", Data: map[string]any{"_id": "010203000000000000000000", "updatedAt": "2026-01-04T10:00:00Z", "x": n("0.1")}},
		},
		Broken:  []map[string]any{{"url": "mongodb://127.0.0.1:1/x", "timeout": "300ms"}, {"url": "mongo://127.0.0.1/x"}, {"url": "mongodb://127.0.0.1/"}},
		Secrets: []string{canary},
	}
	t.Run("full", func(t *testing.T) {
		c := c
		c.Faults = true
		connectortest.Run(t, c)
	})
	t.Run("incremental", func(t *testing.T) {
		c := c
		c.Request.Mode, c.Request.Overlap = connectors.Incremental, time.Minute
		connectortest.Run(t, c)
	})
}

func incremental(from record.Position) connectors.Request {
	return connectors.Request{Stream: "people", Mode: connectors.Incremental, Cursor: "at", From: from}
}

// A document whose cursor equals the stored one is not missed, whatever its
// _id; those without a date are read each time.
func TestIncrementalMissesNothingAtTheBoundary(t *testing.T) {
	url, db := fresh(t)
	c := db.Collection("people")
	insert(t, c, doc("_id", int32(1), "at", day(1)), doc("_id", int32(5), "at", day(2)), doc("_id", int32(3), "at", day(2)),
		doc("_id", int32(4)), doc("_id", int32(6), "at", "2026-01-09"), doc("_id", int32(7), "at", nil))
	s := open(t, params{"url": url})
	rows, at := read(t, s, incremental(nil))
	if got, want := keys(rows), "1 3 4 5 6 7"; got != want {
		t.Fatalf("first read: keys %q, want %q", got, want)
	}
	rows, at = read(t, s, incremental(at))
	if got, want := keys(rows), "4 6 7 3 5"; got != want {
		t.Errorf("quiet read: keys %q, want %q", got, want)
	}
	insert(t, c, doc("_id", int32(2), "at", day(2)), doc("_id", "text", "at", day(2)), doc("_id", int32(9), "at", day(3)))
	rows, at = read(t, s, incremental(at))
	if got, want := keys(rows), "4 6 7 2 3 5 text 9"; got != want {
		t.Errorf("after changes: keys %q, want %q", got, want)
	}
	insert(t, c, doc("_id", int32(11), "at", day(2)))
	r := incremental(at)
	r.Overlap = 25 * time.Hour
	rows, _ = read(t, s, r)
	if got, want := keys(rows), "4 6 7 2 3 5 11 text 9"; got != want {
		t.Errorf("with an overlap: keys %q, want %q", got, want)
	}
}

func TestADocumentOfTheFutureHidesNothing(t *testing.T) {
	url, db := fresh(t)
	c := db.Collection("people")
	insert(t, c, doc("_id", int32(1), "at", primitive.NewDateTimeFromTime(time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC))))
	s := open(t, params{"url": url})
	_, at := read(t, s, incremental(nil))
	insert(t, c, doc("_id", int32(2), "at", primitive.NewDateTimeFromTime(time.Now().Add(time.Hour))))
	rows, _ := read(t, s, incremental(at))
	if got, want := keys(rows), "2 1"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
}

var errKilled = errors.New("killed")

func TestAResumedReadLosesNothing(t *testing.T) {
	url, db := fresh(t)
	c := db.Collection("people")
	insert(t, c, doc("_id", int32(1), "at", day(1)))
	s := open(t, params{"url": url})
	_, at := read(t, s, incremental(nil))
	insert(t, c, doc("_id", int32(2), "at", day(2)), doc("_id", int32(3), "at", day(2)), doc("_id", int32(5), "at", day(3)))
	n := 0
	r := incremental(at)
	r.BatchRows = 1
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if n++; n > 2 { // 1, 2
			return errKilled
		}
		at = b.Position
		return nil
	})
	if !errors.Is(err, errKilled) {
		t.Fatalf("Read: %v, want it to be stopped", err)
	}
	insert(t, c, doc("_id", int32(0), "at", day(2)), doc("_id", int32(4), "at", day(2)))
	rows, at := read(t, s, incremental(at))
	if got, want := keys(rows), "3 4 5"; got != want {
		t.Errorf("resumed: keys %q, want %q", got, want)
	}
	rows, _ = read(t, s, incremental(at))
	if got, want := keys(rows), "0 2 3 4 5"; got != want {
		t.Errorf("next: keys %q, want %q", got, want)
	}
}

func TestKeysOfFieldsAndPaths(t *testing.T) {
	url, db := fresh(t)
	insert(t, db.Collection("people"), doc("_id", int32(1), "org", doc("code", "A|B"), "no", int64(7), "state", doc("gone", day(1))))
	rows, _ := read(t, open(t, params{"url": url}), connectors.Request{Stream: "people", Key: []string{"org.code", "no"}, Deleted: "state.gone"})
	if got, want := keys(rows), `A\|B|7`; got != want || !rows[0].Deleted {
		t.Errorf("key %q (deleted %v), want %q and deleted", got, rows[0].Deleted, want)
	}
}

func TestDiscover(t *testing.T) {
	url, db := fresh(t)
	insert(t, db.Collection("crm_people"), doc("_id", int32(1), "updated_at", day(1), "name", "a"), doc("_id", "x", "name", int64(1)))
	insert(t, db.Collection("other"), doc("_id", int32(1)))
	streams, err := open(t, params{"url": url, "collections": []any{"crm_*"}}).Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []connectors.Stream{{
		Name: "crm_people", Key: []string{"_id"}, Cursor: "updated_at", Rows: 2,
		Columns: []connectors.Column{{Name: "_id", Type: "int|string"}, {Name: "updated_at", Type: "date", Null: true}, {Name: "name", Type: "string|long"}},
		Notes: []connectors.Note{
			{"_id has several types: int, string", "_id 有多种类型：int, string"},
			{"no index on updated_at: each incremental read goes through the whole collection", "updated_at 没有索引：每次增量读取都会遍历整个集合"},
		},
	}}
	if !reflect.DeepEqual(streams, want) {
		t.Errorf("streams\n got %+v\nwant %+v", streams, want)
	}
}

// try opens, checks and reads; it returns the first error.
func try(t *testing.T, raw params, r connectors.Request) error {
	t.Helper()
	s, err := tryOpen(raw)
	if err != nil {
		return err
	}
	if err := s.Check(t.Context()); err != nil {
		return err
	}
	return s.Read(t.Context(), r, func(context.Context, connectors.Batch) error { return nil })
}

func TestFaults(t *testing.T) {
	url, db := fresh(t)
	insert(t, db.Collection("people"), doc("_id", int32(1), "updatedAt", day(1)))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, url string
		r         connectors.Request
		code      fault.Code
		exit      int
		says      string
	}{
		{"collection", url, connectors.Request{Stream: "peple"}, "E2205", fault.ExitUsage, "nearest: people"},
		{"cursor", url, connectors.Request{Stream: "people", Mode: connectors.Incremental, Cursor: "updateAt"}, "E2206", fault.ExitUsage, "nearest: updatedAt"},
		{"key", url, connectors.Request{Stream: "people", Key: []string{"code"}}, "E2206", fault.ExitUsage, `"code"`},
		{"path", url, connectors.Request{Stream: "people", Deleted: "state.gone"}, "E2206", fault.ExitUsage, `"state.gone"`},
		{"query", url, connectors.Request{Stream: "people", Query: "{}"}, "E2227", fault.ExitUsage, "mongodb"},
		{"empty database", url + "_none", connectors.Request{Stream: "people"}, "E2221", fault.ExitPermission, "_none"},
		{"away", "mongodb://" + closed + "/x", connectors.Request{Stream: "people"}, "E2202", fault.ExitTemporary, closed},
		{"no such host", "mongodb://nowhere.invalid/x", connectors.Request{Stream: "people"}, "E2202", fault.ExitTemporary, ""},
		{"no database", "mongodb://127.0.0.1:27017", connectors.Request{}, "E2201", fault.ExitUsage, ""},
		{"scheme", "mongdb://127.0.0.1/x", connectors.Request{}, "E2222", fault.ExitUsage, "nearest: mongodb"},
		{"option", "mongodb://127.0.0.1/x?w=-5", connectors.Request{}, "E2201", fault.ExitUsage, ""},
	} {
		err := try(t, params{"url": tt.url, "timeout": "400ms"}, tt.r)
		wantFault(t, tt.name, err, tt.code, tt.exit, tt.says)
	}
	err = try(t, params{"url": strings.Replace(url, "mongodb://", "mongodb://user:se%zzcret@", 1)}, connectors.Request{})
	wantFault(t, "misspelt password", err, "E2201", fault.ExitUsage)
	if err != nil && strings.Contains(err.Error(), "cret") {
		t.Error("the password is in the error")
	}
}
