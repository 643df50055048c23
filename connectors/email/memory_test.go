package email_test

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/record"
)

// plainServer is a server without CONDSTORE, ESEARCH and SPECIAL-USE, which
// logs in by XOAUTH2 alone, refuses to hand over some messages and lists
// others that it then does not have.
type plainServer struct {
	*imapmemserver.UserSession
	damaged, held map[imap.UID]bool
}

func (*plainServer) AuthenticateMechanisms() []string { return []string{"XOAUTH2"} }

func (*plainServer) Authenticate(mech string) (sasl.Server, error) {
	if mech != "XOAUTH2" {
		return nil, errors.New("another mechanism")
	}
	return &xoauth2Server{}, nil
}

// xoauth2Server follows Google's page on the mechanism: a refusal comes as a
// challenge in JSON, which the client answers before it is told NO.
type xoauth2Server struct{ refused bool }

func (x *xoauth2Server) Next(response []byte) ([]byte, bool, error) {
	switch {
	case response == nil:
		return []byte{}, false, nil
	case x.refused:
		return nil, false, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: "SASL authentication failed"}
	case string(response) == "user=li@example.cn\x01auth=Bearer ya29.good\x01\x01":
		return nil, true, nil
	}
	x.refused = true
	return []byte(`{"status":"401","schemes":"Bearer"}`), false, nil
}

func (p *plainServer) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	uids, _ := set.(imap.UIDSet)
	if len(o.BodySection) > 0 {
		var rest imap.UIDSet
		list, _ := uids.Nums()
		for _, uid := range list {
			if p.damaged[uid] {
				return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "can't read li@example.cn"}
			}
			if !p.held[uid] {
				rest.AddNum(uid)
			}
		}
		if len(rest) == 0 {
			return nil
		}
		return p.UserSession.Fetch(w, rest, o)
	}
	return p.UserSession.Fetch(w, set, o)
}

func startPlain(t *testing.T, subjects []string, damaged, held map[imap.UID]bool) (string, *imapmemserver.User) {
	t.Helper()
	user := imapmemserver.NewUser("li@example.cn", "")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range subjects {
		arrive(t, user, s)
	}
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &plainServer{imapmemserver.NewUserSession(user), damaged, held}, nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return l.Addr().String(), user
}

func arrive(t *testing.T, user *imapmemserver.User, subject string) {
	t.Helper()
	raw := []byte(mail(subject, subject))
	if _, err := user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return int64(l.Len()) }

func plain(address, token string) map[string]any {
	return map[string]any{"host": address, "user": "li@example.cn", "token": token, "tls": "none", "timeout": "5s"}
}

func TestServerWithoutExtensions(t *testing.T) {
	address, user := startPlain(t, []string{"1", "2", "3"}, nil, nil)
	src := source(t, plain(address, "ya29.good"), nil)
	rows, at := read(t, src, incremental)
	if got, want := subjects(rows), "1 | 2 | 3"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	for range 2 {
		if rows, at = read(t, src, from(at)); len(rows) != 0 {
			t.Errorf("read again: %s", subjects(rows))
		}
	}
	arrive(t, user, "4")
	if rows, _ = read(t, src, from(at)); subjects(rows) != "4" {
		t.Errorf("%s, want 4", subjects(rows))
	}
}

func TestRefusedToken(t *testing.T) {
	address, _ := startPlain(t, []string{"1"}, nil, nil)
	err := source(t, plain(address, "ya29.stale"), nil).Check(t.Context())
	if f := fault.Of(err); f == nil || f.Code != "E2402" {
		t.Errorf("%v, want E2402", err)
	}
}

// One message that the server can't read must not hold back the others, and
// none may be lost without a trace.
func TestDamagedMessagesAreQuarantined(t *testing.T) {
	address, _ := startPlain(t, []string{"1", "2", "3", "4", "5"}, map[imap.UID]bool{2: true}, map[imap.UID]bool{4: true})
	src := source(t, plain(address, "ya29.good"), nil)
	rows, _ := read(t, src, connectors.Request{Stream: "messages", BatchRows: 3})
	var got []string
	for _, r := range rows {
		got = append(got, told(r))
	}
	want := "1 | E2410 INBOX:2: the server lists this message but does not hand it over (SERVERBUG) | 3 | " +
		"E2410 INBOX:4: the server lists this message but does not hand it over (-) | 5"
	if strings.Join(got, " | ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " | "), want)
	}
}

func told(r record.Row) string {
	if r.Fault != nil {
		return r.Fault.Error()
	}
	return r.Data["subject"].(string)
}
