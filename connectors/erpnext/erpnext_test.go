package erpnext_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/erpnext"
	"crmhub/fault"
	"crmhub/record"
)

func connection(t *testing.T, s *site) params {
	return params{"url": start(t, s), "api_key": apiKey, "api_secret": apiSecret, "page_size": uint64(2), "retry_wait": "1ms", "retries": uint64(3)}
}

func open(t *testing.T, p params) connectors.Source {
	t.Helper()
	return connectortest.Open(t, erpnext.Connector{}, p, connectors.Config{Name: "erp"})
}

func rows(t *testing.T, stream string) []record.Row {
	t.Helper()
	all, _ := connectortest.Read(t, open(t, connection(t, firm(t))), connectors.Request{Stream: stream, Mode: connectors.Full})
	return all
}

func TestConformance(t *testing.T) {
	for _, stream := range []string{"customers", "orders"} {
		t.Run(stream, func(t *testing.T) {
			var want []connectortest.Row
			for _, r := range rows(t, stream) {
				want = append(want, connectortest.Row{Key: r.Key, Data: r.Data, Place: stream})
			}
			connectortest.Run(t, connectortest.Case{
				Faults:    true,
				Connector: erpnext.Connector{}, Params: connection(t, firm(t)), Request: connectors.Request{Stream: stream}, Want: want,
				Streams: []string{"customers", "contacts", "orders", "invoices", "payments", "deliveries", "communications"},
				Broken: []map[string]any{
					{"api_secret": "no"}, {"api_key": nil}, {"url": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}, {"zone": "Asia/Nowhere"}, {"page_size": uint64(0)},
				},
				Secrets: []string{apiSecret, "canary@example.cn"},
			})
		})
	}
}

func TestStreams(t *testing.T) {
	for stream, want := range map[string]string{
		"customers": "CUST-2026-00001 cust-2026-00002 / B&B 杭州明前茶业有限公司", "contacts": "王芳-明前", "orders": "SAL-ORD-2026-00001 SAL-ORD-2026-00001-1",
		"invoices": "ACC-SINV-2026-00001", "payments": "ACC-PAY-2026-00001 ACC-PAY-2026-00002", "deliveries": "MAT-DN-2026-00001", "communications": "comm0001",
	} {
		if got := connectortest.Keys(rows(t, stream)); got != want {
			t.Errorf("%s: %s, want %s", stream, got, want)
		}
	}
	company := rows(t, "customers")[2].Data
	list := company["addresses"].([]any)
	if len(list) != 2 || list[1].(params)["address_line1"] != "龙井路 1 号" && list[0].(params)["address_line1"] != "龙井路 1 号" {
		t.Errorf("addresses: %v", list)
	}
	// 2026-03-01 08:00 in Shanghai, and the address after it.
	if company["modified"] != "2026-03-01T08:00:00.123456+08:00" || company["changed_at"] != "2026-03-01T00:00:06.123456Z" {
		t.Errorf("modified %v, changed_at %v", company["modified"], company["changed_at"])
	}
	if got := rows(t, "orders")[0].Data["items"].([]any)[0].(params)["rate"]; got != json.Number("99.5") {
		t.Errorf("rate: %v", got)
	}
}

// A site that does not let one ask for links directly is asked for each customer.
func TestLinksOneByOne(t *testing.T) {
	s := firm(t)
	s.noParent = true
	got, _ := connectortest.Read(t, open(t, connection(t, s)), connectors.Request{Stream: "customers", Mode: connectors.Full})
	if want := rows(t, "customers"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// What was changed, deleted, or of which an address was changed comes with the
// next read, and nothing else.
func TestChanges(t *testing.T) {
	s := firm(t)
	for i := range 30 {
		s.put("Customer", fmt.Sprintf("C%02d", i), params{"customer_name": "x"})
	}
	src := open(t, connection(t, s))
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental, BatchRows: 7}
	lists := 0
	s.before = func(path string) {
		if path != "/api/resource/Customer" {
			return
		}
		if lists++; lists == 9 { // one that was read already
			s.docs["Customer"]["C00"]["modified"] = s.stamp()
		}
	}
	first, at := connectortest.Read(t, src, r)
	if len(first) != 33 {
		t.Fatalf("%d rows at first", len(first))
	}
	s.before = nil
	r.From = at
	again, at := connectortest.Read(t, src, r)
	if got := connectortest.Keys(again); got != "C00 C29" { // C29 was the last that was changed before
		t.Errorf("what changed during the read: %s", got)
	}
	r.From = at
	_, r.From = connectortest.Read(t, src, r)
	s.put("Customer", "C05", params{"customer_name": "y"})
	s.put("Address", "仓库-Shipping", params{"city": "宁波"})
	s.remove("Customer", "C06")
	s.remove("Customer", "C07")
	s.put("Customer", "C07", params{"customer_name": "again"})
	s.remove("Address", "明前-Billing")
	all, at := connectortest.Read(t, src, r)
	if got, want := connectortest.Keys(all), "-C06 C00 C05 C07 CUST-2026-00001 杭州明前茶业有限公司"; got != want {
		t.Errorf("changes: %s, want %s", got, want)
	}
	if got := len(all[5].Data["addresses"].([]any)); got != 1 {
		t.Errorf("%d addresses are left", got)
	}
	r.From, r.Limit = at, 1
	if limited, _ := connectortest.Read(t, src, r); len(limited) != 1 {
		t.Errorf("limit: %s", connectortest.Keys(limited))
	}
}

// In the night that the clocks are put back, what is changed in the second of
// the two equal hours comes too.
func TestTheHourThatComesTwice(t *testing.T) {
	s := newSite(t)
	s.zone = "Europe/Berlin"
	s.now = time.Date(2026, 10, 25, 0, 50, 0, 0, time.UTC) // 02:50 summer time
	s.put("Customer", "A", params{})
	src := open(t, connection(t, s))
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental}
	_, r.From = connectortest.Read(t, src, r)
	s.now = time.Date(2026, 10, 25, 1, 10, 0, 0, time.UTC) // 02:10 winter time
	s.put("Customer", "B", params{})
	if got, _ := connectortest.Read(t, src, r); connectortest.Keys(got) != "A B" {
		t.Errorf("changes: %s", connectortest.Keys(got))
	}
}

// Who may not read Deleted Document is told so in the log, and reads on.
func TestRights(t *testing.T) {
	s := firm(t)
	s.denied = []string{"Deleted Document", "Payment Entry"}
	src := open(t, connection(t, s))
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental}
	_, r.From = connectortest.Read(t, src, r)
	s.remove("Customer", "CUST-2026-00001")
	if all, _ := connectortest.Read(t, src, r); strings.Contains(connectortest.Keys(all), "CUST-2026-00001") {
		t.Errorf("changes: %s", connectortest.Keys(all))
	}
	err := src.Read(t.Context(), connectors.Request{Stream: "payments", Mode: connectors.Full}, func(context.Context, connectors.Batch) error { return nil })
	if f := fault.Of(err); f == nil || f.Code != "E2304" || f.Args["code"] != "PermissionError" {
		t.Errorf("a denied DocType: %v", err)
	}
	found, err := src.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range found {
		if denied := len(st.Notes) > 0; denied != (st.Name == "payments") || st.Name == "orders" && st.Rows != 2 {
			t.Errorf("%s: %d rows, notes %v", st.Name, st.Rows, st.Notes)
		}
	}
	s.noZone = true
	if f := fault.Of(open(t, connection(t, s)).Check(t.Context())); f == nil || f.Code != "E2002" || f.Args["name"] != "zone" {
		t.Errorf("without a zone: %v", f)
	}
}

// The limit of server time is kept: what is left is read off each answer, and
// a refusal is waited out.
func TestTheLimitOfServerTime(t *testing.T) {
	s := firm(t)
	s.limit, s.spent = 200_000, 210_000
	src := open(t, connection(t, s))
	if all, _ := connectortest.Read(t, src, connectors.Request{Stream: "contacts", Mode: connectors.Full}); len(all) != 1 || s.refused != 1 {
		t.Errorf("%d rows, refused %d times", len(all), s.refused)
	}
}

// A client that we did not write reads the same from the stand-in.
func TestAnotherClientReadsTheSame(t *testing.T) {
	s := firm(t)
	p := connection(t, s)
	var theirs map[string][]params
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+p["url"].(string), "KEY="+apiKey, "SECRET="+apiSecret)
	src := open(t, p)
	for stream, fields := range map[string][]string{"customers": {"name", "customer_name", "tax_id", "disabled"}, "orders": {"name", "status", "grand_total", "items"}, "payments": {"name", "party", "paid_amount", "references"}} {
		ours, _ := connectortest.Read(t, src, connectors.Request{Stream: stream, Mode: connectors.Full})
		if len(ours) != len(theirs[stream]) || len(ours) == 0 {
			t.Fatalf("%d %s, theirs %d", len(ours), stream, len(theirs[stream]))
		}
		for i, row := range ours {
			for _, f := range fields {
				if !connectortest.Equal(row.Data[f], theirs[stream][i][f]) {
					t.Errorf("%s %d, %s: %v, theirs %v", stream, i, f, row.Data[f], theirs[stream][i][f])
				}
			}
		}
	}
}
