package paypal_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/paypal"
	"crmhub/fault"
)

func TestConformance(t *testing.T) {
	a := newAccount(t)
	day := func(n int) time.Time {
		return time.Now().UTC().AddDate(0, 0, -n).Truncate(24 * time.Hour).Add(11 * time.Hour)
	}
	var want []connectortest.Row
	put := func(id, code string, at time.Time, status, amount string) {
		row := a.put(id, code, at, status, amount)
		want = append(want, connectortest.Row{Key: id + "|" + code, Place: "transactions", Data: connectortest.AsRead(t, row)})
	}
	put("1AB", "T0006", day(68), "S", "12.30")
	put("1AB", "T1501", day(68), "S", "-12.30") // holds the money, under the same id
	put("2AB", "T0006", day(68).Add(time.Second), "S", "0.01")
	put("3AB", "T1107", day(50), "S", "-12.30")
	put("4AB", "T0006", day(20), "P", "99999999999.99")
	put("5AB", "T0006", day(2), "P", "5.00")
	put("6AB", "T0006", day(1), "S", "6.00")
	raw := quick(a.serve())
	raw["since"] = day(70).Format(time.DateOnly)
	connectortest.Run(t, connectortest.Case{
		Connector: paypal.Connector{}, Params: raw, Request: connectors.Request{Stream: "transactions"}, Want: want,
		Streams: []string{"transactions"},
		Broken: []map[string]any{
			{"client_secret": "wrong"}, {"client_id": nil}, {"since": "yesterday"}, {"since": "2019-01-01"}, {"url": "http://127.0.0.1:1", "retries": uint64(1)},
		},
		Faults:  true,
		Secrets: []string{secret, "A21-canary", "canary@example.cn"},
	})
}

var noon = time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)

// Rows that become searchable late, a status that changes, and a search that
// is hours behind: each row is read, in its last state.
func TestLateRows(t *testing.T) {
	a := newAccount(t)
	now := noon
	a.now, a.delay = func() time.Time { return now }, 3*time.Hour
	a.put("1", "T0006", noon.Add(-30*time.Hour), "P", "1.00")
	late := a.put("2", "T0006", noon.Add(-2*time.Hour), "S", "2.00")
	raw := quick(a.serve())
	raw["since"] = "2026-01-02"
	s := open(t, raw, a.now)
	r := connectors.Request{Stream: "transactions", Mode: connectors.Incremental}
	rows, at, err := connectortest.TryRead(t, s, r)
	if err != nil || connectortest.Keys(rows) != "1|T0006" {
		t.Fatalf("%q, %v", connectortest.Keys(rows), err)
	}
	a.mu.Lock()
	now = noon.Add(2 * time.Hour)
	a.rows[0]["transaction_info"].(params)["transaction_status"] = "S"
	a.mu.Unlock()
	r.From = at
	rows, at, err = connectortest.TryRead(t, s, r)
	if err != nil || connectortest.Keys(rows) != "1|T0006 2|T0006" {
		t.Fatalf("%q, %v", connectortest.Keys(rows), err)
	}
	if got := rows[0].Data["transaction_info"].(params)["transaction_status"]; got != "S" {
		t.Errorf("the status is %v", got)
	}
	// The search stands still for days: nothing is lost when it goes on.
	a.mu.Lock()
	now, a.delay = noon.AddDate(0, 0, 6), 6*24*time.Hour-2*time.Hour
	a.put("3", "T0006", initiated(late).Add(3*time.Hour), "S", "3.00")
	a.put("4", "T0006", noon.AddDate(0, 0, 5), "S", "4.00")
	a.mu.Unlock()
	r.From = at
	if rows, at, err = connectortest.TryRead(t, s, r); err != nil || connectortest.Keys(rows) != "1|T0006 2|T0006 3|T0006" {
		t.Errorf("%q, %v", connectortest.Keys(rows), err)
	}
	a.mu.Lock()
	a.delay = 0
	a.mu.Unlock()
	r.From = at
	if rows, _, err = connectortest.TryRead(t, s, r); err != nil || !strings.HasSuffix(connectortest.Keys(rows), "3|T0006 4|T0006") {
		t.Errorf("%q, %v", connectortest.Keys(rows), err)
	}
}

// An account that had no transaction when its search was behind.
func TestAnEmptyAccountWaitsForTheSearch(t *testing.T) {
	a := newAccount(t)
	now := noon
	a.now, a.delay = func() time.Time { return now }, 10*24*time.Hour
	a.put("1", "T0006", noon.AddDate(0, 0, -8), "S", "1.00")
	s := open(t, quick(a.serve()), a.now)
	r := connectors.Request{Stream: "transactions", Mode: connectors.Incremental}
	rows, at, err := connectortest.TryRead(t, s, r)
	if err != nil || len(rows) != 0 {
		t.Fatalf("%q, %v", connectortest.Keys(rows), err)
	}
	a.mu.Lock()
	a.delay = 0
	a.mu.Unlock()
	r.From = at
	if rows, _, err = connectortest.TryRead(t, s, r); err != nil || connectortest.Keys(rows) != "1|T0006" {
		t.Errorf("%q, %v", connectortest.Keys(rows), err)
	}
}

// A window that holds too much is halved, until it doesn't; one second that
// holds too much is an error and no success.
func TestTooMuchInAWindow(t *testing.T) {
	a := newAccount(t)
	a.now, a.most = func() time.Time { return noon }, 10
	want := []string{}
	for i := range 100 {
		id := fmt.Sprintf("%03d", i)
		a.put(id, "T0006", noon.Add(-40*24*time.Hour).Add(time.Duration(i)*13*time.Minute), "S", "1.00")
		want = append(want, id+"|T0006")
	}
	raw := quick(a.serve())
	raw["since"] = "2026-01-20"
	s := open(t, raw, a.now)
	rows, _, err := connectortest.TryRead(t, s, connectors.Request{Stream: "transactions"})
	got := strings.Fields(connectortest.Keys(rows))
	slices.Sort(got)
	if got = slices.Compact(got); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d of %d rows, %v", len(got), len(want), err)
	}
	for range 11 {
		a.put("same", "T0006", noon.Add(-time.Hour), "S", "1.00")
	}
	_, _, err = connectortest.TryRead(t, s, connectors.Request{Stream: "transactions"})
	if f := fault.Of(err); f == nil || f.Code != "E2315" {
		t.Errorf("%v, want E2315", err)
	}
}

func TestFaults(t *testing.T) {
	status := func(n int, name string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(n)
			fmt.Fprintf(w, `{"name":%q,"message":"about canary@example.cn"}`, name)
			return true
		}
	}
	cut := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "5000")
		fmt.Fprint(w, `{"transaction_details": [{"transaction_info": {"transaction_id"`)
		return true
	}
	expired := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_token"}`)
		return true
	}
	type wrong = []func(http.ResponseWriter, *http.Request) bool
	for _, tt := range []struct {
		name  string
		wrong wrong
		want  fault.Code
		asked int
	}{
		{"asks for patience", wrong{status(429, "RATE_LIMIT_REACHED"), status(429, "RATE_LIMIT_REACHED")}, "", 2},
		{"fails twice", wrong{status(500, "INTERNAL_SERVICE_ERROR"), status(503, "SERVICE_UNAVAILABLE")}, "", 2},
		{"cut", wrong{cut}, "", 1},
		{"token expired", wrong{expired}, "", 1},
		{"token refused for good", wrong{expired, expired, expired}, "E2303", 2},
		{"no permission", wrong{status(403, "NOT_AUTHORIZED"), status(403, "NOT_AUTHORIZED")}, "E2304", 1},
		{"refused", wrong{status(400, "INVALID_REQUEST")}, "E2310", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t)
			a.now = func() time.Time { return noon }
			a.put("1", "T0006", noon.AddDate(0, 0, -1), "S", "1.00")
			raw := quick(a.serve())
			raw["since"] = "2026-03-10"
			a.wrong = tt.wrong
			rows, _, err := connectortest.TryRead(t, open(t, raw, a.now), connectors.Request{Stream: "transactions"})
			if tt.want == "" && (err != nil || connectortest.Keys(rows) != "1|T0006") || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%q, %v; want %q", connectortest.Keys(rows), err, tt.want)
			}
			if a.refused != tt.asked {
				t.Errorf("asked %d times while it was wrong, want %d", a.refused, tt.asked)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

// PayPal's own client reads the stand-in as the connector does.
func TestPayPalsOwnClientReadsTheSame(t *testing.T) {
	a := newAccount(t)
	a.now = func() time.Time { return noon }
	for i := range 7 {
		a.put(fmt.Sprint(i), "T0006", noon.AddDate(0, 0, -i-1), "S", fmt.Sprintf("%d.10", i))
	}
	url := a.serve()
	raw := quick(url)
	raw["since"] = "2026-03-01"
	rows, _, err := connectortest.TryRead(t, open(t, raw, a.now), connectors.Request{Stream: "transactions"})
	if err != nil {
		t.Fatal(err)
	}
	var ours []params
	for _, r := range rows {
		info := r.Data["transaction_info"].(params)
		amount := info["transaction_amount"].(params)
		ours = append(ours, params{
			"id": info["transaction_id"], "code": info["transaction_event_code"], "at": info["transaction_initiation_date"], "status": info["transaction_status"],
			"amount": amount["value"], "currency": amount["currency_code"], "email": r.Data["payer_info"].(params)["email_address"],
		})
	}
	var theirs []params
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+url, "CLIENT_ID=client", "CLIENT_SECRET="+secret, "START=2026-03-01T00:00:00Z", "END=2026-03-15T12:00:00Z")
	if got, want := fmt.Sprint(ours), fmt.Sprint(theirs); got != want || len(theirs) != 7 {
		t.Errorf("we read\n%s\nPayPal's client\n%s", got, want)
	}
}
