package aftership_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/aftership"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
)

type params = map[string]any

const key = "asat_canary"

// account is an AfterShip account that follows AfterShip's documents: the
// newest tracking first, an opaque cursor that holds where a list stands, a
// limit of requests that its headers tell.
type account struct {
	t         *testing.T
	mu        sync.Mutex
	trackings map[string]params
	page      int // the longest page, to make tests short
	asked     []string
	refused   int
	wrong     []func(w http.ResponseWriter) bool
	// limit is how many requests a window of a fifth of a second takes; 0: any.
	limit  int
	window time.Time
	taken  int
}

func newAccount(t *testing.T) *account {
	return &account{t: t, trackings: map[string]params{}, page: 3}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

// put makes or changes a tracking.
func (a *account) put(id string, created, updated time.Time, tag string) params {
	a.trackings[id] = params{
		"id": id, "tracking_number": "SF" + id, "slug": "sf-express", "tag": tag, "created_at": stamp(created), "updated_at": stamp(updated),
		"customers": []any{params{"name": "canary-name", "role": "buyer"}}, "checkpoints": []any{params{"checkpoint_time": stamp(updated), "message": "已收取", "tag": tag}},
	}
	return a.trackings[id]
}

func (a *account) say(w http.ResponseWriter, status int, data any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(params{"meta": params{"code": status, "message": "about canary-name"}, "data": data}); err != nil {
		a.t.Log(err)
	}
}

// ServeHTTP answers.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.limit > 0 {
		if now.Sub(a.window) > 200*time.Millisecond {
			a.window, a.taken = now, 0
		}
		reset := a.window.Add(200 * time.Millisecond)
		a.taken++
		w.Header().Set("X-RateLimit-Limit", strconv.Itoa(a.limit))
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(0, a.limit-a.taken)))
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(reset.UnixMilli(), 10))
		if a.taken > a.limit {
			a.refused++
			a.say(w, http.StatusTooManyRequests, params{})
			return
		}
	}
	if len(a.wrong) > 0 {
		first := a.wrong[0]
		if a.wrong = a.wrong[1:]; first(w) {
			return
		}
	}
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	switch {
	case r.Header.Get("as-api-key") != key:
		a.say(w, http.StatusUnauthorized, params{})
		return
	case r.URL.Path != "/tracking/2026-07/trackings":
		a.say(w, http.StatusNotFound, params{})
		return
	case err != nil || limit < 1 || limit > 200:
		a.say(w, http.StatusBadRequest, params{})
		return
	}
	a.asked = append(a.asked, q.Get("updated_at_min"))
	a.list(w, q.Get("updated_at_min"), q.Get("cursor"), min(limit, a.page))
}

func (a *account) list(w http.ResponseWriter, since, cursor string, limit int) {
	after, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		a.say(w, http.StatusBadRequest, params{})
		return
	}
	var from time.Time
	if since != "" {
		if from, err = time.Parse(time.RFC3339, since); err != nil {
			a.say(w, http.StatusBadRequest, params{})
			return
		}
	}
	var all []params
	for _, x := range a.trackings {
		updated, err := time.Parse(time.RFC3339, x["updated_at"].(string))
		if err != nil {
			a.t.Error(err)
		}
		if place := x["created_at"].(string) + x["id"].(string); !updated.Before(from) && (len(after) == 0 || place < string(after)) {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(x, y params) int {
		return cmp.Compare(y["created_at"].(string)+y["id"].(string), x["created_at"].(string)+x["id"].(string))
	})
	pagination := params{"total": len(all), "next_cursor": nil, "has_next_page": false}
	if len(all) > limit {
		all = all[:limit]
		last := all[limit-1]
		pagination["has_next_page"], pagination["next_cursor"] = true, base64.StdEncoding.EncodeToString([]byte(last["created_at"].(string)+last["id"].(string)))
	}
	a.say(w, http.StatusOK, params{"pagination": pagination, "trackings": append([]params{}, all...)})
}

func (a *account) serve() string {
	s := httptest.NewServer(a)
	a.t.Cleanup(s.Close)
	return s.URL
}

func quick(url string) params {
	return params{"url": url, "token": key, "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func open(t *testing.T, raw params, now func() time.Time) connectors.Source {
	t.Helper()
	return connectortest.Open(t, aftership.Connector{}, raw, connectors.Config{Name: "parcels", Now: now})
}

func TestConformance(t *testing.T) {
	a := newAccount(t)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	var want []connectortest.Row
	for i := range 7 {
		id := fmt.Sprintf("t%d", i)
		row := a.put(id, day.AddDate(0, 0, -i), day, "InTransit")
		want = append(want, connectortest.Row{Key: id, Place: "trackings", Data: row})
	}
	connectortest.Run(t, connectortest.Case{
		Connector: aftership.Connector{}, Params: quick(a.serve()), Request: connectors.Request{Stream: "trackings"}, Want: want, Streams: []string{"trackings"},
		Broken: []map[string]any{
			{"token": "asat_wrong"}, {"token": nil}, {"settings": "version=1999-01"}, {"settings": "versoin=2026-07"}, {"url": "http://127.0.0.1:1", "retries": uint64(1)},
		},
		Faults:  true,
		Secrets: []string{key, "canary-name"},
	})
}

// What was updated comes, what was not does not, and once a week everything.
func TestUpdates(t *testing.T) {
	a := newAccount(t)
	start := time.Now().UTC().Truncate(time.Second)
	now := start
	for i := range 8 {
		a.put(fmt.Sprintf("t%d", i), start.AddDate(0, 0, -i-1), start.AddDate(0, 0, -1), "InTransit")
	}
	s := open(t, quick(a.serve()), func() time.Time { return now })
	r := connectors.Request{Stream: "trackings", Mode: connectors.Incremental}
	rows, at, err := connectortest.TryRead(t, s, r)
	if err != nil || len(rows) != 8 {
		t.Fatalf("%q, %v", connectortest.Keys(rows), err)
	}
	a.mu.Lock()
	now = start.Add(2 * time.Hour)
	a.put("t3", start.AddDate(0, 0, -4), start.Add(time.Hour), "Delivered")
	a.put("t9", start.Add(time.Hour), start.Add(time.Hour), "Pending")
	for i := range 8 {
		if i != 3 {
			a.put(fmt.Sprintf("t%d", i), start.AddDate(0, 0, -i-1), start.AddDate(0, 0, -2), "InTransit")
		}
	}
	a.mu.Unlock()
	r.From = at
	rows, at, err = connectortest.TryRead(t, s, r)
	if err != nil || connectortest.Keys(rows) != "t9 t3" {
		t.Errorf("%q, %v; want t9 t3", connectortest.Keys(rows), err)
	}
	now = start.AddDate(0, 0, 8)
	r.From = at
	if rows, _, err = connectortest.TryRead(t, s, r); err != nil || len(rows) != 9 {
		t.Errorf("after a week: %q, %v", connectortest.Keys(rows), err)
	}
}

// The headers say when there are requests again: none is made before.
func TestTheLimitOfRequestsIsObeyed(t *testing.T) {
	a := newAccount(t)
	a.page, a.limit = 1, 3
	for i := range 10 {
		a.put(fmt.Sprintf("t%d", i), time.Now().AddDate(0, 0, -i), time.Now(), "InTransit")
	}
	s := open(t, quick(a.serve()), time.Now)
	rows, _, err := connectortest.TryRead(t, s, connectors.Request{Stream: "trackings"})
	if err != nil || len(rows) != 10 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if a.refused > 1 {
		t.Errorf("%d requests were refused", a.refused)
	}
}

func TestFaults(t *testing.T) {
	status := func(n int) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.WriteHeader(n)
			fmt.Fprintf(w, `{"meta":{"code":%d,"type":"X","message":"about canary-name"},"data":{}}`, n)
			return true
		}
	}
	inBody := func(code int) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			fmt.Fprintf(w, `{"meta":{"code":%d,"message":"about canary-name"},"data":{}}`, code)
			return true
		}
	}
	type wrong = []func(http.ResponseWriter) bool
	for _, tt := range []struct {
		name  string
		wrong wrong
		want  fault.Code
	}{
		{"asks for patience", wrong{status(429), status(429)}, ""},
		{"fails twice", wrong{status(500), status(503)}, ""},
		{"says it in the body", wrong{inBody(429), inBody(503)}, ""},
		{"no right", wrong{status(403)}, "E2304"},
		{"key in the body", wrong{inBody(401), inBody(401)}, "E2303"},
		{"no list", wrong{inBody(200)}, "E2312"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t)
			a.put("t1", time.Now(), time.Now(), "InTransit")
			s := open(t, quick(a.serve()), time.Now)
			a.wrong = tt.wrong
			rows, _, err := connectortest.TryRead(t, s, connectors.Request{Stream: "trackings"})
			if tt.want == "" && (err != nil || connectortest.Keys(rows) != "t1") || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%q, %v; want %q", connectortest.Keys(rows), err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

// AfterShip's own client reads the stand-in as the connector does.
func TestAfterShipsOwnClientReadsTheSame(t *testing.T) {
	a := newAccount(t)
	for i := range 7 {
		a.put(fmt.Sprintf("t%d", i), time.Now().AddDate(0, 0, -i), time.Now(), "InTransit")
	}
	url := a.serve()
	rows, _, err := connectortest.TryRead(t, open(t, quick(url), time.Now), connectors.Request{Stream: "trackings"})
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs []params
	for _, r := range rows {
		ours = append(ours, r.Data)
	}
	connectortest.Foreign(t, "testdata/client.mjs", &theirs, "URL="+url, "KEY="+key)
	if !reflect.DeepEqual(ours, theirs) || len(theirs) != 7 {
		t.Errorf("we read\n%v\nAfterShip's client\n%v", ours, theirs)
	}
}
