package tryton_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/tryton"
	"crmhub/fault"
	"crmhub/record"
)

// erp is a database of one test on the server of the tests.
type erp struct {
	t              testing.TB
	url, db        string
	below          string // where calls go, below the database's address
	user, password string
	auth           string
	context        map[string]any
}

var serial atomic.Int64

func fresh(t testing.TB) *erp { return freshOf(t, "CRMHUB_TEST_TRYTON") }

// both runs a test against each of the servers.
func both(t *testing.T, f func(t *testing.T, e *erp)) {
	for name, variable := range map[string]string{"6.0": "CRMHUB_TEST_TRYTON", "8.2": "CRMHUB_TEST_TRYTON8"} {
		t.Run(name, func(t *testing.T) { f(t, freshOf(t, variable)) })
	}
}

func freshOf(t testing.TB, variable string) *erp {
	t.Helper()
	raw := os.Getenv(variable)
	if raw == "" {
		t.Fatalf("%s is not set; make test starts the servers", variable)
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	dir := u.Query().Get("dir")
	e := &erp{t: t, url: "http://" + u.Host, user: u.User.Username()}
	e.password, _ = u.User.Password()
	if variable == "CRMHUB_TEST_TRYTON8" {
		e.below, e.db = "rpc/", spare(t, dir)
	} else {
		e.db = copied(t, dir)
	}
	var login []any
	e.call("common.db.login", []any{e.user, map[string]any{"password": e.password}, "en"}, &login)
	e.auth = "Session " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%v:%v", e.user, login[0], login[1]))
	e.call("model.res.user.get_preferences", []any{true, map[string]any{}}, &e.context)
	return e
}

// copied lays a copy of the database beside it, which Tryton 6 takes up.
func copied(t testing.TB, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "erp.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), serial.Add(1))
	path := filepath.Join(dir, name+".sqlite")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	})
	return name
}

// spare takes one of the copies that the server was started with; a later test
// finds it changed.
func spare(t testing.TB, dir string) string {
	t.Helper()
	for n := 1; ; n++ {
		name := fmt.Sprintf("spare%d", n)
		if _, err := os.Stat(filepath.Join(dir, name+".sqlite")); err != nil {
			t.Fatalf("no spare database is left: start the servers anew (%v)", err)
		}
		if os.Mkdir(filepath.Join(dir, name+".taken"), 0o700) == nil {
			return name
		}
	}
}

// call is a call of the test's own, to change what the connector then reads.
func (e *erp) call(method string, params []any, into any) {
	e.t.Helper()
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		e.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.url+"/"+e.db+"/"+e.below, bytes.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if e.auth != "" {
		r.Header.Set("Authorization", e.auth)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		Result json.RawMessage
		Error  []any
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.Error != nil {
		e.t.Fatalf("%s: %v %v", method, err, out.Error)
	}
	if into != nil {
		if err := json.Unmarshal(out.Result, into); err != nil {
			e.t.Fatal(err)
		}
	}
}

// model calls a method of a model.
func (e *erp) model(name, method string, params ...any) {
	e.t.Helper()
	e.call("model."+name+"."+method, append(params, e.context), nil)
}

func (e *erp) params() map[string]any {
	return map[string]any{"url": e.url, "database": e.db, "user": e.user, "password": e.password, "page_size": 2, "timeout": "60s"}
}

func (e *erp) source(over map[string]any) connectors.Source {
	e.t.Helper()
	raw := e.params()
	for k, v := range over {
		raw[k] = v
	}
	p, err := tryton.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		e.t.Fatal(err)
	}
	src, err := tryton.Connector{}.Open(connectors.Config{Name: "erp", Params: p, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		e.t.Fatal(err)
	}
	return src
}

func read(t testing.TB, src connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	at := r.From
	err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return rows, at
}

func names(rows []record.Row) string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.Data["name"]))
	}
	return strings.Join(out, " | ")
}

// stamped takes the times of the database's making out of rows, which are
// those of the day it was built.
func stamped(rows []record.Row) []connectortest.Row {
	var out []connectortest.Row
	for _, r := range rows {
		out = append(out, connectortest.Row{Key: r.Key, Data: r.Data, Deleted: r.Deleted, Place: r.Place.String()})
	}
	return out
}

func TestConformance(t *testing.T) {
	e := fresh(t)
	rows, _ := read(t, e.source(nil), connectors.Request{Stream: "parties"})
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: tryton.Connector{}, Params: e.params(), Streams: []string{"parties", "sales"},
		Request: connectors.Request{Stream: "parties"}, Want: stamped(rows),
		Broken: []map[string]any{
			{"password": "wrong-4712"},
			{"database": "nothing"},
			{"database": "a/b"},
			{"url": "http://127.0.0.1:1"},
			{"url": "http://erp.example.cn"},
			{"page_size": 0},
		},
		Secrets: []string{e.password, "wrong-4712", "+8613800138000"},
	})
}

func TestPartyAndSale(t *testing.T) { both(t, partyAndSale) }

func partyAndSale(t *testing.T, e *erp) {
	src := e.source(nil)
	rows, _ := read(t, src, connectors.Request{Stream: "parties"})
	if got, want := names(rows), "Dunder Mifflin | 李娜 | 青禾茶业有限公司 | John Smith | Gone Away"; got != want {
		t.Fatalf("parties %s, want %s", got, want)
	}
	if rows[1].Deleted || !rows[4].Deleted {
		t.Errorf("gone: %v and %v, want the archived one alone", rows[1].Deleted, rows[4].Deleted)
	}
	one := rows[1].Data
	if got := fmt.Sprint(one["addresses"]); !strings.Contains(got, "city:北京") || !strings.Contains(got, "country:CN") {
		t.Errorf("addresses %s", got)
	}
	if got := fmt.Sprint(one["contact_mechanisms"]); !strings.Contains(got, "lina@example.com") || !strings.Contains(got, "+8613800138000") {
		t.Errorf("contact mechanisms %s", got)
	}
	sales, _ := read(t, src, connectors.Request{Stream: "sales"})
	if len(sales) != 2 {
		t.Fatalf("%d sales, want 2", len(sales))
	}
	s := sales[0].Data
	if s["total_amount"] != json.Number("298.50") || s["currency"] != "USD" || s["sale_date"] != "2026-02-01" || s["state"] != "quotation" {
		t.Errorf("sale %v", s)
	}
	if got := fmt.Sprint(s["lines"], s["invoice_address"]); !strings.Contains(got, "明前龙井") || !strings.Contains(got, "99.50") || !strings.Contains(got, "北京") {
		t.Errorf("lines and address %s", got)
	}
}

// A change of an address or a contact leaves the party's own date as it was.
func TestIncrementalSeesEveryPart(t *testing.T) { both(t, everyPart) }

// calm reads what changed until nothing does, and returns the position. The
// server's clock has whole seconds: what was written in the second in which a
// read began is read by the next one too, and by none after it.
func calm(t *testing.T, src connectors.Source, r connectors.Request, at record.Position) record.Position {
	t.Helper()
	var rows []record.Row
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); {
		r.From = at
		if rows, at = read(t, src, r); len(rows) == 0 {
			return at
		}
	}
	t.Fatalf("nothing changes, and %s is read all the time", names(rows))
	return nil
}

func everyPart(t *testing.T, e *erp) {
	src := e.source(nil)
	r := connectors.Request{Stream: "parties", Mode: connectors.Incremental}
	rows, at := read(t, src, r)
	if len(rows) != 5 {
		t.Fatalf("%d parties, want 5", len(rows))
	}
	r.From = calm(t, src, r, at)
	e.model("party.address", "write", []any{2}, map[string]any{"city": "天津"})
	e.model("party.contact_mechanism", "create", []any{map[string]any{"party": 4, "type": "email", "value": "js@example.co.uk"}})
	e.model("party.party", "create", []any{map[string]any{"name": "Ada King"}})
	e.model("party.party", "write", []any{3}, map[string]any{"active": false})
	rows, at = read(t, src, r)
	if got, want := names(rows), "李娜 | 青禾茶业有限公司 | John Smith | Ada King"; got != want {
		t.Fatalf("changed %s, want %s", got, want)
	}
	if !strings.Contains(fmt.Sprint(rows[0].Data["addresses"]), "天津") || !rows[1].Deleted || !strings.Contains(fmt.Sprint(rows[2].Data["contact_mechanisms"]), "js@") {
		t.Errorf("the changes are not in the rows: %v", rows)
	}
	// What was deleted from a party leaves no trace but the number of the rest.
	r.From = at
	e.model("party.address", "delete", []any{2})
	rows, at = read(t, src, r)
	if i := slices.IndexFunc(rows, func(x record.Row) bool { return x.Key == "2" }); i < 0 || rows[i].Data["addresses"] != nil {
		t.Errorf("after an address was deleted %s is read, want its party without it", names(rows))
	}
	at = calm(t, src, r, at)
	// An overlap reads what is near the seam again, rather than missing it.
	r.From, r.Overlap = at, time.Hour
	if rows, _ = read(t, src, r); len(rows) < 3 {
		t.Errorf("with an overlap of an hour %s is read", names(rows))
	}
}

// The session runs out, the server fails, a method dies of a lock, the line is
// cut: what is read is the same.
func TestFaultsOnTheWay(t *testing.T) {
	e := fresh(t)
	target, err := url.Parse(e.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var calls atomic.Int64
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch calls.Add(1) {
		case 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 5:
			w.WriteHeader(http.StatusUnauthorized)
		case 6, 7, 11:
			io.WriteString(w, `{"id":1,"error":["database is locked","Traceback"]}`)
		case 9:
			w.Header().Set("Content-Length", "100000")
			io.WriteString(w, `{"id":1,"result":[`)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	defer between.Close()
	src := e.source(map[string]any{"url": between.URL})
	var rows []record.Row
	r := connectors.Request{Stream: "parties"}
	for range 3 {
		err = src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
			rows, r.From = append(rows, b.Rows...), b.Position
			return nil
		})
		if err == nil {
			break
		}
		if f := fault.Of(err); f == nil || f.Code != "E2307" {
			t.Fatalf("%v, want E2307", err)
		}
	}
	if got, want := names(rows), "Dunder Mifflin | 李娜 | 青禾茶业有限公司 | John Smith | Gone Away"; err != nil || got != want {
		t.Errorf("parties %s, want %s (%v)", got, want, err)
	}
}
