package wire_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/wire"
	"crmhub/fault"
)

// open makes a Web for an address with quick retries.
func open(t *testing.T, address string, over map[string]any, sign func(*http.Request) error) (*wire.Web, error) {
	t.Helper()
	raw := map[string]any{"url": address, "retries": uint64(3), "retry_wait": "1ms", "timeout": "5s"}
	for k, v := range over {
		raw[k] = v
	}
	spec := connectors.Spec{Name: "bills", Params: wire.Params("https://api.example.cn", fault.Text{"x", "y"})}
	p, err := spec.Decode("hub.yaml:5", raw)
	if err != nil {
		t.Fatal(err)
	}
	w, u, err := wire.Open(connectors.Config{Name: "bills", Params: p, Dir: t.TempDir()}, "bills", sign)
	if err != nil {
		return nil, err
	}
	if got := u.String(); got != address {
		t.Errorf("the address is %s, want %s", got, address)
	}
	t.Cleanup(w.Close)
	return w, nil
}

// ask makes one GET request of at most a hundred bytes.
func ask(t *testing.T, w *wire.Web, address string) (wire.Answer, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.Do(t.Context(), r, "bills/trade", 100)
}

func code(err error) fault.Code {
	if f := fault.Of(err); f != nil {
		return f.Code
	}
	return ""
}

func TestAnswers(t *testing.T) {
	drop := func(w http.ResponseWriter) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	}
	say := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	long := say(200, strings.Repeat("x", 101))
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "50")
		fmt.Fprint(w, "half")
	}
	type answers = []func(http.ResponseWriter)
	for _, tt := range []struct {
		name    string
		answers answers // the last one for ever
		want    fault.Code
		status  int
		asked   int
	}{
		{"good", answers{say(200, "ok")}, "", 200, 1},
		{"refused, which is the caller's", answers{say(401, "no")}, "", 401, 1},
		{"none there, which is the caller's", answers{say(404, "no")}, "", 404, 1},
		{"fails twice", answers{say(502, ""), say(500, ""), say(200, "ok")}, "", 200, 3},
		{"dropped twice", answers{drop, drop, say(200, "ok")}, "", 200, 3},
		{"asks for patience once", answers{say(429, ""), say(200, "ok")}, "", 200, 2},
		{"fails for good", answers{say(503, "")}, "E2308", 503, 4},
		{"patience for good", answers{say(429, "")}, "E2309", 429, 4},
		{"dropped for good", answers{drop}, "E2307", 0, 4},
		{"too long", answers{long}, "E2317", 200, 1},
		{"cut", answers{cut}, "E2307", 200, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				tt.answers[min(asked, len(tt.answers))-1](w)
			}))
			defer srv.Close()
			w, err := open(t, srv.URL, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			a, err := ask(t, w, srv.URL+"/bill?token=canary")
			if code(err) != tt.want || a.Status != tt.status || asked != tt.asked {
				t.Errorf("%v, status %d, asked %d times; want %q, %d, %d", err, a.Status, asked, tt.want, tt.status, tt.asked)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a token", err)
			}
		})
	}
}

// Each try but the first is signed anew.
func TestEachTryIsSignedAnew(t *testing.T) {
	var seen []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen = append(seen, r.Header.Get("X-Sign")); len(seen) < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer srv.Close()
	n := 0
	w, err := open(t, srv.URL, nil, func(r *http.Request) error {
		n++
		r.Header.Set("X-Sign", fmt.Sprint(n))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, w, srv.URL); err != nil || strings.Join(seen, ",") != ",1,2" {
		t.Errorf("signed %q, %v", seen, err)
	}
}

func TestNobodyThere(t *testing.T) {
	w, err := open(t, "http://127.0.0.1:1", map[string]any{"retries": uint64(1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, w, "http://127.0.0.1:1"); code(err) != "E2302" {
		t.Errorf("%v, want E2302", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Do(ctx, r, "x", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// A certificate that nobody vouches for is refused, one of ca_file is taken.
func TestCertificates(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer srv.Close()
	w, err := open(t, srv.URL, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, w, srv.URL); code(err) != "E2306" {
		t.Errorf("%v, want E2306", err)
	}
	dir := t.TempDir()
	roots, none := filepath.Join(dir, "roots.pem"), filepath.Join(dir, "none.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := errors.Join(os.WriteFile(roots, text, 0o600), os.WriteFile(none, []byte("nothing"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if w, err = open(t, srv.URL, map[string]any{"ca_file": roots}, nil); err != nil {
		t.Fatal(err)
	}
	if a, err := ask(t, w, srv.URL); err != nil || string(a.Body) != "ok" {
		t.Errorf("%q, %v", a.Body, err)
	}
	for _, file := range []string{none, filepath.Join(dir, "missing.pem")} {
		if _, err := open(t, srv.URL, map[string]any{"ca_file": file}, nil); code(err) != "E2003" {
			t.Errorf("%s: %v, want E2003", filepath.Base(file), err)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, tt := range []struct {
		raw  string
		good bool
	}{
		{"https://api.example.cn", true},
		{"https://api.example.cn:8443/gateway.do", true},
		{"http://127.0.0.1:8080", true},
		{"http://localhost:8080", true},
		{"http://[::1]:8080", true},
		{"http://api.example.cn", false},
		{"http://127.0.0.1.example.cn", false},
		{"ftp://api.example.cn", false},
		{"api.example.cn", false},
		{"", false},
		{"https://", false},
		{"https://%zz", false},
	} {
		_, err := wire.Address("bills", tt.raw)
		if (err == nil) != tt.good || err != nil && code(err) != "E2301" {
			t.Errorf("Address(%q): %v, want good %v", tt.raw, err, tt.good)
		}
	}
}

func TestBadParameters(t *testing.T) {
	for name, over := range map[string]map[string]any{"retries": {"retries": int64(-1)}, "url": {"url": "http://api.example.cn"}} {
		if _, err := open(t, "https://api.example.cn", over, nil); code(err) != "E2003" && code(err) != "E2301" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
