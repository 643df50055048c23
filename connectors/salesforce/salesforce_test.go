package salesforce_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/salesforce"
	"crmhub/fault"
	"crmhub/record"
)

type params = map[string]any

// org is a Salesforce organisation that follows Salesforce's documents: a
// query is a snapshot that its locator pages through until it is forgotten,
// deletes are told for 15 days, a session ends.
type org struct {
	t        *testing.T
	mu       sync.Mutex
	contacts []params
	deleted  []params
	queries  map[string][]params // snapshots by locator
	jobs     map[string][]params
	polls    int
	session  int
	asked    int
	strike   int // the nth request goes beyond the limit
	log      []string
}

func newOrg(t *testing.T) *org {
	return &org{t: t, queries: map[string][]params{}, jobs: map[string][]params{}}
}

func id(n int) string { return fmt.Sprintf("003000000%06dAAA", n) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000+0000") }

func (o *org) put(n int, at time.Time, email string) {
	o.contacts = slices.DeleteFunc(o.contacts, func(c params) bool { return c["Id"] == id(n) })
	o.contacts = append(o.contacts, params{"Id": id(n), "LastName": "王", "Email": email, "SystemModstamp": stamp(at)})
}

func (o *org) remove(n int, at time.Time) {
	o.contacts = slices.DeleteFunc(o.contacts, func(c params) bool { return c["Id"] == id(n) })
	o.deleted = append(o.deleted, params{"id": id(n), "deletedDate": stamp(at)})
}

var soql = regexp.MustCompile(`^SELECT (FIELDS\(STANDARD\)(?:, Account\.Name)?|Id, .*) FROM (\w+)(?: WHERE SystemModstamp >= (\S+Z))?(?: ORDER BY SystemModstamp, Id)?$`)

// query answers SOQL; an order is part of it but for the Bulk API.
func (o *org) query(q string, ordered bool) ([]params, bool) {
	m := soql.FindStringSubmatch(q)
	if m == nil || ordered != strings.Contains(q, "ORDER BY") || ordered != strings.HasPrefix(m[1], "FIELDS") {
		return nil, false
	}
	switch m[2] {
	case "Contact":
	case "Opportunity":
		return []params{{"Id": "006000000000001AAA", "Amount": 9.5, "SystemModstamp": stamp(day(1))}}, true
	default:
		return []params{}, true
	}
	since := strings.TrimSuffix(m[3], "Z")
	got := []params{}
	for _, c := range o.contacts {
		if c["SystemModstamp"].(string) >= since {
			got = append(got, c)
		}
	}
	slices.SortFunc(got, func(a, b params) int {
		return strings.Compare(a["SystemModstamp"].(string)+a["Id"].(string), b["SystemModstamp"].(string)+b["Id"].(string))
	})
	return got, true
}

// ServeHTTP answers.
func (o *org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log = append(o.log, r.Method+" "+r.URL.Path)
	fail := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `[{"message":"about canary@example.cn","errorCode":%q}]`, code)
	}
	if r.URL.Path == "/services/oauth2/token" {
		if r.FormValue("client_secret") != "cs-canary" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_client","error_description":"invalid client credentials"}`)
			return
		}
		o.session++
		o.write(w, params{"access_token": fmt.Sprintf("session-canary-%d", o.session), "token_type": "Bearer", "instance_url": "https://x.my.salesforce.com"})
		return
	}
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer session-canary-%d", o.session) {
		fail(http.StatusUnauthorized, "INVALID_SESSION_ID")
		return
	}
	if o.asked++; o.strike > 0 && o.asked%o.strike == 0 {
		fail(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED")
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/services/data/v62.0/")
	switch locator, isNext := strings.CutPrefix(path, "query/"); {
	case !ok:
		fail(http.StatusNotFound, "NOT_FOUND")
	case path == "limits":
		o.write(w, params{"DailyApiRequests": params{"Max": 15000, "Remaining": 14998}})
	case path == "query", path == "query/": // libraries write the slash
		rows, good := o.query(r.URL.Query().Get("q"), true)
		if !good {
			o.t.Errorf("SOQL %q", r.URL.Query().Get("q"))
			fail(http.StatusBadRequest, "MALFORMED_QUERY")
			return
		}
		name := fmt.Sprintf("01g%d", len(o.queries))
		o.queries[name] = rows
		o.page(w, name, 0)
	case isNext:
		name, from, found := strings.Cut(locator, "-")
		n, err := strconv.Atoi(from)
		if _, known := o.queries[name]; !known || !found || err != nil {
			fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR")
			return
		}
		o.page(w, name, n)
	case strings.HasPrefix(path, "sobjects/"):
		o.tombstones(w, r, fail)
	case strings.HasPrefix(path, "jobs/query"):
		o.job(w, r, strings.Split(path, "/"), fail)
	default:
		fail(http.StatusNotFound, "NOT_FOUND")
	}
}

func (o *org) write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		o.t.Error(err)
	}
}

func (o *org) page(w http.ResponseWriter, name string, from int) {
	rows := o.queries[name]
	end := min(from+4, len(rows))
	records := []params{}
	for _, c := range rows[from:end] {
		x := params{"attributes": params{"type": "Contact", "url": "/services/data/v62.0/sobjects/Contact/" + c["Id"].(string)}}
		for k, v := range c {
			x[k] = v
		}
		records = append(records, x)
	}
	answer := params{"totalSize": len(rows), "done": end == len(rows), "records": records}
	if end < len(rows) {
		answer["nextRecordsUrl"] = fmt.Sprintf("/services/data/v62.0/query/%s-%d", name, end)
	}
	o.write(w, answer)
}

func (o *org) tombstones(w http.ResponseWriter, r *http.Request, fail func(int, string)) {
	start, err := time.Parse(time.RFC3339, r.URL.Query().Get("start"))
	end, endErr := time.Parse(time.RFC3339, r.URL.Query().Get("end"))
	if err != nil || endErr != nil || !end.After(start.Add(time.Minute)) || start.Before(time.Now().Add(-15*24*time.Hour)) {
		fail(http.StatusBadRequest, "INVALID_REPLICATION_DATE")
		return
	}
	gone := []params{}
	for _, d := range o.deleted {
		if at := d["deletedDate"].(string); strings.Contains(r.URL.Path, "Contact") && at >= stamp(start) && at <= stamp(end) {
			gone = append(gone, d)
		}
	}
	o.write(w, params{"deletedRecords": gone, "earliestDateAvailable": stamp(time.Now().Add(-15 * 24 * time.Hour)), "latestDateCovered": stamp(end)})
}

func (o *org) job(w http.ResponseWriter, r *http.Request, parts []string, fail func(int, string)) {
	switch {
	case len(parts) == 2 && r.Method == http.MethodPost:
		var ask struct{ Operation, Query string }
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			o.t.Error(err)
		}
		rows, good := o.query(ask.Query, false)
		if !good || ask.Operation != "query" {
			fail(http.StatusBadRequest, "API_ERROR")
			return
		}
		name := fmt.Sprintf("750%d", len(o.jobs))
		o.jobs[name] = rows
		o.write(w, params{"id": name, "operation": "query", "state": "UploadComplete"})
	case len(parts) == 3:
		state := "InProgress"
		if o.polls++; o.polls%2 == 0 {
			state = "JobComplete"
		}
		o.write(w, params{"id": parts[2], "state": state})
	default:
		rows := o.jobs[parts[2]]
		from := 0
		if s := r.URL.Query().Get("locator"); s != "" {
			var err error
			if from, err = strconv.Atoi(s); err != nil {
				fail(http.StatusBadRequest, "INVALID_LOCATOR")
				return
			}
		}
		end := min(from+4, len(rows))
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("Sforce-Locator", "null")
		if end < len(rows) {
			w.Header().Set("Sforce-Locator", strconv.Itoa(end))
		}
		out := csv.NewWriter(w)
		lines := [][]string{{"Id", "LastName", "Email", "SystemModstamp"}}
		for _, c := range rows[from:end] {
			lines = append(lines, []string{c["Id"].(string), c["LastName"].(string), c["Email"].(string), c["SystemModstamp"].(string)})
		}
		if err := out.WriteAll(lines); err != nil {
			o.t.Error(err)
		}
	}
}

func connection(t *testing.T, o *org) params {
	srv := httptest.NewServer(o)
	t.Cleanup(srv.Close)
	return params{"url": srv.URL, "client_id": "app", "client_secret": "cs-canary", "retry_wait": "1ms", "retries": uint64(5)}
}

func open(t *testing.T, raw params, now func() time.Time) connectors.Source {
	t.Helper()
	p, err := salesforce.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		t.Fatal(err)
	}
	s, err := salesforce.Connector{}.Open(connectors.Config{Name: "sf", Params: p, Dir: t.TempDir(), Now: now})
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

func read(t *testing.T, s connectors.Source, r connectors.Request) (string, record.Position) {
	t.Helper()
	var keys []string
	at := r.From
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		for _, row := range b.Rows {
			k := strings.TrimLeft(strings.TrimSuffix(row.Key, "AAA")[3:], "0")
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

func day(n int) time.Time { return time.Date(2026, 1, n, 10, 0, 0, 0, time.UTC) }

func TestConformance(t *testing.T) {
	o := newOrg(t)
	var want []connectortest.Row
	for i := 1; i <= 9; i++ {
		o.put(i, day(i), "canary@example.cn")
		want = append(want, connectortest.Row{Key: id(i), Place: "contacts", Data: params{
			"Id": id(i), "LastName": "王", "Email": "canary@example.cn", "SystemModstamp": stamp(day(i)),
			"attributes": params{"type": "Contact", "url": "/services/data/v62.0/sobjects/Contact/" + id(i)},
		}})
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: salesforce.Connector{}, Params: connection(t, o), Request: connectors.Request{Stream: "contacts"}, Want: want,
		Streams: []string{"accounts", "contacts", "leads", "opportunities"},
		Broken:  []map[string]any{{"client_secret": "wrong"}, {"client_secret": nil}, {"url": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Secrets: []string{"cs-canary", "session-canary", "canary@example.cn"},
	})
}

// Changes and deletes, with limits of requests and a session that ends in the middle.
func TestALife(t *testing.T) {
	o := newOrg(t)
	for i := 1; i <= 10; i++ {
		o.put(i, day(1).Add(time.Duration(i/3)*time.Millisecond), "old")
	}
	o.strike = 4
	s := open(t, connection(t, o), time.Now)
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	keys, at := read(t, s, r)
	if keys != "1 2 3 4 5 6 7 8 9 10" {
		t.Errorf("first read: %s", keys)
	}
	o.mu.Lock()
	o.put(4, time.Now(), "new")
	o.put(11, time.Now(), "new")
	o.remove(7, time.Now())
	o.session++ // the session has ended
	o.mu.Unlock()
	r.From = at
	keys, at = read(t, s, r)
	if !strings.HasSuffix(keys, "4 11 -7") || len(strings.Fields(keys)) > 13 {
		t.Errorf("changes: %s", keys)
	}
	r.From = at
	if keys, _ = read(t, s, r); len(strings.Fields(keys)) > 4 {
		t.Errorf("a quiet read: %s", keys)
	}
}

// A read that is taken up when its locator is forgotten begins the query anew.
func TestAForgottenLocator(t *testing.T) {
	o := newOrg(t)
	for i := 1; i <= 9; i++ {
		o.put(i, day(i), "x")
	}
	s := open(t, connection(t, o), time.Now)
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental, BatchRows: 3}
	stop := fmt.Errorf("killed")
	n := 0
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if n++; n > 2 {
			return stop
		}
		r.From = b.Position
		return nil
	})
	if err != stop {
		t.Fatal(err)
	}
	o.mu.Lock()
	clear(o.queries)
	o.mu.Unlock()
	if keys, _ := read(t, s, r); keys != "1 2 3 4 5 6 7 8 9" {
		t.Errorf("resumed: %s", keys)
	}
}

// The first read by the Bulk API, and the next by SOQL from there on; after a
// long pause getDeleted is asked no further back than it answers.
func TestBulk(t *testing.T) {
	o := newOrg(t)
	for i := 1; i <= 9; i++ {
		o.put(i, day(1), "a,\"b\"\nc")
	}
	raw := connection(t, o)
	raw["bulk"] = true
	now := time.Now().Add(-40 * 24 * time.Hour)
	s := open(t, raw, func() time.Time { return now })
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental, BatchRows: 2}
	keys, at := read(t, s, r)
	if keys != "1 2 3 4 5 6 7 8 9" {
		t.Errorf("first read: %s", keys)
	}
	o.mu.Lock()
	o.put(3, time.Now(), "new")
	o.remove(5, time.Now().Add(-time.Hour))
	o.remove(6, time.Now().Add(-35*24*time.Hour)) // nobody tells of it any more
	o.log = nil
	o.mu.Unlock()
	now, r.From = time.Now(), at
	keys, _ = read(t, s, r)
	if !strings.HasSuffix(keys, "3 -5") || strings.Contains(keys, "-6") {
		t.Errorf("changes: %s", keys)
	}
	if strings.Contains(strings.Join(o.log, " "), "jobs") {
		t.Errorf("an incremental read made a job: %v", o.log)
	}
}

// Where an organisation has one currency only, the connection names it.
func TestCurrency(t *testing.T) {
	raw := connection(t, newOrg(t))
	raw["currency"] = "EUR"
	s := open(t, raw, time.Now)
	err := s.Read(t.Context(), connectors.Request{Stream: "opportunities"}, func(_ context.Context, b connectors.Batch) error {
		for _, r := range b.Rows {
			if r.Data["CurrencyIsoCode"] != "EUR" || r.Data["Amount"] != json.Number("9.5") {
				t.Errorf("row %v", r.Data)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLogins(t *testing.T) {
	_, err := salesforce.Connector{}.Open(connectors.Config{Name: "sf", Params: connectors.Params{"url": "https://x.my.salesforce.com", "private_key": "none"}, Dir: t.TempDir()})
	if f := fault.Of(err); f == nil || f.Code != "E2003" {
		t.Errorf("a key that is none: %v", err)
	}
	_, err = salesforce.Connector{}.Open(connectors.Config{Name: "sf", Params: connectors.Params{"url": "https://x.my.salesforce.com", "refresh_token": "x"}, Dir: t.TempDir()})
	if f := fault.Of(err); f == nil || f.Code != "E2330" || f.Args["name"] != "client_id" {
		t.Errorf("no client: %v", err)
	}
}
