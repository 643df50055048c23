package erpnext_test

import (
	"cmp"
	"encoding/base64"
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
)

type params = map[string]any

const (
	apiKey    = "key7canary"
	apiSecret = "secret7canary"
)

// site is a site of ERPNext that follows Frappe's code: lists by filters in
// three or four parts, child tables in documents alone unless their parent is
// named, times of the site's zone without it, names compared without case, a
// limit of server time.
type site struct {
	t    *testing.T
	mu   sync.Mutex
	zone string
	now  time.Time
	docs map[string]map[string]params
	// tables are the child tables of each DocType: field and DocType.
	tables map[string]map[string]string
	// denied are DocTypes without permission; noParent refuses child tables
	// also where the parent is named, noZone does not tell the zone.
	denied           []string
	noParent, noZone bool
	// limit is how many microseconds of server time a window has; 0: no limit.
	limit, spent int
	refused      int
	before       func(path string)
	calls        map[string]int
}

func newSite(t *testing.T) *site {
	return &site{t: t, zone: "Asia/Shanghai", now: time.Date(2026, 3, 1, 0, 0, 0, 123456000, time.UTC), docs: map[string]map[string]params{}, calls: map[string]int{}, tables: map[string]map[string]string{
		"Customer": {}, "Address": {"links": "Dynamic Link"}, "Contact": {"links": "Dynamic Link", "email_ids": "Contact Email", "phone_nos": "Contact Phone"},
		"Sales Order": {"items": "Sales Order Item"}, "Sales Invoice": {"items": "Sales Invoice Item"}, "Payment Entry": {"references": "Payment Entry Reference"},
		"Delivery Note": {"items": "Delivery Note Item"}, "Communication": {"timeline_links": "Communication Link"}, "Deleted Document": {},
	}}
}

// stamp is now on the wall of the site, which then moves on.
func (s *site) stamp() string {
	zone, err := time.LoadLocation(s.zone)
	if err != nil {
		s.t.Fatal(err)
	}
	at := s.now.In(zone).Format("2006-01-02 15:04:05.000000")
	s.now = s.now.Add(1500 * time.Millisecond)
	return at
}

// put creates or changes a document.
func (s *site) put(doctype, name string, values params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs[doctype] == nil {
		s.docs[doctype] = map[string]params{}
	}
	at := s.stamp()
	doc := s.docs[doctype][name]
	if doc == nil {
		doc = params{"name": name, "creation": at, "docstatus": 0, "doctype": doctype, "owner": "Administrator"}
		s.docs[doctype][name] = doc
	}
	doc["modified"] = at
	for k, v := range values {
		if child, ok := s.tables[doctype][k]; ok {
			for i, x := range v.([]params) {
				x["doctype"], x["parent"], x["parenttype"], x["parentfield"], x["idx"] = child, name, doctype, k, i+1
				x["name"] = fmt.Sprintf("%s-%s-%d", name, k, i)
			}
		}
		doc[k] = v
	}
}

func (s *site) remove(doctype, name string) {
	s.mu.Lock()
	delete(s.docs[doctype], name)
	n := fmt.Sprintf("del%04d", len(s.docs["Deleted Document"]))
	s.mu.Unlock()
	s.put("Deleted Document", n, params{"deleted_doctype": doctype, "deleted_name": name, "restored": 0, "data": "{}"})
}

// ServeHTTP answers.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[r.URL.Path]++
	if s.before != nil {
		s.before(r.URL.Path)
	}
	if s.limit > 0 {
		w.Header().Set("X-RateLimit-Limit", strconv.Itoa(s.limit))
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(0, s.limit-s.spent)))
		w.Header().Set("X-RateLimit-Reset", "1")
		if s.spent > s.limit {
			s.refused++
			s.spent = 0 // the window ends while the client waits
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		s.spent += 40_000
	}
	fail := func(status int, kind string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"exc_type":%q,"exception":"about canary@example.cn","exc":"[\"Traceback canary@example.cn\"]"}`, kind)
	}
	path := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	if strings.HasSuffix(r.URL.Path, "/frappe.client.get_time_zone") && !s.noZone {
		s.write(w, params{"message": params{"time_zone": s.zone}})
		return
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(apiKey+":"+apiSecret))
	if h := r.Header.Get("Authorization"); h != "token "+apiKey+":"+apiSecret && h != basic {
		fail(http.StatusUnauthorized, "AuthenticationError")
		return
	}
	q := r.URL.Query()
	if len(path) < 3 || path[0] != "api" {
		fail(http.StatusNotFound, "DoesNotExistError")
		return
	}
	if path[1] == "method" {
		switch path[2] {
		case "frappe.client.get_count":
			if slices.Contains(s.denied, q.Get("doctype")) {
				fail(http.StatusForbidden, "PermissionError")
				return
			}
			s.write(w, params{"message": len(s.list(q.Get("doctype"), s.filters(q.Get("filters"))))})
		default:
			fail(http.StatusForbidden, "PermissionError")
		}
		return
	}
	doctype := s.unescape(path[2])
	if slices.Contains(s.denied, doctype) {
		fail(http.StatusForbidden, "PermissionError")
		return
	}
	if len(path) == 4 {
		doc := s.docs[doctype][s.unescape(path[3])]
		if doc == nil {
			fail(http.StatusNotFound, "DoesNotExistError")
			return
		}
		s.write(w, params{"data": doc})
		return
	}
	fields := []string{"*"} // which may be said without a list, too
	if text := cmp.Or(q.Get("fields"), `["name"]`); text != `"*"` {
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			s.t.Errorf("fields %q: %v", text, err)
		}
	}
	var found []params
	switch {
	case doctype == "Dynamic Link":
		if q.Get("parent") != "Address" || s.noParent || slices.Contains(s.denied, "Address") {
			fail(http.StatusForbidden, "PermissionError")
			return
		}
		for _, a := range s.docs["Address"] {
			links, _ := a["links"].([]params)
			found = append(found, links...)
		}
		found = s.matching(found, doctype, s.filters(q.Get("filters")))
	case s.tables[doctype] == nil:
		fail(http.StatusNotFound, "DoesNotExistError")
		return
	default:
		found = s.list(doctype, s.filters(q.Get("filters")))
	}
	field, direction, _ := strings.Cut(q.Get("order_by"), " ")
	field = strings.Trim(field[strings.LastIndexByte(field, '.')+1:], "`")
	slices.SortFunc(found, func(a, b params) int {
		c := compare(a[field], b[field])
		if direction == "desc" {
			return -c
		}
		return c
	})
	start, err := strconv.Atoi(cmp.Or(q.Get("limit_start"), "0"))
	if err != nil {
		s.t.Error(err)
	}
	n, err := strconv.Atoi(cmp.Or(q.Get("limit_page_length"), "20"))
	if err != nil {
		s.t.Error(err)
	}
	found = found[min(start, len(found)):]
	if n > 0 {
		found = found[:min(n, len(found))]
	}
	out := []params{}
	for _, doc := range found {
		one := params{}
		for k, v := range doc {
			_, table := s.tables[doctype][k]
			if !table && k != "doctype" && (slices.Contains(fields, k) || slices.Contains(fields, "*")) {
				one[k] = v
			}
		}
		out = append(out, one)
	}
	s.write(w, params{"data": out})
}

func (s *site) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

func (s *site) unescape(segment string) string {
	text, err := url.PathUnescape(segment)
	if err != nil {
		s.t.Error(err)
	}
	return text
}

func (s *site) filters(text string) [][]any {
	var out [][]any
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		s.t.Errorf("filters %q: %v", text, err)
	}
	return out
}

func (s *site) list(doctype string, filters [][]any) []params {
	var all []params
	for _, d := range s.docs[doctype] {
		all = append(all, d)
	}
	return s.matching(all, doctype, filters)
}

// matching are the documents that pass all filters; those of four parts name
// a child table, of which one row must pass all of them.
func (s *site) matching(all []params, doctype string, filters [][]any) []params {
	var out []params
	for _, d := range all {
		own, child := true, [][]any{}
		for _, f := range filters {
			if len(f) == 4 {
				child = append(child, f[1:])
				continue
			}
			own = own && passes(d, f)
		}
		if len(child) > 0 {
			rows, _ := d["links"].([]params)
			own = own && slices.ContainsFunc(rows, func(r params) bool {
				return !slices.ContainsFunc(child, func(f []any) bool { return !passes(r, f) })
			})
		}
		if own {
			out = append(out, d)
		}
	}
	return out
}

func passes(d params, f []any) bool {
	v := d[f[0].(string)]
	if f[1] == "in" {
		return slices.ContainsFunc(f[2].([]any), func(x any) bool { return compare(v, x) == 0 })
	}
	c := compare(v, f[2])
	return map[any]bool{"=": c == 0, ">": c > 0, ">=": c >= 0}[f[1]]
}

// compare is that of the database: without case.
func compare(a, b any) int {
	return strings.Compare(strings.ToLower(fmt.Sprint(a)), strings.ToLower(fmt.Sprint(b)))
}

func start(t *testing.T, s *site) string {
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv.URL
}

// firm is a small company's site.
func firm(t *testing.T) *site {
	s := newSite(t)
	s.put("Customer", "杭州明前茶业有限公司", params{
		"customer_name": "杭州明前茶业有限公司", "customer_type": "Company", "customer_group": "Commercial", "territory": "China", "tax_id": "91330106MA27XQ123G", "disabled": 0, "language": "zh",
		"email_id": "info@mingqian.example.cn", "mobile_no": "0571-88880000", "default_currency": "CNY",
	})
	s.put("Customer", "CUST-2026-00001", params{"customer_name": "李雷", "customer_type": "Individual", "disabled": 0, "email_id": "canary@example.cn", "mobile_no": "13800138000"})
	s.put("Customer", "cust-2026-00002 / B&B", params{"customer_name": "Ben & Brown 100% Ltd", "customer_type": "Company", "disabled": 1})
	s.put("Address", "明前-Billing", params{
		"address_title": "明前", "address_type": "Billing", "address_line1": "龙井路 1 号", "address_line2": "3 楼", "city": "杭州", "state": "浙江", "country": "China", "pincode": "310000",
		"phone": "0571-88880000", "email_id": "finance@mingqian.example.cn", "disabled": 0, "links": []params{{"link_doctype": "Customer", "link_name": "杭州明前茶业有限公司"}},
	})
	s.put("Address", "仓库-Shipping", params{
		"address_title": "仓库", "address_type": "Shipping", "address_line1": "仓前街 8 号", "city": "杭州", "country": "China", "disabled": 0,
		"links": []params{{"link_doctype": "Supplier", "link_name": "S"}, {"link_doctype": "Customer", "link_name": "杭州明前茶业有限公司"}, {"link_doctype": "Customer", "link_name": "CUST-2026-00001"}},
	})
	s.put("Contact", "王芳-明前", params{
		"first_name": "王芳", "full_name": "王芳", "company_name": "杭州明前茶业有限公司", "designation": "采购", "email_id": "wang@mingqian.example.cn", "status": "Passive", "unsubscribed": 1,
		"email_ids": []params{{"email_id": "wang@mingqian.example.cn", "is_primary": 1}}, "phone_nos": []params{{"phone": "13900139000", "is_primary_mobile_no": 1}},
		"links": []params{{"link_doctype": "Customer", "link_name": "杭州明前茶业有限公司", "link_title": "杭州明前茶业有限公司"}},
	})
	s.put("Sales Order", "SAL-ORD-2026-00001", params{
		"docstatus": 1, "status": "To Deliver", "customer": "CUST-2026-00001", "customer_name": "李雷", "transaction_date": "2026-03-01", "currency": "CNY", "net_total": 318.5,
		"total_taxes_and_charges": 41.41, "grand_total": 359.91, "po_no": "PO-7", "order_type": "Shopping Cart", "items": []params{
			{"item_code": "LJ-01", "item_name": "明前龙井", "description": "<div>明前龙井 250g</div>", "qty": 3.0, "rate": 99.5, "discount_amount": 0.5, "amount": 298.5},
			{"item_code": "POST", "item_name": "运费", "qty": 1.0, "rate": 20.0, "amount": 20.0},
		},
	})
	s.put("Sales Order", "SAL-ORD-2026-00001-1", params{
		"docstatus": 2, "status": "Cancelled", "amended_from": "SAL-ORD-2026-00001", "customer": "CUST-2026-00001", "transaction_date": "2026-03-02", "currency": "CNY", "grand_total": 1.0, "items": []params{},
	})
	s.put("Sales Invoice", "ACC-SINV-2026-00001", params{
		"docstatus": 1, "status": "Paid", "customer": "CUST-2026-00001", "posting_date": "2026-03-02", "posting_time": "9:05:00", "currency": "CNY", "net_total": 318.5, "total_taxes_and_charges": 41.41,
		"grand_total": 359.91, "items": []params{{"item_code": "LJ-01", "item_name": "明前龙井", "qty": 3.0, "rate": 99.5, "amount": 298.5, "sales_order": "SAL-ORD-2026-00001"}},
	})
	s.put("Payment Entry", "ACC-PAY-2026-00001", params{
		"docstatus": 1, "status": "Submitted", "payment_type": "Receive", "party_type": "Customer", "party": "CUST-2026-00001", "posting_date": "2026-03-02", "mode_of_payment": "支付宝",
		"paid_amount": 359.91, "received_amount": 359.91, "paid_from_account_currency": "CNY", "paid_to_account_currency": "CNY", "reference_no": "2026030222001", "references": []params{
			{"reference_doctype": "Sales Order", "reference_name": "SAL-ORD-2026-00001", "allocated_amount": 359.91},
		},
	})
	s.put("Payment Entry", "ACC-PAY-2026-00002", params{
		"docstatus": 1, "status": "Submitted", "payment_type": "Pay", "party_type": "Customer", "party": "CUST-2026-00001", "posting_date": "2026-03-03", "paid_amount": 20.0, "received_amount": 20.0,
		"paid_from_account_currency": "CNY", "paid_to_account_currency": "CNY", "references": []params{},
	})
	s.put("Payment Entry", "ACC-PAY-2026-00003", params{"docstatus": 1, "payment_type": "Pay", "party_type": "Supplier", "party": "S", "paid_amount": 1.0})
	s.put("Delivery Note", "MAT-DN-2026-00001", params{
		"docstatus": 1, "status": "To Bill", "customer": "CUST-2026-00001", "posting_date": "2026-03-02", "posting_time": "18:30:00.5", "lr_no": "SF1020304050607", "transporter_name": "顺丰速运", "is_return": 0,
		"items": []params{{"item_code": "LJ-01", "qty": 3.0, "against_sales_order": "SAL-ORD-2026-00001"}},
	})
	s.put("Communication", "comm0001", params{
		"communication_type": "Communication", "communication_medium": "Email", "sent_or_received": "Received", "reference_doctype": "Sales Order", "reference_name": "SAL-ORD-2026-00001",
		"sender": "canary@example.cn", "sender_full_name": "李雷", "recipients": "sales@firm.example.cn, \"王芳\" <wang@firm.example.cn>", "subject": "Re: SAL-ORD-2026-00001",
		"content": "<div>请尽快发货。</div><div>李雷 &amp; 同事</div>", "communication_date": "2026-03-01 17:00:00", "message_id": "a@example.cn",
		"timeline_links": []params{{"link_doctype": "Contact", "link_name": "李雷-李雷"}, {"link_doctype": "Customer", "link_name": "CUST-2026-00001"}},
	})
	s.put("Communication", "comm0002", params{"communication_type": "Automated Message", "subject": "no"})
	return s
}
