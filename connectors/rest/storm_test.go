package rest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// storm stands before a server, and fails a share of its requests in every way
// that servers do. It counts the requests that come before it let them.
type storm struct {
	next  http.Handler
	mu    sync.Mutex
	dice  *rand.Rand
	until time.Time
	early int
	fails int
}

// ServeHTTP answers, or not.
func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	now := time.Now()
	if now.Before(s.until) {
		s.early++
	}
	n := s.dice.IntN(12)
	if n < 8 {
		s.fails++
	}
	wait := time.Duration(1+s.dice.IntN(20)) * time.Millisecond
	if n < 3 {
		s.until = now.Add(wait)
	}
	s.mu.Unlock()
	seconds := strconv.FormatFloat(wait.Seconds(), 'f', 3, 64)
	switch n {
	case 0:
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(http.StatusTooManyRequests)
	case 1:
		w.Header().Set("X-Wait", seconds)
		w.WriteHeader(http.StatusServiceUnavailable)
	case 2:
		w.Header().Set("Retry-After", seconds)
		fmt.Fprint(w, `{"error":{"code":"THROTTLED"}}`)
	case 3:
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html>Bad Gateway</html>")
	case 4:
		w.WriteHeader(http.StatusInternalServerError)
	case 5, 6: // the answer ends in the middle
		rec := httptest.NewRecorder()
		s.next.ServeHTTP(rec, r)
		w.Header().Set("Content-Length", strconv.Itoa(rec.Body.Len()))
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
		panic(http.ErrAbortHandler)
	case 7:
		panic(http.ErrAbortHandler)
	default:
		s.next.ServeHTTP(w, r)
	}
}

// Two of three requests fail: every stream is read whole all the same, each
// record in its last state, and no request comes before its time.
func TestStorms(t *testing.T) {
	for i, stream := range everyWay {
		t.Run(stream, func(t *testing.T) {
			t.Parallel()
			d := newDesk(23)
			st := &storm{next: d, dice: rand.New(rand.NewPCG(uint64(i), 7))}
			s := open(t, project(t, deskAPI), with(quick, params{"url": serve(t, st), "retries": uint64(100)}))
			h := newHub()
			lives(t, h, s, connectors.Request{Stream: stream, BatchRows: 3}, 3)
			h.holds(t, d)
			st.mu.Lock()
			defer st.mu.Unlock()
			if st.early > 0 {
				t.Errorf("%d requests came before the server let them", st.early)
			}
			if st.fails == 0 {
				t.Error("nothing failed: the test tests nothing")
			}
		})
	}
}

// none takes a batch and drops it.
func none(context.Context, connectors.Batch) error { return nil }

// answer reads a stream "rows" of a server that gives one answer; api are
// further lines of its description.
func answer(t *testing.T, api string, h http.HandlerFunc, more params) (connectors.Source, string) {
	t.Helper()
	url := serve(t, h)
	return open(t, project(t, "streams: {rows: {key: id, list: {path: /rows, records: rows}}}\n"+api), with(quick, with(params{"url": url, "retries": uint64(2)}, more))), url
}

func TestAnswersThatAreNoGood(t *testing.T) {
	say := func(status int, header, value, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set(header, value)
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	secret := `"message":"mail of secret@example.cn with secret"`
	for _, tt := range []struct {
		name  string
		api   string
		h     http.HandlerFunc
		code  fault.Code
		exit  int
		asked int // how often the server was asked
	}{
		{"401", "", say(401, "", "", `{`+secret+`}`), "E2303", fault.ExitPermission, 1},
		{"403", "", say(403, "", "", `{"errorCode":"API_DISABLED",`+secret+`}`), "E2304", fault.ExitPermission, 1},
		{"403 by rule a limit", "errors: [{status: [403], field: errorCode, values: [REQUEST_LIMIT_EXCEEDED], means: throttled}]\nlimits: {max_wait: 2ms}", say(403, "", "", `[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]`), "E2309", fault.ExitTemporary, 2},
		{"404", "", say(404, "", "", "<html>secret</html>"), "E2305", fault.ExitUsage, 1},
		{"400", "", say(400, "", "", `{"error":{"code":"bad_cursor",`+secret+`}}`), "E2310", fault.ExitUsage, 1},
		{"429 for an hour", "", say(429, "Retry-After", "3600", ""), "E2309", fault.ExitTemporary, 1},
		{"429 until a date", "", say(429, "Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), ""), "E2309", fault.ExitTemporary, 1},
		{"500", "", say(500, "", "", ""), "E2308", fault.ExitTemporary, 3},
		{"501", "", say(501, "", "", ""), "E2310", fault.ExitUsage, 1},
		{"html", "", say(200, "Content-Type", "text/html", "<html>secret</html>"), "E2311", fault.ExitFailed, 1},
		{"nothing", "", say(200, "", "", ""), "E2307", fault.ExitTemporary, 3},
		{"half", "", say(200, "", "", `{"rows":[{"id":1},{"id":`), "E2307", fault.ExitTemporary, 3},
		{"more", "", say(200, "", "", `{"rows":[]} {}`), "E2311", fault.ExitFailed, 1},
		{"comma", "", say(200, "", "", `{"rows":[{"id":1},]}`), "E2311", fault.ExitFailed, 1},
		{"no list", "", say(200, "", "", `{"items":[]}`), "E2312", fault.ExitFailed, 1},
		{"error in 200", "errors: [{field: error_response, means: failed}]", say(200, "", "", `{"error_response":{"code":"isv.secret mail"}}`), "E2322", fault.ExitFailed, 1},
		{"refused in 200", "errors: [{field: error_response.code, values: ['27'], means: refused}]", say(200, "", "", `{"error_response":{"code":27}}`), "E2303", fault.ExitPermission, 1},
		{"not UTF-8", "", say(200, "", "", "{\"rows\":[{\"id\":\"\xd5\xc5\"}]}"), "E2325", fault.ExitUsage, 1},
		{"too long", "limits: {page_bytes: 100}", say(200, "", "", `{"rows":[`+fmt.Sprintf("%0200d", 0)+`]}`), "E2317", fault.ExitFailed, 1},
		{"elsewhere", "", say(302, "Location", "https://secret.example/login?token=secret-x", ""), "E2318", fault.ExitUsage, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			s, _ := answer(t, tt.api, func(w http.ResponseWriter, r *http.Request) {
				asked++
				tt.h(w, r)
			}, nil)
			err := s.Read(t.Context(), connectors.Request{Stream: "rows"}, none)
			if tt.name == "elsewhere" {
				if f := fault.Of(err); f == nil || f.Code != tt.code {
					t.Errorf("%v, want %s", err, tt.code)
				}
			} else {
				wantFault(t, tt.name, err, tt.code, tt.exit)
			}
			if asked != tt.asked {
				t.Errorf("the server was asked %d times, want %d", asked, tt.asked)
			}
		})
	}
}

func TestStopRules(t *testing.T) {
	row := `{"id":1,"name":"x"}`
	for _, tt := range []struct {
		name, paging, answer string
		code                 fault.Code
	}{
		{"the offset is ignored", "{type: offset, param: offset, size: 1, total: total}", `{"rows":[` + row + `],"total":100}`, "E2313"},
		{"the page is ignored", "{type: page, param: page}", `{"rows":[` + row + `]}`, "E2313"},
		{"the token stays", "{type: token, param: t, next: next}", `{"rows":[` + row + `],"next":"same"}`, "E2313"},
		{"the address stays", "{type: next_url, next: next}", `{"rows":[` + row + `],"next":"/rows?page=2"}`, "E2313"},
		{"the key stays", "{type: keyset, param: after, key: id, more: more}", `{"rows":[` + row + `],"more":true}`, "E2313"},
		{"no key", "{type: keyset, param: after, key: no, more: more}", `{"rows":[` + row + `],"more":true}`, "E2313"},
		{"more of nothing", "{type: offset, param: offset, more: more}", `{"rows":[],"more":true}`, "E2313"},
		{"pages unknown", "{type: reverse, param: page, pages: pages}", `{"rows":[` + row + `]}`, "E2313"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				fmt.Fprint(w, tt.answer)
			}))
			s := open(t, project(t, "streams: {rows: {key: id, list: {path: /rows, records: rows, paging: "+tt.paging+"}}}"), with(quick, params{"url": url}))
			wantFault(t, tt.name, s.Read(t.Context(), connectors.Request{Stream: "rows"}, none), tt.code, fault.ExitFailed)
			if asked > 5 {
				t.Errorf("the server was asked %d times before that was seen", asked)
			}
		})
	}
	t.Run("tokens without end", func(t *testing.T) {
		i := 0
		url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			i++
			fmt.Fprintf(w, `{"rows":[],"next":"%d"}`, i)
		}))
		s := open(t, project(t, "limits: {pages: 20}\nstreams: {rows: {key: id, list: {path: /rows, records: rows, paging: {type: token, param: t, next: next}}}}"), with(quick, params{"url": url}))
		wantFault(t, "pages", s.Read(t.Context(), connectors.Request{Stream: "rows"}, none), "E2316", fault.ExitFailed)
	})
}

// A certificate of nobody, an HTTP server under https, and a certificate that
// the connection trusts.
func TestTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"rows":[{"id":1}]}`) }))
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	srv.Config.ErrorLog = quietLog()
	srv.StartTLS()
	defer srv.Close()
	dir := project(t, "streams: {rows: {key: id, list: {path: /rows, records: rows}}}")
	s := open(t, dir, with(quick, params{"url": srv.URL}))
	wantFault(t, "unknown authority", s.Check(t.Context()), "E2306", fault.ExitUsage)
	plain := serve(t, http.NotFoundHandler())
	s = open(t, dir, with(quick, params{"url": "https" + plain[4:]}))
	wantFault(t, "no TLS", s.Check(t.Context()), "E2306", fault.ExitUsage)
	writePEM(t, dir+"/ca.pem", srv.Certificate().Raw)
	s = open(t, dir, with(quick, params{"url": srv.URL, "ca_file": "ca.pem"}))
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("with ca_file: %v", err)
	}
}
