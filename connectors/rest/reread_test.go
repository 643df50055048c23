package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/rest"
	"crmhub/fault"
	"crmhub/record"
)

const parcelsYAML = `
url: %s
streams:
  parcels:
    key: id
    list: {path: /parcels, records: results, paging: {type: offset, param: offset, size: 2, size_param: limit, total: count}}
    cursor: {field: created_at, param: created_after, order: desc}
    reread: {path: "/parcels?status=open&status=moving"}
    full_every: 24h
  tracks:
    key: id
    list: {path: /tracks, records: results}
    cursor: {param: created_after}
`

// depot lists parcels, newest first, by when they were made and by status.
type depot struct {
	parcels []map[string]any
	asked   []string
	deaf    bool
	// moved is called once, when what is open is asked for.
	moved func()
}

func (d *depot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	d.asked = append(d.asked, r.URL.Path+" "+q.Get("created_after")+" "+strings.Join(q["status"], "+"))
	if q.Has("status") && d.moved != nil {
		d.moved()
		d.moved = nil
	}
	list := []map[string]any{}
	for _, p := range slices.Backward(d.parcels) {
		after := q.Get("created_after")
		if !d.deaf && after != "" && p["created_at"].(string) < after || q.Has("status") && !slices.Contains(q["status"], p["status"].(string)) {
			continue
		}
		list = append(list, p)
	}
	total := len(list)
	if r.URL.Path == "/parcels" {
		var offset, limit int
		fmt.Sscan(q.Get("offset"), &offset)
		fmt.Sscan(q.Get("limit"), &limit)
		list = list[min(offset, total):min(offset+limit, total)]
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"count": total, "results": list}); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
	}
}

// TestReread reads what is new, what is not settled, and everything once a day.
func TestReread(t *testing.T) {
	d := &depot{}
	for i := range 5 {
		d.parcels = append(d.parcels, map[string]any{"id": fmt.Sprint(i), "status": "done", "created_at": fmt.Sprintf("2026-03-01T10:00:0%dZ", i)})
	}
	d.parcels[1]["status"] = "open"
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "apis"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "apis", "depot.yaml"), fmt.Appendf(nil, parcelsYAML, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := rest.Connector{}.Spec().Decode("hub.yaml:5", map[string]any{"api": "depot"})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	src, err := rest.Connector{}.Open(connectors.Config{
		Name: "depot", Params: p, Dir: dir, Now: func() time.Time { return now }, Zone: time.UTC,
		Warn: func(w *fault.Error) { told = append(told, string(w.Code)+" "+w.Place) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	at := map[string]record.Position{}
	read := func(stream string) string {
		t.Helper()
		d.asked = nil
		var keys []string
		r := connectors.Request{Stream: stream, Mode: connectors.Incremental, From: at[stream], BatchRows: 1}
		if err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
			for _, row := range b.Rows {
				keys = append(keys, fmt.Sprint(row.Key, "=", row.Data["status"]))
			}
			at[stream] = b.Position
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(keys)
		return strings.Join(keys, " ")
	}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s (asked %q)", what, got, want, d.asked)
		}
	}
	check("first read", read("parcels"), "0=done 1=open 2=done 3=done 4=done")
	if slices.ContainsFunc(d.asked, func(s string) bool { return strings.Contains(s, "moving") }) {
		t.Errorf("the first read asks %q", d.asked)
	}
	d.parcels[1]["status"] = "moving"
	d.parcels[2]["status"] = "changed in silence"
	now = now.Add(time.Hour)
	d.parcels = append(d.parcels, map[string]any{"id": "5", "status": "open", "created_at": "2026-03-02T12:30:00Z"})
	d.moved = func() {
		d.parcels[5] = map[string]any{"id": "5", "status": "moving", "created_at": "2026-03-02T12:30:00Z"}
	}
	check("what is new and what is open", read("parcels"), "1=moving 3=done 4=done 5=open")
	check("a parcel that moved meanwhile", read("parcels"), "1=moving 5=moving")
	now = now.Add(24 * time.Hour)
	check("everything after a day", read("parcels"), "0=done 1=moving 2=changed in silence 3=done 4=done 5=moving")
	check("and not again", read("parcels"), "1=moving 5=moving")
	if len(told) > 0 {
		t.Errorf("the server obeyed, told %q", told)
	}
	for i := range d.parcels[:3] {
		d.parcels[i]["created_at"] = "2026-01-01T00:00:00Z"
	}
	d.deaf = true
	read("parcels")
	if want := []string{"W2302 depot/parcels"}; !slices.Equal(told, want) {
		t.Errorf("a server that passes over created_after: told %q, want %q", told, want)
	}

	d.deaf = false
	read("tracks")
	now = now.Add(time.Hour)
	read("tracks")
	if want := "/tracks 2026-03-03T12:58:59Z "; len(d.asked) != 1 || d.asked[0] != want {
		t.Errorf("without a date of the records the second read asks %q, want %q", d.asked, want)
	}
}
