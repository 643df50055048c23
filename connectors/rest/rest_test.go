package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/rest"
	"crmhub/record"
)

var connector = rest.Connector{}

type params = map[string]any

// project writes the description api into a fresh project folder.
func project(t testing.TB, api string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "apis"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "apis", "shop.yaml"), []byte(api), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func tryOpen(dir string, raw params) (connectors.Source, error) {
	p, err := rest.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		return nil, err
	}
	return rest.Connector{}.Open(connectors.Config{Name: "shop", Params: p, Dir: dir, Now: time.Now})
}

func open(t *testing.T, dir string, raw params) connectors.Source {
	t.Helper()
	s, err := tryOpen(dir, raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// read reads to the end and returns the rows and the last position.
func read(t *testing.T, s connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	at := r.From
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows = append(rows, b.Rows...)
		at = b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("Read %s: %v", r.Stream, err)
	}
	return rows, at
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func n(s string) any { return json.Number(s) }

func TestConformance(t *testing.T) {
	shop := newShop()
	url := serve(t, shop)
	dir := project(t, shopAPI)
	c := connectortest.Case{
		Connector: connector,
		Params:    params{"api": "shop", "url": url, "token": "sk-canary-secret", "retries": uint64(2), "retry_wait": "1ms"},
		Dir:       dir,
		Streams:   []string{"customers", "orders", "tags"},
		Broken: []map[string]any{
			{"token": "wrong"},
			{"token": nil},
			{"url": "http://127.0.0.1:1"},
			{"url": "ftp://127.0.0.1"},
			{"url": "http://user:pw@127.0.0.1"},
			{"api": "nothing"},
			{"settings": "x=1"},
			{"settings": "x"},
			{"rate": "fast"},
			{"ca_file": "none.pem"},
		},
		Secrets: []string{"sk-canary-secret", "canary@example.cn"},
	}
	for _, tt := range []struct {
		name string
		r    connectors.Request
		want []connectortest.Row
	}{
		{"customers", connectors.Request{Stream: "customers"}, shop.customers()},
		{"customers incremental", connectors.Request{Stream: "customers", Mode: connectors.Incremental, Overlap: time.Minute}, shop.customers()},
		{"orders of each customer", connectors.Request{Stream: "orders"}, shop.orders()},
		{"tags", connectors.Request{Stream: "tags", Key: []string{"name"}}, []connectortest.Row{
			{Key: "vip", Place: "tags", Data: params{"name": "vip", "weight": n("0.10")}},
			{Place: "tags", Fault: "E2314"},
			{Key: "新客户", Place: "tags", Data: params{"name": "新客户", "weight": n("9007199254740993")}},
			{Key: "cut \ufffd", Place: "tags", Fault: "E3117"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := c
			c.Request, c.Want = tt.r, tt.want
			connectortest.Run(t, c)
		})
	}
}
