package tryton

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors/wire"
	"crmhub/fault"
)

// mostAnswer bounds one answer, in bytes.
const mostAnswer = 256 << 20

// session is a login. It logs in again once where the server has forgotten it.
type session struct {
	s     *source
	place string
	// path is where calls go: the database's own address, and since Tryton 6.2
	// one below it.
	path  string
	token string
	// began is the server's time at the login: what is written from now on is
	// read by the next read.
	began   time.Time
	context map[string]any
}

// login opens a session. place names the stream in faults.
func (s *source) login(ctx context.Context, place string) (*session, error) {
	se := &session{s: s, place: place, path: "/" + s.db + "/"}
	if err := se.login(ctx); err != nil {
		return nil, err
	}
	return se, se.call(ctx, "model.res.user.get_preferences", []any{true}, &se.context)
}

func (se *session) login(ctx context.Context) error {
	params := []any{se.s.cfg.Params.Text("user"), map[string]any{"password": se.s.cfg.Params.Text("password")}, "en"}
	var result []json.RawMessage
	status, date, err := se.ask(ctx, "common.db.login", params, &result)
	if (status == http.StatusMethodNotAllowed || status == http.StatusNotFound) && !strings.HasSuffix(se.path, "/rpc/") {
		se.path += "rpc/"
		status, date, err = se.ask(ctx, "common.db.login", params, &result)
	}
	if err != nil {
		return err
	}
	var id json.Number
	var key string
	if len(result) < 2 || json.Unmarshal(result[0], &id) != nil || json.Unmarshal(result[1], &key) != nil {
		return fault.New("E2303", se.place, "address", se.s.url.Host, "status", status, "code", "-")
	}
	se.token = "Session " + base64.StdEncoding.EncodeToString([]byte(se.s.cfg.Params.Text("user")+":"+id.String()+":"+key))
	if se.began.IsZero() {
		if se.began, err = http.ParseTime(date); err != nil {
			se.began = se.s.now()
		}
	}
	return nil
}

func (s *source) now() time.Time {
	if s.cfg.Now != nil {
		return s.cfg.Now().UTC()
	}
	return time.Now().UTC()
}

// call runs a method that reads; the context of the user goes behind the parameters.
func (se *session) call(ctx context.Context, method string, params []any, into any) error {
	for again := false; ; again = true {
		with := map[string]any{}
		for k, v := range se.context {
			with[k] = v
		}
		status, _, err := se.ask(ctx, method, append(append([]any{}, params...), with), into)
		if status != http.StatusUnauthorized || again {
			return err
		}
		if err := se.login(ctx); err != nil {
			return err
		}
	}
}

// crashes is how often a call is made again whose method died. Tryton says so
// under status 200, and leaves it to the client to ask again after a lock or a
// conflict in its database when the method only reads.
const crashes = 4

// ask makes a call until its method does not die, and takes the answer apart. It
// also returns the answer's status, 0 where there was none, and its date.
func (se *session) ask(ctx context.Context, method string, params []any, into any) (status int, date string, err error) {
	for try, pause := 0, 100*time.Millisecond; ; try, pause = try+1, 2*pause {
		a, err := se.post(ctx, method, params)
		if err == nil {
			err = se.result(a, into)
		}
		if try == crashes || !errors.Is(err, errCrash) {
			return a.Status, a.Header.Get("Date"), err
		}
		select {
		case <-ctx.Done():
			return 0, "", ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (se *session) post(ctx context.Context, method string, params []any) (wire.Answer, error) {
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		return wire.Answer{}, err
	}
	at := *se.s.url
	at.Path = strings.TrimSuffix(at.Path, "/") + se.path
	r, err := http.NewRequest(http.MethodPost, at.String(), bytes.NewReader(body))
	if err != nil {
		return wire.Answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	if se.token != "" {
		r.Header.Set("Authorization", se.token)
	}
	return se.s.web.Do(ctx, r, se.place, mostAnswer)
}

// errCrash is what a method died of that Tryton has no name for.
var errCrash = errors.New("the method failed")

// result takes an answer apart. An error's text is not shown: it may hold values.
func (se *session) result(a wire.Answer, into any) error {
	args := []any{"address", se.s.url.Host, "status", a.Status, "code", "-"}
	switch a.Status {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return fault.New("E2303", se.place, args...)
	case http.StatusForbidden:
		return fault.New("E2304", se.place, args...)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return fault.New("E2305", se.place, args...)
	default:
		return fault.New("E2310", se.place, args...)
	}
	var envelope struct {
		Result json.RawMessage   `json:"result"`
		Error  []json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(a.Body, &envelope); err != nil {
		return fault.New("E2311", se.place, "address", se.s.url.Host).Because(err)
	}
	if envelope.Error != nil {
		kind := "-"
		if len(envelope.Error) > 0 {
			for _, known := range []string{"UserError", "UserWarning", "ConcurrencyException", "LoginException"} {
				if string(envelope.Error[0]) == strconv.Quote(known) {
					kind = known
				}
			}
		}
		f := fault.New("E2322", se.place, "address", se.s.url.Host, "code", kind)
		if kind == "-" {
			return f.Because(errCrash)
		}
		return f
	}
	dec := json.NewDecoder(bytes.NewReader(envelope.Result))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return fault.New("E2311", se.place, "address", se.s.url.Host).Because(err)
	}
	return nil
}

// domain is a condition as Tryton writes it.
type domain []any

// archived is the clause that lets archived records through: who does not name
// active is given the active ones alone. It must stand beside the others, for
// in a domain within the domain it would be missing again.
var archived = []any{"active", "in", []any{true, false}}

// since are the domains of what was written from then on, and of what was
// created and not written since: the date of writing is empty until the first
// change. They are two questions, not one with OR, for the sake of archived.
func since(t time.Time) [2]domain {
	at := map[string]any{
		"__class__": "datetime", "year": t.Year(), "month": int(t.Month()), "day": t.Day(),
		"hour": t.Hour(), "minute": t.Minute(), "second": t.Second(), "microsecond": t.Nanosecond() / 1000,
	}
	return [2]domain{{[]any{"write_date", ">=", at}}, {[]any{"write_date", "=", nil}, []any{"create_date", ">=", at}}}
}

// search reads records in the order of their ids.
func (se *session) search(ctx context.Context, model string, d domain, limit int, fields []string) ([]map[string]any, error) {
	var out []map[string]any
	err := se.call(ctx, "model."+model+".search_read", []any{d, 0, limit, []any{[]any{"id", "ASC"}}, fields}, &out)
	if err != nil {
		return nil, err
	}
	for i, row := range out {
		out[i] = make(map[string]any, len(row))
		for k, v := range row {
			out[i][column(k)] = plain(v)
		}
	}
	return out, nil
}

// column is the name of a field in a row: "currency." and "currency.code" are currency.
func column(field string) string {
	name, _, _ := strings.Cut(field, ".")
	return name
}

// plain turns typed JSON into plain: dates and times as ISO writes them, in
// UTC, decimals as numbers with every digit, a related record as what was
// asked of it.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case map[string]any:
		part := func(name string) int {
			n, _ := v[name].(json.Number)
			i, _ := strconv.Atoi(n.String())
			return i
		}
		switch v["__class__"] {
		case "Decimal":
			text, _ := v["decimal"].(string)
			return json.Number(text)
		case "date":
			return fmt.Sprintf("%04d-%02d-%02d", part("year"), part("month"), part("day"))
		case "datetime":
			t := time.Date(part("year"), time.Month(part("month")), part("day"), part("hour"), part("minute"), part("second"), part("microsecond")*1000, time.UTC)
			return t.Format("2006-01-02T15:04:05.000000Z07:00") // of one length, so that the later is the greater
		case nil:
			delete(v, "id")
			for _, one := range v {
				return plain(one)
			}
			return nil
		}
		return nil // a file, a time of day: no part of what is read
	}
	return v
}
