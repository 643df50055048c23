package restapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"crmhub/fault"
)

// session logs in by a call of the API's own, and shows the token that comes
// of it in every request. A token that is refused is got anew, once.
type session struct {
	c     *client
	a     Auth
	s     Secrets
	token string
	// cookies are those of the login, where they are the session.
	cookies []*http.Cookie
}

func (c *client) newSession(s Secrets, need func(name, value string) error) (authorizer, error) {
	if err := errors.Join(need("username", s.Username), need("password", s.Password)); err != nil {
		return nil, err
	}
	return &session{c: c, a: c.api.Auth, s: s}, nil
}

func (s *session) apply(ctx context.Context, r *http.Request) error {
	if s.token == "" {
		if err := s.login(ctx); err != nil {
			return err
		}
	}
	name, prefix := s.a.Name, s.a.Prefix
	switch s.a.In {
	case AuthInBody:
		return nil // fill has put it there
	case AuthInCookie:
		r.Header.Del("Cookie") // of the try before
		for _, c := range s.cookies {
			r.AddCookie(c)
		}
		return nil
	case AuthInQuery:
		q := r.URL.Query()
		q.Set(name, prefix+s.token)
		r.URL.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
		return nil
	}
	if name == "" {
		name, prefix = "Authorization", either2(prefix, "Bearer ")
	}
	r.Header.Set(name, prefix+s.token)
	return nil
}

// fill returns a request's body with the token in it, where it belongs there.
func (s *session) fill(ctx context.Context, q request) ([]byte, error) {
	if s.a.In != AuthInBody || len(q.body) == 0 {
		return q.body, nil
	}
	if s.token == "" {
		if err := s.login(ctx); err != nil {
			return nil, err
		}
	}
	if strings.HasPrefix(q.header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(q.body))
		if err != nil {
			return nil, s.c.badURL()
		}
		form.Set(s.a.Name, s.a.Prefix+s.token)
		return []byte(form.Encode()), nil
	}
	tree, err := decode(q.body)
	body, ok := tree.(map[string]any)
	if err != nil || !ok {
		return q.body, nil // a hook's own body
	}
	put(body, s.a.Name, s.a.Prefix+s.token)
	return json.Marshal(body)
}

func (s *session) renew(ctx context.Context) (bool, error) {
	if s.token == "" {
		return false, nil // it is the login itself that was refused
	}
	s.token = ""
	return true, s.login(ctx)
}

func (s *session) login(ctx context.Context) error {
	c := s.c
	effort := c.effort // of the request that waits for the token
	defer func() { c.effort = effort }()
	q, err := c.request(s.a.Login, vars{"secret.username": s.s.Username, "secret.password": s.s.Password}, extra{})
	if err != nil {
		return err
	}
	q.bare = true
	a, _, err := c.do(ctx, q, c.cfg.Name)
	if err != nil {
		if f := fault.Of(err); f != nil && (f.Code == "E2304" || f.Code == "E2310") {
			return fault.New("E2303", c.cfg.Name, "address", c.base.Host, "status", f.Args["status"], "code", f.Args["code"]).Because(err)
		}
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(a, errorBody))
	if err = errors.Join(err, a.Close()); err != nil {
		return c.explain(ctx, err, c.cfg.Name)
	}
	tree, err := decode(raw)
	if err != nil {
		return fault.New("E2311", c.cfg.Name, "address", c.base.Host)
	}
	// Some servers answer 200 to a wrong password.
	for _, rule := range c.api.Errors {
		if rule.Field != "" && rule.covers(http.StatusOK) && rule.matches(tree) {
			return fault.New("E2303", c.cfg.Name, "address", c.base.Host, "status", http.StatusOK, "code", c.codeOf(rule, tree))
		}
	}
	s.token = (result{beside: tree, header: a.header}).value(s.a.Token)
	if s.a.In == AuthInCookie {
		s.cookies = (&http.Response{Header: a.header}).Cookies()
		if s.a.Token == "" && len(s.cookies) > 0 {
			s.token = "cookie" // the cookies are the session: there is one
		}
	}
	if s.token == "" || s.a.In == AuthInCookie && len(s.cookies) == 0 {
		s.token = ""
		return fault.New("E2303", c.cfg.Name, "address", c.base.Host, "status", http.StatusOK, "code", "-")
	}
	return nil
}
