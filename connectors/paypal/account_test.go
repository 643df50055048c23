package paypal_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/paypal"
)

type params = map[string]any

const secret = "secret-canary"

// account is a PayPal account that follows PayPal's documents: tokens by
// client credentials, windows of at most 31 days in the last three years, a
// search that refuses to count beyond a number of rows, rows that become
// searchable late, a window cut where there is no more.
type account struct {
	t     *testing.T
	mu    sync.Mutex
	rows  []params
	now   func() time.Time
	delay time.Duration // how late the search is
	most  int           // rows of one search
	page  int           // the longest page, to make tests short

	tokens  int
	token   string
	asked   []string // windows
	wrong   []func(w http.ResponseWriter, r *http.Request) bool
	refused int
}

func newAccount(t *testing.T) *account {
	return &account{t: t, now: time.Now, most: 10_000, page: 3}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-0700") }

// put adds a transaction.
func (a *account) put(id, code string, at time.Time, status, amount string) params {
	row := params{
		"transaction_info": params{
			"transaction_id": id, "transaction_event_code": code, "transaction_initiation_date": stamp(at), "transaction_updated_date": stamp(at),
			"transaction_amount": params{"currency_code": "EUR", "value": amount}, "transaction_status": status, "invoice_id": "S" + id,
		},
		"payer_info": params{"account_id": "PAYER" + id, "email_address": "canary@example.cn"},
	}
	a.rows = append(a.rows, row)
	return row
}

func initiated(row params) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05-0700", row["transaction_info"].(params)["transaction_initiation_date"].(string))
	if err != nil {
		panic(err)
	}
	return t
}

func (a *account) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.t.Log(err) // the client may have gone
	}
}

func (a *account) fail(w http.ResponseWriter, status int, name, message string) {
	w.WriteHeader(status)
	a.write(w, params{"name": name, "message": message, "debug_id": "x", "details": []any{}, "links": []any{}})
}

// ServeHTTP answers.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.wrong) > 0 && r.Method == http.MethodGet {
		first := a.wrong[0]
		a.wrong = a.wrong[1:]
		if first(w, r) {
			a.refused++
			return
		}
	}
	switch r.URL.Path {
	case "/v1/oauth2/token":
		id, password, _ := r.BasicAuth()
		if id != "client" || password != secret || r.PostFormValue("grant_type") != "client_credentials" {
			w.WriteHeader(http.StatusUnauthorized)
			a.write(w, params{"error": "invalid_client", "error_description": "Client Authentication failed"})
			return
		}
		a.tokens++
		a.token = fmt.Sprintf("A21-canary-%d", a.tokens)
		a.write(w, params{"scope": "https://uri.paypal.com/services/reporting/search/read", "access_token": a.token, "token_type": "Bearer", "app_id": "APP-1", "expires_in": 32400, "nonce": "n"})
	case "/v1/reporting/transactions":
		if r.Header.Get("Authorization") != "Bearer "+a.token {
			w.WriteHeader(http.StatusUnauthorized)
			a.write(w, params{"error": "invalid_token", "error_description": "Token signature verification failed"})
			return
		}
		a.search(w, r)
	default:
		a.fail(w, http.StatusNotFound, "RESOURCE_NOT_FOUND", "")
	}
}

func (a *account) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	start, err1 := time.Parse(time.RFC3339, q.Get("start_date"))
	end, err2 := time.Parse(time.RFC3339, q.Get("end_date"))
	size, err3 := strconv.Atoi(q.Get("page_size"))
	page, err4 := strconv.Atoi(q.Get("page"))
	now := a.now().Truncate(time.Second)
	switch {
	case err1 != nil || err2 != nil || err3 != nil || err4 != nil, size < 1 || size > 500 || page < 1, end.Before(start), end.Sub(start) > 31*24*time.Hour, start.Before(now.AddDate(-3, 0, 0)):
		a.fail(w, http.StatusBadRequest, "INVALID_REQUEST", "Invalid request - see details")
		return
	}
	fresh := now.Add(-a.delay)
	if start.After(fresh) {
		a.fail(w, http.StatusBadRequest, "INVALID_REQUEST", "Data for the given start date is not available.")
		return
	}
	if page == 1 {
		a.asked = append(a.asked, end.Sub(start).String())
	}
	if end.After(fresh) {
		end = fresh
	}
	var all []params
	for _, row := range a.rows {
		if at := initiated(row); !at.Before(start) && !at.After(end) {
			all = append(all, row)
		}
	}
	if len(all) > a.most {
		w.WriteHeader(http.StatusBadRequest)
		a.write(w, params{"name": "RESULTSET_TOO_LARGE", "message": "Result set size is greater than the maximum limit. Change the filter criteria and try again.", "total_items": len(all), "maximum_items": a.most})
		return
	}
	slices.SortStableFunc(all, func(x, y params) int { return cmp.Compare(initiated(x).Unix(), initiated(y).Unix()) })
	size = min(size, a.page)
	from := min((page-1)*size, len(all))
	a.write(w, params{
		"transaction_details": append([]params{}, all[from:min(from+size, len(all))]...), "account_number": "PAYER0", "start_date": stamp(start), "end_date": stamp(end),
		"last_refreshed_datetime": stamp(fresh), "page": page, "total_items": len(all), "total_pages": (len(all) + size - 1) / size, "links": []any{},
	})
}

func (a *account) serve() string {
	s := httptest.NewServer(a)
	a.t.Cleanup(s.Close)
	return s.URL
}

func quick(url string) params {
	return params{"url": url, "client_id": "client", "client_secret": secret, "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func open(t *testing.T, raw params, now func() time.Time) connectors.Source {
	t.Helper()
	return connectortest.Open(t, paypal.Connector{}, raw, connectors.Config{Name: "pay", Now: now})
}
