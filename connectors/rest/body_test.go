package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors"
	"crmhub/fault"
)

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

func writePEM(t *testing.T, path string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Answers are unpacked and read in the character set that they say, or that
// the description says; what gzip cuts off is asked for again.
func TestBodies(t *testing.T) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(`{"rows":[{"id":"张伟"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(`{"rows":[{"id":"张伟"}]}`)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, api, kind, packing string
		body                     []byte
	}{
		{"plain", "", "application/json", "", []byte(`{"rows":[{"id":"张伟"}]}`)},
		{"mark", "", "application/json", "", []byte("\xef\xbb\xbf" + `{"rows":[{"id":"张伟"}]}`)},
		{"said", "", "application/json; charset=GB2312", "", []byte(gbk)},
		{"described", "charset: gbk", "text/plain", "", []byte(gbk)},
		{"gzip", "", "application/json", "gzip", packed.Bytes()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tries := 0
			s, _ := answer(t, tt.api, func(w http.ResponseWriter, _ *http.Request) {
				tries++
				w.Header().Set("Content-Type", tt.kind)
				body := tt.body
				if tt.packing != "" {
					w.Header().Set("Content-Encoding", tt.packing)
					if tries == 1 {
						body = body[:len(body)-9]
					}
				}
				w.Write(body)
			}, nil)
			rows, _ := read(t, s, connectors.Request{Stream: "rows"})
			if got, want := ids(rows), "张伟"; got != want {
				t.Errorf("keys %q, want %q", got, want)
			}
		})
	}
}

// Where records are: at the top, deep, as the values of an object, inside
// their elements, one alone, none at all.
func TestPathsOfRecords(t *testing.T) {
	for _, tt := range []struct{ call, body, want string }{
		{"", `[{"id":1},{"id":2}]`, "1 2"},
		{"", `{"id":1,"more":[1,{"x":"]}"}]}`, "1"},
		{"records: a.b.c", `{"z":{"c":[9]},"a":{"y":[{"id":8}],"b":{"x":"\"}","c":[{"id":1},{"id":2}],"w":null}},"v":1}`, "1 2"},
		{"records: a.*", `{"a":{"k1":{"id":1},"k2":{"id":2}}}`, "1 2"},
		{"records: a", `{"a":{"id":1}}`, "1"},
		{"records: a", `{"a":null}`, ""},
		{"records: a", `{"a":[]}`, ""},
		{"records: a.edges, record: node", `{"a":{"edges":[{"cursor":"x","node":{"id":1}},{"node":{"id":2}}]}}`, "1 2"},
		{"format: jsonl", "{\"id\":1}\n\n{\"id\":2}", "1 2"},
		{"format: csv", "id,name\n1,\"a\nb\"\n2,\n", "1 2"},
	} {
		url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tt.body) }))
		s := open(t, project(t, "streams: {rows: {key: id, list: {path: /rows, "+tt.call+"}}}"), with(quick, params{"url": url}))
		rows, _ := read(t, s, connectors.Request{Stream: "rows"})
		if got := ids(rows); got != tt.want {
			t.Errorf("%s of %s: keys %q, want %q", tt.call, tt.body, got, tt.want)
		}
	}
}

// Redirects on one host are followed, with credentials; those that turn a
// question into another one are not.
func TestRedirects(t *testing.T) {
	s, _ := answer(t, "auth: {type: header, name: X-Key, prefix: 'Token '}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != "Token secret-key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/rows" {
			http.Redirect(w, r, "/v2/rows", http.StatusMovedPermanently)
			return
		}
		fmt.Fprint(w, `{"rows":[{"id":1}]}`)
	}, params{"token": "secret-key"})
	rows, _ := read(t, s, connectors.Request{Stream: "rows"})
	if got := ids(rows); got != "1" {
		t.Errorf("keys %q", got)
	}
}

// A key in the query stands in no error, whatever goes wrong.
func TestAKeyInTheQueryIsNeverShown(t *testing.T) {
	dir := project(t, "auth: {type: query, name: api_key}\nstreams: {rows: {key: id, list: {path: /rows, records: rows}}}")
	for _, url := range []string{"http://127.0.0.1:1", "http://nowhere.invalid", "https" + serve(t, http.NotFoundHandler())[4:], serve(t, http.NotFoundHandler())} {
		s := open(t, dir, with(quick, params{"url": url, "token": "secret-key", "retries": uint64(1)}))
		err := s.Read(t.Context(), connectors.Request{Stream: "rows"}, none)
		f := fault.Of(err)
		if f == nil {
			t.Fatalf("%s: %v", url, err)
		}
		if strings.Contains(f.Error(), "secret") {
			t.Errorf("%s: %v", url, f)
		}
	}
}

// The budget in headers is kept: with nothing left, the next request waits.
func TestBudgetInHeaders(t *testing.T) {
	var early, asked int
	var until time.Time
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; time.Now().Before(until) {
			early++
		}
		until = time.Now().Add(50 * time.Millisecond)
		w.Header().Set("X-Left", strconv.Itoa(0))
		w.Header().Set("X-Reset", "0.06")
		page := r.URL.Query().Get("page")
		if page == "3" {
			fmt.Fprint(w, `[]`)
			return
		}
		fmt.Fprintf(w, `[{"id":%s}]`, page)
	}))
	s := open(t, project(t, "throttle: {remaining: X-Left, reset: X-Reset}\nstreams: {rows: {key: id, list: {path: /rows, paging: {type: page, param: page}}}}"), with(quick, params{"url": url}))
	rows, _ := read(t, s, connectors.Request{Stream: "rows"})
	if len(rows) != 2 || early > 0 || asked != 3 {
		t.Errorf("%d rows, %d of %d requests too early", len(rows), early, asked)
	}
}

// bigPage writes a page of that many rows of about a kilobyte.
func bigPage(w io.Writer, rows int) {
	fill := strings.Repeat("x", 900)
	fmt.Fprint(w, `{"rows":[`)
	for i := range rows {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `{"id":%d,"name":"张伟","note":"%s","total":12345678901234567.10}`, i, fill)
	}
	fmt.Fprint(w, `]}`)
}

// A page of 100 MB is read in little memory.
func TestMemoryOfAHugePage(t *testing.T) {
	s, _ := answer(t, "", func(w http.ResponseWriter, _ *http.Request) { bigPage(w, 100_000) }, nil)
	var most, before uint64
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before = m.HeapAlloc
	n := 0
	err := s.Read(t.Context(), connectors.Request{Stream: "rows"}, func(_ context.Context, b connectors.Batch) error {
		if n += len(b.Rows); n%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	})
	if err != nil || n != 100_000 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if most > before+30<<20 {
		t.Errorf("%d MB of heap for a page of 100 MB", (most-before)>>20)
	}
}

// BenchmarkRead reads from a server that answers at once: 20 pages of 5,000
// rows of 300 bytes.
func BenchmarkRead(b *testing.B) {
	const pages, rows = 20, 5000
	var page bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&page, `,{"id":%d,"name":"张伟 %d","email":"zhang%d@example.cn","phone":"+8613800%06d","total":12345.10,"street":"某某路 %d 号","city":"上海","updated_at":"2026-01-02T10:00:00Z","active":true,"tags":["vip","new"]}`, i, i, i, i, i)
	}
	page.WriteByte(']')
	url := serve(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"rows":[{"id":"first of %s"}`, r.URL.RawQuery)
		w.Write(page.Bytes())
		next, err := strconv.Atoi(r.URL.Query().Get("t"))
		if err != nil {
			next = 0
		}
		if next++; next < pages {
			fmt.Fprintf(w, `,"next":"%d"}`, next)
			return
		}
		fmt.Fprint(w, `}`)
	}))
	dir := project(b, "limits: {pages: 100}\nstreams: {rows: {key: id, list: {path: /rows, records: rows, paging: {type: token, param: t, next: next}}}}")
	s, err := tryOpen(dir, with(quick, params{"url": url}))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ResetTimer()
	read := 0
	for b.Loop() {
		err := s.Read(b.Context(), connectors.Request{Stream: "rows"}, func(_ context.Context, x connectors.Batch) error {
			read += len(x.Rows)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "rows/s")
}
