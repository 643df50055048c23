package shippo_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/shippo"
	"crmhub/fault"
)

func TestConformance(t *testing.T) {
	a := newAccount(t)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	var want []connectortest.Row
	for i := range 7 {
		id := fmt.Sprint(i)
		row := connectortest.AsRead(t, a.label(id, day.AddDate(0, 0, -i), "TRANSIT"))
		row["rate_object"] = connectortest.AsRead(t, a.rates["r"+id])
		want = append(want, connectortest.Row{Key: id, Place: "transactions", Data: row})
	}
	// A label without a rate, and one whose rate is gone.
	for i, rate := range []any{nil, "gone"} {
		x := a.label(fmt.Sprint(7+i), day.AddDate(0, 0, -7-i), "DELIVERED")
		x["rate"] = rate
		want = append(want, connectortest.Row{Key: fmt.Sprint(7 + i), Place: "transactions", Data: connectortest.AsRead(t, x)})
	}
	a.shipment("s1", day)
	connectortest.Run(t, connectortest.Case{
		Connector: shippo.Connector{}, Params: quick(a.serve()), Request: connectors.Request{Stream: "transactions"}, Want: want,
		Streams: []string{"shipments", "transactions", "orders"},
		Broken:  []map[string]any{{"token": "no"}, {"token": nil}, {"since": "yesterday"}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Faults:  true,
		Secrets: []string{token, "canary@example.com"},
	})
}

// Shipments come by windows, each once, labels of the last weeks again.
func TestIncremental(t *testing.T) {
	a := newAccount(t)
	start := time.Now().UTC().Truncate(time.Second)
	now := start
	want := map[string]bool{}
	for i := range 40 {
		id := fmt.Sprintf("s%02d", i)
		a.shipment(id, start.Add(-time.Duration(i)*8*24*time.Hour-time.Minute))
		want[id] = true
	}
	for i := range 30 {
		a.label(fmt.Sprintf("%02d", i), start.AddDate(0, 0, -5*i-1), "TRANSIT")
	}
	s := open(t, quick(a.serve()), func() time.Time { return now })
	r := connectors.Request{Stream: "shipments", Mode: connectors.Incremental}
	rows, at, err := connectortest.TryRead(t, s, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		delete(want, row.Key)
	}
	if len(want) > 0 || len(rows) > 44 {
		t.Errorf("%d rows, %v were not read", len(rows), want)
	}
	labels := connectors.Request{Stream: "transactions", Mode: connectors.Incremental}
	rows, labelsAt, err := connectortest.TryRead(t, s, labels)
	if err != nil || len(rows) != 30 {
		t.Fatalf("%q, %v", connectortest.Keys(rows), err)
	}
	a.mu.Lock()
	now = start.Add(49 * time.Hour)
	a.shipment("new", start.Add(48*time.Hour))
	a.objects["transactions"][3]["tracking_status"] = "DELIVERED"
	a.mu.Unlock()
	r.From, labels.From = at, labelsAt
	if rows, _, err = connectortest.TryRead(t, s, r); err != nil || !strings.Contains(connectortest.Keys(rows), "new") || len(rows) > 3 {
		t.Errorf("%q, %v", connectortest.Keys(rows), err)
	}
	rows, _, err = connectortest.TryRead(t, s, labels)
	if err != nil || len(rows) < 9 || len(rows) > 12 {
		t.Errorf("%q, %v", connectortest.Keys(rows), err)
	}
	for _, row := range rows {
		if row.Key == "03" && row.Data["tracking_status"] != "DELIVERED" {
			t.Errorf("label 03 is %v", row.Data["tracking_status"])
		}
	}
}

// A list whose next page is always the same one is an error, and no success.
func TestAPageThatFollowsItself(t *testing.T) {
	a := newAccount(t)
	a.constant = true
	a.label("1", time.Now(), "TRANSIT")
	_, _, err := connectortest.TryRead(t, open(t, quick(a.serve()), time.Now), connectors.Request{Stream: "transactions"})
	if f := fault.Of(err); f == nil || f.Code != "E2313" {
		t.Errorf("%v, want E2313", err)
	}
}

func TestFaults(t *testing.T) {
	status := func(n int) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			if n == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "0")
			}
			w.WriteHeader(n)
			fmt.Fprint(w, `{"detail":"about canary@example.com"}`)
			return true
		}
	}
	pass := func(http.ResponseWriter) bool { return false }
	type wrong = []func(http.ResponseWriter) bool
	for _, tt := range []struct {
		name  string
		wrong wrong
		want  fault.Code
	}{
		{"asks for patience", wrong{status(429), pass, status(429)}, ""},
		{"fails twice", wrong{status(502), status(503)}, ""},
		{"no right", wrong{status(403)}, "E2304"},
		{"token revoked in the middle", wrong{pass, status(401)}, "E2303"},
		{"refused", wrong{status(400)}, "E2310"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t)
			a.label("1", time.Now(), "TRANSIT")
			s := open(t, quick(a.serve()), time.Now)
			a.wrong = tt.wrong
			rows, _, err := connectortest.TryRead(t, s, connectors.Request{Stream: "transactions"})
			if tt.want == "" && (err != nil || connectortest.Keys(rows) != "1") || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%q, %v; want %q", connectortest.Keys(rows), err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

// Prism answers by Shippo's own description of its API: it takes every request
// that the connector makes, and its rows have the keys that are read. Its next
// pages lead nowhere, which is an error and no success.
func TestPrism(t *testing.T) {
	address := os.Getenv("CRMHUB_TEST_PRISM")
	if address == "" {
		t.Fatal("CRMHUB_TEST_PRISM is not set: run make test, or give an address")
	}
	s := open(t, quick(address), time.Now)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for _, stream := range []string{"shipments", "transactions", "orders"} {
		rows, _, err := connectortest.TryRead(t, s, connectors.Request{Stream: stream, Limit: 1})
		if err != nil || len(rows) != 1 || rows[0].Key == "" || rows[0].Fault != nil {
			t.Errorf("%s: %d rows, %v", stream, len(rows), err)
		}
		_, _, err = connectortest.TryRead(t, s, connectors.Request{Stream: stream})
		if f := fault.Of(err); f == nil || f.Code != "E2305" && f.Code != "E2313" {
			t.Errorf("%s: %v, want an error of paging", stream, err)
		}
	}
}

// Shippo's own client reads the stand-in as the connector does.
func TestShipposOwnClientReadsTheSame(t *testing.T) {
	a := newAccount(t)
	now := time.Now().UTC().Truncate(time.Second)
	for i := range 5 {
		a.shipment(fmt.Sprintf("s%d", i), now.AddDate(0, 0, -i))
		a.label(fmt.Sprint(i), now.AddDate(0, 0, -i), "TRANSIT")
	}
	address := a.serve()
	s := open(t, quick(address), time.Now)
	ours := map[string][][]string{}
	for _, stream := range []string{"shipments", "transactions"} {
		rows, _, err := connectortest.TryRead(t, s, connectors.Request{Stream: stream})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			show := []string{r.Key, fmt.Sprint(r.Data["tracking_number"]), fmt.Sprint(r.Data["tracking_status"])}
			if stream == "shipments" {
				at, err := time.Parse(time.RFC3339, r.Data["object_created"].(string))
				if err != nil {
					t.Fatal(err)
				}
				show = []string{r.Key, r.Data["address_to"].(params)["email"].(string), at.Format("2006-01-02T15:04:05-07:00")}
			}
			ours[stream] = append(ours[stream], show)
		}
	}
	theirs := map[string][][]string{}
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+address, "KEY=ShippoToken "+token)
	if fmt.Sprint(ours) != fmt.Sprint(theirs) || len(theirs["shipments"]) != 5 {
		t.Errorf("we read\n%v\nShippo's client\n%v", ours, theirs)
	}
}
