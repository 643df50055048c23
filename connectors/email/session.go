package email

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"crmhub/fault"
)

// session is one connection, logged in.
type session struct {
	s    *source
	c    *imapclient.Client
	conn *watched
	caps imap.CapSet
	// news gets a word, if there is none yet, when the server tells of messages
	// without being asked.
	news chan struct{}
}

// watched is a connection that is closed when the other side falls silent while
// it is asked. The client's own deadlines are put aside: it has none between
// the lines of an answer.
type watched struct {
	net.Conn
	patience time.Duration
	note     func(error)

	mu     sync.Mutex
	timer  *time.Timer // nil while nothing is asked
	silent bool        // the timer has run out
	ended  bool        // the other side, or we, closed the line
}

// Read reads, and begins the waiting anew with each byte that comes.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.mu.Lock()
	if n > 0 && w.timer != nil {
		w.timer.Reset(w.patience)
	}
	w.ended = w.ended || err != nil
	w.mu.Unlock()
	return n, err
}

// SetReadDeadline does nothing.
func (*watched) SetReadDeadline(time.Time) error { return nil }

// asked runs f, which sends a command and waits for its answer.
func (w *watched) asked(f func() error) error {
	w.mu.Lock()
	w.timer = time.AfterFunc(w.patience, func() {
		w.mu.Lock()
		w.silent = w.timer != nil
		w.mu.Unlock()
		w.note(w.Conn.Close()) // what the client was waiting for now fails, and tells
	})
	w.mu.Unlock()
	err := f()
	w.mu.Lock()
	w.timer.Stop()
	w.timer = nil
	switch {
	case err == nil || refused(err):
	case w.silent:
		err = errors.Join(errSilent, err)
	case w.ended:
		err = errors.Join(errEnded, err)
	}
	w.mu.Unlock()
	return err
}

// What the client makes of a line that ended, or of the middle of an answer at
// its end, tells nothing: these do.
var (
	errSilent = errors.New("the server fell silent")
	errEnded  = errors.New("the connection ended")
)

// connect dials, secures and logs in. The session ends with ctx or by end.
func (s *source) connect(ctx context.Context) (*session, error) {
	d := net.Dialer{Timeout: s.timeout}
	raw, err := d.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, s.explain(ctx, err, s.cfg.Name, doConnect)
	}
	se := &session{s: s, news: make(chan struct{}, 1), conn: &watched{Conn: raw, patience: s.timeout, note: s.note}}
	stop := context.AfterFunc(ctx, func() { s.note(raw.Close()) }) // every call under way fails, and tells
	defer stop()
	if err := se.greet(ctx); err != nil {
		se.end()
		return nil, s.explain(ctx, err, s.cfg.Name, doConnect)
	}
	if err := se.login(); err != nil {
		se.end()
		return nil, s.explain(ctx, err, s.cfg.Name, doLogin)
	}
	se.caps = se.c.Caps()
	if se.caps.Has(imap.CapID) {
		// NetEase's servers open no folder for a program that did not say who it is.
		if err := se.ask(func() error { _, err := se.c.ID(&imap.IDData{Name: "crmhub"}).Wait(); return err }); err != nil && !refused(err) {
			se.end()
			return nil, s.explain(ctx, err, s.cfg.Name, doLogin)
		}
	}
	return se, nil
}

// greet secures the connection as asked and waits for the server's first line.
func (se *session) greet(ctx context.Context) error {
	way := se.s.cfg.Params.Text("tls")
	if way == tlsImplicit {
		secure := tls.Client(se.conn.Conn, se.s.tls)
		err := se.conn.asked(func() error { return secure.HandshakeContext(ctx) })
		if err != nil {
			return err
		}
		se.conn.Conn = secure
	}
	return se.ask(func() error {
		if way == tlsStart {
			c, err := imapclient.NewStartTLS(se.conn, &imapclient.Options{TLSConfig: se.s.tls, UnilateralDataHandler: se.unasked()})
			if err != nil {
				if refused(err) {
					return fault.New("E2404", se.s.cfg.Name, "address", se.s.address, "way", "STARTTLS").Because(err)
				}
				return err
			}
			se.c = c
			return nil
		}
		se.c = imapclient.New(se.conn, &imapclient.Options{UnilateralDataHandler: se.unasked()})
		return se.c.WaitGreeting()
	})
}

func (se *session) login() error {
	return se.ask(func() error {
		if se.c.State() == imap.ConnStateAuthenticated {
			return nil // PREAUTH
		}
		user, password, token := se.s.cfg.Params.Text("user"), se.s.cfg.Params.Text("password"), se.s.cfg.Params.Text("token")
		caps := se.c.Caps()
		way := ""
		switch {
		case len(caps) == 0:
			return errNoAnswer
		case token != "" && !caps.Has("AUTH=XOAUTH2"):
			way = "XOAUTH2"
		case token != "":
			return se.c.Authenticate(&xoauth2{user: user, token: token})
		case caps.Has("AUTH=PLAIN"):
			return se.c.Authenticate(sasl.NewPlainClient("", user, password))
		case caps.Has(imap.CapLoginDisabled):
			way = "LOGIN"
		default:
			return se.c.Login(user, password).Wait()
		}
		return fault.New("E2404", se.s.cfg.Name, "address", se.s.address, "way", way)
	})
}

// errNoAnswer is where the server closed the connection in place of an answer.
var errNoAnswer = errors.New("the server closed the connection")

// ask runs one exchange under the watch of the connection.
func (se *session) ask(f func() error) error { return se.conn.asked(f) }

// end closes the connection. Whatever goes wrong in it is of no account: all
// that was read was read.
func (se *session) end() {
	if se.c != nil && se.c.State() != imap.ConnStateLogout {
		se.s.note(se.ask(func() error { return se.c.Logout().Wait() }))
	}
	if se.c != nil {
		se.s.note(se.c.Close())
	}
	se.s.note(se.conn.Conn.Close())
}

// note logs what went wrong in closing a connection. It changes nothing: what
// was read was read, and what was not is known from its own error.
func (s *source) note(err error) {
	if err != nil && !errors.Is(err, net.ErrClosed) && s.cfg.Log != nil {
		s.cfg.Log.Debug("mailbox connection not closed in good order", "connection", s.cfg.Name)
	}
}

// xoauth2 is the SASL mechanism of Gmail and Microsoft 365.
type xoauth2 struct{ user, token string }

// Start returns the mechanism and its only message.
func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the server's account of what is wrong, which it waits for
// before it refuses.
func (*xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }
