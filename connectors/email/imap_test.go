package email_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"crmhub/connectors"
	"crmhub/connectors/email"
	"crmhub/record"
)

// dovecot is the server of the tests, which lets in any user.
type dovecot struct {
	plain, secure, ca, password string
}

func server(t testing.TB) dovecot {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_IMAP")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_IMAP is not set; make test starts the servers")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return dovecot{u.Host, "127.0.0.1:" + u.Query().Get("imaps"), u.Query().Get("ca"), u.User.Username()}
}

// box is a mailbox of its own for one test, with a client that writes to it.
type box struct {
	t    testing.TB
	d    dovecot
	user string
	c    *imapclient.Client
}

func newBox(t testing.TB) *box {
	t.Helper()
	b := &box{t: t, d: server(t), user: fmt.Sprintf("u%d@example.cn", time.Now().UnixNano())}
	c, err := imapclient.DialInsecure(b.d.plain, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	b.c = c
	b.must(c.Login(b.user, b.d.password).Wait())
	return b
}

func (b *box) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) create(folder string) { b.t.Helper(); b.must(b.c.Create(folder, nil).Wait()) }

// put appends a message as it would arrive.
func (b *box) put(folder, raw string, flags ...imap.Flag) imap.UID {
	b.t.Helper()
	cmd := b.c.Append(folder, int64(len(raw)), &imap.AppendOptions{Flags: flags, Time: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)})
	if _, err := cmd.Write([]byte(raw)); err != nil {
		b.t.Fatal(err)
	}
	b.must(cmd.Close())
	d, err := cmd.Wait()
	b.must(err)
	return d.UID
}

func (b *box) open(folder string) {
	b.t.Helper()
	_, err := b.c.Select(folder, nil).Wait()
	b.must(err)
}

func (b *box) flag(folder string, uid imap.UID, op imap.StoreFlagsOp, f imap.Flag) {
	b.t.Helper()
	b.open(folder)
	b.must(b.c.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: op, Flags: []imap.Flag{f}, Silent: true}, nil).Close())
	b.must(b.c.Unselect().Wait())
}

func (b *box) params() map[string]any {
	return map[string]any{"host": b.d.plain, "user": b.user, "password": b.d.password, "tls": "none", "timeout": "20s"}
}

func (b *box) source(over map[string]any) connectors.Source {
	b.t.Helper()
	return source(b.t, b.params(), over)
}

func source(t testing.TB, raw, over map[string]any) connectors.Source {
	t.Helper()
	for k, v := range over {
		raw[k] = v
	}
	p, err := email.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		t.Fatal(err)
	}
	src, err := email.Connector{}.Open(connectors.Config{Name: "support", Params: p, Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// read reads a stream from a position, and returns the rows and the last position.
func read(t testing.TB, src connectors.Source, r connectors.Request) ([]record.Row, record.Position) {
	t.Helper()
	var rows []record.Row
	at := r.From
	err := src.Read(context.Background(), r, func(_ context.Context, b connectors.Batch) error {
		rows = append(rows, b.Rows...)
		at = b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v (%v)", err, errors.Unwrap(err))
	}
	return rows, at
}

func subjects(rows []record.Row) string {
	var s []string
	for _, r := range rows {
		one, _ := r.Data["subject"].(string)
		if r.Fault != nil {
			one = r.Fault.Error()
		}
		s = append(s, one)
	}
	return strings.Join(s, " | ")
}

func mail(id, subject string) string {
	return "From: Li Wei <li@example.cn>\r\nTo: support@hub.example\r\nDate: Sun, 1 Mar 2026 17:00:00 +0800\r\nMessage-ID: <" + id + "@example.cn>\r\nSubject: " + subject + "\r\n\r\nhello\r\n"
}

var incremental = connectors.Request{Stream: "messages", Mode: connectors.Incremental}

func from(at record.Position) connectors.Request {
	r := incremental
	r.From = at
	return r
}
