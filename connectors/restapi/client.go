package restapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"crmhub/connectors"
	"crmhub/fault"
)

// client makes the requests of one connection, one after the other.
type client struct {
	api   *API
	cfg   connectors.Config
	base  *url.URL
	http  *retryablehttp.Client
	auth  authorizer
	hooks Hooks
	pace  pace
	log   *slog.Logger
	// effort is what the request under way has cost so far.
	effort effort
	// date is the server's clock at its first answer in a read.
	date time.Time
	// tries bounds how often a request is made again; Check asks for few.
	tries int
}

// effort counts the tries and waits of one request.
type effort struct {
	bare   bool
	tries  int
	waited time.Duration
	next   time.Duration
	sign   func(*http.Request) error
	why    Meaning
}

// request is one request to be made.
type request struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
	// bare requests carry no credentials: files on another host, token requests.
	bare bool
}

// answer is a good answer. Its body must be closed.
type answer struct {
	*body
	header http.Header
	url    *url.URL
	cancel context.CancelCauseFunc
	ctx    context.Context
}

// Close ends the answer.
func (a *answer) Close() error {
	err := a.body.Close()
	a.cancel(nil)
	return err
}

func newClient(cfg connectors.Config, api *API, base *url.URL, hooks Hooks, trust *tls.Config) *client {
	c := &client{api: api, cfg: cfg, base: base, hooks: hooks, log: cfg.Log, tries: int(api.Limits.Retries)}
	c.pace = pace{least: api.Throttle.Rate.interval(), most: api.Limits.MaxWait}
	dialer := &net.Dialer{Timeout: min(api.Limits.Timeout, 15*time.Second)}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    min(api.Limits.Timeout, 15*time.Second),
		ResponseHeaderTimeout:  api.Limits.Timeout,
		MaxResponseHeaderBytes: 1 << 20,
		TLSClientConfig:        trust,
	}
	c.http = &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: transport, CheckRedirect: c.redirect},
		RetryMax:     1 << 20, // effort decides
		CheckRetry:   c.again,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.effort.next },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		PrepareRetry: func(r *http.Request) error { return c.prepare(r) },
	}
	return c
}

func (c *client) close() { c.http.HTTPClient.CloseIdleConnections() }

// do makes a request until there is a good answer. place names the stream in
// faults; the error is a fault or the context's.
// The meaning is that of an answer that is no good.
func (c *client) do(ctx context.Context, q request, place string) (*answer, Meaning, error) {
	for renewed := false; ; renewed = true {
		filled := q
		if f, ok := c.auth.(filler); ok && !q.bare {
			var err error
			if filled.body, err = f.fill(ctx, q); err != nil {
				return nil, "", err
			}
		}
		a, meaning, err := c.try(ctx, filled, place)
		if meaning == Refused && !renewed && !q.bare {
			ok, renewErr := c.auth.renew(ctx)
			if renewErr != nil {
				return nil, meaning, renewErr
			}
			if ok {
				continue
			}
		}
		return a, meaning, err
	}
}

func (c *client) try(ctx context.Context, q request, place string) (*answer, Meaning, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	own, cancel := context.WithCancelCause(ctx)
	r, err := retryablehttp.NewRequestWithContext(own, q.method, q.url.String(), q.body)
	if err != nil {
		cancel(nil)
		return nil, "", fault.New("E2301", c.cfg.Name, "reason", "it is not spelt like a URL", "reason_zh", "它不是合法的 URL")
	}
	for name, values := range q.header {
		r.Header[name] = values
	}
	c.effort = effort{bare: q.bare, sign: func(r *http.Request) error { return c.sign(own, r, q) }}
	if err := c.prepare(r.Request); err != nil {
		cancel(nil)
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		return nil, "", err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		cancel(nil)
		return nil, "", c.explain(ctx, err, place)
	}
	c.pace.observe(resp.Header, c.api.Throttle)
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil && c.date.IsZero() && !q.bare {
		c.date = t
	}
	if meaning := c.judge(resp); meaning != "" {
		err := c.refusal(resp, meaning, place)
		drop(resp.Body)
		cancel(nil)
		return nil, meaning, err
	}
	c.pace.faster()
	b, err := newBody(resp, c.api.Limits, c.api.Charset, cancel)
	if err != nil {
		drop(resp.Body)
		cancel(nil)
		return nil, "", c.explain(ctx, err, place)
	}
	return &answer{body: b, header: resp.Header, url: resp.Request.URL, cancel: cancel, ctx: own}, "", nil
}

// prepare waits for the pace and signs a request, before each try.
func (c *client) prepare(r *http.Request) error {
	if err := c.pace.wait(r.Context()); err != nil {
		return err
	}
	return c.effort.sign(r)
}

// sign gives a request its credentials.
func (c *client) sign(ctx context.Context, r *http.Request, q request) error {
	if q.bare {
		return nil
	}
	if err := c.auth.apply(ctx, r); err != nil {
		return err
	}
	if c.hooks.Sign != nil {
		return c.hooks.Sign(r, q.body, c.cfg.Now())
	}
	return nil
}

// errRedirect refuses to follow a redirect.
type errRedirect struct{ host string }

func (e errRedirect) Error() string { return "redirect to " + e.host }

// redirect follows to the same host only: another one gets no credentials,
// and a request that asks by POST is not turned into a GET.
func (c *client) redirect(r *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case len(via) > 5:
		return errRedirect{r.URL.Host}
	case c.effort.bare && first.Method == http.MethodGet:
		return nil // a file without credentials; a token request has them in its body
	case r.Method != first.Method, r.URL.Hostname() != first.URL.Hostname(), first.URL.Scheme == "https" && r.URL.Scheme != "https":
		return errRedirect{r.URL.Host}
	case r.URL.Scheme == first.URL.Scheme && r.URL.Port() != first.URL.Port():
		return errRedirect{r.URL.Host}
	}
	return nil
}

// again decides whether a request is made once more, and after which wait.
func (c *client) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	e := &c.effort
	wait := c.patience(e.tries)
	switch {
	case err != nil && isPermanent(err):
		return false, err
	case err != nil:
		e.why = Temporary
	default:
		switch e.why = c.judge(resp); e.why {
		case Throttled:
			asked, ok := told(resp.Header, c.api.Throttle)
			if ok {
				wait = asked
			}
			c.pace.slower(asked)
		case Temporary:
			if asked, ok := told(resp.Header, c.api.Throttle); ok {
				wait = asked
			}
		default:
			return false, nil
		}
	}
	e.tries++
	if e.why != Throttled && e.tries > c.tries || e.waited+wait > c.api.Limits.MaxWait {
		return false, err
	}
	e.waited += wait
	e.next = wait
	c.log.Debug("request repeated", "connection", c.cfg.Name, "try", e.tries, "wait", wait, "why", string(e.why))
	return true, nil
}

// patience is the wait before a request is made again: it doubles up to 30
// times the first.
func (c *client) patience(tries int) time.Duration {
	first := c.api.Limits.RetryWait
	return min(first<<min(tries, 5), 30*first)
}

const errorBody = 64 << 10

// judge says what an answer means by its status and, from 400 on, by its
// body; "" for a good one.
func (c *client) judge(resp *http.Response) Meaning {
	var tree any
	if resp.StatusCode >= 400 {
		tree = c.errorBody(resp)
	}
	for _, rule := range c.api.Errors {
		if rule.covers(int64(resp.StatusCode)) && len(rule.Status) > 0 && (resp.StatusCode >= 400 || rule.Field == "") && rule.matches(tree) {
			return rule.Means
		}
	}
	if resp.StatusCode >= 400 {
		for _, rule := range c.api.Errors {
			if len(rule.Status) == 0 && rule.Field != "" && rule.matches(tree) {
				return rule.Means
			}
		}
	}
	_, waits := told(resp.Header, c.api.Throttle)
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable && waits, s == http.StatusForbidden && waits:
		return Throttled
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == 500, s == 502, s == 503, s == 504, s >= 520 && s <= 530:
		return Temporary
	case s == http.StatusUnauthorized:
		return Refused
	case s == http.StatusForbidden:
		return Forbidden
	case s == http.StatusNotModified, s == http.StatusNoContent:
		return Empty
	case s >= 300:
		return Failed
	}
	return ""
}

// errorBody reads the body of a refusal, which is then in memory.
func (c *client) errorBody(resp *http.Response) any {
	if held, ok := resp.Body.(*heldBody); ok {
		return held.tree
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, errorBody))
	drop(resp.Body)
	held := &heldBody{Reader: bytes.NewReader(raw)}
	if err == nil {
		if tree, err := decode(raw); err == nil {
			held.tree = tree
		}
	}
	resp.Body = held
	return held.tree
}

// heldBody is a body that was read already.
type heldBody struct {
	*bytes.Reader
	tree any
}

func (*heldBody) Close() error { return nil }

// drop closes what nobody reads on.
func drop(b io.Closer) {
	if err := b.Close(); err != nil {
		return // the connection is gone either way
	}
}

func (r ErrorRule) covers(status int64) bool {
	return len(r.Status) == 0 || slices.Contains(r.Status, status)
}

// find returns the value of the rule's field; nil where there is none. Where
// there is a list of errors the first one counts.
func (r ErrorRule) find(tree any) any {
	if list, ok := tree.([]any); ok && len(list) > 0 {
		tree = list[0]
	}
	if v := lookup(tree, r.Field); v != nil {
		return v
	}
	for at, c := range r.Field {
		if c != '.' {
			continue
		}
		if list, isList := lookup(tree, r.Field[:at]).([]any); isList && len(list) > 0 {
			return lookup(list[0], r.Field[at+1:])
		}
	}
	return nil
}

// matches reports whether the rule's field says so.
func (r ErrorRule) matches(tree any) bool {
	if r.Field == "" {
		return true
	}
	found := r.find(tree)
	return found != nil && (len(r.Values) == 0 || slices.Contains(r.Values, text(found)))
}

func isPermanent(err error) bool {
	var redirect errRedirect
	return errors.As(err, &redirect) || isInsecure(err) || fault.Of(err) != nil
}
