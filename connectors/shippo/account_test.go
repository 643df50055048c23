package shippo_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/shippo"
)

type params = map[string]any

const token = "shippo_test_canary"

// account is a Shippo account that follows Shippo's documents: lists with the
// newest first, pages whose next one is an address at api.goshippo.com,
// shipments by date within 90 days, labels that name their rate.
type account struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string][]params // by list
	rates   map[string]params
	page    int // the longest page, to make tests short
	asked   []string
	wrong   []func(w http.ResponseWriter) bool
	// constant makes every page say that the same one follows.
	constant bool
}

func newAccount(t *testing.T) *account {
	return &account{t: t, objects: map[string][]params{}, rates: map[string]params{}, page: 3}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (a *account) shipment(id string, at time.Time) params {
	s := params{
		"object_id": id, "object_created": stamp(at), "object_updated": stamp(at), "object_owner": "o@example.com", "status": "SUCCESS", "test": true,
		"metadata": "", "extra": params{}, "shipment_date": stamp(at), "customs_declaration": nil, "address_return": params{"country": "CN"},
		"address_to":   params{"object_id": "a" + id, "name": "Anna Schmidt", "email": "canary@example.com", "city": "Berlin", "country": "DE"},
		"address_from": params{"object_id": "f" + id, "country": "CN"}, "parcels": []any{}, "rates": []any{}, "messages": []any{}, "carrier_accounts": []any{},
	}
	a.objects["shipments"] = append(a.objects["shipments"], s)
	return s
}

func (a *account) label(id string, at time.Time, status string) params {
	rate := "r" + id
	a.rates[rate] = params{
		"object_id": rate, "shipment": "s" + id, "provider": "USPS", "servicelevel": params{"name": "Priority Mail", "token": "usps_priority"}, "amount": "5.50", "currency": "USD",
	}
	x := params{
		"object_id": id, "object_created": stamp(at), "object_updated": stamp(at), "object_state": "VALID", "status": "SUCCESS", "rate": rate, "test": true,
		"metadata": "", "created_by": nil, "label_file_type": "PDF", "label_url": "https://example.com/x.pdf", "messages": []any{}, "object_owner": "o@example.com", "eta": nil,
		"tracking_number": "92055901755477000" + id, "tracking_status": status,
	}
	a.objects["transactions"] = append(a.objects["transactions"], x)
	return x
}

func (a *account) say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.t.Log(err) // the client may have gone
	}
}

// ServeHTTP answers.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.RequestURI())
	if len(a.wrong) > 0 {
		first := a.wrong[0]
		if a.wrong = a.wrong[1:]; first(w) {
			return
		}
	}
	path := strings.Trim(r.URL.Path, "/")
	rate, one := strings.CutPrefix(path, "rates/")
	switch {
	case r.Header.Get("Authorization") != "ShippoToken "+token:
		a.say(w, http.StatusUnauthorized, params{"detail": "Invalid token about canary@example.com"})
	case r.Header.Get("SHIPPO-API-VERSION") != "2018-02-08":
		a.say(w, http.StatusBadRequest, params{"detail": "version"})
	case one && a.rates[rate] != nil:
		a.say(w, http.StatusOK, a.rates[rate])
	case slices.Contains([]string{"shipments", "transactions", "orders", "addresses"}, path):
		a.list(w, path, r.URL.Query())
	default:
		a.say(w, http.StatusNotFound, params{"detail": "Not found."})
	}
}

func (a *account) list(w http.ResponseWriter, name string, q url.Values) {
	page, size := 1, 25
	var from, to time.Time
	for k, v := range q {
		var err error
		switch k {
		case "page":
			page, err = strconv.Atoi(v[0])
		case "results":
			size, err = strconv.Atoi(v[0])
		case "object_created_gte":
			from, err = time.Parse(time.RFC3339, v[0])
		case "object_created_lte":
			to, err = time.Parse(time.RFC3339, v[0])
		}
		if err != nil || size > 100 {
			a.say(w, http.StatusBadRequest, params{k: []string{"invalid"}})
			return
		}
	}
	if to.Sub(from) > 90*24*time.Hour {
		a.say(w, http.StatusBadRequest, params{"detail": "range"})
		return
	}
	by := "object_created"
	if name == "orders" {
		by = "placed_at"
	}
	var all []params
	for _, o := range a.objects[name] {
		at, err := time.Parse(time.RFC3339, o[by].(string))
		if err != nil {
			a.t.Error(err)
		}
		if !at.Before(from) && (to.IsZero() || !at.After(to)) {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(x, y params) int {
		return cmp.Compare(y[by].(string)+y["object_id"].(string), x[by].(string)+x["object_id"].(string))
	})
	size = min(size, a.page)
	begin := (page - 1) * size
	if begin > len(all) {
		a.say(w, http.StatusNotFound, params{"detail": "Invalid page."})
		return
	}
	end := min(begin+size, len(all))
	answer := params{"next": nil, "previous": nil, "results": append([]params{}, all[begin:end]...)}
	if end < len(all) || a.constant {
		q.Set("page", strconv.Itoa(page+1))
		if a.constant {
			q.Set("page", "1")
		}
		answer["next"] = fmt.Sprintf("https://api.goshippo.com/%s/?%s", name, q.Encode())
	}
	a.say(w, http.StatusOK, answer)
}

func (a *account) serve() string {
	s := httptest.NewServer(a)
	a.t.Cleanup(s.Close)
	return s.URL
}

func quick(address string) params {
	return params{"url": address, "token": token, "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func open(t *testing.T, raw params, now func() time.Time) connectors.Source {
	t.Helper()
	return connectortest.Open(t, shippo.Connector{}, raw, connectors.Config{Name: "labels", Now: now})
}
