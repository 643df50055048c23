package magento_test

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

	"crmhub/connectors/magento"
)

type params = map[string]any

// The values of the shop's integration.
const (
	token          = "tokencanary77"
	consumerKey    = "ckcanary77"
	consumerSecret = "cs&canary77"
	tokenSecret    = "ts+canary77/="
)

// shop is a Magento shop that follows Adobe's documents: search criteria by
// groups, times in UTC without a zone, a page past the last is the last again,
// no list where nothing was found, bearer tokens or OAuth 1.0a.
type shop struct {
	t      *testing.T
	mu     sync.Mutex
	rows   map[string][]params
	now    time.Time
	bearer bool // allowed
	denied string
	nonces map[string]bool
	asked  []url.Values
	before func(n int)
}

func newShop(t *testing.T) *shop {
	return &shop{t: t, rows: map[string][]params{}, now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), bearer: true, nonces: map[string]bool{}}
}

// keys are the addresses and the keys of their rows.
var keys = map[string]string{"customers/search": "id", "orders": "entity_id", "invoices": "entity_id", "creditmemos": "entity_id", "transactions": "transaction_id", "shipments": "entity_id"}

// put creates or changes a row; the clock moves on by a second.
func (s *shop) put(path string, id int, values params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now.Format(time.DateTime)
	s.now = s.now.Add(time.Second)
	i := slices.IndexFunc(s.rows[path], func(r params) bool { return r[keys[path]] == id })
	if i < 0 {
		i = len(s.rows[path])
		s.rows[path] = append(s.rows[path], params{keys[path]: id, "created_at": at})
	}
	r := s.rows[path][i]
	if path != "transactions" {
		r["updated_at"] = at
	}
	for k, v := range values {
		r[k] = v
	}
}

// ServeHTTP answers.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	s.asked = append(s.asked, q)
	if s.before != nil {
		s.before(len(s.asked))
	}
	fail := func(status int, message string) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(params{"message": message, "parameters": params{"resources": "canary@example.cn"}}); err != nil {
			s.t.Error(err)
		}
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/rest/all/V1/")
	switch {
	case !s.lets(r):
		fail(http.StatusUnauthorized, "The consumer key canary has expired or is invalid.")
	case !ok || keys[path] == "":
		fail(http.StatusNotFound, "Request does not match any route.")
	case path == s.denied:
		fail(http.StatusUnauthorized, "The consumer isn't authorized to access %resources.")
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if err := json.NewEncoder(w).Encode(s.search(path, q)); err != nil {
			s.t.Error(err)
		}
	}
}

// lets looks at the token, or at the signature, of which no nonce may come twice.
func (s *shop) lets(r *http.Request) bool {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme == "Bearer" {
		return s.bearer && rest == token
	}
	p := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		plain, err := url.PathUnescape(strings.Trim(v, `"`))
		if err != nil {
			s.t.Error(err)
		}
		p[name] = plain
	}
	given := p["oauth_signature"]
	delete(p, "oauth_signature")
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	want, err := magento.Sign(r.Method, &u, p, consumerSecret, tokenSecret)
	if err != nil {
		s.t.Error(err)
	}
	fresh := !s.nonces[p["oauth_nonce"]]
	s.nonces[p["oauth_nonce"]] = true
	return scheme == "OAuth" && p["oauth_consumer_key"] == consumerKey && p["oauth_token"] == token && given == want && fresh
}

// search evaluates search criteria.
func (s *shop) search(path string, q url.Values) params {
	get := func(name string) string { return q.Get("searchCriteria" + name) }
	found := []params{}
	for _, r := range s.rows[path] {
		keep := true
		for g := 0; get(fmt.Sprintf("[filter_groups][%d][filters][0][field]", g)) != ""; g++ {
			any := false
			for f := 0; get(fmt.Sprintf("[filter_groups][%d][filters][%d][field]", g, f)) != ""; f++ {
				at := fmt.Sprintf("[filter_groups][%d][filters][%d]", g, f)
				field := get(at + "[field]")
				if path == "customers/search" && field == "entity_id" {
					field = "id"
				}
				if get(at+"[condition_type]") == "in" {
					any = any || slices.Contains(strings.Split(get(at+"[value]"), ","), fmt.Sprint(r[field]))
					continue
				}
				c := compare(r[field], get(at+"[value]"))
				any = any || map[string]bool{"gt": c > 0, "gteq": c >= 0, "eq": c == 0, "": c == 0}[get(at+"[condition_type]")]
			}
			keep = keep && any
		}
		if keep {
			found = append(found, r)
		}
	}
	if field := get("[sortOrders][0][field]"); field != "" {
		if path == "customers/search" && field == "entity_id" {
			field = "id"
		}
		slices.SortStableFunc(found, func(a, b params) int { return compare(a[field], fmt.Sprint(b[field])) })
	}
	total := len(found)
	size, page := total, 1
	if n, err := strconv.Atoi(get("[pageSize]")); err == nil && n > 0 {
		size = min(n, 3) // the shop's own limit
		if n == 1 {
			size = 1
		}
	}
	if n, err := strconv.Atoi(get("[currentPage]")); err == nil && n > 1 {
		page = n
	}
	if size > 0 {
		page = min(page, max(1, (total+size-1)/size)) // past the last page: the last again
		found = found[min((page-1)*size, total):min(page*size, total)]
	}
	if f := q.Get("fields"); f != "" {
		names := strings.Split(strings.TrimSuffix(strings.TrimPrefix(f, "items["), "],total_count"), ",")
		for i, r := range found {
			found[i] = params{}
			for _, name := range names {
				if v, ok := r[name]; ok {
					found[i][name] = v
				}
			}
		}
	}
	out := params{"items": found, "search_criteria": params{"page_size": size, "current_page": page}, "total_count": total}
	if total == 0 {
		out["items"] = nil
	}
	return out
}

func compare(v any, with string) int {
	if n, ok := v.(int); ok {
		k, err := strconv.Atoi(with)
		if err != nil {
			return 1
		}
		return cmp.Compare(n, k)
	}
	return strings.Compare(fmt.Sprint(v), with)
}

func start(t *testing.T, s *shop) string {
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv.URL
}

// stocked is a shop with customers and orders in every state.
func stocked(t *testing.T) *shop {
	s := newShop(t)
	home := params{
		"id": 1, "customer_id": 1, "region": params{"region_code": "ZJ", "region": "浙江省", "region_id": 500}, "country_id": "CN", "street": []string{"龙井路 1 号", "3 楼"}, "company": "明前茶业",
		"telephone": "13800138000", "postcode": "310000", "city": "杭州", "firstname": "雷", "lastname": "李", "default_shipping": true, "default_billing": true,
	}
	s.put("customers/search", 1, params{
		"email": "canary@example.cn", "firstname": "雷", "lastname": "李", "gender": 1, "dob": "1990-02-03", "taxvat": nil, "group_id": 1, "store_id": 1, "website_id": 1,
		"addresses": []params{home}, "extension_attributes": params{"is_subscribed": true},
	})
	s.put("customers/search", 2, params{"email": "anna@example.com", "firstname": "Anna", "middlename": "B.", "lastname": "Müller", "gender": 2, "addresses": []params{}, "extension_attributes": params{"is_subscribed": false}})
	for id := 3; id <= 11; id++ {
		s.put("customers/search", id, params{"email": fmt.Sprintf("c%d@example.cn", id), "firstname": "C", "lastname": strconv.Itoa(id)})
	}
	billing := params{"address_type": "billing", "city": "杭州", "country_id": "CN", "firstname": "雷", "lastname": "李", "postcode": "310000", "region": "浙江省", "street": []string{"龙井路 1 号"}, "telephone": "13800138000", "email": "canary@example.cn"}
	lines := []params{
		{"item_id": 1, "product_type": "configurable", "sku": "LJ-250", "name": "明前龙井", "qty_ordered": 3, "price": 99.5, "discount_amount": 9.5, "row_total": 298.5},
		{"item_id": 2, "parent_item_id": 1, "product_type": "simple", "sku": "LJ-250", "name": "明前龙井 250g", "qty_ordered": 3, "price": 0, "row_total": 0},
	}
	s.put("orders", 1, params{
		"increment_id": "000000001", "customer_id": 1, "customer_email": "canary@example.cn", "customer_is_guest": 0, "state": "complete", "status": "complete", "order_currency_code": "CNY",
		"base_currency_code": "CNY", "subtotal": 298.5, "tax_amount": 38.81, "shipping_amount": 20, "discount_amount": -9.5, "grand_total": 347.81, "items": lines, "billing_address": billing,
		"payment":              params{"method": "alipay", "amount_paid": 347.81, "last_trans_id": "2026030122001", "additional_information": []string{"支付宝"}},
		"status_histories":     []params{{"entity_id": 7, "comment": "请尽快发货", "created_at": "2026-03-01 09:00:00", "is_customer_notified": 0, "entity_name": "order", "status": "processing"}, {"entity_id": 8, "comment": nil, "created_at": "2026-03-01 09:05:00"}},
		"extension_attributes": params{"shipping_assignments": []params{{"shipping": params{"method": "flatrate_flatrate", "address": params{"city": "宁波", "country_id": "CN", "street": []string{"仓前街 8 号"}, "region": "浙江省"}}}}},
	})
	s.put("orders", 2, params{
		"increment_id": "000000002", "customer_email": "guest@example.com", "customer_is_guest": 1, "customer_firstname": "Ben", "customer_lastname": "Gast", "state": "new", "status": "pending",
		"order_currency_code": "EUR", "base_currency_code": "EUR", "subtotal": 10, "grand_total": 10, "items": []params{{"item_id": 3, "sku": "X", "name": "Tea", "qty_ordered": 1, "price": 10, "row_total": 10}},
		"billing_address": params{"city": "Berlin", "country_id": "DE", "street": []string{"Weg 1"}, "firstname": "Ben", "lastname": "Gast", "telephone": "+49 30 1234567", "company": "Gast GmbH"},
	})
	s.put("invoices", 1, params{"increment_id": "000000001", "order_id": 1, "state": 2, "grand_total": 347.81, "order_currency_code": "CNY", "base_currency_code": "CNY", "transaction_id": "2026030122001"})
	s.put("creditmemos", 1, params{"increment_id": "000000001", "order_id": 1, "invoice_id": 1, "state": 2, "grand_total": 99.5, "order_currency_code": "CNY"})
	s.put("transactions", 1, params{"parent_id": nil, "order_id": 1, "payment_id": 1, "txn_id": "2026030122001", "txn_type": "capture", "is_closed": 1, "additional_information": []string{}})
	s.put("shipments", 1, params{
		"increment_id": "000000001", "order_id": 1, "customer_id": 1, "shipment_status": nil, "items": []params{{"order_item_id": 1, "qty": 3}},
		"tracks": []params{{"entity_id": 4, "track_number": "SF1020304050607", "title": "顺丰速运", "carrier_code": "custom"}, {"entity_id": 5, "track_number": "YT99", "title": "圆通", "carrier_code": "custom"}},
	})
	s.put("shipments", 2, params{"increment_id": "000000002", "order_id": 2, "customer_id": nil, "tracks": []params{}})
	return s
}
