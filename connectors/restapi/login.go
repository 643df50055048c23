package restapi

import (
	"context"
	"errors"
	"io"
	"net/http"

	"crmhub/fault"
)

// session logs in by a call of the API's own, and shows the token that comes
// of it in every request. A token that is refused is got anew, once.
type session struct {
	c     *client
	a     Auth
	s     Secrets
	token string
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
	if name == "" {
		name, prefix = "Authorization", either2(prefix, "Bearer ")
	}
	r.Header.Set(name, prefix+s.token)
	return nil
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
	if s.token = (result{beside: tree, header: a.header}).value(s.a.Token); s.token == "" {
		return fault.New("E2303", c.cfg.Name, "address", c.base.Host, "status", http.StatusOK, "code", "-")
	}
	return nil
}
