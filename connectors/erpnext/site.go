package erpnext

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"

	"crmhub/connectors/restapi"
	"crmhub/fault"
)

type (
	// row is one document.
	row = map[string]any
	// filter is field, operator and value; with a child table's name before.
	filter = []any
)

// cursor is the field that moves with each change of a document.
const cursor = "modified"

// changedAt is when a document, or an address of a customer, was changed last, in UTC.
const changedAt = "changed_at"

// stream is a DocType.
type stream struct {
	name, doctype string
	// tables says that documents are fetched one by one, for their child tables.
	tables bool
	// addresses says that they come with the addresses that are linked to them.
	addresses bool
	// filters restrict the list.
	filters []filter
	// times are fields with a time in the site's zone.
	times []string
}

var streams = []stream{
	{name: "customers", doctype: "Customer", addresses: true},
	{name: "contacts", doctype: "Contact", tables: true},
	{name: "orders", doctype: "Sales Order", tables: true},
	{name: "invoices", doctype: "Sales Invoice", tables: true},
	{name: "payments", doctype: "Payment Entry", tables: true, filters: []filter{{"party_type", "=", "Customer"}}},
	{name: "deliveries", doctype: "Delivery Note", tables: true},
	{name: "communications", doctype: "Communication", tables: true, times: []string{"communication_date"}, filters: []filter{{"communication_type", "=", "Communication"}}},
}

// session is the reading of one stream, or a look at the site.
type session struct {
	s     *source
	place string
	once  bool
	// closed says that Deleted Document may not be read; alone that links can
	// be asked for one customer at a time only.
	closed, alone bool
}

// question is a list of documents.
type question struct {
	doctype string
	// parent is the DocType that a child table belongs to, for its permission.
	parent  string
	fields  []string
	filters []filter
	order   string
	limit   int
}

// get asks an address of the API and takes the answer out of its envelope.
func (se *session) get(ctx context.Context, path, envelope string, query url.Values) (any, error) {
	a, err := se.s.web.Ask(ctx, restapi.Question{Path: path, Query: query, Place: se.place, Once: se.once})
	if err != nil {
		return nil, err
	}
	tree, err := se.s.web.Tree(a, se.place)
	if err != nil {
		return nil, err
	}
	m, ok := tree.(row)
	if !ok {
		return nil, se.strange()
	}
	return m[envelope], nil
}

func (se *session) strange() error { return fault.New("E2311", se.place, "address", se.s.web.Host()) }

// list lists documents. The order is by name where none is given.
func (se *session) list(ctx context.Context, q question) ([]row, error) {
	query := url.Values{"limit_start": {"0"}, "limit_page_length": {strconv.Itoa(q.limit)}, "order_by": {"name asc"}}
	if q.order != "" {
		query.Set("order_by", q.order)
	}
	if q.parent != "" {
		query.Set("parent", q.parent)
	}
	for name, v := range map[string]any{"fields": q.fields, "filters": q.filters} {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		if string(text) != "null" {
			query.Set(name, string(text))
		}
	}
	v, err := se.get(ctx, "/api/resource/"+url.PathEscape(q.doctype), "data", query)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, se.strange()
	}
	out := make([]row, 0, len(list))
	for _, x := range list {
		m, ok := x.(row)
		if !ok {
			return nil, se.strange()
		}
		out = append(out, m)
	}
	return out, nil
}

// all lists documents of a DocType to the end, page by page.
func (se *session) all(ctx context.Context, q question, take func(page []row) error) error {
	const page = 500
	filters, last := q.filters, ""
	for {
		q.limit, q.filters = page, slices.Clone(filters)
		if last != "" {
			q.filters = append(q.filters, filter{"name", ">", last})
		}
		found, err := se.list(ctx, q)
		if err != nil || len(found) == 0 {
			return err
		}
		if err := take(found); err != nil {
			return err
		}
		before := last
		if last = nameOf(found[len(found)-1]); last == before || last == "" {
			return se.stuck()
		}
		if len(found) < page {
			return nil
		}
	}
}

func (se *session) stuck() error {
	_, name := cutPlace(se.place)
	return fault.New("E2313", se.place, "stream", name, "address", se.s.web.Host())
}

// document fetches one document with its tables; nil where it is gone.
func (se *session) document(ctx context.Context, doctype, name string) (row, error) {
	v, err := se.get(ctx, "/api/resource/"+url.PathEscape(doctype)+"/"+url.PathEscape(name), "data", nil)
	if f := fault.Of(err); f != nil && f.Code == "E2305" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, ok := v.(row)
	if !ok {
		return nil, se.strange()
	}
	return m, nil
}

// count returns how many documents a stream has.
func (se *session) count(ctx context.Context, st stream) (int64, error) {
	query := url.Values{"doctype": {st.doctype}}
	if st.filters != nil {
		text, err := json.Marshal(st.filters)
		if err != nil {
			return 0, err
		}
		query.Set("filters", string(text))
	}
	v, err := se.get(ctx, "/api/method/frappe.client.get_count", "message", query)
	if err != nil {
		return 0, err
	}
	n, _ := v.(json.Number)
	count, err := n.Int64()
	if err != nil {
		return 0, se.strange()
	}
	return count, nil
}

// knowZone asks the site for its zone. Some versions tell everyone, others
// who may read System Settings.
func (se *session) knowZone(ctx context.Context) error {
	if se.s.zone != nil {
		return nil
	}
	for _, ask := range []struct {
		method string
		query  url.Values
	}{
		{"frappe.client.get_time_zone", nil},
		{"frappe.client.get_value", url.Values{"doctype": {"System Settings"}, "fieldname": {"time_zone"}}},
	} {
		v, err := se.get(ctx, "/api/method/"+ask.method, "message", ask.query)
		f := fault.Of(err)
		if err != nil && (f == nil || f.Code != "E2304" && f.Code != "E2305" && f.Code != "E2310") {
			return err
		}
		m, _ := v.(row)
		name, _ := m["time_zone"].(string)
		if name == "" {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			se.s.zone = zone
			return nil
		}
	}
	return fault.New("E2002", se.s.cfg.Name, "connector", "erpnext", "name", "zone")
}
