package main_test

import (
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// delivered waits for the message in the mailbox of all notices whose text holds
// that word, and returns its subject and text.
func delivered(t *testing.T, word string) (subject, text string) {
	t.Helper()
	u, err := url.Parse(os.Getenv("CRMHUB_TEST_IMAP"))
	if err != nil || u.Host == "" {
		t.Fatal("CRMHUB_TEST_IMAP is not set: run make test, or give an address")
	}
	c, err := imapclient.DialInsecure(u.Host, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("all@example.cn", u.User.Username()).Wait(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		found, err := c.Search(&imap.SearchCriteria{Text: []string{word}}, nil).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if list := found.AllSeqNums(); len(list) > 0 {
			got, err := c.Fetch(imap.SeqSetNum(list[len(list)-1]), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{}}}).Collect()
			if err != nil || len(got) != 1 {
				t.Fatalf("%d messages, %v", len(got), err)
			}
			m, err := mail.ReadMessage(strings.NewReader(string(got[0].BodySection[0].Bytes)))
			if err != nil {
				t.Fatal(err)
			}
			if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
			if err != nil {
				t.Fatal(err)
			}
			return subject, string(body)
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Fatal("the notice did not come")
	return "", ""
}

// TestNotices: a run that quarantines rows or fails tells people by e-mail,
// through a real server and without a value of any record; one that can't tell
// them ends as it would have.
func TestNotices(t *testing.T) {
	server, err := url.Parse(os.Getenv("CRMHUB_TEST_SMTP"))
	if err != nil || server.Host == "" {
		t.Fatal("CRMHUB_TEST_SMTP is not set: run make test, or give an address")
	}
	t.Setenv("SMTP_TEST_PASSWORD", server.User.Username())
	name := fmt.Sprintf("crm%d", time.Now().UnixNano())
	dir := filepath.Join(t.TempDir(), name)
	must(t, "init", dir)
	config := func(host, password, on string) {
		t.Helper()
		write(t, filepath.Join(dir, "hub.yaml"), fmt.Sprintf("connections:\n  shop: {connector: file, path: people.csv, country: CN}\n"+
			"  post: {connector: smtp, host: %q, tls: starttls, ca_file: %q, user: crm@example.cn, password: %q, from: crm@example.cn}\n"+
			"notify: {connection: post, to: [ops@example.cn, lead@example.cn], on: [%s]}\n", host, server.Query().Get("ca"), password, on))
	}
	const password = "${env:SMTP_TEST_PASSWORD}"
	config(server.Host, password, "failed, quarantined")
	write(t, filepath.Join(dir, "mappings", "people.blobl"), "root.full_name = this.name\nroot.emails = [this.email]\nroot.tags = if this.name == \"Canary Zhang\" { throw(\"no \" + this.email) }\n")
	write(t, filepath.Join(dir, "pipelines", "people.yaml"), "source:  {connection: shop, stream: people, key: id}\nmapping: people.blobl\ntype:    customer\nlimits:  {max_quarantined: 90%}\n")
	write(t, filepath.Join(dir, "people.csv"), "id,name,email\n1,Li Na,lina@example.cn\n2,Canary Zhang,canary@example.cn\n")
	must(t, "-C", dir, "check")

	if _, errs, code := crmhub(t, time.Now, "-C", dir, "run", "--all"); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	subject, text := delivered(t, name)
	if !strings.Contains(subject, "1 row in quarantine") || !strings.Contains(text, "people: read 2, created 1") || !strings.Contains(text, "crmhub quarantine list") {
		t.Errorf("subject %q, text %s", subject, text)
	}
	for _, secret := range []string{"anary", "lina@", "Li Na", server.User.Username()} {
		if strings.Contains(subject+text, secret) {
			t.Errorf("the notice holds %q: %s", secret, text)
		}
	}

	// The source is gone: the run fails, and that is told. The project's name
	// differs, so that its notice is found.
	moved := filepath.Join(filepath.Dir(dir), name+"b")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	dir = moved
	if err := os.Remove(filepath.Join(dir, "people.csv")); err != nil {
		t.Fatal(err)
	}
	if _, _, code := crmhub(t, time.Now, "-C", dir, "run", "--all"); code == 0 {
		t.Fatal("the run did not fail")
	}
	if subject, text = delivered(t, name+"b"); !strings.Contains(subject, "1 failed") || !strings.Contains(text, "E21") || !strings.Contains(text, "Fix: ") {
		t.Errorf("subject %q, text %s", subject, text)
	}

	// A server that is away is a warning, and a wrong password is found by check.
	write(t, filepath.Join(dir, "people.csv"), "id,name,email\n1,Li Na,lina@example.cn\n")
	config("127.0.0.1:1", password, "done")
	if _, errs, code := crmhub(t, time.Now, "-C", dir, "run", "--all"); code != 0 || !strings.Contains(errs, "E2420") {
		t.Errorf("exit code %d, want 0 and a warning: %s", code, errs)
	}
	t.Setenv("SMTP_TEST_WRONG", "guess")
	config(server.Host, "${env:SMTP_TEST_WRONG}", "done")
	if out, errs, code := crmhub(t, time.Now, "-C", dir, "check"); code == 0 || !strings.Contains(out+errs, "E2421") {
		t.Errorf("check: exit code %d: %s%s", code, out, errs)
	}
}
