package karrio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/karrio"
	"crmhub/fault"
	"crmhub/record"
)

// server is the Karrio that the tests talk to.
type server struct {
	t         *testing.T
	base, key string
}

func newServer(t *testing.T) *server {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_KARRIO")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_KARRIO is not set: run make test, or give an address")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, key: u.User.Username()}
	u.User = nil
	s.base = u.String()
	if s.ask(http.MethodGet, "v1/connections", nil)["count"] == 0.0 {
		s.ask(http.MethodPost, "v1/connections", map[string]any{
			"carrier_name": "generic", "carrier_id": "sf_express",
			"credentials": map[string]any{"display_name": "SF", "custom_carrier_name": "sf_express", "account_country_code": "CN"},
		})
	}
	return s
}

// ask calls the API and returns the answer.
func (s *server) ask(method, path string, body any) map[string]any {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+"/"+path, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Token "+s.key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	out := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %v", method, path, resp.StatusCode, out)
	}
	return out
}

func address(name, city, email string) map[string]any {
	return map[string]any{"person_name": name, "city": city, "country_code": "CN", "postal_code": "200000", "address_line1": "南京路1号", "email": email}
}

// ship makes a shipment and buys its label.
func (s *server) ship(name, email, reference string) string {
	s.t.Helper()
	draft := s.ask(http.MethodPost, "v1/shipments", map[string]any{
		"shipper": address("Shop", "上海", ""), "recipient": address(name, "北京", email),
		"parcels": []any{map[string]any{"weight": 1, "weight_unit": "KG"}}, "reference": reference,
	})
	id := draft["id"].(string)
	s.ask(http.MethodPost, "v1/shipments/"+id+"/purchase", map[string]any{"selected_rate_id": draft["rates"].([]any)[0].(map[string]any)["id"], "label_type": "ZPL"})
	return id
}

func (s *server) params(more map[string]any) map[string]any {
	p := map[string]any{"url": s.base, "token": s.key, "retry_wait": "1ms"}
	for n, v := range more {
		p[n] = v
	}
	return p
}

func open(t *testing.T, raw map[string]any, now func() time.Time) connectors.Source {
	t.Helper()
	return connectortest.Open(t, karrio.Connector{}, raw, connectors.Config{Name: "parcels", Now: now, Zone: time.UTC})
}

func read(t *testing.T, src connectors.Source, r connectors.Request) (map[string]record.Row, record.Position) {
	t.Helper()
	all, at := connectortest.Read(t, src, r)
	rows := map[string]record.Row{}
	for _, row := range all {
		if _, twice := rows[row.Key]; twice {
			t.Errorf("%s: %s came twice", r.Stream, row.Key)
		}
		rows[row.Key] = row
	}
	return rows, at
}

// TestShipments reads what was shipped, what is new, and what changed since.
func TestShipments(t *testing.T) {
	s := newServer(t)
	var ids []string
	for i := range 3 {
		ids = append(ids, s.ship("王明", fmt.Sprintf("wang%d@example.cn", i), fmt.Sprintf("SO-%d", i)))
	}
	clock := time.Now()
	src := open(t, s.params(nil), func() time.Time { return clock })
	if err := src.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := connectors.Request{Stream: "shipments", Mode: connectors.Incremental}
	rows, at := read(t, src, r)
	for i, id := range ids {
		if got := rows[id].Data["reference"]; got != fmt.Sprintf("SO-%d", i) {
			t.Errorf("shipment %d has the reference %v", i, got)
		}
	}
	s.ask(http.MethodPost, "v1/shipments/"+ids[0]+"/cancel", nil)
	later := s.ship("李娜", "lina@example.cn", "SO-9")
	r.From = at
	rows, at = read(t, src, r)
	if rows[later].Data["reference"] != "SO-9" {
		t.Error("the shipment made since the first read did not come")
	}
	if status := rows[ids[1]].Data["status"]; status != "created" {
		t.Errorf("a shipment that is not settled has the status %v, want it read again", status)
	}
	// What was cancelled was made within the overlap here; after a day the
	// whole list is read, and shows it in any case.
	clock = clock.Add(25 * time.Hour)
	r.From = at
	rows, _ = read(t, src, r)
	if status := rows[ids[0]].Data["status"]; status != "cancelled" {
		t.Errorf("the read of the whole list gives %v, want cancelled", status)
	}

	orders := s.ask(http.MethodPost, "v1/orders", map[string]any{
		"order_id": fmt.Sprintf("SO-%d", time.Now().UnixNano()), "source": "shop", "shipping_to": address("王明", "北京", "wang@example.cn"), "order_date": "2026-11-01",
		"line_items": []any{map[string]any{"title": "tea", "sku": "T1", "quantity": 2, "weight": 1, "weight_unit": "KG", "value_amount": 10.5, "value_currency": "CNY"}},
	})
	if rows, _ := read(t, src, connectors.Request{Stream: "orders", Mode: connectors.Incremental}); rows[orders["id"].(string)].Data == nil {
		t.Error("the order did not come")
	}
}

// TestTrackers reads events that came to a tracker whose making is long ago.
func TestTrackers(t *testing.T) {
	s := newServer(t)
	list := s.ask(http.MethodGet, "v1/trackers?status=pending&limit=1", nil)["results"].([]any)
	if len(list) == 0 {
		t.Fatal("the server has no pending tracker")
	}
	id := list[0].(map[string]any)["id"].(string)
	src := open(t, s.params(nil), time.Now)
	r := connectors.Request{Stream: "trackers", Mode: connectors.Incremental}
	rows, at := read(t, src, r)
	if rows[id].Data["status"] != "pending" {
		t.Fatalf("the tracker is %v, want pending", rows[id].Data["status"])
	}
	inject := func(status, what string) {
		s.ask(http.MethodPost, "v1/trackers/"+id+"/inject-events", map[string]any{"status": status, "events": []any{
			map[string]any{"date": "2026-11-20", "time": "09:30 AM", "description": what, "location": "上海", "code": "PU"},
		}})
	}
	inject("in_transit", "揽收")
	r.From = at
	rows, at = read(t, src, r)
	if got := fmt.Sprint(rows[id].Data["events"]); rows[id].Data["status"] != "in_transit" || !strings.Contains(got, "揽收") {
		t.Errorf("after an event the tracker is %v: %s", rows[id].Data["status"], got)
	}
	inject("delivered", "签收")
	full, _ := read(t, src, connectors.Request{Stream: "trackers", Mode: connectors.Full})
	if full[id].Data["status"] != "delivered" {
		t.Errorf("a full read gives %v, want delivered", full[id].Data["status"])
	}
	// A young tracker is read again, whatever its status; an old one with a
	// final status is seen by the read of the whole list.
	r.From = at
	if rows, _ = read(t, src, r); rows[id].Data["status"] != "delivered" {
		t.Errorf("a young tracker that was delivered is %v", rows[id].Data["status"])
	}
	src = open(t, s.params(map[string]any{"recheck": "1ms"}), func() time.Time { return time.Now().Add(time.Hour) })
	_, at = read(t, src, connectors.Request{Stream: "trackers", Mode: connectors.Incremental})
	r.From = at
	if rows, _ = read(t, src, r); rows[id].Data != nil {
		t.Error("an old tracker that was delivered is read again")
	}
	src = open(t, s.params(map[string]any{"recheck": "1ms", "full_every": "1ms"}), func() time.Time { return time.Now().Add(time.Hour) })
	r.From = at
	if rows, _ = read(t, src, r); rows[id].Data["status"] != "delivered" {
		t.Errorf("the read of the whole list gives %v, want delivered", rows[id].Data["status"])
	}
}

// TestConformance runs the suite on the trackers.
func TestConformance(t *testing.T) {
	s := newServer(t)
	rows, want := []record.Row{}, []connectortest.Row{}
	if err := open(t, s.params(nil), time.Now).Read(t.Context(), connectors.Request{Stream: "trackers", Mode: connectors.Full}, func(_ context.Context, b connectors.Batch) error {
		rows = append(rows, b.Rows...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		want = append(want, connectortest.Row{Key: row.Key, Data: row.Data})
	}
	connectortest.Run(t, connectortest.Case{
		Connector: karrio.Connector{}, Params: s.params(nil), Want: want,
		Request: connectors.Request{Stream: "trackers", BatchRows: 15}, Streams: []string{"shipments", "trackers", "orders"},
		Broken:  []map[string]any{{"token": "key_wrong"}, {"token": nil}, {"url": nil}, {"full_every": "0s"}, {"recheck": "0s"}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Secrets: []string{s.key}, Faults: true,
	})
}

// TestWrongKey stops at once with the cure.
func TestWrongKey(t *testing.T) {
	err := open(t, newServer(t).params(map[string]any{"token": "key_wrong"}), time.Now).Check(t.Context())
	if f := fault.Of(err); f == nil || f.Code != "E2303" {
		t.Errorf("%v, want E2303", err)
	}
}
