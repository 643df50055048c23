package rest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
)

const familyAPI = `
streams:
  regions: {key: id, list: {path: /regions, paging: {type: page, param: page}}}
  shops: {key: id, parent: {stream: regions}, list: {path: "/regions/{parent.id}/shops", records: shops, paging: {type: token, param: t, next: next}}}
  orders:
    key: [parent_id, no]
    parent: {stream: shops, fields: [id]}
    list: {path: "/r/{parent.parent.id}/s/{parent.id}/orders", query: {since: "{since}"}}
    cursor: {field: at}
`

// family has regions, shops of each and orders of each of these.
func family(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	switch {
	case len(parts) == 1: // three regions, two on a page
		switch r.URL.Query().Get("page") {
		case "1":
			fmt.Fprint(w, `[{"id":"a/1"},{"id":"b"}]`)
		case "2":
			fmt.Fprint(w, `[{"id":"c"}]`)
		default:
			fmt.Fprint(w, `[]`)
		}
	case parts[0] == "regions":
		n, err := strconv.Atoi("0" + r.URL.Query().Get("t"))
		if err != nil || parts[1] == "b" {
			fmt.Fprint(w, `{"shops":[]}`)
			return
		}
		next := ""
		if n < 1 {
			next = strconv.Itoa(n + 1)
		}
		fmt.Fprintf(w, `{"shops":[{"id":"%s-%d"}],"next":%q}`, strings.ToUpper(parts[1][:1]), n, next)
	default:
		if parts[1] == "a" || !strings.HasPrefix(parts[3], strings.ToUpper(parts[1][:1])) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `[{"no":1,"at":"2026-01-01T00:00:00Z"},{"no":2,"at":"2026-01-02T00:00:00Z"},{"no":3,"at":"2026-01-02T00:00:00Z"}]`)
	}
}

// Streams of streams of streams go on anywhere, and their values can't leave
// their place in a path.
func TestFamilies(t *testing.T) {
	var want []connectortest.Row
	for _, shop := range []string{"A-0", "A-1", "C-0", "C-1"} {
		for i := 1; i <= 3; i++ {
			at := "2026-01-0" + strconv.Itoa(min(i, 2)) + "T00:00:00Z"
			want = append(want, connectortest.Row{Key: shop + "|" + strconv.Itoa(i), Place: "orders", Data: params{"no": n(strconv.Itoa(i)), "at": at, "parent_id": shop}})
		}
	}
	c := connectortest.Case{
		Connector: connector, Dir: project(t, familyAPI), Params: with(quick, params{"url": serve(t, http.HandlerFunc(family))}),
		Request: connectors.Request{Stream: "orders"}, Want: want, Streams: []string{"regions", "shops", "orders"},
	}
	connectortest.Run(t, c)
	c.Request.BatchRows = 1
	connectortest.Run(t, c)
	s := open(t, c.Dir, c.Params)
	r := connectors.Request{Stream: "orders", Mode: connectors.Incremental, BatchRows: 2}
	h := newHub()
	r.From = lives(t, h, s, r, 1)
	if len(h.rows) != len(want) {
		t.Errorf("%d orders, want %d", len(h.rows), len(want))
	}
	lives(t, h, s, r, 1)
}

// The file of a job on another host is asked for without the key; a request by
// POST that is sent elsewhere by 302 is not turned into another one.
func TestFilesElsewhere(t *testing.T) {
	leaked := ""
	files := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked += r.Header.Get("Authorization") + r.Header.Get("X-Team")
		fmt.Fprint(w, "{\"id\":1}\n{\"id\":2}\n")
	}))
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer secret-key":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/jobs", http.StatusFound)
		case r.Method == http.MethodPost:
			fmt.Fprint(w, `{"data":{"id":"j1","status":"CREATED"}}`)
		default:
			fmt.Fprintf(w, `{"data":{"id":"j1","status":"COMPLETED","url":"%s/f?sig=x"}}`, files)
		}
	}))
	dir := project(t, `
auth: {type: bearer}
headers: {X-Team: "42"}
check: {path: /me}
streams:
  rows:
    key: id
    list: &list
      path: /jobs
      body: {query: all}
      job: {id: data.id, status: data.status, done: COMPLETED, failed: FAILED, every: 1ms, poll: {path: "/jobs/{job}"}, file: data.url, result: {format: jsonl}}
  moved: {key: id, list: {<<: *list, path: /moved}}
`)
	s := open(t, dir, with(quick, params{"url": url, "token": "secret-key"}))
	rows, _ := read(t, s, connectors.Request{Stream: "rows"})
	if ids(rows) != "1 2" || leaked != "" {
		t.Errorf("keys %q; the other host saw %q", ids(rows), leaked)
	}
	err := s.Read(t.Context(), connectors.Request{Stream: "moved"}, none)
	if f := fault.Of(err); f == nil || f.Code != "E2318" {
		t.Errorf("a POST that is sent on: %v", err)
	}
}
