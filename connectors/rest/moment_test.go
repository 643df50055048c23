package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"crmhub/connectors"
)

// Cursors are asked for as the system writes them: a unit below the last one
// seen, in the cursor's zone.
func TestMoments(t *testing.T) {
	for _, tt := range []struct{ format, value, want string }{
		{"rfc3339", `"2026-01-02T03:04:05Z"`, "2026-01-02T03:04:04Z"},
		{"rfc3339_ms", `"2026-01-02T03:04:05.678Z"`, "2026-01-02T03:04:05.677Z"},
		{"datetime", `"2026-01-02 03:04:05"`, "2026-01-02 03:04:04"},
		{"datetime_t", `"2026-01-02T03:04:05"`, "2026-01-02T03:04:04"},
		{"compact", `"20260102030405"`, "20260102030404"},
		{"compact", `20260102030405`, "20260102030404"},
		{"date", `"2026-01-02"`, "2026-01-02"},
		{"date_compact", `20260102`, "20260102"},
		{"http", `"Fri, 02 Jan 2026 03:04:05 GMT"`, "Fri, 02 Jan 2026 03:04:04 GMT"},
		{"unix", `1767323045`, "1767323044"},
		{"unix_ms", `1767323045678`, "1767323045677"},
		{"number", `17`, "16"},
	} {
		dir := project(t, `
streams:
  customers:
    key: id
    list: {path: /list, headers: {If-Modified-Since: "{since}"}, query: {since: "{since}"}}
    cursor: {field: at, format: `+tt.format+`, zone: Asia/Shanghai}
`)
		var query, header []string
		url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			query, header = append(query, r.URL.Query().Get("since")), append(header, r.Header.Get("If-Modified-Since"))
			if len(query) > 1 {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprintf(w, `[{"id":1,"at":%s}]`, tt.value)
		}))
		s := open(t, dir, with(quick, params{"url": url}))
		r := connectors.Request{Stream: "customers", Mode: connectors.Incremental}
		var rows int
		for range 2 {
			got, at := read(t, s, r)
			rows += len(got)
			r.From = at
		}
		if rows != 1 || len(query) != 2 || query[0] != "" || query[1] != tt.want || header[1] != tt.want {
			t.Errorf("%s: %d rows, asked for since %q, header %q; want %q", tt.format, rows, query, header, tt.want)
		}
	}
}
