package mongodb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/x/mongo/driver/auth"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"

	"crmhub/fault"
)

// The server's error codes that mean something to us.
const (
	codeUnauthorized, codeAuthenticationFailed, codeCursorNotFound = 13, 18, 43
	codeMaxTimeExpired, codeQueryPlanKilled, codeCursorKilled      = 50, 175, 237
)

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
	code, _ := trouble(err)
	state := "-"
	var ce mongo.CommandError
	if errors.As(err, &ce) {
		state = strconv.Itoa(int(ce.Code))
	}
	return fault.New(code, place, "address", s.at.hosts, "state", state).Because(err)
}

// trouble says which fault a driver's error is; false where it is none that
// we know. The driver's own text is never shown: it may hold values.
func trouble(err error) (fault.Code, bool) {
	var ce mongo.CommandError
	if errors.As(err, &ce) {
		switch ce.Code {
		case codeAuthenticationFailed, 11, 334:
			return "E2203", true
		case codeUnauthorized:
			return "E2207", true
		case codeMaxTimeExpired, codeQueryPlanKilled, codeCursorNotFound, codeCursorKilled, 11601, 292:
			return "E2219", true
		case 6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436:
			return "E2208", true
		case 202, 326:
			return "E2217", true
		}
	}
	var ae *auth.Error
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var dns *net.DNSError
	var selection topology.ServerSelectionError
	var server topology.WaitQueueTimeoutError
	switch {
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &record), errors.As(err, &verify):
		return "E2218", true
	case errors.As(err, &ae):
		return "E2203", true
	case errors.As(err, &selection):
		// The reason stands in the last error of each server that was tried.
		for _, d := range selection.Desc.Servers {
			if code, ok := trouble(d.LastError); ok && (code == "E2203" || code == "E2218") {
				return code, true
			}
		}
		return "E2202", true
	case errors.As(err, &dns), errors.As(err, &server):
		return "E2202", true
	case err != nil && (mongo.IsNetworkError(err) || mongo.IsTimeout(err)):
		return "E2208", true
	}
	return "E2220", false
}

// vanished reports whether a server dropped a cursor that was idle for long,
// while a batch landed: the read goes on with a new one.
func vanished(err error) bool {
	var ce mongo.CommandError
	return errors.As(err, &ce) && (ce.Code == codeCursorNotFound || ce.Code == codeCursorKilled)
}
