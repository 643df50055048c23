package woocommerce_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/woocommerce"
	"crmhub/fault"
	"crmhub/record"
)

type params = map[string]any

// shop is a WooCommerce shop with the habits of the real one: pages that shift
// when rows change, times without a zone to the second, the beginning of
// time refused, unknown parameters ignored, totals in headers.
type shop struct {
	t      *testing.T
	mu     sync.Mutex
	orders []params
	asked  int
	before func(n int)
}

func (s *shop) put(id int, at time.Time, status string) {
	s.orders = slices.DeleteFunc(s.orders, func(o params) bool { return o["id"] == id })
	s.orders = append(s.orders, params{
		"id": id, "status": status, "total": "19.90", "currency": "EUR", "customer_id": 0, "billing": params{"email": "canary@example.cn"},
		"date_modified_gmt": at.UTC().Format("2006-01-02T15:04:05"), "date_modified": at.UTC().Add(time.Hour).Format("2006-01-02T15:04:05"),
	})
}

// ServeHTTP answers.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked++; s.before != nil {
		s.before(s.asked)
	}
	fail := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%q,"message":"about canary@example.cn","data":{"status":%d}}`, code, status)
	}
	user, password, _ := r.BasicAuth()
	q := r.URL.Query()
	perPage, err := strconv.Atoi(q.Get("per_page"))
	offset, offsetErr := strconv.Atoi(q.Get("offset"))
	after := q.Get("modified_after")
	switch {
	case user != "ck_canary" || password != "cs_canary":
		fail(http.StatusUnauthorized, "woocommerce_rest_authentication_error")
		return
	case err != nil || perPage < 1 || perPage > 100 || q.Get("offset") != "" && offsetErr != nil || strings.HasPrefix(after, "1970-01-01"):
		fail(http.StatusBadRequest, "rest_invalid_param")
		return
	}
	perPage = min(perPage, 4)
	var all []params
	switch r.URL.Path {
	case "/wp-json/wc/v3/customers": // modified_after would be ignored
		for i := 1; i <= 9; i++ {
			all = append(all, params{"id": i, "email": "canary@example.cn", "date_modified_gmt": nil})
		}
	case "/wp-json/wc/v3/orders":
		for _, o := range s.orders {
			trash := o["status"] == "trash"
			if trash == (q.Get("status") == "trash") && o["date_modified_gmt"].(string) > after {
				all = append(all, o)
			}
		}
		slices.SortStableFunc(all, func(a, b params) int {
			return strings.Compare(a["date_modified_gmt"].(string), b["date_modified_gmt"].(string))
		})
	default:
		fail(http.StatusNotFound, "rest_no_route")
		return
	}
	w.Header().Set("X-WP-Total", strconv.Itoa(len(all)))
	w.Header().Set("X-WP-TotalPages", strconv.Itoa((len(all)+perPage-1)/perPage))
	w.Header().Set("Link", `<https://shop.example/wp-json/wc/v3/orders?page=2>; rel="next"`)
	if err := json.NewEncoder(w).Encode(append([]params{}, all[min(offset, len(all)):min(offset+perPage, len(all))]...)); err != nil {
		s.t.Error(err)
	}
}

func day(n int) time.Time { return time.Date(2026, 1, n, 10, 0, 0, 0, time.UTC) }

func connection(t *testing.T, s *shop) params {
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return params{"url": srv.URL, "username": "ck_canary", "password": "cs_canary", "retry_wait": "1ms", "retries": uint64(3)}
}

func read(t *testing.T, src connectors.Source, r connectors.Request) (string, record.Position) {
	t.Helper()
	var keys []string
	at := r.From
	err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		for _, row := range b.Rows {
			k := row.Key
			if row.Deleted {
				k = "-" + k
			}
			keys = append(keys, k)
		}
		at = b.Position
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(keys, " "), at
}

func TestConformance(t *testing.T) {
	s := &shop{t: t}
	var want []connectortest.Row
	for i := 1; i <= 9; i++ {
		id := strconv.Itoa(i)
		want = append(want, connectortest.Row{Key: id, Place: "customers", Data: params{"id": json.Number(id), "email": "canary@example.cn", "date_modified_gmt": nil}})
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: woocommerce.Connector{}, Params: connection(t, s), Request: connectors.Request{Stream: "customers"}, Want: want,
		Streams: []string{"customers", "orders"},
		Broken:  []map[string]any{{"password": "cs_no"}, {"password": nil}, {"url": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Secrets: []string{"cs_canary", "canary@example.cn"},
	})
}

// Orders that change, are made and go into the trash, also while the list is
// read: each comes, in its last state.
func TestOrders(t *testing.T) {
	s := &shop{t: t}
	for i := 1; i <= 15; i++ {
		s.put(i, day(1).Add(time.Duration(i/3)*time.Second), "processing")
	}
	s.put(16, day(1), "trash")
	p, err := woocommerce.Connector{}.Spec().Decode("hub.yaml:5", connection(t, s))
	if err != nil {
		t.Fatal(err)
	}
	src, err := woocommerce.Connector{}.Open(connectors.Config{Name: "shop", Params: p, Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	s.before = func(n int) {
		if n == 3 { // three of those that were read move to the end, and others up
			for id := 1; id <= 3; id++ {
				s.put(id, day(2), "completed")
			}
		}
	}
	r := connectors.Request{Stream: "orders", Mode: connectors.Incremental}
	keys, at := read(t, src, r)
	for i := 1; i <= 15; i++ {
		if !slices.Contains(strings.Fields(keys), strconv.Itoa(i)) {
			t.Errorf("order %d was passed over: %s", i, keys)
		}
	}
	s.mu.Lock()
	s.before = nil
	s.put(5, time.Now(), "trash")
	s.put(20, time.Now(), "pending")
	s.mu.Unlock()
	r.From = at
	if keys, r.From = read(t, src, r); keys != "1 2 3 20 -5" {
		t.Errorf("changes: %s", keys)
	}
	err = src.Read(t.Context(), connectors.Request{Stream: "customers", Mode: connectors.Incremental}, func(context.Context, connectors.Batch) error { return nil })
	if f := fault.Of(err); f == nil || f.Code != "E2321" {
		t.Errorf("customers incrementally: %v", err)
	}
}

// WooCommerce's own client reads the stand-in as the connector does.
func TestWooCommercesOwnClientReadsTheSame(t *testing.T) {
	s := &shop{t: t}
	for i := 1; i <= 9; i++ {
		s.put(i, day(1).Add(time.Duration(i/2)*time.Second), "processing")
	}
	p, err := woocommerce.Connector{}.Spec().Decode("hub.yaml:5", connection(t, s))
	if err != nil {
		t.Fatal(err)
	}
	src, err := woocommerce.Connector{}.Open(connectors.Config{Name: "shop", Params: p, Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var ours []string
	err = src.Read(t.Context(), connectors.Request{Stream: "orders"}, func(_ context.Context, b connectors.Batch) error {
		for _, r := range b.Rows {
			ours = append(ours, fmt.Sprint([]any{r.Data["id"], r.Data["status"], r.Data["total"], r.Data["date_modified_gmt"]}))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// The client shows keys over TLS only.
	srv := httptest.NewTLSServer(s)
	defer srv.Close()
	var theirs [][]any
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+srv.URL, "KEY=ck_canary", "SECRET=cs_canary")
	var listed []string
	for _, o := range theirs {
		listed = append(listed, fmt.Sprint(o))
	}
	if !slices.Equal(ours, listed) || len(listed) != 9 {
		t.Errorf("we read\n%v\nWooCommerce's client\n%v", ours, listed)
	}
}
