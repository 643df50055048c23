package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/email"
	"crmhub/connectors/smtp"
	"crmhub/fault"
)

type params = map[string]any

// post is the Postfix that the tests talk to.
type post struct {
	open, secure, ca, password string
}

func server(t *testing.T) post {
	t.Helper()
	u, err := url.Parse(os.Getenv("CRMHUB_TEST_SMTP"))
	if err != nil || u.Host == "" {
		t.Fatal("CRMHUB_TEST_SMTP is not set: run make test, or give an address")
	}
	q := u.Query()
	return post{u.Host, u.Hostname() + ":" + q.Get("smtps"), q.Get("ca"), u.User.Username()}
}

func (p post) params(more params) params {
	out := params{"host": p.secure, "tls": "implicit", "ca_file": p.ca, "user": "crm@example.cn", "password": p.password, "from": "客户中心 <crm@example.cn>", "timeout": "10s"}
	for name, v := range more {
		if out[name] = v; v == nil {
			delete(out, name)
		}
	}
	return out
}

func open(t *testing.T, raw params, log *bytes.Buffer) (connectors.Source, error) {
	t.Helper()
	p, err := smtp.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		return nil, err
	}
	return smtp.Connector{}.Open(connectors.Config{Name: "post", Params: p, Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
}

// try checks a connection and sends a notice through it.
func try(t *testing.T, ctx context.Context, raw params, n connectors.Notice, log *bytes.Buffer) error {
	t.Helper()
	src, err := open(t, raw, log)
	if err != nil {
		return err
	}
	to, ok := src.(connectors.Notifier)
	if !ok {
		t.Fatal("the connection sends no notices")
	}
	if err := src.Check(ctx); err != nil {
		return err
	}
	return errors.Join(to.Notify(ctx, n), src.Close())
}

// inbox waits until a message with that word in its subject has come, and
// reads it by IMAP.
func inbox(t *testing.T, word string) map[string]any {
	t.Helper()
	u, err := url.Parse(os.Getenv("CRMHUB_TEST_IMAP"))
	if err != nil || u.Host == "" {
		t.Fatal("CRMHUB_TEST_IMAP is not set: run make test, or give an address")
	}
	p, err := email.Connector{}.Spec().Decode("hub.yaml:5", params{"host": u.Host, "user": "all@example.cn", "password": u.User.Username(), "tls": "none", "wait": "10s"})
	if err != nil {
		t.Fatal(err)
	}
	r := connectors.Request{Stream: "messages", Mode: connectors.Incremental}
	var found map[string]any
	for end := time.Now().Add(20 * time.Second); found == nil && time.Now().Before(end); {
		src, err := email.Connector{}.Open(connectors.Config{Name: "mail", Params: p, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		err = src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
			for _, row := range b.Rows {
				if s, _ := row.Data["subject"].(string); strings.Contains(s, word) {
					found = row.Data
				}
			}
			r.From = b.Position
			return nil
		})
		if err := errors.Join(err, src.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if found == nil {
		t.Fatal("the message did not come")
	}
	return found
}

// TestNotices sends a notice in each way of securing the line, and reads it as
// its reader does.
func TestNotices(t *testing.T) {
	s := server(t)
	for name, over := range map[string]params{
		"implicit": nil,
		"starttls": {"host": s.open, "tls": "starttls"},
		"open":     {"host": s.open, "tls": "none"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			word := fmt.Sprint(time.Now().UnixNano())
			n := connectors.Notice{To: []string{"reader@example.cn", "other@example.cn"}, Subject: "crmhub：运行结束 " + word + "\r\nBcc: eve@example.cn", Text: "shop：读取 3\n" + strings.Repeat("x", 1200) + "\n.\n末行\n"}
			if err := try(t, t.Context(), s.params(over), n, &log); err != nil {
				t.Fatal(err)
			}
			d := inbox(t, word)
			text, _ := d["text"].(string)
			if d["subject"] != "crmhub：运行结束 "+word+" Bcc: eve@example.cn" || strings.TrimSpace(text) != strings.TrimSpace(n.Text) {
				t.Errorf("subject %q, text %q", d["subject"], text)
			}
			if got := fmt.Sprint(d["from"]); !strings.Contains(got, "客户中心") || !strings.Contains(got, "crm@example.cn") {
				t.Errorf("from %s", got)
			}
			if got := fmt.Sprint(d["to"]); !strings.Contains(got, "reader@example.cn") || !strings.Contains(got, "other@example.cn") {
				t.Errorf("to %s", got)
			}
			if strings.Contains(log.String(), s.password) || strings.Contains(log.String(), "reader@") {
				t.Error("the log holds the password or a reader")
			}
		})
	}
}

// TestRefusals names what is wrong, without an address of a person in it.
func TestRefusals(t *testing.T) {
	s := server(t)
	fine := connectors.Notice{To: []string{"reader@example.cn"}, Subject: "x", Text: "y"}
	proxy := connectortest.NewProxy(t, s.open)
	if err := proxy.Poison("timeout", map[string]any{"timeout": 0}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		over params
		n    connectors.Notice
		want fault.Code
		exit int
	}{
		{"wrong password", params{"password": "guess-4712"}, fine, "E2421", fault.ExitPermission},
		{"no log-in", params{"user": nil, "password": nil}, fine, "E2424", fault.ExitUsage},
		{"no such reader", nil, connectors.Notice{To: []string{"reader@example.cn", "nobody@example.cn"}, Subject: "x"}, "E2424", fault.ExitUsage},
		{"unknown certificate", params{"ca_file": nil}, fine, "E2422", fault.ExitUsage},
		{"unknown certificate behind STARTTLS", params{"host": s.open, "tls": "starttls", "ca_file": nil}, fine, "E2422", fault.ExitUsage},
		{"not TLS", params{"host": s.open}, fine, "E2422", fault.ExitUsage},
		{"nobody there", params{"host": "127.0.0.1:1"}, fine, "E2420", fault.ExitTemporary},
		{"silent", params{"host": proxy.Address, "tls": "none", "timeout": "300ms"}, fine, "E2420", fault.ExitTemporary},
		{"no password", params{"password": nil}, fine, "E2002", fault.ExitUsage},
		{"no sender", params{"from": "crm"}, fine, "E2003", fault.ExitUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			err := try(t, t.Context(), s.params(tt.over), tt.n, &log)
			f := fault.Of(err)
			if f == nil || f.Code != tt.want || fault.ExitCode(err) != tt.exit {
				t.Fatalf("%v, exit %d; want %s, exit %d", err, fault.ExitCode(err), tt.want, tt.exit)
			}
			said := log.String()
			for _, l := range []fault.Lang{fault.English, fault.Chinese} {
				said += f.Line(l) + f.Cause(l) + f.Fix(l) + f.Kept(l)
			}
			for _, secret := range []string{"guess-4712", s.password, "reader@", "nobody@"} {
				if strings.Contains(said, secret) {
					t.Errorf("%q is said: %s", secret, said)
				}
			}
		})
	}
}

// TestNoSource: there is nothing to read, and an ended context ends a call.
func TestNoSource(t *testing.T) {
	s := server(t)
	src, err := open(t, s.params(nil), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	err = src.Read(t.Context(), connectors.Request{Stream: "x"}, func(context.Context, connectors.Batch) error { return nil })
	if f := fault.Of(err); f == nil || f.Code != "E2425" {
		t.Errorf("Read: %v, want E2425", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Check with an ended context: %v", err)
	}
}
