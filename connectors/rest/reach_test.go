package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/rest"
	"crmhub/fault"
)

const ledgerYAML = `
url: %s
streams:
  entries:
    key: id
    list: {path: /entries, records: results, paging: {type: none}}
    cursor: {field: at, param: since, until: until, window: 24h, reach: 72h}
`

// TestReach holds that a read tells of the time that neither it nor any later
// one sees: the last read is older than the server's memory.
func TestReach(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := fmt.Fprint(w, `{"results": []}`); err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "apis"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "apis", "ledger.yaml"), []byte(fmt.Sprintf(ledgerYAML, s.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var told []string
	src := connectortest.Open(t, rest.Connector{}, map[string]any{"api": "ledger"}, connectors.Config{
		Name: "ledger", Dir: dir, Zone: time.UTC, Now: func() time.Time { return now },
		Warn: func(w *fault.Error) { told = append(told, w.Error()) },
	})
	r := connectors.Request{Stream: "entries", Mode: connectors.Incremental}
	for _, later := range []time.Duration{0, 24 * time.Hour, 48 * time.Hour} {
		now = now.Add(later)
		_, r.From = connectortest.Read(t, src, r)
	}
	if len(told) > 0 {
		t.Errorf("reads within the reach: told %q", told)
	}
	now = now.Add(200 * time.Hour)
	_, r.From = connectortest.Read(t, src, r)
	const want = "W2301 ledger/entries: the last read was on "
	if len(told) != 1 || told[0][:len(want)] != want {
		t.Errorf("told %q, want one %s…", told, want)
	}
}
