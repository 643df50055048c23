package stripe_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/stripe"
	"crmhub/fault"
	"crmhub/record"
)

type params = map[string]any

const key = "sk_test_canary"

// account is a Stripe account that follows Stripe's documents: lists begin
// with the newest object, starting_after must be an object of the list,
// unknown parameters are refused, each change is an event.
type account struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string]params // by id
	events  []params
	now     int64
	asked   []string
	strike  int // the nth request is refused for its rate
}

func newAccount(t *testing.T) *account {
	return &account{t: t, objects: map[string]params{}, now: time.Now().Add(-20 * 24 * time.Hour).Unix()}
}

// put makes or changes an object, and writes the event.
func (a *account) put(kind, id string, fields params) {
	a.now++
	event := kind + ".updated"
	o := a.objects[id]
	if o == nil {
		event = kind + ".created"
		if kind == "charge" {
			event = "charge.succeeded"
		}
		o = params{"id": id, "object": kind, "created": a.now}
	}
	fresh := params{}
	for _, m := range []params{o, fields} {
		for k, v := range m {
			fresh[k] = v
		}
	}
	a.objects[id] = fresh
	a.event(event, params{"id": id, "object": kind})
}

func (a *account) remove(kind, id string) {
	a.now++
	a.objects[id] = params{"id": id, "object": kind, "deleted": true, "created": a.objects[id]["created"]}
	a.event(kind+".deleted", params{"id": id, "object": kind})
}

func (a *account) event(kind string, object params) {
	a.events = append(a.events, params{
		"id": fmt.Sprintf("evt_%d", len(a.events)+1), "object": "event", "type": kind, "created": a.now, "data": params{"object": object},
	})
}

func (a *account) refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	a.write(w, params{"error": params{"type": "invalid_request_error", "code": code, "message": "about secret@example.cn"}})
}

func (a *account) write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.t.Error(err)
	}
}

// ServeHTTP answers.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.RequestURI())
	if r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("Stripe-Version") == "" {
		a.refuse(w, http.StatusUnauthorized, "api_key_invalid")
		return
	}
	if a.strike > 0 && len(a.asked)%a.strike == 0 {
		w.Header().Set("Retry-After", "0.01")
		a.refuse(w, http.StatusTooManyRequests, "rate_limit")
		return
	}
	kind, id, one := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	if one {
		o, ok := a.objects[id]
		if !ok {
			a.refuse(w, http.StatusNotFound, "resource_missing")
			return
		}
		a.write(w, o)
		return
	}
	a.list(w, r, kind)
}

func (a *account) list(w http.ResponseWriter, r *http.Request, kind string) {
	q := r.URL.Query()
	var types []string
	size, since, after := 10, int64(0), ""
	for name, v := range q {
		switch {
		case name == "limit":
			n, err := strconv.Atoi(v[0])
			if err != nil || n < 1 || n > 100 {
				a.refuse(w, http.StatusBadRequest, "parameter_invalid_integer")
				return
			}
			size = min(n, 3) // short pages make tests of paging short
		case name == "starting_after":
			after = v[0]
		case name == "created[gte]":
			n, err := strconv.ParseInt(v[0], 10, 64)
			if err != nil {
				a.t.Errorf("created[gte]=%s", v[0])
			}
			since = n
		case strings.HasPrefix(name, "types[") && kind == "events":
			types = append(types, v[0])
		case strings.HasPrefix(name, "expand["):
		default:
			a.refuse(w, http.StatusBadRequest, "parameter_unknown")
			return
		}
	}
	var all []params
	if kind == "events" {
		for _, e := range a.events {
			if e["created"].(int64) >= since && (len(types) == 0 || slices.Contains(types, e["type"].(string))) {
				all = append(all, e)
			}
		}
		slices.Reverse(all)
	} else {
		for _, o := range a.objects {
			if o["object"].(string)+"s" == kind && o["deleted"] == nil {
				all = append(all, o)
			}
		}
		slices.SortFunc(all, func(x, y params) int { return cmp.Compare(y["created"].(int64), x["created"].(int64)) })
	}
	from := 0
	if after != "" {
		i := slices.IndexFunc(all, func(o params) bool { return o["id"] == after })
		if i < 0 {
			a.refuse(w, http.StatusBadRequest, "resource_missing")
			return
		}
		from = i + 1
	}
	end := min(from+size, len(all))
	a.write(w, params{"object": "list", "url": "/v1/" + kind, "has_more": end < len(all), "data": append([]params{}, all[from:end]...)})
}

func open(t *testing.T, raw params) connectors.Source {
	t.Helper()
	return connectortest.Open(t, stripe.Connector{}, raw, connectors.Config{Name: "pay"})
}

func serve(t *testing.T, a *account) string {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return s.URL
}

func quick(url string) params {
	return params{"url": url, "token": key, "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func TestConformance(t *testing.T) {
	a := newAccount(t)
	var want []connectortest.Row
	for i := range 7 {
		id := fmt.Sprintf("cus_%d", i)
		a.put("customer", id, params{"name": "张伟", "email": "canary@example.cn", "balance": -1250})
		want = append([]connectortest.Row{{Key: id, Place: "customers", Data: params{
			"id": id, "object": "customer", "created": json.Number(strconv.FormatInt(a.now, 10)), "name": "张伟", "email": "canary@example.cn", "balance": json.Number("-1250"),
		}}}, want...)
	}
	a.remove("customer", "cus_3")
	want = slices.Delete(want, 3, 4)
	a.put("charge", "ch_1", params{"amount": 100})
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: stripe.Connector{}, Params: quick(serve(t, a)), Request: connectors.Request{Stream: "customers"}, Want: want,
		Streams: []string{"customers", "charges", "refunds", "invoices"},
		Broken:  []map[string]any{{"token": "sk_wrong"}, {"token": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Secrets: []string{key, "canary@example.cn"},
	})
}

// What changed, was made or was deleted since the last read comes once, as it
// is now, whatever the number of its events; a second read brings next to nothing.
func TestEventsTellOfChanges(t *testing.T) {
	a := newAccount(t)
	a.strike = 4
	for i := range 9 {
		a.put("customer", fmt.Sprintf("cus_%d", i), params{"name": "old"})
	}
	s := open(t, quick(serve(t, a)))
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental, BatchRows: 2}
	rows, at := connectortest.Read(t, s, r)
	if len(rows) != 9 {
		t.Errorf("first read: %q", connectortest.Keys(rows))
	}
	a.mu.Lock()
	a.now = time.Now().Unix()
	for range 5 {
		a.put("customer", "cus_4", params{"name": "changed often"})
	}
	a.put("customer", "cus_10", params{"name": "made and gone"})
	a.remove("customer", "cus_10")
	a.remove("customer", "cus_1")
	a.put("customer", "cus_1b", params{"name": "new"})
	a.put("charge", "ch_1", params{"amount": 1})
	a.put("customer", "cus_4", params{"name": "last"})
	a.event("customer.deleted", params{"id": "cus_purged", "object": "customer"})
	a.mu.Unlock()
	r.From = at
	rows, at = connectortest.Read(t, s, r)
	if got, want := connectortest.Keys(rows), "-cus_1 -cus_10 cus_1b cus_4 -cus_purged"; got != want {
		t.Errorf("changes %q, want %q", got, want)
	}
	for _, row := range rows {
		if row.Key == "cus_4" && row.Data["name"] != "last" {
			t.Errorf("cus_4 is %v", row.Data)
		}
	}
	// A killed read of changes goes on behind what has landed.
	n := 0
	var half record.Position
	stop := fmt.Errorf("killed")
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if n++; n > 1 {
			return stop
		}
		half = b.Position
		return nil
	})
	if err != stop {
		t.Fatal(err)
	}
	r.From = half
	rows, _ = connectortest.Read(t, s, r)
	if got, want := connectortest.Keys(rows), "cus_1b cus_4 -cus_purged"; got != want {
		t.Errorf("resumed %q, want %q", got, want)
	}
	r.From = at
	rows, _ = connectortest.Read(t, s, r)
	if len(rows) > 5 {
		t.Errorf("a quiet read: %q", connectortest.Keys(rows))
	}
}

// Where the last read is longer ago than events are kept, everything is read.
func TestAfterALongPauseEverythingIsRead(t *testing.T) {
	a := newAccount(t)
	a.put("customer", "cus_1", params{"name": "x"})
	url := serve(t, a)
	p, err := stripe.Connector{}.Spec().Decode("hub.yaml:5", quick(url))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Add(-40 * 24 * time.Hour)
	s, err := stripe.Connector{}.Open(connectors.Config{Name: "pay", Params: p, Dir: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental}
	_, r.From = connectortest.Read(t, s, r)
	a.mu.Lock()
	a.events = nil
	a.put("customer", "cus_2", params{"name": "y"})
	a.mu.Unlock()
	now = time.Now()
	rows, _ := connectortest.Read(t, s, r)
	if got, want := connectortest.Keys(rows), "cus_2 cus_1"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Stripe's own mock takes every request that the connector makes, and answers
// in the shapes of Stripe's description.
func TestStripeMock(t *testing.T) {
	url := os.Getenv("CRMHUB_TEST_STRIPE")
	if url == "" {
		t.Fatal("CRMHUB_TEST_STRIPE is not set: run make test, or give an address")
	}
	raw := quick(url)
	raw["token"] = "sk_test_123"
	s := open(t, raw)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for _, stream := range []string{"customers", "charges", "refunds", "invoices"} {
		r := connectors.Request{Stream: stream, Mode: connectors.Incremental}
		rows, at := connectortest.Read(t, s, r)
		if len(rows) != 1 || rows[0].Key == "" || rows[0].Data["object"] != strings.TrimSuffix(stream, "s") {
			t.Errorf("%s: %d rows, %q", stream, len(rows), connectortest.Keys(rows))
		}
		r.From = at
		if rows, _ := connectortest.Read(t, s, r); len(rows) > 1 {
			t.Errorf("%s: changes %q", stream, connectortest.Keys(rows))
		}
	}
	raw["token"] = "no key"
	err := open(t, raw).Check(t.Context())
	if f := fault.Of(err); f == nil || f.Code != "E2303" {
		t.Errorf("a wrong key: %v", err)
	}
}

// Stripe's own client reads the stand-in as the connector does: the list page
// by page, and the log of events.
func TestStripesOwnClientReadsTheSame(t *testing.T) {
	a := newAccount(t)
	for i := range 8 {
		a.put("customer", fmt.Sprintf("cus_%d", i), params{"name": fmt.Sprintf("张伟 %d", i)})
	}
	a.remove("customer", "cus_3")
	url := serve(t, a)
	s := open(t, quick(url))
	rows, at := connectortest.Read(t, s, connectors.Request{Stream: "customers", Mode: connectors.Incremental})
	var ours, changed []string
	for _, r := range rows {
		ours = append(ours, fmt.Sprint([]any{r.Key, r.Data["name"]}))
	}
	a.mu.Lock()
	a.now = time.Now().Unix()
	a.put("customer", "cus_5", params{"name": "later"})
	a.put("charge", "ch_1", params{"amount": 1})
	a.mu.Unlock()
	rows, _ = connectortest.Read(t, s, connectors.Request{Stream: "customers", Mode: connectors.Incremental, From: at})
	for _, r := range rows {
		changed = append(changed, r.Key)
	}
	var theirs struct {
		Customers [][]any
		Changed   []string
	}
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+url, "KEY="+key)
	var listed []string
	for _, c := range theirs.Customers {
		if c[0] == "cus_5" {
			c[1] = "张伟 5" // as it was when the connector took the list
		}
		listed = append(listed, fmt.Sprint(c))
	}
	if !slices.Equal(ours, listed) || len(listed) != 7 {
		t.Errorf("we read\n%v\nStripe's client\n%v", ours, listed)
	}
	for _, id := range changed {
		if !slices.Contains(theirs.Changed, id) {
			t.Errorf("the log of events names %v, not %s", theirs.Changed, id)
		}
	}
	if len(theirs.Changed) != 8 || !slices.Contains(changed, "cus_5") {
		t.Errorf("changed: %v, in the log %v", changed, theirs.Changed)
	}
}
