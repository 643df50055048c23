package rest_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ticket is a record of desk.
type ticket struct {
	id      int
	name    string
	changed time.Time
}

func (t ticket) row() map[string]any {
	return map[string]any{"id": json.Number(strconv.Itoa(t.id)), "name": t.name, "updated_at": t.changed.UTC().Format("2006-01-02T15:04:05.000Z")}
}

// desk is a stateful API that gives one list in every way of paging. Its
// records may change between two requests.
type desk struct {
	mu      sync.Mutex
	tickets map[int]ticket
	gone    map[int]time.Time
	asked   int
	// before is called with the number of each request, under the lock.
	before func(n int)
	// window is how many records a search or a window of time gives at most.
	window int
	token  int // the newest delta token that is still known
	jobs   int
	log    []string
}

// day is an instant in the past, well apart from the present.
func day(n int) time.Time { return time.Date(2026, 1, n, 10, 0, 0, 0, time.UTC) }

func newDesk(n int) *desk {
	d := &desk{tickets: map[int]ticket{}, gone: map[int]time.Time{}, window: 1 << 30}
	for i := 1; i <= n; i++ {
		// Five share each instant.
		d.tickets[i] = ticket{i, "票 " + strconv.Itoa(i), day(1).Add(time.Duration(i/5) * time.Minute)}
	}
	return d
}

// change changes or adds a ticket; call it under the lock.
func (d *desk) change(id int, at time.Time) {
	d.tickets[id] = ticket{id, "changed " + at.Format(time.TimeOnly), at}
}

func (d *desk) remove(id int, at time.Time) {
	delete(d.tickets, id)
	d.gone[id] = at
}

// sorted returns the tickets by id, or by change and id.
func (d *desk) sorted(byChange bool) []ticket {
	var all []ticket
	for _, t := range d.tickets {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b ticket) int {
		if byChange && !a.changed.Equal(b.changed) {
			return a.changed.Compare(b.changed)
		}
		return cmp.Compare(a.id, b.id)
	})
	return all
}

func number(r *http.Request, name string, otherwise int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return otherwise
	}
	return n
}

// cut returns the rows from one index on, at most size.
func cut(all []ticket, from, size int) []map[string]any {
	rows := []map[string]any{}
	for i := max(from, 0); i < min(from+size, len(all)); i++ {
		rows = append(rows, all[i].row())
	}
	return rows
}

// since keeps the tickets that changed after an instant given as text, up to another.
func since(all []ticket, from, to string) []ticket {
	return slices.DeleteFunc(all, func(t ticket) bool {
		at := t.row()["updated_at"].(string)
		return from != "" && at <= from || to != "" && at >= to
	})
}

type object = map[string]any

// ServeHTTP answers.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	d.log = append(d.log, r.Method+" "+r.URL.RequestURI())
	if d.before != nil {
		d.before(d.asked)
	}
	q := r.URL.Query()
	size := number(r, "limit", 4)
	all := d.sorted(false)
	switch path := r.URL.Path; {
	case path == "/offset", path == "/offset-total":
		rows := cut(all, number(r, "offset", 0), size)
		if path == "/offset" {
			write(w, rows)
			return
		}
		write(w, object{"rows": rows, "total": len(all)})
	case path == "/page":
		w.Header().Set("X-WP-Total", strconv.Itoa(len(all)))
		w.Header().Set("X-WP-TotalPages", strconv.Itoa((len(all)+size-1)/size))
		write(w, cut(all, (number(r, "page", 1)-1)*size, size))
	case path == "/token", path == "/next", path == "/link", path == "/keyset":
		after := number(r, "after", 0)
		from := slices.IndexFunc(all, func(t ticket) bool { return t.id > after })
		if from < 0 {
			from = len(all)
		}
		rows := cut(all, from, size)
		last := ""
		if from+size < len(all) {
			last = strconv.Itoa(all[from+size-1].id)
		}
		switch path {
		case "/token":
			write(w, object{"list": rows, "meta": object{"next": last}})
		case "/next":
			next := any(nil)
			if last != "" { // the server knows itself by another name
				next = "http://internal.invalid:9/next?limit=4&after=" + last
			}
			write(w, object{"@odata.nextLink": next, "value": rows})
		case "/link":
			if last != "" {
				w.Header().Set("Link", `</link?a=1,2>; rel="first", </link?limit=4&after=`+last+`>; title="a, b"; rel="next last"`)
			}
			write(w, rows)
		case "/keyset":
			write(w, object{"data": rows, "has_more": last != ""})
		}
	case path == "/newest":
		slices.Reverse(all)
		from := 0
		if id := number(r, "starting_after", 0); id > 0 {
			from = slices.IndexFunc(all, func(t ticket) bool { return t.id < id })
		}
		if from < 0 {
			from = len(all)
		}
		write(w, object{"object": "list", "has_more": from+size < len(all), "data": cut(all, from, size)})
	case path == "/reverse":
		byChange := d.sorted(true)
		slices.Reverse(byChange)
		write(w, object{"pages": (len(all) + size - 1) / size, "trades": cut(byChange, (number(r, "page_no", 1)-1)*size, size)})
	case path == "/window":
		got := since(d.sorted(true), q.Get("from"), q.Get("to"))
		if len(got) > d.window {
			w.WriteHeader(http.StatusBadRequest)
			write(w, object{"name": "RESULTSET_TOO_LARGE", "message": "secret@example.cn has too many"})
			return
		}
		write(w, object{"rows": cut(got, (number(r, "page", 1)-1)*size, size), "total": len(got)})
	case path == "/search":
		d.search(w, r)
	case path == "/changed":
		got := since(d.sorted(true), q.Get("updated_after"), "")
		write(w, object{"rows": cut(got, number(r, "offset", 0), size), "total": len(got)})
	case path == "/unordered":
		got := since(all, q.Get("updated_after"), "")
		write(w, cut(got, number(r, "offset", 0), size))
	case path == "/archived":
		rows := []object{}
		for _, id := range slices.Sorted(mapKeys(d.gone)) {
			if at := d.gone[id].UTC().Format("2006-01-02T15:04:05.000Z"); at > q.Get("after") {
				rows = append(rows, object{"ticket_id": id, "archived_at": at})
			}
		}
		write(w, rows)
	case path == "/events":
		d.events(w, r)
	case strings.HasPrefix(path, "/one/"):
		id, err := strconv.Atoi(strings.TrimPrefix(path, "/one/"))
		if t, ok := d.tickets[id]; ok && err == nil {
			write(w, t.row())
			return
		}
		w.WriteHeader(http.StatusNotFound)
	case path == "/delta":
		d.delta(w, r)
	case strings.HasPrefix(path, "/jobs"):
		d.job(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// search pages like HubSpot: by POST, sorted by change, and no further than window.
func (d *desk) search(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Since string `json:"since"`
		After string `json:"after"`
		Limit int    `json:"limit"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	from := 0
	if ask.After != "" {
		n, err := strconv.Atoi(ask.After)
		if err != nil || n >= d.window {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		from = n
	}
	got := since(d.sorted(true), ask.Since, "")
	answer := object{"results": cut(got, from, ask.Limit), "total": len(got)}
	if from+ask.Limit < len(got) && from+ask.Limit < d.window {
		answer["paging"] = object{"next": object{"after": strconv.Itoa(from + ask.Limit)}}
	}
	write(w, answer)
}

// events lists what changed, the newest first: a ticket once for each change
// that it has had since it was made.
func (d *desk) events(w http.ResponseWriter, r *http.Request) {
	type event struct {
		at time.Time
		id int
	}
	var all []event
	for _, t := range d.sorted(true) {
		all = append(all, event{t.changed, t.id}, event{t.changed, t.id})
	}
	for id, at := range d.gone {
		all = append(all, event{at, id})
	}
	slices.SortFunc(all, func(a, b event) int {
		if !a.at.Equal(b.at) {
			return b.at.Compare(a.at)
		}
		return cmp.Compare(b.id, a.id)
	})
	from := number(r, "created", 0)
	rows := []object{}
	start := number(r, "starting_after", 0)
	for i, e := range all {
		if e.at.Unix() >= int64(from) && i >= start && len(rows) < 3 {
			rows = append(rows, object{"id": i + 1, "created": e.at.Unix(), "data": object{"object": object{"id": e.id}}})
		}
	}
	more := len(rows) == 3 && start+3 < len(all)
	write(w, object{"data": rows, "has_more": more})
}

// delta gives everything, or what changed since a token.
func (d *desk) delta(w http.ResponseWriter, r *http.Request) {
	after := number(r, "token", 0)
	if after > 0 && after < d.token {
		w.WriteHeader(http.StatusGone)
		write(w, object{"error": object{"code": "syncStateNotFound"}})
		return
	}
	type entry struct {
		at  time.Time
		id  int
		row object
	}
	var all []entry
	for _, t := range d.tickets {
		all = append(all, entry{t.changed, t.id, t.row()})
	}
	for id, at := range d.gone {
		if after > 0 {
			all = append(all, entry{at, id, object{"id": id, "@removed": object{"reason": "deleted"}}})
		}
	}
	place := func(e entry) int { return int(e.at.UnixMilli())*1000 + e.id }
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(place(a), place(b)) })
	from := max(after, number(r, "skip", 0))
	rows := []object{}
	more := false
	for _, e := range all {
		if place(e) <= from {
			continue
		}
		if more = len(rows) == 4; more {
			break
		}
		rows = append(rows, e.row)
		from = place(e)
	}
	answer := object{"value": rows}
	if more {
		answer["@odata.nextLink"] = fmt.Sprintf("/delta?token=%d&skip=%d", after, from)
	} else {
		answer["@odata.deltaLink"] = fmt.Sprintf("http://elsewhere.invalid/delta?token=%d", from)
	}
	write(w, answer)
}

// job makes a file of everything, in pages with a locator.
func (d *desk) job(w http.ResponseWriter, r *http.Request) {
	switch parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); {
	case r.Method == http.MethodPost:
		d.jobs = 0
		write(w, object{"id": "750A", "state": "UploadComplete"})
	case len(parts) == 2:
		if d.jobs++; d.jobs < 2 {
			write(w, object{"id": "750A", "state": "InProgress"})
			return
		}
		write(w, object{"id": "750A", "state": "JobComplete"})
	default:
		all := d.sorted(false)
		from := number(r, "locator", 0)
		w.Header().Set("Sforce-Locator", "null")
		if from+4 < len(all) {
			w.Header().Set("Sforce-Locator", strconv.Itoa(from+4))
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		out := csv.NewWriter(w)
		lines := [][]string{{"id", "name", "updated_at"}}
		for _, row := range cut(all, from, 4) {
			lines = append(lines, []string{row["id"].(json.Number).String(), row["name"].(string), row["updated_at"].(string)})
		}
		if err := out.WriteAll(lines); err != nil {
			return // the client is gone
		}
	}
}

// deskAPI describes desk, one stream for each way of paging.
const deskAPI = `
title: Desk
throttle: {wait: X-Wait}
errors:
  - {status: [400], field: name, values: [RESULTSET_TOO_LARGE], means: too_many}
  - {status: [410], means: expired}
  - {field: error.code, values: [THROTTLED], means: throttled}
streams:
  offset:       {key: id, list: {path: /offset, paging: {type: offset, param: offset, size: 4, size_param: limit}}}
  offset_total: {key: id, list: {path: /offset-total, records: rows, paging: {type: offset, param: offset, size: 4, size_param: limit, total: total}}}
  page:         {key: id, list: {path: /page, paging: {type: page, param: page, size: 4, size_param: limit, total: "header:X-WP-Total"}}}
  pages:        {key: id, list: {path: /page, paging: {type: page, param: page, size: 4, size_param: limit, pages: "header:X-WP-TotalPages", total: "header:X-WP-Total"}}}
  token:        {key: id, list: {path: /token, records: list, paging: {type: token, param: after, next: meta.next, size: 4, size_param: limit}}}
  next:         {key: id, list: {path: /next, records: value, paging: {type: next_url, next: "@odata.nextLink", size: 4, size_param: limit}}}
  link:         {key: id, list: {path: /link, paging: {type: link, size: 4, size_param: limit}}}
  keyset:       {key: id, list: {path: /keyset, records: data, paging: {type: keyset, param: after, key: id, more: has_more, size: 4, size_param: limit}}}
  keyset_bare:  {key: id, list: {path: /keyset, records: data, paging: {type: keyset, param: after, key: id, size: 4, size_param: limit}}}
  newest:       {key: id, list: {path: /newest, records: data, paging: {type: keyset, param: starting_after, key: id, more: has_more, size: 4, size_param: limit}}}
  reverse:      {key: id, list: {path: /reverse, records: trades, paging: {type: reverse, param: page_no, pages: pages, size: 4, size_param: limit}}}
  job:
    key: id
    list:
      method: POST
      path: /jobs
      body: {query: "select id"}
      job:
        id: id
        status: state
        done: JobComplete
        failed: [Failed, Aborted]
        every: 1ms
        poll: {path: "/jobs/{job}"}
        result: {path: "/jobs/{job}/results", format: csv, paging: {type: token, param: locator, next: "header:Sforce-Locator"}}
  window:
    key: id
    list: {path: /window, records: rows, paging: {type: page, param: page, size: 4, size_param: limit, total: total}}
    cursor: {field: updated_at, param: from, until: to, format: rfc3339_ms, start: "2026-01-01T00:00:00Z", window: 720h}
  search:
    key: id
    list: {path: /search, body: {since: "{since}", limit: 4}, records: results, paging: {type: token, param: after, in: body, next: paging.next.after, size: 4, cap: 8}}
    cursor: {field: updated_at, format: rfc3339_ms, order: asc}
  changed:
    key: id
    list: {path: /changed, records: rows, paging: {type: offset, param: offset, size: 4, size_param: limit, total: total}}
    cursor: {field: updated_at, param: updated_after, format: rfc3339_ms, order: asc}
    deletes: {list: {path: /archived}, key: ticket_id, cursor: {field: archived_at, param: after, format: rfc3339_ms}}
  unordered:
    key: id
    list: {path: /unordered, paging: {type: offset, param: offset, size: 4, size_param: limit}}
    cursor: {field: updated_at, param: updated_after, format: rfc3339_ms}
  events:
    key: id
    list: {path: /token, records: list, paging: {type: token, param: after, next: meta.next, size: 4, size_param: limit}}
    changes:
      list: {path: /events, records: data, paging: {type: keyset, param: starting_after, key: id, more: has_more}}
      cursor: {field: created, param: created, format: unix}
      id: data.object.id
      fetch: {path: "/one/{changed}"}
  delta:
    key: id
    list: {path: /delta, records: value, paging: {type: next_url, next: "@odata.nextLink", delta: "@odata.deltaLink"}}
    deletes: {field: "@removed"}
`

// everyWay are the streams of desk.
var everyWay = []string{
	"offset", "offset_total", "page", "pages", "token", "next", "link", "keyset", "keyset_bare", "newest", "reverse", "job", "window",
	"search", "changed", "unordered", "events", "delta",
}
