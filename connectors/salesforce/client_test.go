package salesforce_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
)

// A client that we did not write reads the same from the stand-in.
func TestAnotherClientReadsTheSame(t *testing.T) {
	o := newOrg(t)
	for i := 1; i <= 9; i++ {
		o.put(i, day(i), fmt.Sprintf("c%d@example.cn", i))
	}
	srv := httptest.NewServer(o)
	t.Cleanup(srv.Close)
	src := open(t, params{"url": srv.URL, "client_id": "app", "client_secret": "cs-canary", "retry_wait": "1ms", "retries": uint64(5)}, time.Now)
	var contacts, gone [][]string
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	take := func(_ context.Context, b connectors.Batch) error {
		for _, row := range b.Rows {
			if row.Deleted {
				gone = append(gone, []string{row.Key})
				continue
			}
			contacts = append(contacts, []string{row.Key, fmt.Sprint(row.Data["Email"]), fmt.Sprint(row.Data["SystemModstamp"])})
		}
		r.From = b.Position
		return nil
	}
	if err := src.Read(t.Context(), r, take); err != nil {
		t.Fatal(err)
	}
	ours := fmt.Sprint(contacts)
	o.mu.Lock()
	o.remove(4, time.Now().Add(-time.Second))
	o.mu.Unlock()
	var theirs struct {
		Contacts [][]string
		Deleted  []string
	}
	// It is given the session that our own login opened.
	client := func() {
		connectortest.Foreign(t, "testdata/client.py", &theirs, "HOST="+strings.TrimPrefix(srv.URL, "http://"), fmt.Sprintf("TOKEN=session-canary-%d", o.session))
	}
	client()
	if err := src.Read(t.Context(), r, take); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(gone) != fmt.Sprint([][]string{{id(4)}}) || fmt.Sprint(theirs.Deleted) != fmt.Sprint([]string{id(4)}) {
		t.Errorf("deleted: %v, theirs %v", gone, theirs.Deleted)
	}
	want := strings.Replace(ours, fmt.Sprint([]string{id(4), "c4@example.cn", stamp(day(4))})+" ", "", 1)
	if got := fmt.Sprint(theirs.Contacts); got != want || len(theirs.Contacts) != 8 {
		t.Errorf("contacts: theirs\n%s\nwant\n%s", got, want)
	}
}
