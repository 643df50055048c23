package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// helpdesk starts the API of docs/how-to/add-an-api.md, and puts its address
// into the page in place of the one that is printed there.
func helpdesk(t *testing.T, page string) string {
	t.Helper()
	const token = "helpdesk-token"
	answers := map[string]any{
		"/v1/me":                  map[string]any{"name": "crmhub"},
		"/v1/customers/1/tickets": map[string]any{"tickets": []any{map[string]any{"id": 71, "subject": "It does not start", "opened_at": "2026-02-01T09:00:00Z"}}},
		"/v1/customers/2/tickets": map[string]any{"tickets": []any{}},
		"/v1/customers/3/tickets": map[string]any{"tickets": []any{map[string]any{"id": 72, "subject": "发票", "opened_at": "2026-02-02T09:00:00Z"}}},
	}
	customer := func(id int, name, email, at string, archived bool) any {
		return map[string]any{"id": id, "name": name, "email": email, "phone": "020 7946 0018", "updated_at": at, "archived": archived}
	}
	customers := map[string]any{
		"": map[string]any{"next_page": "b", "data": []any{
			customer(1, "Zhang Wei", "zhang.wei@example.com", "2026-01-01T10:00:00Z", false), customer(2, "Old Account", "old@example.com", "2026-01-02T10:00:00Z", true),
		}},
		"b": map[string]any{"next_page": nil, "data": []any{customer(3, "Mary O'Neil", "mary@example.com", "2026-01-03T10:00:00Z", false)}},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, known := answers[r.URL.Path]
		if r.URL.Path == "/v1/customers" {
			answer, known = customers[r.URL.Query().Get("page")]
			if r.URL.Query().Get("updated_after") > "2026-01-02T10:00:00Z" {
				answer = customers["b"]
			}
		}
		switch {
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
		case !known:
			w.WriteHeader(http.StatusNotFound)
		default:
			if err := json.NewEncoder(w).Encode(answer); err != nil {
				t.Error(err)
			}
		}
	}))
	t.Cleanup(s.Close)
	t.Setenv("HELPDESK_TOKEN", token)
	return strings.ReplaceAll(page, "https://helpdesk.example", s.URL)
}

// TestHelpdesk follows docs/how-to/add-an-api.md and looks at what came of it:
// the customers and tickets of the API, each once, the archived one gone, and
// nothing written by the second run.
func TestHelpdesk(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "how-to", "add-an-api.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	page := helpdesk(t, string(text))
	run := func(args ...string) string {
		t.Helper()
		out, errs, code := crmhub(t, time.Now, args...)
		if code != 0 {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
		}
		return out
	}
	run("init", "crm")
	for _, block := range fence.FindAllStringSubmatch(page, -1) {
		if block[2] == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(block[2]), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, block[2], block[3])
	}
	type counts struct {
		Pipeline                                   string
		Read, Created, Updated, Unchanged, Deleted int
		Filtered, Quarantined, Unexplained         int
	}
	finished := func(out string) map[string]counts {
		t.Helper()
		lines := strings.Split(strings.TrimSpace(out), "\n")
		var last struct{ Pipelines []counts }
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
			t.Fatal(err)
		}
		all := map[string]counts{}
		for _, p := range last.Pipelines {
			name := p.Pipeline
			p.Pipeline = ""
			all[name] = p
		}
		return all
	}
	first := finished(run("-C", "crm", "run", "--all", "-o", "json"))
	if got, want := first["helpdesk_customer"], (counts{Read: 3, Created: 2, Unchanged: 1}); got != want {
		t.Errorf("customers: %+v, want %+v", got, want)
	}
	if got, want := first["helpdesk_ticket"], (counts{Read: 2, Created: 2}); got != want {
		t.Errorf("tickets: %+v, want %+v", got, want)
	}
	second := finished(run("-C", "crm", "run", "--all", "-o", "json"))
	if got, want := second["helpdesk_customer"], (counts{Read: 1, Unchanged: 1}); got != want {
		t.Errorf("customers again: %+v, want %+v", got, want)
	}
	if got, want := second["helpdesk_ticket"], (counts{Read: 2, Unchanged: 2}); got != want {
		t.Errorf("tickets again: %+v, want %+v", got, want)
	}
	if out := run("-C", "crm", "golden", "search", "zhang.wei@example.com", "-o", "json"); !strings.Contains(out, `"stream": "customers"`) && !strings.Contains(out, `"stream":"customers"`) {
		t.Errorf("the search finds %s", out)
	}
}
