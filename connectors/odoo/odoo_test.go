package odoo_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/odoo"
	"crmhub/fault"
	"crmhub/record"
)

func connection(t *testing.T, s *server, protocol string) params {
	return params{
		"url": start(t, s), "database": "firm", "username": "crm", "api_key": apiKey, "protocol": protocol, "page_size": uint64(2), "fields": []any{"partners.x_wechat"},
		"retry_wait": "1ms", "retries": uint64(3),
	}
}

func open(t *testing.T, p params) connectors.Source {
	t.Helper()
	return connectortest.Open(t, odoo.Connector{}, p, connectors.Config{Name: "erp"})
}

// rows are the rows of a stream as the fake gives them, by JSON-2.
func rows(t *testing.T, stream string) []record.Row {
	t.Helper()
	all, _ := connectortest.Read(t, open(t, connection(t, firm(t, 19), "json2")), connectors.Request{Stream: stream, Mode: connectors.Full})
	return all
}

func TestConformance(t *testing.T) {
	for _, protocol := range []string{"json2", "jsonrpc", "xmlrpc"} {
		t.Run(protocol, func(t *testing.T) {
			var want []connectortest.Row
			for _, r := range rows(t, "partners") {
				want = append(want, connectortest.Row{Key: r.Key, Data: r.Data, Deleted: r.Deleted, Place: "partners"})
			}
			broken := []map[string]any{
				{"api_key": "no"},
				{"api_key": nil},
				{"url": nil},
				{"url": "http://127.0.0.1:1", "retries": uint64(1)},
				{"page_size": uint64(0)},
				{"fields": []any{"partner.x"}},
				{"fields": []any{"x"}},
			}
			if protocol != "json2" {
				broken = append(broken, map[string]any{"database": nil}, map[string]any{"username": "who"})
			}
			connectortest.Run(t, connectortest.Case{
				Faults:    true,
				Connector: odoo.Connector{}, Params: connection(t, firm(t, 19), protocol), Request: connectors.Request{Stream: "partners"}, Want: want,
				Streams: []string{"partners", "orders", "payments", "pickings", "messages"}, Broken: broken, Secrets: []string{apiKey, "canary@example.cn"},
			})
		})
	}
}

// Each stream gives the same rows by each of the protocols, and they hold what
// was put into the server.
func TestTheProtocolsAgree(t *testing.T) {
	for _, stream := range []string{"partners", "orders", "payments", "pickings", "messages"} {
		want := rows(t, stream)
		for _, protocol := range []string{"jsonrpc", "xmlrpc"} {
			got, _ := connectortest.Read(t, open(t, connection(t, firm(t, 17), protocol)), connectors.Request{Stream: stream, Mode: connectors.Full})
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s by %s:\n got %v\nwant %v", stream, protocol, asJSON(t, got), asJSON(t, want))
			}
		}
	}
	for stream, want := range map[string]string{"partners": "1 2 3 4 -5", "orders": "1 2", "payments": "1 2 3", "pickings": "1", "messages": "1 2"} {
		if got := connectortest.Keys(rows(t, stream)); got != want {
			t.Errorf("%s: %s, want %s", stream, got, want)
		}
	}
	order := rows(t, "orders")[0].Data
	lines := order["lines"].([]any)
	first := lines[1].(params)
	if len(lines) != 3 || first["product_id"].(params)["default_code"] != "LJ-01" || first["price_unit"] != json.Number("99.5") {
		t.Errorf("lines: %v", asJSON(t, lines))
	}
	if got := order["partner_shipping_id"].(params)["type"]; got != "delivery" {
		t.Errorf("shipping address: %v", order["partner_shipping_id"])
	}
	if got := asJSON(t, rows(t, "payments")[0].Data["orders"]); got != "[1]" {
		t.Errorf("orders of a payment: %s", got)
	}
	if got := rows(t, "messages")[0].Data["text"]; got != "请尽快发货。\n李雷 & 同事" {
		t.Errorf("text of a message: %q", got)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The version decides how the server is spoken to.
func TestTheProtocolIsFound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		major  int
		closed []string
		want   string
	}{
		{"19", 19, nil, "/json/2/res.partner/search_read"},
		{"19 without its address of the version", 19, []string{"/web/version"}, "/json/2/res.partner/search_read"},
		{"17", 17, nil, "/jsonrpc"},
		{"17 without JSON-RPC", 17, []string{"/jsonrpc"}, "/xmlrpc/2/object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := firm(t, tt.major)
			s.closed = tt.closed
			if err := open(t, connection(t, s, "auto")).Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s.calls[tt.want] == 0 {
				t.Errorf("calls: %v", s.calls)
			}
		})
	}
	s := firm(t, 17)
	s.closed = []string{"/jsonrpc", "/xmlrpc/2/common"}
	if f := fault.Of(open(t, connection(t, s, "auto")).Check(t.Context())); f == nil || f.Code != "E2305" {
		t.Errorf("closed: %v", f)
	}
}

// What is written, archived, added to and made is read by the next read, and
// nothing else; imports of one instant and changes during the read are not lost.
func TestChanges(t *testing.T) {
	s := firm(t, 19)
	crowd(s, 30)
	src := open(t, connection(t, s, "json2"))
	r := connectors.Request{Stream: "partners", Mode: connectors.Incremental, BatchRows: 7}
	changed := false
	s.before = func(_, method string) {
		if s.calls["/json/2/res.partner/search_read"] == 9 && !changed {
			changed = true // one that was read already
			s.models["res.partner"].rows[1]["phone"] = "1"
			s.models["res.partner"].rows[1]["write_date"] = s.now.Add(time.Second)
		}
	}
	first, at := connectortest.Read(t, src, r)
	if len(first) != 35 || !changed {
		t.Fatalf("%d rows at first, changed %v", len(first), changed)
	}
	s.before = nil
	s.now = s.now.Add(time.Hour)
	r.From = at
	if again, _ := connectortest.Read(t, src, r); !strings.HasPrefix(connectortest.Keys(again), "1 6 7") {
		t.Errorf("what changed during the read: %s", connectortest.Keys(again))
	}
	_, r.From = connectortest.Read(t, src, r)
	s.now = s.now.Add(time.Hour)
	s.put("res.partner", 4, params{"phone": "2"})
	s.put("res.partner", 3, params{"city": "宁波"}) // an address of 1
	s.put("res.partner", 2, params{"active": false})
	s.put("res.partner", 0, params{"name": "新客户"})
	s.unlink("res.partner", 10)
	all, at := connectortest.Read(t, src, r)
	if got := connectortest.Keys(all); got != "1 -2 3 4 36" {
		t.Errorf("changes: %s", got)
	}
	if got := all[0].Data["addresses"].([]any)[0].(params)["city"]; got != "宁波" {
		t.Errorf("the address: %v", got)
	}
	if got := all[0].Data["changed_at"].(string); got <= "2026-03-01T10:00:00Z" {
		t.Errorf("changed_at %s does not move with the address", got)
	}
	r.From, r.Overlap = at, 2*time.Hour
	if again, _ := connectortest.Read(t, src, r); connectortest.Keys(again) != "1 -2 3 4 36" {
		t.Errorf("with an overlap: %s", connectortest.Keys(again))
	}
}

// An order changes with its lines.
func TestALineChangesItsOrder(t *testing.T) {
	s := firm(t, 19)
	src := open(t, connection(t, s, "json2"))
	r := connectors.Request{Stream: "orders", Mode: connectors.Incremental}
	_, r.From = connectortest.Read(t, src, r)
	s.now = s.now.Add(time.Hour)
	s.put("sale.order.line", 1, params{"name": "快递费"})
	if all, _ := connectortest.Read(t, src, r); connectortest.Keys(all) != "1 2" { // 2 was the last that was written before
		t.Errorf("changes: %s", connectortest.Keys(all))
	}
}

func TestArchivedMayBeKept(t *testing.T) {
	p := connection(t, firm(t, 19), "json2")
	p["archived"] = "kept"
	all, _ := connectortest.Read(t, open(t, p), connectors.Request{Stream: "partners", Mode: connectors.Full})
	if got := connectortest.Keys(all); got != "1 2 3 4 5" {
		t.Errorf("rows: %s", got)
	}
}

// A user without the right to products reads orders without their codes; one
// without the right to orders is told so.
func TestRights(t *testing.T) {
	for _, protocol := range []string{"json2", "jsonrpc", "xmlrpc"} {
		s := firm(t, 19)
		s.denied = []string{"product.product", "stock.picking"}
		delete(s.models, "account.payment") // its app is not installed
		src := open(t, connection(t, s, protocol))
		all, _ := connectortest.Read(t, src, connectors.Request{Stream: "orders", Mode: connectors.Full})
		if len(all) != 2 || all[0].Data["lines"].([]any)[1].(params)["product_id"].(params)["name"] != "明前龙井" {
			t.Errorf("%s: orders without products: %v", protocol, asJSON(t, all))
		}
		found, err := src.Discover(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, st := range found {
			names = append(names, st.Name)
		}
		if !slices.Equal(names, []string{"partners", "orders", "messages"}) || found[0].Rows != 5 {
			t.Errorf("%s: discovered %v, %d partners", protocol, names, found[0].Rows)
		}
		err = src.Read(t.Context(), connectors.Request{Stream: "pickings", Mode: connectors.Full}, func(context.Context, connectors.Batch) error { return nil })
		if f := fault.Of(err); f == nil || f.Code != "E2304" {
			t.Errorf("%s: a denied model: %v", protocol, err)
		}
	}
}

// A server that is away for a moment is asked again.
func TestAServerThatComesBack(t *testing.T) {
	s := firm(t, 19)
	src := open(t, connection(t, s, "json2"))
	s.before = func(_, _ string) {
		if s.calls["/json/2/res.partner/search_read"] == 2 {
			s.fail = 2
		}
	}
	if all, _ := connectortest.Read(t, src, connectors.Request{Stream: "partners", Mode: connectors.Full}); len(all) != 5 {
		t.Errorf("rows: %s", connectortest.Keys(all))
	}
}

// Clients that we did not write read the same from the stand-in.
func TestOtherClientsReadTheSame(t *testing.T) {
	for _, tt := range []struct{ client, protocol string }{{"odoolib", "json2"}, {"odoorpc", "jsonrpc"}, {"xmlrpc", "xmlrpc"}} {
		s := firm(t, map[string]int{"json2": 19}[tt.protocol]+map[string]int{"jsonrpc": 17, "xmlrpc": 17}[tt.protocol])
		p := connection(t, s, "auto")
		var theirs map[string][]params
		connectortest.Foreign(t, "testdata/client.py", &theirs, "CLIENT="+tt.client, "URL="+p["url"].(string), "DATABASE=firm", "LOGIN=crm", "KEY="+apiKey)
		src := open(t, p)
		for stream, fields := range map[string][]string{"partners": {"id", "name", "email", "active"}, "orders": {"id", "name", "state", "amount_total"}, "payments": {"id", "name", "amount", "date"}} {
			ours, _ := connectortest.Read(t, src, connectors.Request{Stream: stream, Mode: connectors.Full})
			if len(ours) != len(theirs[stream]) || len(ours) == 0 {
				t.Fatalf("%s: %d %s, theirs %d", tt.client, len(ours), stream, len(theirs[stream]))
			}
			for i, row := range ours {
				for _, f := range fields {
					their := theirs[stream][i][f]
					if their == false && f != "active" {
						their = nil
					}
					if !connectortest.Equal(row.Data[f], their) {
						t.Errorf("%s: %s %d, %s: %v, theirs %v", tt.client, stream, i, f, row.Data[f], their)
					}
				}
			}
		}
	}
}
