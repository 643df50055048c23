package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/emersion/go-imap/v2"

	"crmhub/fault"
)

// act is what the server was asked for when something went wrong, in both languages.
type act fault.Text

var (
	doConnect = act{"connect", "连接"}
	doLogin   = act{"log in", "登录"}
	doList    = act{"list the folders", "列出文件夹"}
	doOpen    = act{"open the folder", "打开文件夹"}
	doSearch  = act{"search the folder", "搜索文件夹"}
	doIdle    = act{"tell of new mail", "通知新邮件"}
	doFetch   = act{"hand over messages", "交出邮件"}
)

// explain makes a fault of an error; the context's own error where the context
// ended. The server's text is never shown: it may hold values.
func (s *source) explain(ctx context.Context, err error, place string, what act) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fault.Of(err) != nil {
		return err
	}
	args := []any{"address", s.address}
	code := trouble(err, what)
	switch code {
	case "E2407", "E2408":
		args = append(args, "state", state(err), "what", what[fault.English], "what_zh", what[fault.Chinese])
	}
	return fault.New(code, place, args...).Because(err)
}

// trouble says which fault an error is.
func trouble(err error, what act) fault.Code {
	var answer *imap.Error
	if errors.As(err, &answer) {
		switch {
		case later[state(err)]:
			return "E2407"
		case answer.Type == imap.StatusResponseTypeBye:
			return "E2406"
		case what == doLogin:
			return "E2402"
		}
		return "E2408"
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var header tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	var op *net.OpError
	switch {
	case errors.Is(err, errSilent):
		return "E2401"
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &header), errors.As(err, &verify), errors.As(err, &alert),
		strings.Contains(err.Error(), "x509: "): // behind STARTTLS the client keeps but the text
		return "E2403"
	case what == doConnect && errors.As(err, &op) && op.Op == "dial":
		return "E2401"
	case errors.Is(err, errEnded) && what != doConnect, broken(err):
		return "E2406"
	}
	return "E2409"
}

// later are the response codes that ask for patience. The first two are
// providers' own, the others those of RFC 5530.
var later = map[string]bool{"THROTTLED": true, "LIMIT": true, "UNAVAILABLE": true, "INUSE": true}

// state is the response code of a server's answer, or its type where it has none.
func state(err error) string {
	var answer *imap.Error
	if !errors.As(err, &answer) {
		return "-"
	}
	if answer.Code != "" {
		return strings.ToUpper(string(answer.Code))
	}
	return string(answer.Type)
}

// refused says that the server answered NO or BAD and the connection stands.
func refused(err error) bool {
	var answer *imap.Error
	return errors.As(err, &answer) && answer.Type != imap.StatusResponseTypeBye
}

// broken says that a connection ended before anything was understood. The
// client wraps what it meets as text, so text is what is left to look at.
func broken(err error) bool {
	var op net.Error
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, errNoAnswer) || errors.As(err, &op) {
		return true
	}
	text := err.Error()
	for _, sign := range []string{"EOF", "connection reset", "broken pipe", "use of closed", "connection closed", "i/o timeout", "tls: "} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// passing says that an error may be gone at the next attempt.
func passing(err error) bool {
	f := fault.Of(err)
	return f != nil && (f.Code == "E2401" || f.Code == "E2406" || f.Code == "E2407")
}
