package restapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"crmhub/fault"
)

// extra are parameters that reading adds to a call.
type extra struct {
	query map[string]string
	page  page
}

// request makes the request of a call for one page of it.
func (c *client) request(call *Call, v vars, x extra) (request, error) {
	if call.Paging.Size > 0 {
		v = v.with(vars{"size": strconv.FormatInt(call.Paging.Size, 10)})
	}
	q := request{method: string(call.Method), header: http.Header{}}
	if q.method == "" {
		q.method = http.MethodGet
	}
	u, err := c.address(call, v, x)
	if err != nil {
		return q, err
	}
	q.url, q.bare = u, call.file != nil && c.elsewhere(u)
	accept := "application/json"
	if call.Format == CSV {
		accept = "text/csv"
	}
	q.header.Set("Accept", accept)
	q.header.Set("User-Agent", "crmhub")
	for _, headers := range []map[string]string{c.api.Headers, call.Headers} {
		if q.bare {
			break // another host has no need to see them
		}
		for name, value := range v.texts(headers) {
			q.header.Set(name, value)
		}
	}
	switch {
	case call.Body != nil:
		filled, _ := v.body(call.Body)
		body := filled.(map[string]any)
		if call.Paging.In == InBody {
			for name, value := range c.pageParams(call, x) {
				put(body, name, value)
			}
		}
		if q.body, err = json.Marshal(body); err != nil {
			return q, fault.New("E2328", c.cfg.Name, "what", "a body can't be written as JSON", "what_zh", "请求体无法写成 JSON").Because(err)
		}
		q.header.Set("Content-Type", "application/json")
	case call.Form != nil:
		form := url.Values{}
		for name, value := range v.texts(call.Form) {
			form.Set(name, value)
		}
		if call.Paging.In == InBody {
			for name, value := range c.pageParams(call, x) {
				form.Set(name, text(value))
			}
		}
		q.body = []byte(form.Encode())
		q.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return q, nil
}

// address is the URL of a call's page. Where the page is an address that the
// server gave, its path and query go to our own host.
func (c *client) address(call *Call, v vars, x extra) (*url.URL, error) {
	if call.file != nil {
		return call.file, nil
	}
	if t := call.Paging.Type; (t == PagingNextURL || t == PagingLink || call.Paging.Delta != "") && strings.HasPrefix(x.page.Token, "/") {
		u, err := url.Parse(x.page.Token)
		if err != nil || u.Host != "" {
			return nil, c.badURL()
		}
		return c.base.ResolveReference(u), nil
	}
	raw := strings.TrimRight(c.base.String(), "/")
	if path := v.path(call.Path); path != "" {
		raw += "/" + strings.TrimLeft(path, "/")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host != c.base.Host {
		return nil, c.badURL()
	}
	params := v.texts(c.api.Query)
	maps.Copy(params, v.texts(call.Query))
	maps.Copy(params, x.query)
	if call.Paging.In != InBody {
		for name, value := range c.pageParams(call, x) {
			params[name] = text(value)
		}
	}
	values := u.Query()
	for name, value := range params {
		values.Set(name, value)
	}
	// A blank as +, which only forms know, is refused by OData services.
	u.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")
	return u, nil
}

func (c *client) badURL() error {
	return fault.New("E2301", c.cfg.Name, "reason", "a path makes it go elsewhere", "reason_zh", "某个路径使它指向别处")
}

// pageParams are the parameters that ask for one page.
func (c *client) pageParams(call *Call, x extra) map[string]any {
	p := call.Paging
	out := map[string]any{}
	if p.SizeParam != "" && p.Size > 0 {
		out[p.SizeParam] = json.Number(strconv.FormatInt(p.Size, 10))
	}
	if value, ok := p.parameter(x.page); ok && p.Param != "" {
		out[p.Param] = value
		if p.Type == PagingOffset || p.Type == PagingPage || p.Type == PagingReverse {
			out[p.Param] = json.Number(value)
		}
	}
	return out
}
