package sqldb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"crmhub/fault"
)

// trouble is what a driver's error means to us. The driver's own text is
// never shown: it may hold values.
type trouble struct {
	what what
	// state is the database's error number, for messages.
	state string
}

type what int

const (
	other what = iota
	away
	busy
	login
	noDatabase
	noTable
	noColumn
	forbidden
	lost
	badQuery
	twoColumns
	ended // timeout, deadlock, cancelled by an administrator
	insecure
	noFile
	damaged
	unreadable
)

// codes are the catalogue's codes of troubles.
var codes = map[what]fault.Code{
	other: "E2220", away: "E2202", busy: "E2217", login: "E2203", noDatabase: "E2204", noTable: "E2225",
	noColumn: "E2226", forbidden: "E2207", lost: "E2208", badQuery: "E2209", twoColumns: "E2210", ended: "E2219",
	insecure: "E2218", noFile: "E2214", damaged: "E2215", unreadable: "E2216",
}

func (s *source) fault(t trouble, place string) *fault.Error {
	if t.state == "" {
		t.state = "-"
	}
	return fault.New(codes[t.what], place, "address", s.d.address(), "state", t.state)
}

// explain makes a fault of a driver's error; the context's own error where
// the context ended.
func (s *source) explain(ctx context.Context, err error, place string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fault.Of(err) != nil {
		return err
	}
	t := s.d.explain(err)
	if t.what == other && isNetwork(err) {
		t.what = lost
	}
	return s.fault(t, place).Because(err)
}

// network says what a connection's error means, whatever the database.
func network(err error) (trouble, bool) {
	if _, ok := asError[*tls.CertificateVerificationError](err); ok {
		return trouble{what: insecure}, true
	}
	if _, ok := asError[x509.UnknownAuthorityError](err); ok {
		return trouble{what: insecure}, true
	}
	if _, ok := asError[x509.HostnameError](err); ok {
		return trouble{what: insecure}, true
	}
	if _, ok := asError[tls.RecordHeaderError](err); ok {
		return trouble{what: insecure}, true
	}
	if _, ok := asError[*net.DNSError](err); ok {
		return trouble{what: away}, true
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return trouble{what: away}, true
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return trouble{what: away}, true
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrDeadlineExceeded):
		return trouble{what: lost}, true
	}
	return trouble{}, false
}

func asError[T error](err error) (T, bool) {
	var t T
	ok := errors.As(err, &t)
	return t, ok
}
