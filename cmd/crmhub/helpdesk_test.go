package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
