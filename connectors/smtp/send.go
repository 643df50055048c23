package smtp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	netsmtp "net/smtp"
	"net/textproto"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// line is a connection that is logged in.
type line struct{ c *netsmtp.Client }

// Notify sends a notice to each of its readers in one message. Where one of
// them is refused, nobody gets it.
func (s *server) Notify(ctx context.Context, n connectors.Notice) error {
	text, err := s.message(n)
	if err != nil {
		return err
	}
	return s.talk(ctx, func(l *line) error {
		if err := l.c.Mail(s.from.Address); err != nil {
			return s.explain(ctx, err, fault.Text{"the sender", "发件人"})
		}
		for i, to := range n.To {
			if err := l.c.Rcpt(to); err != nil {
				return s.explain(ctx, err, fault.Text{fmt.Sprintf("reader %d of notify.to", i+1), fmt.Sprintf("notify.to 中的第 %d 位收件人", i+1)})
			}
		}
		w, err := l.c.Data()
		if err != nil {
			return s.explain(ctx, err, fault.Text{"the message", "邮件"})
		}
		_, err = w.Write(text)
		if err := errors.Join(err, w.Close()); err != nil {
			return s.explain(ctx, err, fault.Text{"the message", "邮件"})
		}
		return nil
	})
}

// talk runs f on a connection that is secured and logged in, and ends it.
func (s *server) talk(ctx context.Context, f func(*line) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Params.Span("timeout"))
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return s.explain(ctx, err, fault.Text{})
	}
	// Whatever is under way fails when the time is over, and tells.
	stop := context.AfterFunc(ctx, func() { s.note(conn.Close()) })
	defer stop()
	l, err := s.greet(ctx, conn)
	if err != nil {
		s.note(conn.Close())
		return err
	}
	if err := f(l); err != nil {
		s.note(l.c.Close())
		return err
	}
	s.note(l.c.Quit()) // the message is the server's already
	return nil
}

// greet secures the connection as asked, and logs in where there is a user.
func (s *server) greet(ctx context.Context, conn net.Conn) (*line, error) {
	if s.way == tlsImplicit {
		secure := tls.Client(conn, s.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, s.insecure(ctx, err)
		}
		conn = secure
	}
	c, err := netsmtp.NewClient(conn, s.host)
	if err != nil {
		return nil, s.explain(ctx, err, fault.Text{"the connection", "连接"})
	}
	if err := c.Hello("crmhub"); err != nil {
		return nil, s.explain(ctx, err, fault.Text{"the greeting", "问候"})
	}
	if s.way == tlsStart {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return nil, fault.New("E2423", s.cfg.Name, "address", s.address, "way", "STARTTLS")
		}
		if err := c.StartTLS(s.tls); err != nil {
			return nil, s.insecure(ctx, err)
		}
	}
	user, password := s.cfg.Params.Text("user"), s.cfg.Params.Text("password")
	if user == "" {
		return &line{c}, nil
	}
	_, offered := c.Extension("AUTH")
	auth := choose(strings.Fields(strings.ToUpper(offered)), user, password, s.way != tlsNone)
	if auth == nil {
		return nil, fault.New("E2423", s.cfg.Name, "address", s.address, "way", "AUTH PLAIN, LOGIN, CRAM-MD5")
	}
	if err := c.Auth(auth); err != nil {
		var answer *textproto.Error
		if errors.As(err, &answer) && answer.Code/100 == 5 {
			return nil, fault.New("E2421", s.cfg.Name, "address", s.address).Because(err)
		}
		return nil, s.explain(ctx, err, fault.Text{"the log-in", "登录"})
	}
	return &line{c}, nil
}

// insecure is the fault of a line that could not be secured.
func (s *server) insecure(ctx context.Context, err error) error {
	var op *net.OpError
	if ctx.Err() != nil || errors.As(err, &op) && op.Timeout() {
		return s.explain(ctx, err, fault.Text{})
	}
	return fault.New("E2422", s.cfg.Name, "address", s.address).Because(err)
}

// explain makes a fault of an error; what is what the server was given. The
// server's text is never shown: it may hold addresses.
func (s *server) explain(ctx context.Context, err error, what fault.Text) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		return fault.New("E2420", s.cfg.Name, "address", s.address).Because(err)
	}
	args := []any{"address", s.address, "what", what[fault.English], "what_zh", what[fault.Chinese], "status", answer.Code}
	if answer.Code/100 == 4 {
		return fault.New("E2426", s.cfg.Name, args...).Because(err)
	}
	return fault.New("E2424", s.cfg.Name, args...).Because(err)
}

// note logs what went wrong in closing a connection; nothing hangs on it.
func (s *server) note(err error) {
	if err != nil && !errors.Is(err, net.ErrClosed) && s.cfg.Log != nil {
		s.cfg.Log.Debug("connection to the mail server not closed in good order", "connection", s.cfg.Name)
	}
}

// message writes a notice as RFC 5322 has it, in UTF-8, marked as sent by a
// machine (RFC 3834), so that no out-of-office answers it.
func (s *server) message(n connectors.Notice) ([]byte, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(s.from.Address, "@")
	to := make([]string, len(n.To))
	for i, address := range n.To {
		to[i] = (&mail.Address{Address: address}).String()
	}
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", s.from.String()},
		{"To", strings.Join(to, ",\r\n ")},
		{"Subject", mime.QEncoding.Encode("utf-8", oneLine(n.Subject))},
		{"Date", s.cfg.Now().Format(time.RFC1123Z)},
		{"Message-ID", "<" + hex.EncodeToString(id[:]) + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(n.Text, "\n", "\r\n"))); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}

// oneLine takes line breaks out of what goes into a header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
