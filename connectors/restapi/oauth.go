package restapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"crmhub/fault"
)

// oauth gets access tokens by a grant of OAuth 2 (RFC 6749, RFC 7523).
type oauth struct {
	c      *client
	a      Auth
	s      Secrets
	store  TokenStore
	url    *url.URL
	signer *jwtSigner
	now    Tokens
	loaded bool
}

func (c *client) newOAuth(s Secrets, store TokenStore, need func(name, value string) error) (authorizer, error) {
	a := c.api.Auth
	o := &oauth{c: c, a: a, s: s, store: store}
	switch a.Grant {
	case GrantRefresh:
		if err := errors.Join(need("client_id", s.ClientID), need("refresh_token", s.RefreshToken)); err != nil {
			return nil, err
		}
	case GrantPassword:
		if err := errors.Join(need("username", s.Username), need("password", s.Password)); err != nil {
			return nil, err
		}
	case GrantJWT:
		if err := need("private_key", s.PrivateKey); err != nil {
			return nil, err
		}
		signer, err := newSigner(a.Algorithm, s.PrivateKey)
		if err != nil {
			return nil, fault.New("E2003", c.cfg.Name, "connector", "http", "name", "private_key", "want", "a key in PEM for "+string(a.Algorithm)).Because(err)
		}
		o.signer = signer
	default:
		if err := errors.Join(need("client_id", s.ClientID), need("client_secret", s.ClientSecret)); err != nil {
			return nil, err
		}
	}
	u, err := c.base.Parse(a.TokenURL)
	if err != nil || u.Host == "" {
		return nil, fault.New("E2301", c.cfg.Name, "reason", "auth.token_url is not spelt like a URL", "reason_zh", "auth.token_url 不是合法的 URL")
	}
	o.url = u
	return o, nil
}

// seed and login are the fingerprints that kept tokens belong to.
func (o *oauth) seed() string { return printOf(o.s.RefreshToken) }

func (o *oauth) login() string {
	return printOf(o.url.String(), string(o.a.Grant), o.a.Scope, o.s.ClientID, o.s.ClientSecret, o.s.RefreshToken, o.s.Username, o.s.Password, o.s.PrivateKey)
}

func printOf(secrets ...string) string {
	sum := sha256.New()
	for _, s := range secrets {
		fmt.Fprintf(sum, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// load reads the kept tokens; those of another authorisation are void.
func (o *oauth) load(ctx context.Context) error {
	t, err := o.store.Load(ctx, o.c.cfg.Name)
	if err != nil {
		return o.unkept(err)
	}
	if t.Seed != o.seed() {
		t = Tokens{Seed: o.seed(), Refresh: o.s.RefreshToken}
	}
	if t.Login != o.login() {
		t.Access = ""
	}
	o.now, o.loaded = t, true
	return nil
}

func (o *oauth) unkept(err error) error {
	return fault.New("E2327", o.c.cfg.Name, "connection", o.c.cfg.Name, "reason", fault.Reason(err)).Because(err)
}

// apply sets the access token, getting one first where there is none or the
// one there is about to expire.
func (o *oauth) apply(ctx context.Context, r *http.Request) error {
	if !o.loaded {
		if err := o.load(ctx); err != nil {
			return err
		}
	}
	if o.now.Access == "" || !o.now.Expires.IsZero() && o.c.cfg.Now().Add(30*time.Second).After(o.now.Expires) {
		if _, err := o.renew(ctx); err != nil {
			return err
		}
	}
	prefix := o.a.Prefix
	if prefix == "" {
		prefix = "Bearer "
	}
	r.Header.Set("Authorization", prefix+o.now.Access)
	return nil
}

// renew gets a new access token. Another process may have got one since: what
// is kept is read again before, and used where it is newer.
func (o *oauth) renew(ctx context.Context) (bool, error) {
	had := o.now.Access
	if err := o.load(ctx); err != nil {
		return false, err
	}
	if o.now.Access != "" && o.now.Access != had {
		return true, nil
	}
	effort := o.c.effort // of the request that waits for the token
	defer func() { o.c.effort = effort }()
	candidates := []string{""}
	if o.a.Grant == GrantRefresh {
		candidates = []string{o.now.Refresh}
		if o.now.Previous != "" {
			candidates = append(candidates, o.now.Previous)
		}
	}
	var err error
	for _, refresh := range candidates {
		if err = o.ask(ctx, refresh); err == nil {
			return true, nil
		}
		if f := fault.Of(err); f == nil || f.Code != "E2319" {
			return false, err
		}
	}
	return false, err
}

// tokenAnswer is RFC 6749 §5.1 and §5.2.
type tokenAnswer struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	// Expires is seconds, which some servers write as text.
	Expires json.RawMessage `json:"expires_in"`
	Error   string          `json:"error"`
}

func (o *oauth) ask(ctx context.Context, refresh string) error {
	q, err := o.request(refresh)
	if err != nil {
		return err
	}
	a, _, err := o.c.do(ctx, q, o.c.cfg.Name)
	if err != nil {
		return o.refused(err)
	}
	raw, err := io.ReadAll(io.LimitReader(a, errorBody))
	if err = errors.Join(err, a.Close()); err != nil {
		return o.c.explain(ctx, err, o.c.cfg.Name)
	}
	var t tokenAnswer
	if json.Unmarshal(raw, &t) != nil {
		return fault.New("E2311", o.c.cfg.Name, "address", o.url.Host)
	}
	if t.Access == "" {
		code := "-"
		if codeLike.MatchString(t.Error) {
			code = t.Error
		}
		return fault.New("E2319", o.c.cfg.Name, "address", o.url.Host, "code", code)
	}
	next := Tokens{Access: t.Access, Refresh: refresh, Previous: o.now.Previous, Seed: o.seed(), Login: o.login()}
	if n, err := strconv.ParseFloat(trimQuotes(t.Expires), 64); err == nil && n > 0 {
		next.Expires = o.c.cfg.Now().Add(time.Duration(n) * time.Second)
	}
	if t.Refresh != "" && t.Refresh != refresh {
		next.Refresh, next.Previous = t.Refresh, refresh
	}
	if err := o.store.Save(ctx, o.c.cfg.Name, next); err != nil {
		return o.unkept(err)
	}
	o.now = next
	return nil
}

func trimQuotes(raw json.RawMessage) string {
	s := string(raw)
	if len(s) > 1 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// refused makes E2319 of a token server's refusal; what is temporary stays so.
func (o *oauth) refused(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	switch f.Code {
	case "E2303", "E2304", "E2310":
		return fault.New("E2319", o.c.cfg.Name, "address", o.url.Host, "code", f.Args["code"]).Because(err)
	}
	return err
}

func (o *oauth) request(refresh string) (request, error) {
	form := url.Values{}
	for name, v := range o.a.Params {
		form.Set(name, v)
	}
	if o.a.Scope != "" {
		form.Set("scope", o.a.Scope)
	}
	q := request{method: http.MethodPost, url: o.url, header: http.Header{}, bare: true}
	switch o.a.Grant {
	case GrantRefresh:
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", refresh)
	case GrantPassword:
		form.Set("grant_type", "password")
		form.Set("username", o.s.Username)
		form.Set("password", o.s.Password)
	case GrantJWT:
		assertion, err := o.signer.assertion(o.a, o.s, o.url.String(), o.c.cfg.Now())
		if err != nil {
			return q, fault.New("E2003", o.c.cfg.Name, "connector", "http", "name", "private_key", "want", "a key in PEM for "+string(o.a.Algorithm)).Because(err)
		}
		form.Set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
		form.Set("assertion", assertion)
	default:
		form.Set("grant_type", "client_credentials")
	}
	switch {
	case o.s.ClientID == "":
	case o.a.ClientIn == "basic":
		r := http.Request{Header: q.header}
		r.SetBasicAuth(url.QueryEscape(o.s.ClientID), url.QueryEscape(o.s.ClientSecret))
	default:
		form.Set("client_id", o.s.ClientID)
		if o.s.ClientSecret != "" {
			form.Set("client_secret", o.s.ClientSecret)
		}
	}
	q.header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.header.Set("Accept", "application/json")
	q.body = []byte(form.Encode())
	return q, nil
}
