package smtp

import (
	"errors"
	netsmtp "net/smtp"
	"slices"
	"strings"
)

// choose returns the best way to log in that the server offers: CRAM-MD5 where
// the line is open, else PLAIN or LOGIN; nil where it offers none of them.
func choose(offered []string, user, password string, secure bool) netsmtp.Auth {
	switch {
	case !secure && slices.Contains(offered, "CRAM-MD5"):
		return netsmtp.CRAMMD5Auth(user, password)
	case slices.Contains(offered, "PLAIN"):
		return plain{user, password}
	case slices.Contains(offered, "LOGIN"):
		return login{user, password}
	case slices.Contains(offered, "CRAM-MD5"):
		return netsmtp.CRAMMD5Auth(user, password)
	}
	return nil
}

// plain is the mechanism PLAIN (RFC 4616). That of the standard library refuses
// an open line; who writes tls: none has chosen it.
type plain struct{ user, password string }

// Start returns the mechanism and its only message.
func (p plain) Start(*netsmtp.ServerInfo) (string, []byte, error) {
	return "PLAIN", []byte("\x00" + p.user + "\x00" + p.password), nil
}

// Next has nothing more to say.
func (plain) Next(_ []byte, more bool) ([]byte, error) { return nil, unexpected(more) }

// login is the mechanism LOGIN, which older servers offer alone.
type login struct{ user, password string }

// Start returns the mechanism.
func (login) Start(*netsmtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

// Next answers the question for the user and that for the password.
func (l login) Next(question []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	switch strings.ToLower(strings.TrimRight(string(question), ":\x00 ")) {
	case "username", "user name":
		return []byte(l.user), nil
	case "password":
		return []byte(l.password), nil
	}
	return nil, unexpected(true)
}

func unexpected(more bool) error {
	if more {
		return errors.New("the server asks for more than the mechanism has")
	}
	return nil
}
