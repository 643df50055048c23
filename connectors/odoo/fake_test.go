package odoo_test

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type params = map[string]any

const apiKey = "0123canary89"

// server is an Odoo of one database that follows Odoo's documents: a model has
// typed fields, false where nothing stands, references as id and label,
// domains in prefix notation, archived records hidden unless active_test is
// false, times of the database to the microsecond and of answers to the second.
type server struct {
	t      *testing.T
	mu     sync.Mutex
	major  int
	models map[string]*model
	now    time.Time
	// closed are paths that answer 404, denied models that give AccessError.
	closed, denied []string
	calls          map[string]int
	// fail makes the next n calls fail with status 503.
	fail   int
	before func(model, method string)
}

// model is a table.
type model struct {
	types  map[string]string
	refers map[string]string
	rows   map[int]params
	next   int
}

func newServer(t *testing.T, major int) *server {
	s := &server{t: t, major: major, now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), models: map[string]*model{}, calls: map[string]int{}}
	for name, fields := range schema {
		m := &model{types: map[string]string{"id": "integer", "display_name": "char", "create_date": "datetime", "write_date": "datetime"}, refers: map[string]string{}, rows: map[int]params{}, next: 1}
		for _, f := range strings.Fields(fields) {
			field, kind, _ := strings.Cut(f, ":")
			kind, to, _ := strings.Cut(kind, ">")
			m.types[field], m.refers[field] = kind, to
		}
		s.models[name] = m
	}
	return s
}

// put creates or writes a record; its time is now, which then moves on.
func (s *server) put(name string, id int, values params) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[name]
	if id == 0 {
		id = m.next
		m.next++
		m.rows[id] = params{"id": id, "create_date": s.now}
		if m.types["active"] != "" {
			m.rows[id]["active"] = true
		}
	}
	for k, v := range values {
		if m.types[k] == "" {
			s.t.Fatalf("%s has no field %s", name, k)
		}
		m.rows[id][k] = v
	}
	m.rows[id]["write_date"] = s.now
	s.now = s.now.Add(1010 * time.Millisecond)
	return id
}

func (s *server) unlink(name string, id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.models[name].rows, id)
}

// failure is an exception of Odoo's.
type failure struct {
	class  string
	status int
	code   int
}

func (f failure) Error() string { return f.class }

var (
	accessDenied = failure{"odoo.exceptions.AccessDenied", http.StatusUnauthorized, 3}
	accessError  = failure{"odoo.exceptions.AccessError", http.StatusForbidden, 4}
	noModel      = failure{"builtins.KeyError", http.StatusNotFound, 1}
	badValue     = failure{"builtins.ValueError", http.StatusUnprocessableEntity, 1}
)

// ServeHTTP answers in the protocols that the version has.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.calls[r.URL.Path]++
	if slices.Contains(s.closed, r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	if s.fail > 0 {
		s.fail--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	version := params{"server_version": fmt.Sprintf("%d.0", s.major), "server_version_info": []any{s.major, 0, 0, "final", 0, ""}, "server_serie": fmt.Sprintf("%d.0", s.major), "protocol_version": 1}
	switch {
	case r.URL.Path == "/web/version" && s.major >= 19:
		s.write(w, http.StatusOK, params{"version_info": []any{s.major, 0, 0, "final", 0, ""}, "version": fmt.Sprintf("%d.0", s.major)})
	case r.URL.Path == "/web/webclient/version_info":
		s.write(w, http.StatusOK, params{"jsonrpc": "2.0", "result": version})
	case strings.HasPrefix(r.URL.Path, "/json/2/") && s.major >= 19:
		s.json2(w, r, body)
	case r.URL.Path == "/jsonrpc":
		s.jsonRPC(w, body, version)
	case strings.HasPrefix(r.URL.Path, "/xmlrpc/2/"):
		s.xmlRPC(w, strings.TrimPrefix(r.URL.Path, "/xmlrpc/2/"), string(body), version)
	default:
		http.NotFound(w, r)
	}
}

func (s *server) write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

func (s *server) json2(w http.ResponseWriter, r *http.Request, body []byte) {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || key != apiKey {
		s.write(w, http.StatusUnauthorized, params{"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey canary@example.cn", "arguments": []any{}, "debug": ""})
		return
	}
	model, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/json/2/"), "/")
	args := params{}
	if err := json.Unmarshal(body, &args); err != nil {
		s.t.Error(err)
	}
	v, err := s.run(model, method, args)
	if f, failed := err.(failure); failed {
		s.write(w, f.status, params{"name": f.class, "message": "about canary@example.cn", "arguments": []any{}, "context": params{}, "debug": "Traceback"})
		return
	}
	s.write(w, http.StatusOK, v)
}

// service is what both older protocols call.
func (s *server) service(service, method string, args []any, version any) (any, error) {
	switch service + "." + method {
	case "common.version":
		return version, nil
	case "common.authenticate", "common.login":
		if args[0] != "firm" || args[1] != "crm" || args[2] != apiKey {
			return false, nil
		}
		return 7, nil
	case "object.execute_kw", "object.execute":
		if args[0] != "firm" || fmt.Sprint(args[1]) != "7" || args[2] != apiKey {
			return nil, accessDenied
		}
		kw := params{}
		if method == "execute_kw" && len(args) > 6 {
			kw, _ = args[6].(params)
		}
		if name := fmt.Sprint(args[4]); name == "context_get" {
			return params{"lang": "zh_CN", "tz": "Asia/Shanghai", "uid": 7}, nil
		} else if method == "execute_kw" {
			positional, _ := args[5].([]any)
			for i, p := range positional {
				kw[map[string][]string{"search_read": {"domain", "fields"}, "read": {"ids", "fields"}}[name][i]] = p
			}
		}
		return s.run(fmt.Sprint(args[3]), fmt.Sprint(args[4]), kw)
	}
	return nil, badValue
}

func (s *server) jsonRPC(w http.ResponseWriter, body []byte, version any) {
	var ask struct {
		ID     any
		Params struct {
			Service, Method string
			Args            []any
		}
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		s.t.Error(err)
	}
	v, err := s.service(ask.Params.Service, ask.Params.Method, ask.Params.Args, version)
	answer := params{"jsonrpc": "2.0", "id": ask.ID, "result": v}
	if f, failed := err.(failure); failed {
		delete(answer, "result")
		answer["error"] = params{"code": 200, "message": "Odoo Server Error", "data": params{"name": f.class, "message": "about canary@example.cn", "debug": "Traceback", "arguments": []any{}}}
	}
	s.write(w, http.StatusOK, answer)
}

func (s *server) xmlRPC(w http.ResponseWriter, service, body string, version any) {
	method, args, err := parseCall(body)
	if err != nil {
		s.t.Error(err)
	}
	v, err := s.service(service, method, args, version)
	w.Header().Set("Content-Type", "text/xml")
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n<methodResponse>\n")
	if f, failed := err.(failure); failed {
		b.WriteString("<fault>" + xmlValue(params{"faultCode": f.code, "faultString": "about canary@example.cn"}) + "</fault>")
	} else {
		b.WriteString("<params>\n<param>\n" + xmlValue(v) + "</param>\n</params>")
	}
	b.WriteString("\n</methodResponse>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		s.t.Error(err)
	}
}

// run runs a method of a model.
func (s *server) run(name, method string, args params) (any, error) {
	if s.before != nil {
		s.before(name, method)
	}
	m := s.models[name]
	switch {
	case m == nil:
		return nil, noModel
	case slices.Contains(s.denied, name):
		return nil, accessError
	}
	context, _ := args["context"].(params)
	d, _ := args["domain"].([]any)
	switch method {
	case "fields_get":
		out := params{}
		for f, kind := range m.types {
			out[f] = params{"type": kind}
		}
		return out, nil
	case "search_count":
		return len(s.search(m, d, context)), nil
	case "search_read", "read":
		if method == "read" {
			d = []any{[]any{"id", "in", args["ids"]}}
		}
		found := s.search(m, d, context)
		if err := order(found, args["order"]); err != nil {
			return nil, err
		}
		offset := toInt(args["offset"])
		found = found[min(offset, len(found)):]
		if n := toInt(args["limit"]); n > 0 {
			found = found[:min(n, len(found))]
		}
		fields, _ := args["fields"].([]any)
		out := []any{}
		for _, r := range found {
			one := params{"id": r["id"]}
			for _, f := range fields {
				kind := m.types[fmt.Sprint(f)]
				if kind == "" {
					return nil, badValue
				}
				one[fmt.Sprint(f)] = s.shown(m, kind, fmt.Sprint(f), r[fmt.Sprint(f)])
			}
			out = append(out, one)
		}
		return out, nil
	}
	return nil, noModel
}

// shown is a value as Odoo writes it.
func (s *server) shown(m *model, kind, field string, v any) any {
	switch kind {
	case "many2one":
		if v == nil {
			return false
		}
		label := s.models[m.refers[field]].rows[v.(int)]["name"]
		return []any{v, fmt.Sprint(label)}
	case "datetime":
		if at, ok := v.(time.Time); ok {
			return at.Format(time.DateTime)
		}
		return false
	case "one2many", "many2many":
		if v == nil {
			return []any{}
		}
	case "integer", "many2one_reference":
		if v == nil {
			return 0
		}
	case "float", "monetary":
		if v == nil {
			return 0.0
		}
	case "boolean":
		return v == true
	default:
		if v == nil || v == "" {
			return false
		}
	}
	return v
}

// search evaluates a domain: conditions of which all must hold, | and & before two.
func (s *server) search(m *model, d []any, context params) []params {
	if active := context["active_test"]; m.types["active"] != "" && active != false {
		d = append(slices.Clone(d), []any{"active", "=", true})
	}
	var out []params
	for _, r := range m.rows {
		all, rest := true, d
		for len(rest) > 0 {
			var ok bool
			ok, rest = s.holds(m, r, rest)
			all = all && ok
		}
		if all {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b params) int { return cmp.Compare(a["id"].(int), b["id"].(int)) })
	return out
}

func (s *server) holds(m *model, r params, d []any) (bool, []any) {
	if op, ok := d[0].(string); ok {
		a, rest := s.holds(m, r, d[1:])
		if op == "!" {
			return !a, rest
		}
		b, rest := s.holds(m, r, rest)
		return op == "|" && (a || b) || op == "&" && a && b, rest
	}
	leaf := d[0].([]any)
	field, op, want := leaf[0].(string), leaf[1].(string), leaf[2]
	v := r[field]
	if head, tail, ok := strings.Cut(field, "."); ok {
		if ref, is := r[head].(int); is {
			v = s.models[m.refers[head]].rows[ref][tail]
		}
	} else if m.types[field] == "" {
		s.t.Errorf("a domain asks for %s", field)
	}
	if at, ok := v.(time.Time); ok {
		v = at.Format("2006-01-02 15:04:05.000000") // the database compares microseconds
	}
	if op == "in" {
		return slices.ContainsFunc(want.([]any), func(x any) bool { return compare(v, x) == 0 }), d[1:]
	}
	c := compare(v, want)
	return map[string]bool{"=": c == 0, "!=": c != 0, ">": c > 0, ">=": c >= 0, "<": c < 0}[op], d[1:]
}

// compare orders two values; nothing and false are equal.
func compare(a, b any) int {
	x, y := text(a), text(b)
	if n, err := strconv.Atoi(x); err == nil {
		if k, err := strconv.Atoi(y); err == nil {
			return cmp.Compare(n, k)
		}
	}
	return strings.Compare(x, y)
}

func text(v any) string {
	if v == nil || v == false {
		return ""
	}
	return fmt.Sprint(v)
}

func order(rows []params, by any) error {
	switch by {
	case "id asc":
	case "write_date desc, id desc":
		slices.SortStableFunc(rows, func(a, b params) int { return b["write_date"].(time.Time).Compare(a["write_date"].(time.Time)) })
	case nil:
	default:
		return badValue
	}
	return nil
}

func toInt(v any) int {
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil {
		return 0
	}
	return n
}

// xmlValue writes a value as Odoo's marshaller does.
func xmlValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "<value><nil/></value>"
	case bool:
		if v {
			return "<value><boolean>1</boolean></value>\n"
		}
		return "<value><boolean>0</boolean></value>\n"
	case int:
		return fmt.Sprintf("<value><int>%d</int></value>\n", v)
	case float64:
		return fmt.Sprintf("<value><double>%s</double></value>\n", strconv.FormatFloat(v, 'f', -1, 64))
	case string:
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(v)); err != nil {
			return ""
		}
		return "<value><string>" + b.String() + "</string></value>\n"
	case []any:
		out := "<value><array><data>\n"
		for _, x := range v {
			out += xmlValue(x)
		}
		return out + "</data></array></value>\n"
	case params:
		out := "<value><struct>\n"
		for k, x := range v {
			out += "<member>\n<name>" + k + "</name>\n" + xmlValue(x) + "</member>\n"
		}
		return out + "</struct></value>\n"
	}
	return fmt.Sprintf("<value><string>%v</string></value>", v)
}

// element is XML read without knowing it.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func parseCall(body string) (string, []any, error) {
	var e element
	if err := xml.Unmarshal([]byte(body), &e); err != nil {
		return "", nil, err
	}
	method, args := "", []any{}
	for _, c := range e.Children {
		if c.XMLName.Local == "methodName" {
			method = c.Text
		}
		if c.XMLName.Local == "params" {
			for _, p := range c.Children {
				args = append(args, parseValue(p.Children[0]))
			}
		}
	}
	return method, args, nil
}

func parseValue(e element) any {
	if len(e.Children) == 0 {
		return e.Text
	}
	x := e.Children[0]
	switch x.XMLName.Local {
	case "int", "i4":
		return toInt(x.Text)
	case "boolean":
		return strings.TrimSpace(x.Text) == "1"
	case "array":
		out := []any{}
		for _, v := range x.Children[0].Children {
			out = append(out, parseValue(v))
		}
		return out
	case "struct":
		out := params{}
		for _, member := range x.Children {
			out[member.Children[0].Text] = parseValue(member.Children[1])
		}
		return out
	}
	return x.Text
}

func start(t *testing.T, s *server) string {
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv.URL
}
