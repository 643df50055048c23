package restapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"crmhub/fault"
)

// explain makes a fault of a network's or decoder's error; the context's own
// error where the caller's context ended. URLs never stand in a fault: they
// may hold keys.
func (c *client) explain(ctx context.Context, err error, place string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fault.Of(err) != nil {
		return err
	}
	address := c.base.Host
	var redirect errRedirect
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &redirect):
		return fault.New("E2318", place, "address", address, "target", redirect.host).Because(err)
	case isInsecure(err):
		return fault.New("E2306", place, "address", address, "reason", tlsReason(err)[0], "reason_zh", tlsReason(err)[1]).Because(err)
	case errors.Is(err, errUTF8):
		return fault.New("E2325", place, "address", address).Because(err)
	case errors.Is(err, errBytes), errors.Is(err, errLarge):
		return fault.New("E2317", place, "address", address).Because(err)
	case errors.Is(err, errSyntax), errors.Is(err, errNesting), errors.Is(err, errOrphan):
		return fault.New("E2311", place, "address", address).Because(err)
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial", errors.Is(err, syscall.ECONNREFUSED):
		return fault.New("E2302", place, "address", address).Because(err)
	}
	return fault.New("E2307", place, "address", address).Because(err)
}

// isCut reports an answer that ended too early, or stopped coming.
func isCut(err error) bool {
	var network net.Error
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errSilence) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &network) ||
		errors.Is(err, context.Canceled) || isProtocol(err)
}

// isProtocol reports errors of HTTP/2 and of gzip in the middle of an answer,
// whose types are not exported.
func isProtocol(err error) bool {
	s := err.Error()
	return strings.HasPrefix(s, "http2:") || strings.HasPrefix(s, "gzip:") || strings.HasPrefix(s, "stream error") ||
		strings.HasPrefix(s, "flate:") || strings.Contains(s, "chunked") || strings.Contains(s, "malformed")
}

func isInsecure(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &record) ||
		errors.As(err, &verify) || errors.As(err, &alert) ||
		err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// tlsReason says what is wrong with a server's certificate.
func tlsReason(err error) fault.Text {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return fault.Text{"its certificate is for another name", "其证书属于另一个名称"}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fault.Text{"its certificate has expired or is not valid yet", "其证书已过期或尚未生效"}
	case errors.As(err, &unknown):
		return fault.Text{"its certificate is not signed by an authority that is trusted here", "其证书不是由此处信任的机构签发的"}
	}
	return fault.Text{"it does not speak TLS as it should", "它没有按要求使用 TLS"}
}

// refusal is the fault of an answer that is no good.
func (c *client) refusal(resp *http.Response, m Meaning, place string) error {
	code := "-"
	if resp.StatusCode >= 400 {
		code = errorCode(c.errorBody(resp))
	}
	wait, _ := told(resp.Header, c.api.Throttle)
	return c.meant(m, place, resp.StatusCode, code, wait)
}

// meant is the fault of a meaning.
func (c *client) meant(m Meaning, place string, status int, code string, wait time.Duration) error {
	which := fault.Code("E2310")
	switch {
	case m == Throttled:
		which = "E2309"
	case m == Temporary:
		which = "E2308"
	case m == Refused:
		which = "E2303"
	case m == Forbidden:
		which = "E2304"
	case m == Empty:
		which = "E2326"
	case m == Expired:
		which = "E2324"
	case m == TooMany:
		which = "E2315"
	case status == http.StatusNotFound || status == http.StatusGone || status == http.StatusMethodNotAllowed:
		which = "E2305"
	case status < 300:
		which = "E2322"
	}
	_, stream, _ := strings.Cut(place, "/")
	return fault.New(which, place, "address", c.base.Host, "stream", stream, "status", strconv.Itoa(status), "code", code, "wait", wait.Round(time.Second))
}

// codeLike is a word that names a kind of error. Longer texts may hold values
// of the request, and are never shown.
var codeLike = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.:-]{1,60}$|^-?[0-9]{1,6}$`)

// errorCode returns the API's own name of an error, or -.
func errorCode(tree any) string {
	if list, ok := tree.([]any); ok && len(list) > 0 {
		tree = list[0]
	}
	for _, path := range []string{
		"error.code", "error.type", "error.errors.reason", "errorCode", "error_code", "code", "errcode", "error", "category", "subCategory", "exc_type", "status",
	} {
		switch v := lookup(tree, path).(type) {
		case string, json.Number:
			if s := text(v); codeLike.MatchString(s) {
				return s
			}
		}
	}
	return "-"
}

func statusText(status int) string { return strconv.Itoa(status) }
