package restapi

import (
	"context"
	"net/http"
	"time"

	"crmhub/fault"
)

// Secrets are a connection's credentials; which are needed says Auth.
type Secrets struct {
	Username, Password, Token            string
	ClientID, ClientSecret, RefreshToken string
	// PrivateKey is PEM, for JWTs.
	PrivateKey string
}

// Hooks do what a description can't say. Each may be nil.
type Hooks struct {
	// Sign changes a request before each try: signed parameters.
	Sign func(r *http.Request, body []byte, now time.Time) error
	// Expand turns one row into the rows that it stands for (a merged record
	// is its winner and the losers, which are gone). It must be deterministic.
	Expand func(stream string, r Row) []Row
}

// Row is one record as it was read: its key, and whether the source reports
// it as gone.
type Row struct {
	Key     string
	Data    map[string]any
	Deleted bool
}

// authorizer gives requests their credentials.
type authorizer interface {
	apply(ctx context.Context, r *http.Request) error
	// renew is asked after a 401; true means that another try may do better.
	renew(ctx context.Context) (bool, error)
}

// filler is an authorizer whose credentials stand in the body.
type filler interface {
	fill(ctx context.Context, q request) ([]byte, error)
}

// fixed credentials are the same in every request.
type fixed func(r *http.Request)

func (f fixed) apply(_ context.Context, r *http.Request) error {
	f(r)
	return nil
}

func (fixed) renew(context.Context) (bool, error) { return false, nil }

// authorizer returns what the description asks for, or E2330 where the
// connection lacks a secret for it.
func (c *client) authorizer(s Secrets, store TokenStore) (authorizer, error) {
	a := c.api.Auth
	need := func(name, value string) error {
		if value == "" {
			return fault.New("E2330", c.cfg.Name, "name", name)
		}
		return nil
	}
	switch a.Type {
	case AuthBasic:
		// Some APIs take the key as the user, or as the password, of basic auth.
		user, password := s.Username, s.Password
		if user == "" && s.Token != "" {
			user = s.Token
		}
		if err := need("username", user); err != nil {
			return nil, err
		}
		return fixed(func(r *http.Request) { r.SetBasicAuth(user, password) }), nil
	case AuthBearer:
		if err := need("token", s.Token); err != nil {
			return nil, err
		}
		return fixed(func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.Token) }), nil
	case AuthHeader:
		if err := need("token", s.Token); err != nil {
			return nil, err
		}
		return fixed(func(r *http.Request) { r.Header.Set(a.Name, a.Prefix+s.Token) }), nil
	case AuthQuery:
		if err := need("token", s.Token); err != nil {
			return nil, err
		}
		return fixed(func(r *http.Request) {
			q := r.URL.Query()
			q.Set(a.Name, a.Prefix+s.Token)
			r.URL.RawQuery = q.Encode()
		}), nil
	case AuthOAuth2:
		return c.newOAuth(s, store, need)
	case AuthSession:
		return c.newSession(s, need)
	}
	return fixed(func(*http.Request) {}), nil
}
