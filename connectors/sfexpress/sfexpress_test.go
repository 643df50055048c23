package sfexpress_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/sfexpress"
	"crmhub/fault"
)

type params = map[string]any

const checkWord = "word-canary"

// The first digest is the example that SF's users know from its documents;
// the others were made by Java, whose URL encoding SF's own kit uses.
func TestDigest(t *testing.T) {
	got := sfexpress.Digest(`{"language":"zh-CN","orderId":"QIAO-20200618-004"}`, "12312334453453", "fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci")
	if want := "IIKJtuLVzoFTu4kHI8M8vA=="; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Timestamp string
		CheckWord string `json:"check_word"`
		Vectors   []struct {
			Message string `json:"message_base64"`
			Digest  string
		}
	}
	if err := json.Unmarshal(text, &v); err != nil || len(v.Vectors) < 5 {
		t.Fatalf("%d vectors, %v", len(v.Vectors), err)
	}
	for _, x := range v.Vectors {
		message, err := base64.StdEncoding.DecodeString(x.Message)
		if err != nil {
			t.Fatal(err)
		}
		if got := sfexpress.Digest(string(message), v.Timestamp, v.CheckWord); got != x.Digest {
			t.Errorf("%q: digest %s, Java %s", message, got, x.Digest)
		}
	}
}

// express is a stand-in for SF's platform that follows its documents: it
// checks the signature or a token, takes each request id once, at most ten
// waybills and a phone for each that asks for one, and wraps its result as
// JSON in a text.
type express struct {
	t      *testing.T
	mu     sync.Mutex
	routes map[string][]params
	phones map[string]string // the phone that a waybill asks for
	ids    map[string]bool
	asked  []int // waybills of each question
	wrong  []string
}

func newExpress(t *testing.T) *express {
	return &express{t: t, routes: map[string][]params{}, phones: map[string]string{}, ids: map[string]bool{}}
}

func event(at, code, remark string) params {
	return params{"acceptTime": at, "acceptAddress": "深圳市", "opCode": code, "remark": remark, "firstStatusCode": "1"}
}

func (e *express) say(w http.ResponseWriter, code string, result any) {
	text, err := json.Marshal(result)
	if err != nil {
		e.t.Error(err)
	}
	answer := params{"apiErrorMsg": "about canary-name", "apiResponseID": "x", "apiResultCode": code, "apiResultData": string(text)}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		e.t.Log(err)
	}
}

// ServeHTTP answers.
func (e *express) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		e.t.Error(err)
	}
	f := r.Form
	if r.URL.Path == "/oauth2/accessToken" {
		if f.Get("partnerID") != "PARTNER" || f.Get("secret") != checkWord || f.Get("grantType") != "password" {
			e.say(w, "A1006", nil)
			return
		}
		fmt.Fprint(w, `{"apiResultCode":"A1000","accessToken":"token-canary","expiresIn":7200}`)
		return
	}
	if len(e.wrong) > 0 {
		first := e.wrong[0]
		e.wrong = e.wrong[1:]
		if first != "" {
			e.say(w, first, nil)
			return
		}
	}
	stamp, err := strconv.ParseInt(f.Get("timestamp"), 10, 64)
	switch {
	case r.URL.Path != "/std/service", r.Method != http.MethodPost, f.Get("serviceCode") != "EXP_RECE_SEARCH_ROUTES", f.Get("requestID") == "", err != nil, stamp == 0:
		e.say(w, "A1001", nil)
		return
	case f.Get("partnerID") != "PARTNER", f.Get("accessToken") != "token-canary" && f.Get("msgDigest") != sfexpress.Digest(f.Get("msgData"), f.Get("timestamp"), checkWord):
		e.say(w, "A1006", nil)
		return
	case e.ids[f.Get("requestID")]:
		e.say(w, "A1007", nil)
		return
	}
	e.ids[f.Get("requestID")] = true
	e.search(w, f.Get("msgData"))
}

func (e *express) search(w http.ResponseWriter, text string) {
	var m struct {
		TrackingType   json.RawMessage
		TrackingNumber []string
		CheckPhoneNo   string
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil || strings.Trim(string(m.TrackingType), `"`) != "1" || len(m.TrackingNumber) == 0 || len(m.TrackingNumber) > 10 {
		e.say(w, "A1000", params{"success": false, "errorCode": "8016", "errorMsg": "about canary-name"})
		return
	}
	e.asked = append(e.asked, len(m.TrackingNumber))
	phones := strings.Split(m.CheckPhoneNo, ",")
	if m.CheckPhoneNo != "" && len(phones) != len(m.TrackingNumber) {
		e.t.Errorf("%d phones for %d waybills", len(phones), len(m.TrackingNumber))
	}
	var out []params
	for i, n := range m.TrackingNumber {
		routes := e.routes[n]
		if want := e.phones[n]; want != "" && (m.CheckPhoneNo == "" || phones[i] != want) {
			routes = nil
		}
		out = append(out, params{"mailNo": n, "routes": append([]params{}, routes...)})
	}
	e.say(w, "A1000", params{"success": true, "errorCode": "S0000", "errorMsg": nil, "msgData": params{"routeResps": out}})
}

func (e *express) serve() string {
	s := httptest.NewServer(e)
	e.t.Cleanup(s.Close)
	return s.URL
}

// list writes a list of waybills and returns the connection's parameters.
func (e *express) list(dir, text string) params {
	e.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "waybills.csv"), []byte(text), 0o600); err != nil {
		e.t.Fatal(err)
	}
	return params{"url": e.serve(), "partner_id": "PARTNER", "check_word": checkWord, "waybills": "waybills.csv", "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func open(t *testing.T, raw params, dir string) connectors.Source {
	t.Helper()
	return connectortest.Open(t, sfexpress.Connector{}, raw, connectors.Config{Name: "sf", Dir: dir})
}

func TestConformance(t *testing.T) {
	e := newExpress(t)
	dir := t.TempDir()
	var list strings.Builder
	list.WriteString("订单号,运单号,收件人电话\n")
	var want []connectortest.Row
	for i := range 23 {
		n := fmt.Sprintf("SF10000000%02d", i)
		at := fmt.Sprintf("2026-03-01 10:00:%02d", i)
		e.routes[n] = []params{event(at, "50", "顺丰速运 已收取快件")}
		e.phones[n] = "8000"
		phone := "138-0013-8000"
		events := []any{params{"acceptTime": at, "acceptAddress": "深圳市", "opCode": "50", "remark": "顺丰速运 已收取快件", "firstStatusCode": "1"}}
		if i == 7 { // SF does not tell without the phone
			phone, events = "", []any{}
		}
		fmt.Fprintf(&list, "S%d,%s,%s\n", i, n, phone)
		row := connectortest.Row{Key: n, Place: fmt.Sprintf("waybills.csv:%d", i+2), Data: params{"mailNo": n, "routes": events, "listed": params{"订单号": fmt.Sprintf("S%d", i)}}}
		want = append(want, row)
	}
	list.WriteString("S23,SF1000000000,13800138000\n") // twice: asked for once
	raw := e.list(dir, list.String())
	connectortest.Run(t, connectortest.Case{
		Connector: sfexpress.Connector{}, Params: raw, Dir: dir, Request: connectors.Request{Stream: "routes"}, Want: want, Streams: []string{"routes"},
		Broken: []map[string]any{
			{"check_word": "no"},
			{"partner_id": "no"},
			{"waybills": "nothing.csv"},
			{"waybill_column": "nothing"},
			{"phone_column": "nothing"},
			{"url": "http://127.0.0.1:1", "retries": uint64(1)},
		},
		Faults:  true,
		Secrets: []string{checkWord, "13800138000", "canary-name"},
	})
}

// What was signed for is asked for no more, what is new in the list is.
func TestIncremental(t *testing.T) {
	e := newExpress(t)
	dir := t.TempDir()
	raw := e.list(dir, "waybill\nSF1\nSF2\nSF3\n")
	e.routes["SF1"] = []params{event("2026-03-02 10:00:00", "80", "已签收"), event("2026-03-01 10:00:00", "50", "已收取")}
	e.routes["SF2"] = []params{event("2026-03-01 10:00:00", "50", "已收取")}
	s := open(t, raw, dir)
	r := connectors.Request{Stream: "routes", Mode: connectors.Incremental}
	rows, at, err := connectortest.TryRead(t, s, r)
	if err != nil || connectortest.Keys(rows) != "SF1 SF2 SF3" {
		t.Fatalf("%q, %v", connectortest.Keys(rows), err)
	}
	e.list(dir, "waybill\nSF0\nSF1\nSF2\n,\nSF3\n")
	r.From = at
	rows, at, err = connectortest.TryRead(t, s, r)
	if err != nil || connectortest.Keys(rows) != "SF0 SF2 SF3" {
		t.Errorf("%q, %v; want SF0 SF2 SF3", connectortest.Keys(rows), err)
	}
	// Killed in the middle, it goes on, and still knows what is over.
	r.From, r.BatchRows = at, 1
	n, half := 0, at
	stop := fmt.Errorf("killed")
	err = s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		if n++; n == 2 {
			return stop
		}
		half = b.Position
		return nil
	})
	if err != stop {
		t.Fatal(err)
	}
	r.From = half
	if rows, _, err = connectortest.TryRead(t, s, r); err != nil || connectortest.Keys(rows) != "SF2 SF3" {
		t.Errorf("resumed %q, %v; want SF2 SF3", connectortest.Keys(rows), err)
	}
	if got, want := e.asked[:2], []int{3, 3}; !slices.Equal(got, want) {
		t.Errorf("asked for %v waybills, want %v", got, want)
	}
}

func TestAListWithHoles(t *testing.T) {
	e := newExpress(t)
	dir := t.TempDir()
	raw := e.list(dir, "note,tracking_number\na,SF1\nb,\nc,SF2,too much\n")
	rows, _, err := connectortest.TryRead(t, open(t, raw, dir), connectors.Request{Stream: "routes"})
	if err != nil || connectortest.Keys(rows) != "SF1 E3108 E3101" {
		t.Errorf("%q, %v", connectortest.Keys(rows), err)
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wrong []string
		want  fault.Code
	}{
		{"too many calls", []string{"A1005", "A1005"}, ""},
		{"an id twice, a service away", []string{"A1007", "A1099"}, ""},
		{"too many calls for good", []string{"A1005", "A1005", "A1005", "A1005"}, "E2309"},
		{"away for good", []string{"A1009", "A1009", "A1009", "A1009"}, "E2308"},
		{"signature", []string{"A1006"}, "E2303"},
		{"address", []string{"A1003"}, "E2304"},
		{"too late", []string{"A1002"}, "E2310"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newExpress(t)
			dir := t.TempDir()
			raw := e.list(dir, "waybill\nSF1\n")
			e.wrong = tt.wrong
			rows, _, err := connectortest.TryRead(t, open(t, raw, dir), connectors.Request{Stream: "routes"})
			if tt.want == "" && (err != nil || connectortest.Keys(rows) != "SF1") || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%q, %v; want %q", connectortest.Keys(rows), err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

// A client that others wrote reads the stand-in as the connector does.
func TestAnotherClientReadsTheSame(t *testing.T) {
	e := newExpress(t)
	dir := t.TempDir()
	list, numbers := "waybill,phone\n", []string{}
	for i := range 12 {
		n := fmt.Sprintf("SF20000000%02d", i)
		e.routes[n] = []params{event("2026-03-01 10:00:00", "50", "已收取"), event(fmt.Sprintf("2026-03-02 10:00:%02d", i), "80", "已签收")}
		e.phones[n] = "8000"
		list, numbers = list+n+",13800138000\n", append(numbers, n)
	}
	raw := e.list(dir, list)
	rows, _, err := connectortest.TryRead(t, open(t, raw, dir), connectors.Request{Stream: "routes"})
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs []params
	for _, r := range rows {
		ours = append(ours, params{"mailNo": r.Data["mailNo"], "routes": r.Data["routes"]})
	}
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+raw["url"].(string), "PARTNER_ID=PARTNER", "CHECK_WORD="+checkWord, "WAYBILLS="+strings.Join(numbers, ","))
	if !reflect.DeepEqual(ours, theirs) || len(theirs) != 12 {
		t.Errorf("we read\n%v\nthe other client\n%v", ours, theirs)
	}
}

// Whatever the platform answers, a read ends: with the row, or with a fault.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"apiResultCode":"A1000","apiResultData":"{\"success\":true,\"errorCode\":\"S0000\",\"msgData\":{\"routeResps\":[{\"mailNo\":\"SF1\",\"routes\":[{\"opCode\":80,\"acceptTime\":\"2026-03-01 10:00:00\"}]}]}}"}`,
		`{"apiResultCode":"A1000","apiResultData":"{\"success\":\"true\",\"errorCode\":\"S0000\",\"msgData\":null}"}`,
		`{"apiResultCode":"A1000","apiResultData":null}`,
		`{"apiResultCode":"A1001","apiErrorMsg":"x"}`, `{"apiResultCode":1}`, `[]`, `null`, ``, `<html>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
		defer srv.Close()
		dir := t.TempDir()
		e := newExpress(t)
		raw := e.list(dir, "waybill\nSF1\n")
		raw["url"], raw["retries"] = srv.URL, uint64(1)
		rows, _, err := connectortest.TryRead(t, open(t, raw, dir), connectors.Request{Stream: "routes", Mode: connectors.Incremental})
		if err == nil && (len(rows) != 1 || rows[0].Key != "SF1") || err != nil && fault.Of(err) == nil {
			t.Errorf("%q, %v", connectortest.Keys(rows), err)
		}
	})
}
