package main_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"crmhub/connectors/sqldb/sqldbtest"
	"crmhub/record"
)

// mailTo puts messages into the inbox of a fresh account and returns the
// connection's line of hub.yaml, and what puts in one more.
func mailTo(t *testing.T, messages ...string) (string, func(string)) {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_IMAP")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_IMAP is not set: run make test, or give an address")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	c, err := imapclient.DialInsecure(u.Host, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	user := fmt.Sprintf("s%d@example.cn", time.Now().UnixNano())
	if err := c.Login(user, u.User.Username()).Wait(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MAIL_TEST_PASSWORD", u.User.Username())
	put := func(text string) {
		t.Helper()
		cmd := c.Append("INBOX", int64(len(text)), nil)
		if _, err := cmd.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range messages {
		put(m)
	}
	return fmt.Sprintf("{connector: email, host: %q, user: %q, password: \"${env:MAIL_TEST_PASSWORD}\", tls: none}", u.Host, user), put
}

func letter(id, from, subject string) string {
	return "From: " + from + "\r\nTo: sales@hub.example\r\nDate: Sun, 1 Mar 2026 17:00:00 +0800\r\nMessage-ID: <" + id + "@example.cn>\r\nSubject: " + subject + "\r\n\r\nhello\r\n"
}

// TestThreeSystems reads a mailbox, a CRM's database and an ERP, each a real
// server, by the shipped pipelines alone: one person who is in all three is one
// customer, whose orders, calls and letters are theirs; a second run writes nothing.
func TestThreeSystems(t *testing.T) {
	mail, put := mailTo(t,
		letter("1", "=?gb2312?B?wO7EyA==?= <lina@qinghe.example.com>", "order"),
		letter("2", "John Smith <john@example.co.uk>", "samples"))
	crm := sqldbtest.New(t, "../../connectors/suitecrm/testdata/schema.sql", "../../connectors/suitecrm/testdata/rows.sql")
	erp, err := url.Parse(os.Getenv("CRMHUB_TEST_TRYTON"))
	if err != nil || erp.Host == "" {
		t.Fatal("CRMHUB_TEST_TRYTON is not set: run make test, or give an address")
	}
	password, _ := erp.User.Password()
	t.Setenv("ERP_TEST_PASSWORD", password)
	dir := filepath.Join(t.TempDir(), "crm")
	must(t, "init", dir)
	write(t, filepath.Join(dir, "hub.yaml"), "connections:\n  mail: "+mail+"\n  legacy: {connector: suitecrm, url: \""+crm.URL+"\", currency: CNY, country: CN}\n"+
		fmt.Sprintf("  erp: {connector: tryton, url: \"http://%s\", database: %s, user: %s, password: \"${env:ERP_TEST_PASSWORD}\", country: CN}\n", erp.Host, strings.Trim(erp.Path, "/"), erp.User.Username()))
	must(t, "-C", dir, "pipeline", "add", "suitecrm_contact", "suitecrm_account", "suitecrm_lead", "suitecrm_opportunity", "suitecrm_call", "suitecrm_email", "--connection", "legacy")
	must(t, "-C", dir, "pipeline", "add", "tryton_party", "tryton_sale", "--connection", "erp")
	write(t, filepath.Join(dir, "pipelines", "letters.yaml"), "source:  {connection: mail, stream: messages, mode: incremental}\nmapping: mail_message\ntype:    interaction\n")
	must(t, "-C", dir, "check")
	wantCounts(t, counted(t, dir), map[string]record.Counts{
		"letters": {Read: 2, Created: 2}, "suitecrm_contact": {Read: 3, Created: 2, Unchanged: 1}, "suitecrm_account": {Read: 2, Created: 1, Unchanged: 1},
		"suitecrm_lead": {Read: 2, Created: 1, Unchanged: 1}, "suitecrm_opportunity": {Read: 2, Created: 2}, "suitecrm_call": {Read: 2, Created: 2},
		"suitecrm_email": {Read: 1, Created: 1}, "tryton_party": {Read: 5, Created: 4, Unchanged: 1}, "tryton_sale": {Read: 2, Created: 2},
	})
	_, of := entities(t, dir)
	lina := of["contacts/c1"]
	if lina == "" || of["parties/2"] != lina || of["messages/1@example.cn"] != lina {
		t.Errorf("the contact is %q, the party %q, who wrote %q: want one customer", lina, of["parties/2"], of["messages/1@example.cn"])
	}
	if of["contacts/c2"] == lina || of["accounts/a1"] == lina {
		t.Error("others are taken for her")
	}
	before := must(t, "-C", dir, "store", "digest")
	for name, c := range counted(t, dir) {
		if c.Unchanged != c.Read {
			t.Errorf("second run of %s: %+v, want all unchanged", name, c)
		}
	}
	if got := must(t, "-C", dir, "store", "digest"); got != before {
		t.Error("a run without changes changed the digest")
	}
	put(letter("3", "lina@qinghe.example.com", "thanks"))
	if c := counted(t, dir)["letters"]; c.Read != 1 || c.Created != 1 {
		t.Errorf("one letter came: %+v", c)
	}
	if _, of := entities(t, dir); of["messages/3@example.cn"] != lina {
		t.Errorf("her letter is %q's, want %q's", of["messages/3@example.cn"], lina)
	}
}
