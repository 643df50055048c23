package odoo

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"crmhub/connectors/restapi"
	"crmhub/fault"
)

type (
	// domain is a condition as Odoo writes it.
	domain []any
	// row is one record.
	row = map[string]any
)

// session is a way to the server that was found out, and the user there.
type session struct {
	s     *source
	place string
	once  bool
	// protocol is json2, jsonrpc or xmlrpc.
	protocol string
	uid      json.Number
	// types are the fields of models that were asked for.
	types map[string]map[string]string
	// closed are models that this user may not read, which were told of.
	closed map[string]bool
}

// login finds out how to speak to the server and who we are there. place
// names the stream in faults; once makes it give up early.
func (s *source) login(ctx context.Context, place string, once bool) (*session, error) {
	se := &session{s: s, place: place, once: once, protocol: s.cfg.Params.Text("protocol"), types: map[string]map[string]string{}, closed: map[string]bool{}}
	if se.protocol == auto {
		if err := se.detect(ctx); err != nil {
			return nil, err
		}
	}
	if se.protocol == json2 {
		return se, nil
	}
	for _, name := range []string{"database", "username"} {
		if s.cfg.Params.Text(name) == "" {
			return nil, fault.New("E2002", s.cfg.Name, "connector", "odoo", "name", name)
		}
	}
	answer, err := se.service(ctx, "common", "authenticate", []any{s.cfg.Params.Text("database"), s.cfg.Params.Text("username"), s.cfg.Params.Text("api_key"), row{}})
	if err != nil {
		return nil, err
	}
	uid, ok := answer.(json.Number)
	if !ok { // false: it does not know the user, or not this password
		return nil, fault.New("E2303", place, "address", s.web.Host(), "status", http.StatusOK, "code", "-")
	}
	se.uid = uid
	return se, nil
}

// detect asks for the server's version: 19 has an address for it, older ones
// a service of both protocols, of which either may be closed.
func (se *session) detect(ctx context.Context) error {
	a, err := se.s.web.Ask(ctx, restapi.Question{Path: "/web/version", Place: se.place, Once: se.once})
	if err == nil {
		var v struct {
			Info []json.RawMessage `json:"version_info"`
		}
		if json.Unmarshal(a.Body, &v) == nil && len(v.Info) > 0 {
			// Odoo Online writes "saas~19" where others write 19.
			if major(strings.Trim(string(v.Info[0]), `"`)) >= 19 {
				se.protocol = json2
				return nil
			}
		}
	} else if f := fault.Of(err); f == nil || f.Code == "E2302" || f.Code == "E2306" || f.Code == "E2307" || f.Code == "E2308" || f.Code == "E2309" {
		return err
	}
	for _, p := range []string{jsonRPC, xmlRPC} {
		se.protocol = p
		v, rpcErr := se.service(ctx, "common", "version", []any{})
		if m, ok := v.(row); rpcErr == nil && ok {
			if version, _ := m["server_version"].(string); major(version) >= 19 {
				se.protocol = json2
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = rpcErr
	}
	if err != nil {
		return err
	}
	return fault.New("E2311", se.place, "address", se.s.web.Host())
}

var digits = regexp.MustCompile(`\d+`)

// major is the first number of a version, 0 where there is none.
func major(version string) int {
	n, err := strconv.Atoi(digits.FindString(version))
	if err != nil {
		return 0
	}
	return n
}

// call runs a method of a model, with arguments by name.
func (se *session) call(ctx context.Context, model, method string, args row) (any, error) {
	args["context"] = row{"active_test": false}
	if se.protocol != json2 {
		p := se.s.cfg.Params
		return se.service(ctx, "object", "execute_kw", []any{p.Text("database"), se.uid, p.Text("api_key"), model, method, []any{}, args})
	}
	body, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	head := map[string]string{"Authorization": "bearer " + se.s.cfg.Params.Text("api_key"), "Content-Type": "application/json; charset=utf-8"}
	if db := se.s.cfg.Params.Text("database"); db != "" {
		head["X-Odoo-Database"] = db
	}
	a, err := se.s.web.Ask(ctx, restapi.Question{
		Method: http.MethodPost, Path: "/json/2/" + url.PathEscape(model) + "/" + url.PathEscape(method), Header: head, Body: body, Place: se.place, Once: se.once,
	})
	if err != nil {
		return nil, err
	}
	return se.s.web.Tree(a, se.place)
}

// service calls one of the services of 18 and older.
func (se *session) service(ctx context.Context, service, method string, args []any) (any, error) {
	if se.protocol == xmlRPC {
		a, err := se.s.web.Ask(ctx, restapi.Question{
			Method: http.MethodPost, Path: "/xmlrpc/2/" + service, Header: map[string]string{"Content-Type": "text/xml", "Accept": "text/xml"},
			Body: encodeCall(method, args), Place: se.place, Once: se.once,
		})
		if err != nil {
			return nil, err
		}
		v, fail, err := decodeAnswer(bytes.NewReader(a.Body))
		switch {
		case err != nil:
			return nil, fault.New("E2311", se.place, "address", se.s.web.Host()).Because(err)
		case fail != "":
			return nil, se.refused(map[string]string{"3": "AccessDenied", "4": "AccessError"}[fail], fail)
		}
		return v, nil
	}
	body, err := json.Marshal(row{"jsonrpc": "2.0", "method": "call", "id": 1, "params": row{"service": service, "method": method, "args": args}})
	if err != nil {
		return nil, err
	}
	a, err := se.s.web.Ask(ctx, restapi.Question{
		Method: http.MethodPost, Path: "/jsonrpc", Header: map[string]string{"Content-Type": "application/json"}, Body: body, Place: se.place, Once: se.once,
	})
	if err != nil {
		return nil, err
	}
	tree, err := se.s.web.Tree(a, se.place)
	if err != nil {
		return nil, err
	}
	m, ok := tree.(row)
	if !ok {
		return nil, fault.New("E2311", se.place, "address", se.s.web.Host())
	}
	if e, failed := m["error"].(row); failed {
		data, _ := e["data"].(row)
		name, _ := data["name"].(string)
		return nil, se.refused(name[strings.LastIndexByte(name, '.')+1:], name)
	}
	if _, answered := m["result"]; !answered {
		return nil, fault.New("E2311", se.place, "address", se.s.web.Host())
	}
	return m["result"], nil
}

var className = regexp.MustCompile(`^[A-Za-z0-9_.]{1,60}$`)

// refused is the fault of an exception of the server, by its class. The text
// of one is never shown: it may hold values.
func (se *session) refused(class, code string) error {
	if !className.MatchString(code) {
		code = "-"
	}
	which := fault.Code("E2322")
	switch class {
	case "AccessDenied", "SessionExpiredException":
		which = "E2303"
	case "AccessError", "Forbidden":
		which = "E2304"
	}
	return fault.New(which, se.place, "address", se.s.web.Host(), "status", http.StatusOK, "code", code)
}

// absent reports a model that is not there, or that this user may not read.
// The older protocols tell of the first by an exception like any other.
func absent(err error) bool {
	f := fault.Of(err)
	return f != nil && (f.Code == "E2304" || f.Code == "E2305" || f.Code == "E2322")
}

// question is a search for records.
type question struct {
	model  string
	domain domain
	fields []string
	order  string
	limit  int
}

// search reads records.
func (se *session) search(ctx context.Context, q question) ([]row, error) {
	args := row{"domain": q.domain, "fields": q.fields, "order": "id asc"}
	if q.order != "" {
		args["order"] = q.order
	}
	if q.limit > 0 {
		args["limit"] = q.limit
	}
	v, err := se.call(ctx, q.model, "search_read", args)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fault.New("E2311", se.place, "address", se.s.web.Host())
	}
	types, err := se.fields(ctx, q.model, q.fields)
	if err != nil {
		return nil, err
	}
	out := make([]row, 0, len(list))
	for _, x := range list {
		m, ok := x.(row)
		if !ok {
			return nil, fault.New("E2311", se.place, "address", se.s.web.Host())
		}
		for name, v := range m {
			m[name] = plain(types[name], v)
		}
		out = append(out, m)
	}
	return out, nil
}

// count returns how many records there are.
func (se *session) count(ctx context.Context, model string, d domain) (int64, error) {
	v, err := se.call(ctx, model, "search_count", row{"domain": append(domain{}, d...)})
	if err != nil {
		return 0, err
	}
	n, ok := v.(json.Number)
	if !ok {
		return 0, fault.New("E2311", se.place, "address", se.s.web.Host())
	}
	return number(n), nil
}

// fields returns the types of those fields that the model has and this user
// may read.
func (se *session) fields(ctx context.Context, model string, wanted []string) (map[string]string, error) {
	have := se.types[model]
	if have == nil {
		v, err := se.call(ctx, model, "fields_get", row{"attributes": []any{"type"}})
		if err != nil {
			return nil, err
		}
		all, ok := v.(row)
		if !ok {
			return nil, fault.New("E2311", se.place, "address", se.s.web.Host())
		}
		have = map[string]string{"id": "integer"}
		for name, x := range all {
			if attributes, ok := x.(row); ok {
				have[name], _ = attributes["type"].(string)
			}
		}
		se.types[model] = have
	}
	out := map[string]string{}
	for _, name := range wanted {
		if t, ok := have[name]; ok {
			out[name] = t
		}
	}
	return out, nil
}

// readable are those of the fields that the model has, in order.
func (se *session) readable(ctx context.Context, model string, wanted []string) ([]string, error) {
	types, err := se.fields(ctx, model, wanted)
	if err != nil {
		return nil, err
	}
	return sorted(types), nil
}
