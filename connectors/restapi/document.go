package restapi

import (
	"context"
	"errors"
	"io"

	"crmhub/connectors"
)

// Described returns an API that was described in Go, with what it leaves out
// filled in as Parse does.
func Described(api API) *API {
	api.defaults()
	return &api
}

// Document asks for one document that is no list, such as the description of
// a service, and returns it as it came. accept is the type that is wanted.
func Document(ctx context.Context, cfg connectors.Config, api *API, o Options, path, accept string) ([]byte, error) {
	src, err := Open(cfg, api, o)
	if err != nil {
		return nil, err
	}
	s := src.(*source)
	text, err := s.document(ctx, path, accept)
	return text, errors.Join(err, s.Close())
}

func (s *source) document(ctx context.Context, path, accept string) ([]byte, error) {
	q, err := s.c.request(&Call{Path: path}, s.vars, extra{})
	if err != nil {
		return nil, err
	}
	q.header.Set("Accept", accept)
	a, _, err := s.c.do(ctx, q, s.cfg.Name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(a)
	if closeErr := a.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, s.c.explain(ctx, err, s.cfg.Name)
	}
	return text, nil
}
