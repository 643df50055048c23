package restapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Caller makes single calls of an API for connectors that page by means of
// their own. It has the credentials, the pace and the patience of a source. It
// is not safe for concurrent use.
type Caller struct{ s *source }

// NewCaller returns a Caller for a connection. It connects to nothing; its
// errors are those of Open.
func NewCaller(cfg connectors.Config, api *API, o Options) (*Caller, error) {
	src, err := Open(cfg, api, o)
	if err != nil {
		return nil, err
	}
	return &Caller{src.(*source)}, nil
}

// Question is one request.
type Question struct {
	Method string // GET where empty
	// Path is appended to the API's url; what stands in it is escaped already.
	Path   string
	Query  url.Values
	Header map[string]string
	Body   []byte
	// Place names the stream in faults: connection/stream.
	Place string
	// Once says that Check asks: try again once only.
	Once bool
}

// Reply is a good answer, whole.
type Reply struct {
	Header http.Header
	Body   []byte
}

// Ask makes a request until there is a good answer, and reads it; one that is
// cut off is asked for again. The error is a fault with a code by the API's
// rules (E2303 to E2317), or the context's own.
func (c *Caller) Ask(ctx context.Context, q Question) (Reply, error) {
	cl := c.s.c
	if q.Once {
		tries := cl.tries
		cl.tries = 1
		defer func() { cl.tries = tries }()
	}
	u, err := url.Parse(strings.TrimRight(cl.base.String(), "/") + "/" + strings.TrimLeft(q.Path, "/"))
	if err != nil || u.Host != cl.base.Host {
		return Reply{}, cl.badURL()
	}
	u.RawQuery = strings.ReplaceAll(q.Query.Encode(), "+", "%20")
	r := request{method: either2(q.Method, http.MethodGet), url: u, header: http.Header{}, body: q.Body}
	r.header.Set("Accept", "application/json")
	r.header.Set("User-Agent", "crmhub")
	for _, headers := range []map[string]string{c.s.vars.texts(c.s.api.Headers), q.Header} {
		for name, value := range headers {
			r.header.Set(name, value)
		}
	}
	for cuts := 0; ; cuts++ {
		a, _, err := cl.do(ctx, r, q.Place)
		if err != nil {
			return Reply{}, err
		}
		raw, err := io.ReadAll(a)
		again := err != nil && (context.Cause(a.ctx) != nil || isCut(err))
		err = errors.Join(cause(a.ctx, err), a.Close())
		switch {
		case err == nil:
			return Reply{a.header, raw}, nil
		case !again || cuts >= cl.tries || ctx.Err() != nil:
			return Reply{}, cl.explain(ctx, err, q.Place)
		}
		if err := connectors.Sleep(ctx, cl.patience(cuts)); err != nil {
			return Reply{}, err
		}
	}
}

// Tree decodes a JSON answer; numbers keep every digit. The error is E2311.
func (c *Caller) Tree(r Reply, place string) (any, error) {
	tree, err := decode(r.Body)
	if err != nil {
		return nil, fault.New("E2311", place, "address", c.Host()).Because(err)
	}
	return tree, nil
}

// Host is the API's host, for faults.
func (c *Caller) Host() string { return c.s.c.base.Host }

// Now is the time by the connection's clock, in UTC.
func (c *Caller) Now() time.Time { return c.s.cfg.Now().UTC() }

// Close ends idle connections.
func (c *Caller) Close() error { return c.s.Close() }

// ParamsNamed are those of Params that a connector takes, in its order.
func ParamsNamed(names ...string) []connectors.Param {
	var out []connectors.Param
	for _, name := range names {
		all := Params()
		if i := slices.IndexFunc(all, func(p connectors.Param) bool { return p.Name == name }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}
