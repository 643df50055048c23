package magento_test

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"strconv"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/magento"
	"crmhub/fault"
	"crmhub/record"
)

func connection(t *testing.T, s *shop) params {
	return params{"url": start(t, s), "token": token, "retry_wait": "1ms", "retries": uint64(3)}
}

func signed(t *testing.T, s *shop) params {
	s.bearer = false
	return params{
		"url": start(t, s), "consumer_key": consumerKey, "consumer_secret": consumerSecret, "access_token": token, "access_token_secret": tokenSecret, "retry_wait": "1ms", "retries": uint64(3),
	}
}

func open(t *testing.T, p params) connectors.Source {
	t.Helper()
	return connectortest.Open(t, magento.Connector{}, p, connectors.Config{Name: "shop"})
}

func rows(t *testing.T, stream string) []record.Row {
	t.Helper()
	all, _ := connectortest.Read(t, open(t, connection(t, stocked(t))), connectors.Request{Stream: stream, Mode: connectors.Full})
	return all
}

func TestConformance(t *testing.T) {
	for name, connect := range map[string]func(*testing.T, *shop) params{"bearer": connection, "OAuth": signed} {
		t.Run(name, func(t *testing.T) {
			var want []connectortest.Row
			for _, r := range rows(t, "customers") {
				want = append(want, connectortest.Row{Key: r.Key, Data: r.Data, Place: "customers"})
			}
			if len(want) != 11 {
				t.Fatalf("%d customers", len(want))
			}
			broken := []map[string]any{{"url": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}, {"settings": "store=none"}}
			if name == "OAuth" {
				broken = append(broken, map[string]any{"consumer_secret": "no"}, map[string]any{"access_token_secret": nil}, map[string]any{"access_token": "x"}, map[string]any{"signature": "RSA"})
			} else {
				broken = append(broken, map[string]any{"token": "no"}, map[string]any{"token": nil})
			}
			connectortest.Run(t, connectortest.Case{
				Faults:    true,
				Connector: magento.Connector{}, Params: connect(t, stocked(t)), Request: connectors.Request{Stream: "customers"}, Want: want,
				Streams: []string{"customers", "orders", "invoices", "credit_memos", "transactions", "shipments"}, Broken: broken,
				Secrets: []string{token, consumerSecret, tokenSecret, "canary@example.cn"},
			})
		})
	}
}

func TestStreams(t *testing.T) {
	for stream, want := range map[string]string{
		"customers": "1 2 3 4 5 6 7 8 9 10 11", "orders": "1 2", "invoices": "1", "credit_memos": "1", "transactions": "1", "shipments": "1 2",
	} {
		if got := connectortest.Keys(rows(t, stream)); got != want {
			t.Errorf("%s: %s, want %s", stream, got, want)
		}
	}
	if got := rows(t, "orders")[0].Data["grand_total"]; got != json.Number("347.81") {
		t.Errorf("grand_total: %v", got)
	}
	if got, want := rows(t, "shipments")[0].Data["order"], rows(t, "invoices")[0].Data["order"]; !reflect.DeepEqual(got, want) || got.(params)["customer_id"] != json.Number("1") {
		t.Errorf("the order of a shipment: %v, of an invoice: %v", got, want)
	}
	empty := newShop(t)
	if all, _ := connectortest.Read(t, open(t, connection(t, empty)), connectors.Request{Stream: "orders", Mode: connectors.Full}); len(all) != 0 {
		t.Errorf("an empty shop: %v", all)
	}
}

// Orders that change while the list is read come all the same, once each in a
// state that is not older; no page number is asked for, so that the last page
// is not given again.
func TestChanges(t *testing.T) {
	s := newShop(t)
	for id := 1; id <= 20; id++ {
		s.put("orders", id, params{"increment_id": strconv.Itoa(id)})
	}
	src := open(t, connection(t, s))
	r := connectors.Request{Stream: "orders", Mode: connectors.Incremental}
	s.before = func(n int) {
		if n == 3 { // two that were read, and one that was not
			for _, i := range []int{1, 4, 15} {
				s.rows["orders"][i-1]["updated_at"] = time.Now().UTC().Format(time.DateTime)
			}
		}
	}
	first, at := connectortest.Read(t, src, r)
	if got := connectortest.Keys(first); got != "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20" {
		t.Errorf("first: %s", got)
	}
	for _, q := range s.asked {
		if q.Get("searchCriteria[currentPage]") != "1" {
			t.Errorf("asked for page %s", q.Get("searchCriteria[currentPage]"))
		}
	}
	s.mu.Lock()
	s.before, s.now = nil, time.Now().UTC().Add(time.Second)
	s.mu.Unlock()
	s.put("orders", 7, params{"status": "complete"})
	s.put("orders", 21, params{"increment_id": "21"})
	r.From = at
	second, at := connectortest.Read(t, src, r)
	if got := connectortest.Keys(second); got != "1 4 7 15 21" {
		t.Errorf("changes: %s", got)
	}
	r.From = at
	if third, _ := connectortest.Read(t, src, r); len(third) > 5 {
		t.Errorf("a third read brings %s", connectortest.Keys(third))
	}
}

// Shipments come with their orders also where the shop's pages are short, and
// where an order is gone.
func TestOrdersOfShipments(t *testing.T) {
	s := newShop(t)
	for id := 1; id <= 10; id++ {
		s.put("orders", id, params{"increment_id": strconv.Itoa(id), "customer_id": 100 + id})
		s.put("shipments", id, params{"order_id": id})
	}
	s.put("shipments", 11, params{"order_id": 99})
	all, _ := connectortest.Read(t, open(t, connection(t, s)), connectors.Request{Stream: "shipments", Mode: connectors.Full})
	for i, row := range all {
		order, _ := row.Data["order"].(params)
		if i < 10 && order["customer_id"] != json.Number(strconv.Itoa(101+i)) || i == 10 && order != nil {
			t.Errorf("shipment %s: order %v", row.Key, order)
		}
	}
	if len(all) != 11 {
		t.Errorf("shipments: %s", connectortest.Keys(all))
	}
}

// A right that is missing is no wrong token, though the status says so.
func TestRights(t *testing.T) {
	s := stocked(t)
	s.denied = "orders"
	err := open(t, connection(t, s)).Read(t.Context(), connectors.Request{Stream: "orders", Mode: connectors.Full}, func(context.Context, connectors.Batch) error { return nil })
	if f := fault.Of(err); f == nil || f.Code != "E2304" {
		t.Errorf("denied: %v", err)
	}
}

// The signature of the request in RFC 5849, section 3.4, and one that needs
// every rule of encoding; both as oauthlib signs them.
func TestSignatures(t *testing.T) {
	for _, address := range []string{
		"http://shop.example/rest/all/V1/orders?searchCriteria%5BpageSize%5D=1",
		"HTTPS://Shop.Example:443/rest/%E6%9D%AD/V1/orders?b=2%2B1&a=x%20y&a=%7E*&z&c=%E4%B8%AD&B=1",
		"http://shop.example:8080/?a=1",
	} {
		for _, method := range []string{"HMAC-SHA256", "HMAC-SHA1"} {
			var theirs map[string]string
			foreign(t, &theirs, "sign", address, "METHOD="+method)
			given := theirs["oauth_signature"]
			delete(theirs, "oauth_signature")
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			got, err := magento.Sign("GET", u, theirs, consumerSecret, tokenSecret)
			if err != nil || got != given {
				t.Errorf("%s %s: %q %v, oauthlib's %q", method, address, got, err, given)
			}
		}
	}
}

// Clients that we did not write read the same from the stand-in, by either login.
func TestOtherClientsReadTheSame(t *testing.T) {
	for _, client := range []string{"pymagento", "oauth"} {
		s := stocked(t)
		p := connection(t, s)
		var theirs map[string][]params
		foreign(t, &theirs, client, p["url"].(string))
		src := open(t, p)
		for stream, fields := range map[string][]string{"customers": {"id", "email", "updated_at", "addresses"}, "orders": {"entity_id", "grand_total", "items"}, "invoices": {"entity_id", "grand_total"}, "shipments": {"entity_id", "tracks"}} {
			ours, _ := connectortest.Read(t, src, connectors.Request{Stream: stream, Mode: connectors.Full})
			if len(ours) != len(theirs[stream]) || len(ours) == 0 {
				t.Fatalf("%s: %d %s, theirs %d", client, len(ours), stream, len(theirs[stream]))
			}
			for i, row := range ours {
				for _, f := range fields {
					if !connectortest.Equal(row.Data[f], theirs[stream][i][f]) {
						t.Errorf("%s: %s %d, %s: %v, theirs %v", client, stream, i, f, row.Data[f], theirs[stream][i][f])
					}
				}
			}
		}
	}
}

// foreign has a client that we did not write do something at an address.
func foreign(t *testing.T, out any, do, address string, env ...string) {
	t.Helper()
	connectortest.Foreign(t, "testdata/client.py", out, append(env, "DO="+do, "URL="+address,
		"TOKEN="+token, "TOKEN_SECRET="+tokenSecret, "CONSUMER_KEY="+consumerKey, "CONSUMER_SECRET="+consumerSecret)...)
}
