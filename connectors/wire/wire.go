// Package wire makes single HTTP requests for connectors that page by means of their own: each a few times, with the errors of the catalogue.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"crmhub/fault"
)

// Web makes requests for a provider, each a few times where the network or the
// server fails.
type Web struct {
	c    *retryablehttp.Client
	name string
}

// The bounds of a connection that says nothing else.
const (
	tries = 4
	wait  = 300 * time.Millisecond
	most  = 30 * time.Second
)

// New returns a Web for a connection. timeout bounds one attempt. sign is
// called before every attempt but the first, where it is not nil: signatures
// grow old.
func New(name string, timeout time.Duration, sign func(*http.Request) error) *Web {
	c := retryablehttp.NewClient()
	c.Logger = nil // addresses hold tokens
	c.RetryMax, c.RetryWaitMin, c.RetryWaitMax = tries, wait, most
	c.HTTPClient.Timeout = timeout
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		// Its error only names the status, which the caller judges when tries are over.
		again, _ := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
		return again, ctx.Err()
	}
	if sign != nil {
		c.PrepareRetry = sign
	}
	return &Web{c, name}
}

// Answer is what came back: any status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a request and reads its answer, of at most so many bytes (E2317).
// No answer at all is E2302, E2306 or E2307, a server that goes on failing
// E2308, one that asks for patience E2309; other answers are the caller's.
func (w *Web) Do(ctx context.Context, r *http.Request, place string, most int64) (Answer, error) {
	host := r.URL.Host
	req, err := retryablehttp.FromRequest(r.WithContext(ctx))
	if err != nil {
		return Answer{}, err
	}
	resp, err := w.c.Do(req)
	if err != nil {
		return Answer{}, w.explain(ctx, err, place, host)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	a := Answer{resp.StatusCode, resp.Header, body}
	switch {
	case err != nil:
		return a, w.explain(ctx, err, place, host)
	case int64(len(body)) > most:
		return a, fault.New("E2317", place, "address", host)
	case a.Status == http.StatusTooManyRequests:
		return a, fault.New("E2309", place, "address", host, "wait", orDash(a.Header.Get("Retry-After")), "status", a.Status, "code", "-")
	case a.Status >= 500:
		return a, fault.New("E2308", place, "address", host, "status", a.Status, "code", "-")
	}
	return a, nil
}

// Close gives idle connections back.
func (w *Web) Close() { w.c.HTTPClient.CloseIdleConnections() }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (w *Web) explain(ctx context.Context, err error, place, host string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var cert *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &cert), errors.As(err, &header):
		return fault.New("E2306", place, "address", host, "reason", "its certificate was not accepted", "reason_zh", "其证书未被接受").Because(err)
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial":
		return fault.New("E2302", place, "address", host).Because(err)
	}
	return fault.New("E2307", place, "address", host).Because(err)
}

// Address checks a base address from hub.yaml: https, or http to this machine
// alone (E2301).
func Address(name, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fault.New("E2301", name, "reason", "it is not spelt like a URL", "reason_zh", "它不是合法的 URL")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fault.New("E2301", name, "reason", "it is not secured (https)", "reason_zh", "它未加密（https）")
	}
	return u, nil
}
