package vendure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/vendure"
	"crmhub/fault"
	"crmhub/record"
)

type params = map[string]any

// shop is the Vendure that the tests talk to, as an administrator and as its customers.
type shop struct {
	t                    *testing.T
	base, user, password string
	token                string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_VENDURE")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_VENDURE is not set: run make test, or give an address")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, user: u.User.Username()}
	s.password, _ = u.User.Password()
	u.User = nil
	s.base = u.String()
	return s
}

// ask sends GraphQL to one of the APIs and returns the data. The token of
// its session is kept.
func (s *shop) ask(api, query string, variables params) map[string]any {
	s.t.Helper()
	body, err := json.Marshal(params{"query": query, "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.base+"/"+api, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		Data   map[string]any `json:"data"`
		Errors []any          `json:"errors"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		s.t.Fatal(err)
	}
	if len(out.Errors) > 0 {
		s.t.Fatalf("%.200s: %v", query, out.Errors[0])
	}
	if token := resp.Header.Get("vendure-auth-token"); token != "" {
		s.token = token
	}
	return out.Data
}

func (s *shop) administrator() *shop {
	a := &shop{t: s.t, base: s.base, user: s.user, password: s.password}
	a.ask("admin-api", "mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }", params{"u": s.user, "p": s.password})
	return a
}

// customer makes a customer and returns its id.
func (s *shop) customer(first, last, email, phone string) string {
	s.t.Helper()
	data := s.ask("admin-api", "mutation($i: CreateCustomerInput!) { createCustomer(input: $i) { ... on Customer { id } } }",
		params{"i": params{"firstName": first, "lastName": last, "emailAddress": email, "phoneNumber": phone}})
	id := data["createCustomer"].(map[string]any)["id"].(string)
	s.ask("admin-api", "mutation($c: ID!, $i: CreateAddressInput!) { createCustomerAddress(customerId: $c, input: $i) { id } }",
		params{"c": id, "i": params{"streetLine1": "南京路1号", "city": "上海", "countryCode": "CN", "defaultShippingAddress": true}})
	return id
}

// buy places and pays an order of somebody without an account.
func (s *shop) buy(email string) {
	s.t.Helper()
	g := &shop{t: s.t, base: s.base}
	product := g.ask("shop-api", "{ products { items { variants { id } } } }", nil)["products"].(map[string]any)["items"].([]any)[0]
	variant := product.(map[string]any)["variants"].([]any)[0].(map[string]any)["id"]
	for _, step := range []struct {
		query     string
		variables params
	}{
		{"mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 2) { __typename } }", params{"v": variant}},
		{"mutation($i: CreateCustomerInput!) { setCustomerForOrder(input: $i) { __typename } }", params{"i": params{"firstName": "Ann", "lastName": "Lee", "emailAddress": email}}},
		{"mutation($i: CreateAddressInput!) { setOrderShippingAddress(input: $i) { __typename } }", params{"i": params{"streetLine1": "1 High Street", "city": "London", "countryCode": "GB"}}},
	} {
		g.ask("shop-api", step.query, step.variables)
	}
	method := g.ask("shop-api", "{ eligibleShippingMethods { id } }", nil)["eligibleShippingMethods"].([]any)[0].(map[string]any)["id"]
	g.ask("shop-api", "mutation($m: [ID!]!) { setOrderShippingMethod(shippingMethodId: $m) { __typename } }", params{"m": []any{method}})
	g.ask("shop-api", `mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }`, nil)
	g.ask("shop-api", `mutation { addPaymentToOrder(input: {method: "dummy", metadata: {}}) { __typename } }`, nil)
}

func (s *shop) params(more params) params {
	p := params{"url": s.base, "username": s.user, "password": s.password, "retry_wait": "1ms"}
	for n, v := range more {
		p[n] = v
	}
	return p
}

func open(t *testing.T, raw params) connectors.Source {
	t.Helper()
	p, err := vendure.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		t.Fatal(err)
	}
	src, err := vendure.Connector{}.Open(connectors.Config{Name: "shop", Params: p, Dir: t.TempDir(), Now: time.Now, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	return src
}

func read(t *testing.T, src connectors.Source, r connectors.Request) (rows []record.Row, at record.Position) {
	t.Helper()
	at = r.From
	if err := src.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	}); err != nil {
		t.Fatalf("%s: %v", r.Stream, err)
	}
	return rows, at
}

// TestShop reads a shop, and what changed in it.
func TestShop(t *testing.T) {
	connectortest.Alone(t, "CRMHUB_TEST_VENDURE")
	s := newShop(t)
	admin := s.administrator()
	// The shop may have served an earlier test.
	mine := fmt.Sprintf("%d.example.cn", time.Now().UnixNano())
	var ids []string
	for i := range 103 { // more than a page
		ids = append(ids, admin.customer("明", fmt.Sprintf("王%d", i), fmt.Sprintf("wang%d@%s", i, mine), fmt.Sprintf("138%08d", i)))
	}
	s.buy("ann@" + mine)
	src := open(t, s.params(nil))
	if err := src.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental}
	rows, at := read(t, src, r)
	byKey := map[string]map[string]any{}
	for _, x := range rows {
		if email, _ := x.Data["emailAddress"].(string); strings.HasSuffix(email, mine) {
			byKey[x.Key] = x.Data
		}
	}
	if len(byKey) != 104 {
		t.Fatalf("%d customers, want 103 and the guest", len(byKey))
	}
	if a := fmt.Sprint(byKey[ids[0]]["addresses"]); !strings.Contains(a, "南京路1号") {
		t.Errorf("addresses %s", a)
	}

	admin.ask("admin-api", "mutation($i: UpdateCustomerInput!) { updateCustomer(input: $i) { __typename } }", params{"i": params{"id": ids[3], "lastName": "李"}})
	r.From = at
	rows, _ = read(t, src, r)
	if i := slices.IndexFunc(rows, func(x record.Row) bool { return x.Key == ids[3] }); i < 0 || rows[i].Data["lastName"] != "李" {
		t.Errorf("the changed customer is not among the %d rows", len(rows))
	}

	orders, _ := read(t, src, connectors.Request{Stream: "orders", Mode: connectors.Full})
	var paid map[string]any
	for _, o := range orders {
		if c, _ := o.Data["customer"].(map[string]any); o.Data["state"] == "PaymentSettled" && c["emailAddress"] == "ann@"+mine {
			paid = o.Data
		}
	}
	if paid == nil || fmt.Sprint(paid["payments"]) == "[]" {
		t.Errorf("no paid order of Ann among %d: %v", len(orders), paid)
	}

	want := make([]connectortest.Row, len(orders))
	for i, o := range orders {
		want[i] = connectortest.Row{Key: o.Key, Data: o.Data}
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: vendure.Connector{}, Params: s.params(nil), Want: want,
		Request: connectors.Request{Stream: "orders", BatchRows: 1}, Streams: []string{"customers", "orders"},
		Broken:  []map[string]any{{"password": "wrong"}, {"password": nil}, {"url": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Secrets: []string{"ann@" + mine},
	})
}

// TestWrongPassword stops at once with the cure.
func TestWrongPassword(t *testing.T) {
	err := open(t, newShop(t).params(params{"password": "wrong"})).Check(t.Context())
	if f := fault.Of(err); f == nil || f.Code != "E2303" {
		t.Errorf("%v, want E2303", err)
	}
}
