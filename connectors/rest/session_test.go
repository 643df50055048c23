package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
)

// sessions is a server whose sessions end after a few requests: it knows the
// ways in which systems take a session, and those in which they say that one
// has ended.
type sessions struct {
	mu     sync.Mutex
	logins int
	left   int // requests until the session ends
	// in is where the session is looked for, as the description says it.
	in string
	// ended is how a request without a session is answered.
	ended func(w http.ResponseWriter)
}

func (s *sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var body map[string]any
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	if r.URL.Path == "/login" {
		if r.FormValue("pass") != "right" {
			fmt.Fprint(w, `{"errcode":40001,"errmsg":"no"}`)
			return
		}
		s.logins++
		s.left = 2
		token := fmt.Sprintf("session %d", s.logins)
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: fmt.Sprint(s.logins), Path: "/", HttpOnly: true})
		http.SetCookie(w, &http.Cookie{Name: "lane", Value: "7"})
		fmt.Fprintf(w, `{"errcode":0,"data":{"token":%q}}`, token)
		return
	}
	want := fmt.Sprintf("session %d", s.logins)
	got := ""
	switch s.in {
	case "header":
		got = r.Header.Get("X-Session")
	case "query":
		got = r.URL.Query().Get("access_token")
	case "body":
		if auth, ok := body["auth"].(map[string]any); ok {
			got, _ = auth["token"].(string)
		}
	case "cookie":
		if c, err := r.Cookie("sid"); err == nil {
			got = "session " + c.Value
		}
		if lane, err := r.Cookie("lane"); err != nil || lane.Value != "7" {
			got = ""
		}
	}
	if s.left--; got != want || s.left < 0 {
		s.ended(w)
		return
	}
	page := r.URL.Query().Get("page")
	fmt.Fprintf(w, `{"errcode":0,"rows":[[%s,"C%s",null],[1%s,"D","x"]],"lastPage":%t}`, page, page, page, page == "5")
}

// A session goes where the system wants it, is got anew where it ends, said
// by a status or inside an answer that looks good, and records may be lists
// of values. The last page is known by a flag.
func TestSessions(t *testing.T) {
	byStatus := func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }
	byCode := func(w http.ResponseWriter) { fmt.Fprint(w, `{"errcode":42001,"errmsg":"token expired"}`) }
	for _, in := range []string{"header", "query", "body", "cookie"} {
		for name, ended := range map[string]func(http.ResponseWriter){"status": byStatus, "code": byCode} {
			t.Run(in+" "+name, func(t *testing.T) {
				auth := map[string]string{
					"header": `token: data.token, name: X-Session`,
					"query":  `token: data.token, in: query, name: access_token`,
					"body":   `token: data.token, in: body, name: auth.token`,
					"cookie": `in: cookie`,
				}[in]
				dir := project(t, `
auth: {type: session, login: {path: /login, form: {user: "{secret.username}", pass: "{secret.password}"}}, `+auth+`}
errors: [{field: errcode, values: ["40001", "42001"], means: refused}]
streams:
  customers:
    key: id
    list:
      path: /list
      body: {query: all}
      records: rows
      columns: [id, name, note]
      paging: {type: page, param: page, last: lastPage}
`)
				server := &sessions{in: in, ended: ended}
				raw := with(quick, params{"url": serve(t, server), "username": "u", "password": "right"})
				rows, _ := read(t, open(t, dir, raw), connectors.Request{Stream: "customers"})
				if len(rows) != 10 {
					t.Fatalf("%d rows, want 10", len(rows))
				}
				if rows[8].Data["id"] != n("5") || rows[8].Data["name"] != "C5" || rows[8].Data["note"] != nil {
					t.Errorf("row 9 = %v", rows[8].Data)
				}
				if server.logins != 3 {
					t.Errorf("%d logins for five pages in sessions of two, want 3", server.logins)
				}
				raw["password"] = "wrong"
				err := open(t, dir, raw).Check(t.Context())
				if f := fault.Of(err); f == nil || f.Code != "E2303" {
					t.Errorf("with a wrong password: %v, want E2303", err)
				}
			})
		}
	}
}

// A session that is refused again and again ends the read.
func TestASessionThatIsAlwaysRefused(t *testing.T) {
	dir := project(t, `
auth: {type: session, login: {path: /login, form: {pass: "{secret.password}"}}, token: data.token, name: X-Session}
errors: [{field: errcode, values: ["42001"], means: refused}]
streams: {customers: {key: id, list: {path: /list, query: {page: "1"}, records: rows}}}
`)
	server := &sessions{in: "nowhere", ended: func(w http.ResponseWriter) { fmt.Fprint(w, `{"errcode":42001}`) }}
	s := open(t, dir, with(quick, params{"url": serve(t, server), "username": "u", "password": "right"}))
	err := s.Read(t.Context(), connectors.Request{Stream: "customers"}, nil)
	if f := fault.Of(err); f == nil || f.Code != "E2303" {
		t.Errorf("got %v, want E2303", err)
	}
	if server.logins != 2 {
		t.Errorf("%d logins, want 2", server.logins)
	}
}

// A record with more or fewer values than columns is an answer that was not
// described.
func TestColumnsThatDoNotFit(t *testing.T) {
	dir := project(t, `streams: {customers: {key: id, list: {path: /list, columns: [id, name]}}}`)
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[[1,"a"],[{"Result":{"ErrorCode":500}}]]`)
	}))
	err := open(t, dir, with(quick, params{"url": url})).Read(t.Context(), connectors.Request{Stream: "customers"}, nil)
	if f := fault.Of(err); f == nil || f.Code != "E2331" {
		t.Errorf("got %v, want E2331", err)
	}
}

// An address behind the last page is not asked for where the answer says that
// there is no more.
func TestAnAddressBehindTheLastPage(t *testing.T) {
	dir := project(t, `streams: {customers: {key: id, list: {path: /list, records: data, paging: {type: next_url, next: links.next, more: meta.has_more}}}}`)
	asked := 0
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Fprintf(w, `{"data":[{"id":%d}],"links":{"next":"/list?after=%d"},"meta":{"has_more":%t}}`, asked, asked, asked < 3)
	}))
	rows, _ := read(t, open(t, dir, with(quick, params{"url": url})), connectors.Request{Stream: "customers"})
	if len(rows) != 3 || asked != 3 {
		t.Errorf("%d rows by %d requests, want 3 by 3", len(rows), asked)
	}
}

// The password grant asks with the user's name and password.
func TestPasswordGrant(t *testing.T) {
	dir := project(t, `
auth: {type: oauth2, grant: password, token_url: /token, scope: api}
streams: {customers: {key: id, list: {path: /list}}}
`)
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token" && r.FormValue("grant_type") == "password" && r.FormValue("username") == "u" && r.FormValue("password") == "p" &&
			r.FormValue("client_id") == "c" && r.FormValue("client_secret") == "s" && r.FormValue("scope") == "api":
			fmt.Fprint(w, `{"access_token":"T","expires_in":3600}`)
		case r.URL.Path == "/list" && r.Header.Get("Authorization") == "Bearer T":
			fmt.Fprint(w, `[{"id":1}]`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	raw := with(quick, params{"url": url, "username": "u", "password": "p", "client_id": "c", "client_secret": "s"})
	if rows, _ := read(t, open(t, dir, raw), connectors.Request{Stream: "customers"}); len(rows) != 1 {
		t.Errorf("%d rows, want 1", len(rows))
	}
	if _, err := tryOpen(dir, with(quick, params{"url": url, "username": "u"})); fault.Of(err) == nil || fault.Of(err).Code != "E2330" {
		t.Errorf("without a password: %v, want E2330", err)
	}
}
