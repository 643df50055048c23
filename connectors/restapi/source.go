package restapi

import (
	"context"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Options are what a connection says beside the description of its API.
type Options struct {
	// URL wins over the description's own.
	URL      string
	Settings map[string]string
	Secrets  Secrets
	CAFile   string
	// Tokens keeps OAuth 2 tokens; nil means files in the folder tokens beside hub.yaml.
	Tokens TokenStore
	Hooks  Hooks
	// Timeout, Retries, RetryWait and Rate win over the description's; zero
	// leaves them.
	Timeout   time.Duration
	Retries   int64
	RetryWait time.Duration
	Rate      Rate
}

// source is one connection to an API.
type source struct {
	cfg   connectors.Config
	api   *API
	c     *client
	hooks Hooks
	vars  vars
}

// Open makes a source of a description (see Parse). It connects to nothing.
func Open(cfg connectors.Config, api *API, o Options) (connectors.Source, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	api = o.limited(*api)
	base, err := baseURL(cfg, either2(o.URL, api.URL))
	if err != nil {
		return nil, err
	}
	values := vars{}
	for name, otherwise := range api.Settings {
		v := either2(o.Settings[name], otherwise)
		if v == "" {
			return nil, fault.New("E2330", cfg.Name, "name", "settings: "+name)
		}
		values["setting."+name] = v
	}
	for name := range o.Settings {
		if _, known := api.Settings[name]; !known {
			return nil, fault.New("E2001", cfg.Name, "connector", "settings", "name", name,
				"nearest", fault.Nearest(name, slices.Sorted(maps.Keys(api.Settings))))
		}
	}
	base.Path = strings.TrimRight(values.path(base.Path), "/")
	trust, err := connectors.TLS(cfg, "http", "", o.CAFile)
	if err != nil {
		return nil, err
	}
	s := &source{cfg: cfg, api: api, hooks: o.Hooks, vars: values}
	s.c = newClient(cfg, api, base, o.Hooks, trust)
	store := o.Tokens
	if store == nil {
		store = FileTokens{Dir: filepath.Join(cfg.Dir, "tokens")}
	}
	if s.c.auth, err = s.c.authorizer(o.Secrets, store); err != nil {
		return nil, err
	}
	return s, nil
}

func either2(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func baseURL(cfg connectors.Config, raw string) (*url.URL, error) {
	wrong := func(english, chinese string) error {
		return fault.New("E2301", cfg.Name, "reason", english, "reason_zh", chinese)
	}
	if raw == "" {
		return nil, wrong("there is none", "没有填写")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, wrong("it is not spelt like a URL", "它不是合法的 URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, wrong("it does not begin with https://", "它没有以 https:// 开头")
	case u.Host == "":
		return nil, wrong("it has no host", "它没有主机名")
	case u.User != nil:
		return nil, wrong("it holds a password", "它含有密码")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, wrong("it has a query", "它带有查询参数")
	}
	return u, nil
}

// Close ends the idle connections.
func (s *source) Close() error {
	s.c.close()
	return nil
}

// Check makes the description's check, or asks for one record of the first
// stream that stands alone. It asks again once only.
func (s *source) Check(ctx context.Context) error {
	tries := s.c.tries
	s.c.tries = 1
	defer func() { s.c.tries = tries }()
	if s.api.Check != nil {
		_, err := s.c.tree(ctx, list{vars: s.vars}, s.api.Check, nil)
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.api.Streams)) {
		if st := s.api.Streams[name]; st.Parent == nil && st.List.Job == nil {
			_, err := s.sample(ctx, name, 1)
			return err
		}
	}
	return nil
}

// sample reads the first rows of a stream.
func (s *source) sample(ctx context.Context, name string, rows int) ([]map[string]any, error) {
	var out []map[string]any
	err := s.Read(ctx, connectors.Request{Stream: name, Mode: connectors.Full, Limit: rows}, func(_ context.Context, b connectors.Batch) error {
		for _, r := range b.Rows {
			if r.Data != nil {
				out = append(out, r.Data)
			}
		}
		return nil
	})
	return out, err
}

// sampleRows is how many rows tell a stream's columns.
const sampleRows = 50

// Discover lists the streams of the description, with the columns of the
// first rows of those that stand alone. A stream that this key may not read
// is listed with a note.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	var out []connectors.Stream
	for _, name := range slices.Sorted(maps.Keys(s.api.Streams)) {
		st := s.api.Streams[name]
		x := connectors.Stream{Name: name, Key: st.Key, Rows: -1, Notes: st.notes()}
		if st.Cursor != nil {
			x.Cursor = st.Cursor.Field
		}
		if st.Parent != nil {
			x.Notes = append(x.Notes, connectors.Note{"read once for each record of " + st.Parent.Stream, "按 " + st.Parent.Stream + " 的每条记录各读取一次"})
			out = append(out, x)
			continue
		}
		if st.List.Job != nil {
			x.Notes = append(x.Notes, connectors.Note{"read by a job of the server, which is not made for a look", "由服务器的作业读取，查看时不创建作业"})
			out = append(out, x)
			continue
		}
		rows, err := s.sample(ctx, name, sampleRows)
		if f := fault.Of(err); f != nil && (f.Code == "E2304" || f.Code == "E2305") {
			x.Notes = append(x.Notes, connectors.Note{"this key may not read it (" + string(f.Code) + ")", "该密钥无权读取（" + string(f.Code) + "）"})
		} else if err != nil {
			return nil, err
		}
		x.Columns = columns(rows)
		out = append(out, x)
	}
	return out, nil
}

// columns are the fields of some rows, by name.
func columns(rows []map[string]any) []connectors.Column {
	types := map[string][]string{}
	filled := map[string]int{}
	for _, row := range rows {
		for name, v := range row {
			t := TypeOf(v)
			if t != "" {
				filled[name]++
			}
			if t == "" || slices.Contains(types[name], t) {
				t = ""
			}
			if types[name] = types[name][:len(types[name]):len(types[name])]; t != "" {
				types[name] = append(types[name], t)
			}
		}
	}
	var out []connectors.Column
	for _, name := range slices.Sorted(maps.Keys(types)) {
		out = append(out, connectors.Column{Name: name, Type: strings.Join(types[name], "|"), Null: filled[name] < len(rows)})
	}
	return out
}

// TypeOf names the JSON type of a value; "" for null.
func TypeOf(v any) string {
	switch v.(type) {
	case nil:
		return ""
	case string:
		return "string"
	case bool:
		return "boolean"
	case map[string]any:
		return "object"
	case []any:
		return "array"
	}
	return "number"
}
