package hubspot_test

import (
	"cmp"
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
	"crmhub/connectors/hubspot"
	"crmhub/record"
)

type params = map[string]any

const token = "pat-canary"

// account is a HubSpot account that follows HubSpot's documents: lists by id
// with an opaque after, a search that stops at a number of results and knows
// no associations, archived records in a list of their own, merged records
// nowhere but in their winner.
type account struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string]map[string]*object // by type and id
	most    int                           // results of a search
	size    int                           // the longest page, to make tests short
	asked   int
	strike  int // the nth request is refused for its rate
}

type object struct {
	id         int
	properties params
	changed    time.Time
	archived   time.Time
}

func newAccount(t *testing.T) *account {
	return &account{t: t, objects: map[string]map[string]*object{"contacts": {}, "companies": {}, "deals": {}}, most: 10_000, size: 3}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (a *account) put(kind string, id int, at time.Time, properties params) {
	o := a.objects[kind][strconv.Itoa(id)]
	if o == nil {
		o = &object{id: id, properties: params{}}
		a.objects[kind][strconv.Itoa(id)] = o
	}
	for k, v := range properties {
		o.properties[k] = v
	}
	o.changed = at
}

// merge ends the loser's life: it is in no list any more.
func (a *account) merge(kind string, winner, loser int, at time.Time) {
	delete(a.objects[kind], strconv.Itoa(loser))
	a.put(kind, winner, at, params{"hs_merged_object_ids": strconv.Itoa(loser)})
}

func modified(kind string) string {
	if kind == "contacts" {
		return "lastmodifieddate"
	}
	return "hs_lastmodifieddate"
}

func (a *account) show(kind string, o *object, associations bool, asked []string) params {
	p := params{modified(kind): stamp(o.changed)}
	for k, v := range o.properties {
		if slices.Contains(asked, k) {
			p[k] = v
		}
	}
	out := params{"id": strconv.Itoa(o.id), "properties": p, "createdAt": stamp(o.changed), "updatedAt": stamp(o.changed), "archived": !o.archived.IsZero()}
	if !o.archived.IsZero() {
		out["archivedAt"] = stamp(o.archived)
	}
	if associations {
		out["associations"] = params{"contacts": params{"results": []params{{"id": "1", "type": "deal_to_contact"}}}}
	}
	return out
}

func (a *account) sorted(kind string, archived bool) (all []*object) {
	for _, o := range a.objects[kind] {
		if o.archived.IsZero() != archived {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(x, y *object) int { return cmp.Compare(x.id, y.id) })
	return all
}

// ServeHTTP answers.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fail := func(status int, category string, more params) {
		body := params{"status": "error", "category": category, "message": "about canary@example.cn", "correlationId": "c-1"}
		for k, v := range more {
			body[k] = v
		}
		w.WriteHeader(status)
		a.write(w, body)
	}
	if a.asked++; a.strike > 0 && a.asked%a.strike == 0 {
		fail(429, "RATE_LIMITS", params{"errorType": "RATE_LIMIT", "policyName": "SECONDLY"})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		fail(401, "INVALID_AUTHENTICATION", nil)
		return
	}
	if kind, ok := strings.CutPrefix(r.URL.Path, "/crm/v3/properties/"); ok {
		a.write(w, params{"results": []params{
			{"name": "email", "type": "string", "label": "Email", "hubspotDefined": true}, {"name": kind + "_level", "type": "enumeration", "label": "Level"},
		}})
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/crm/v3/objects/")
	kind, id, one := strings.Cut(rest, "/")
	q := r.URL.Query()
	switch {
	case !ok || a.objects[kind] == nil:
		fail(404, "OBJECT_NOT_FOUND", nil)
	case id == "search" && r.Method == http.MethodPost:
		a.search(w, r, kind, fail)
	case one:
		o := a.objects[kind][id]
		if o == nil || !o.archived.IsZero() {
			fail(404, "OBJECT_NOT_FOUND", nil)
			return
		}
		a.write(w, a.show(kind, o, q.Get("associations") != "", strings.Split(q.Get("properties"), ",")))
	default:
		limit, err := strconv.Atoi(q.Get("limit"))
		if err != nil || limit > 100 {
			fail(400, "VALIDATION_ERROR", nil)
			return
		}
		after := 0
		if s := q.Get("after"); s != "" {
			if after, err = strconv.Atoi(s); err != nil {
				fail(400, "VALIDATION_ERROR", nil)
				return
			}
		}
		results := []params{}
		answer := params{}
		for _, o := range a.sorted(kind, strings.EqualFold(q.Get("archived"), "true")) {
			if o.id <= after {
				continue
			}
			if len(results) == min(limit, a.size) {
				answer["paging"] = params{"next": params{"after": strconv.Itoa(after), "link": "https://api.hubapi.com/x?after=" + strconv.Itoa(after)}}
				break
			}
			results = append(results, a.show(kind, o, q.Get("associations") != "", strings.Split(q.Get("properties"), ",")))
			after = o.id
		}
		answer["results"] = results
		a.write(w, answer)
	}
}

func (a *account) write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.t.Error(err)
	}
}

func (a *account) search(w http.ResponseWriter, r *http.Request, kind string, fail func(int, string, params)) {
	var ask struct {
		FilterGroups []struct {
			Filters []struct{ PropertyName, Operator, Value string }
		}
		Sorts      []struct{ PropertyName, Direction string }
		Properties []string
		Limit      int
		After      string
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		a.t.Error(err)
	}
	filter := ask.FilterGroups[0].Filters[0]
	since, err := strconv.ParseInt(filter.Value, 10, 64)
	if err != nil || filter.PropertyName != modified(kind) || filter.Operator != "GTE" || ask.Sorts[0].PropertyName != modified(kind) || ask.Limit > 200 {
		fail(400, "VALIDATION_ERROR", nil)
		return
	}
	from := 0
	if ask.After != "" {
		if from, err = strconv.Atoi(ask.After); err != nil || from >= a.most {
			fail(400, "VALIDATION_ERROR", nil) // the limit of a search
			return
		}
	}
	var all []*object
	for _, o := range a.sorted(kind, false) {
		if o.changed.UnixMilli() >= since {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(x, y *object) int { return x.changed.Compare(y.changed) })
	end := min(from+min(ask.Limit, a.size), len(all), a.most)
	answer := params{"total": len(all), "results": []params{}}
	for _, o := range all[min(from, end):end] {
		answer["results"] = append(answer["results"].([]params), a.show(kind, o, false, ask.Properties))
	}
	if end < len(all) { // beyond the limit too: following it is an error
		answer["paging"] = params{"next": params{"after": strconv.Itoa(end)}}
	}
	a.write(w, answer)
}

func quick(url string) params {
	return params{"url": url, "token": token, "retry_wait": "1ms", "retries": uint64(5), "rate": "1000/s"}
}

func open(t *testing.T, a *account) connectors.Source {
	t.Helper()
	return openWith(t, a, nil)
}

// openWith opens a connection that reads further properties.
func openWith(t *testing.T, a *account, properties []any) connectors.Source {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	raw := quick(srv.URL)
	if properties != nil {
		raw["properties"] = properties
	}
	return connectortest.Open(t, hubspot.Connector{}, raw, connectors.Config{Name: "crm"})
}

func day(n int) time.Time { return time.Date(2026, 1, n, 10, 0, 0, 0, time.UTC) }

func TestConformance(t *testing.T) {
	a := newAccount(t)
	var want []connectortest.Row
	for i := 1; i <= 5; i++ {
		a.put("contacts", i, day(i), params{"email": "canary@example.cn", "firstname": "伟"})
		o := a.show("contacts", a.objects["contacts"][strconv.Itoa(i)], false, []string{"email", "firstname"})
		want = append(want, connectortest.Row{Key: strconv.Itoa(i), Place: "contacts", Data: o})
	}
	srv := httptest.NewServer(a)
	defer srv.Close()
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: hubspot.Connector{}, Params: quick(srv.URL), Request: connectors.Request{Stream: "contacts"}, Want: want,
		Streams: []string{"contacts", "companies", "deals"},
		Broken:  []map[string]any{{"token": "pat-wrong"}, {"token": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}, {"properties": "level"}, {"properties": "people.level"}, {"properties": "contacts.a,b"}},
		Secrets: []string{token, "canary@example.cn"},
	})
}

// The whole life of an account: what changed, was archived and merged comes
// with the next read, past the limit of the search, in spite of rate limits.
func TestALife(t *testing.T) {
	a := newAccount(t)
	a.strike = 5
	for i := 1; i <= 20; i++ {
		a.put("contacts", i, day(1).Add(time.Duration(i/2)*time.Second), params{"email": fmt.Sprintf("c%d@example.cn", i)})
		a.put("deals", i, day(1).Add(time.Duration(i/2)*time.Second), params{"dealname": "D"})
	}
	s := open(t, a)
	contacts := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	deals := connectors.Request{Stream: "deals", Mode: connectors.Incremental}
	rows, at := connectortest.Read(t, s, contacts)
	if len(rows) != 20 {
		t.Errorf("first read: %q", connectortest.Keys(rows))
	}
	contacts.From = at
	_, deals.From = connectortest.Read(t, s, deals)
	now := time.Now()
	a.mu.Lock()
	for i := 1; i <= 17; i++ {
		a.put("contacts", i, now.Add(time.Duration(i)*time.Millisecond), params{"email": "new"})
		a.put("deals", i, now.Add(time.Duration(i)*time.Millisecond), params{"dealname": "E"})
	}
	a.merge("contacts", 2, 19, now.Add(time.Second))
	a.objects["contacts"]["20"].archived = now.Add(time.Second)
	a.objects["deals"]["3"].archived = now.Add(time.Second)
	a.mu.Unlock()
	rows, contacts.From = connectortest.Read(t, s, contacts)
	got := map[string]bool{}
	for _, r := range rows {
		got[r.Key+strconv.FormatBool(r.Deleted)] = true
		if r.Key == "5" && r.Data["properties"].(map[string]any)["email"] != "new" {
			t.Error("contact 5 is old")
		}
	}
	for i := 1; i <= 17; i++ {
		if !got[strconv.Itoa(i)+"false"] {
			t.Errorf("contact %d is lost: %q", i, connectortest.Keys(rows))
		}
	}
	for _, gone := range []string{"19", "20"} {
		if !got[gone+"true"] {
			t.Errorf("contact %s is not reported as gone: %q", gone, connectortest.Keys(rows))
		}
	}
	rows, deals.From = connectortest.Read(t, s, deals)
	var live []string
	for _, r := range rows {
		if !r.Deleted {
			live = append(live, r.Key)
			if r.Data["associations"] == nil {
				t.Errorf("deal %s lost its associations", r.Key)
			}
		}
	}
	if slices.Sort(live); len(live) < 16 || slices.Contains(live, "3") || !strings.Contains(connectortest.Keys(rows), "-3") {
		t.Errorf("deals %q", connectortest.Keys(rows))
	}
}

// More than 10,000 changes: behind the search's limit the read goes on from
// the last date, and passes over none.
func TestPastTheLimitOfTheSearch(t *testing.T) {
	a := newAccount(t)
	a.size = 100
	a.put("contacts", 1, day(1), nil)
	a.put("deals", 1, day(1), nil)
	s := open(t, a)
	contacts := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	_, contacts.From = connectortest.Read(t, s, contacts)
	const n = 12_345
	now := time.Now().Add(-time.Hour)
	a.mu.Lock()
	for i := 2; i <= n; i++ {
		a.put("contacts", i, now.Add(time.Duration(i/7)*time.Millisecond), nil)
	}
	a.mu.Unlock()
	rows, _ := connectortest.Read(t, s, contacts)
	got := map[string]bool{}
	for _, r := range rows {
		got[r.Key] = true
	}
	if len(got) != n || len(rows) > n+200 {
		t.Errorf("%d of %d contacts came, in %d rows", len(got), n, len(rows))
	}
}

// Properties of one's own are read by lists, search and one by one, and
// discover names those that there are.
func TestPropertiesOfOnesOwn(t *testing.T) {
	a := newAccount(t)
	put := func(at time.Time, level string) {
		a.put("contacts", 1, at, params{"email": "x@example.cn", "contacts_level": level, "secret_note": "x"})
		a.put("companies", 2, at, params{"name": "C", "companies_level": level})
		a.put("deals", 3, at, params{"dealname": "D", "deals_level": level})
	}
	put(day(1), "gold")
	s := openWith(t, a, []any{"contacts.contacts_level", "companies.companies_level", "deals.deals_level", "contacts.email"})
	at := map[string]record.Position{}
	for _, level := range []string{"gold", "silver"} {
		for _, stream := range []string{"contacts", "companies", "deals"} {
			rows, next := connectortest.Read(t, s, connectors.Request{Stream: stream, Mode: connectors.Incremental, From: at[stream]})
			at[stream] = next
			if len(rows) != 1 {
				t.Fatalf("%s: %q", stream, connectortest.Keys(rows))
			}
			p := rows[0].Data["properties"].(params)
			if p[stream+"_level"] != level || p["secret_note"] != nil {
				t.Errorf("%s: %v, want %s", stream, p, level)
			}
		}
		a.mu.Lock()
		put(time.Now(), "silver")
		a.mu.Unlock()
	}
	streams, err := s.Discover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range streams {
		want := connectors.Column{Name: "properties." + st.Name + "_level", Type: "enumeration", Null: true}
		if !slices.Contains(st.Columns, want) {
			t.Errorf("%s: %v, without %v", st.Name, st.Columns, want)
		}
	}
}

// HubSpot's own client reads the stand-in as the connector does: the list, the
// search and the archive.
func TestHubSpotsOwnClientReadsTheSame(t *testing.T) {
	a := newAccount(t)
	for i := 1; i <= 7; i++ {
		a.put("contacts", i, day(i), params{"email": fmt.Sprintf("c%d@example.cn", i)})
	}
	srv := httptest.NewServer(a)
	defer srv.Close()
	p, err := hubspot.Connector{}.Spec().Decode("hub.yaml:5", quick(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	s, err := hubspot.Connector{}.Open(connectors.Config{Name: "crm", Params: p, Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	show := func(rows []record.Row) string {
		out := [][]any{}
		for _, r := range rows {
			at, err := time.Parse(time.RFC3339, fmt.Sprint(r.Data["updatedAt"]))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, []any{r.Key, r.Data["properties"].(params)["email"], at.Format("2006-01-02T15:04:05.000-07:00")})
		}
		return fmt.Sprint(out)
	}
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	_, at := connectortest.Read(t, s, r)
	a.mu.Lock()
	for i := 1; i <= 7; i++ {
		a.put("contacts", i, time.Now().Add(time.Duration(i)*time.Millisecond), nil)
	}
	a.mu.Unlock()
	r.From = at
	searched, at := connectortest.Read(t, s, r)
	listed, _ := connectortest.Read(t, s, connectors.Request{Stream: "contacts"})
	a.mu.Lock()
	a.objects["contacts"]["3"].archived = time.Now()
	a.mu.Unlock()
	r.From = at
	gone, _ := connectortest.Read(t, s, r)
	var theirs struct{ List, Search, Archived [][]any }
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+srv.URL, "TOKEN="+token)
	for _, x := range []struct {
		name string
		ours []record.Row
		got  [][]any
	}{
		{"list", slices.DeleteFunc(slices.Clone(listed), func(r record.Row) bool { return r.Key == "3" }), theirs.List},
		{"search", slices.DeleteFunc(slices.Clone(searched), func(r record.Row) bool { return r.Key == "3" }), theirs.Search},
		{"archive", slices.DeleteFunc(slices.Clone(gone), func(r record.Row) bool { return !r.Deleted }), theirs.Archived},
	} {
		if got, want := show(x.ours), fmt.Sprint(x.got); got != want || len(x.got) == 0 {
			t.Errorf("%s: we read\n%s\nHubSpot's client\n%s", x.name, got, want)
		}
	}
}
