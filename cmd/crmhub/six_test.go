package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crmhub/connectors/connectortest"
	"crmhub/connectors/sqldb/sqldbtest"
)

// remote is a server that a test writes into over HTTP.
type remote struct {
	t    *testing.T
	base string
	user *url.Userinfo
	// header is sent along.
	header map[string]string
	// token is the header of an answer that becomes the bearer token.
	token string
}

func newRemote(t *testing.T, address string) *remote {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		t.Fatalf("%q is no address: run make test, or give one", address)
	}
	r := &remote{t: t, user: u.User, header: map[string]string{}}
	u.User = nil
	r.base = u.String()
	return r
}

// ask sends JSON and returns the object that comes back.
func (r *remote) ask(method, path string, body any) map[string]any {
	r.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.base+"/"+path, bytes.NewReader(text))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	for name, value := range r.header {
		q.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.StatusCode >= 300 {
		r.t.Fatalf("%s %s: %s %.300s", method, path, resp.Status, said)
	}
	if t := resp.Header.Get(r.token); r.token != "" && t != "" {
		r.header["Authorization"] = "Bearer " + t
	}
	out := map[string]any{}
	if len(said) > 0 {
		if err := json.Unmarshal(said, &out); err != nil {
			r.t.Fatal(err)
		}
	}
	return out
}

// dig follows names and indexes into an answer.
func dig(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("no %s in %v", p, v)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				t.Fatalf("no %d in %v", p, v)
			}
			v = l[p]
		}
	}
	return v
}

// buys places and pays an order in the shop, and returns its number.
func buys(t *testing.T, address, first, last, email, phone string) string {
	t.Helper()
	shop := newRemote(t, address)
	shop.token = "vendure-auth-token"
	ask := func(query string, variables map[string]any) any {
		t.Helper()
		out := shop.ask(http.MethodPost, "shop-api", map[string]any{"query": query, "variables": variables})
		if out["errors"] != nil {
			t.Fatalf("%s: %v", query, out["errors"])
		}
		return out["data"]
	}
	variant := dig(t, ask("{ products { items { variants { id } } } }", nil), "products", "items", 0, "variants", 0, "id")
	ask("mutation($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 2) { __typename } }", map[string]any{"v": variant})
	ask("mutation($i: CreateCustomerInput!) { setCustomerForOrder(input: $i) { __typename } }",
		map[string]any{"i": map[string]any{"firstName": first, "lastName": last, "emailAddress": email, "phoneNumber": phone}})
	ask("mutation($i: CreateAddressInput!) { setOrderShippingAddress(input: $i) { __typename } }",
		map[string]any{"i": map[string]any{"fullName": last + first, "streetLine1": "朝阳门外大街 1 号", "city": "北京", "countryCode": "CN"}})
	method := dig(t, ask("{ eligibleShippingMethods { id } }", nil), "eligibleShippingMethods", 0, "id")
	ask("mutation($m: [ID!]!) { setOrderShippingMethod(shippingMethodId: $m) { __typename } }", map[string]any{"m": []any{method}})
	ask(`mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }`, nil)
	order := dig(t, ask(`mutation { addPaymentToOrder(input: {method: "dummy", metadata: {}}) { ... on Order { code state } } }`, nil), "addPaymentToOrder")
	if state := dig(t, order, "state"); state != "PaymentSettled" {
		t.Fatalf("the order is %v, want it paid", state)
	}
	return dig(t, order, "code").(string)
}

// ships has Karrio ship an order of that number, and returns the shipment's id.
func ships(t *testing.T, parcels *remote, name, email, phone, number string) string {
	t.Helper()
	if parcels.ask(http.MethodGet, "v1/connections", nil)["count"] == 0.0 {
		parcels.ask(http.MethodPost, "v1/connections", map[string]any{
			"carrier_name": "generic", "carrier_id": "sf_express",
			"credentials": map[string]any{"display_name": "SF", "custom_carrier_name": "sf_express", "account_country_code": "CN"},
		})
	}
	to := map[string]any{"person_name": name, "city": "北京", "country_code": "CN", "postal_code": "100020", "address_line1": "朝阳门外大街 1 号", "email": email, "phone_number": phone}
	item := map[string]any{"title": "tea", "sku": "TEA-1", "quantity": 2, "weight": 1, "weight_unit": "KG", "value_amount": 88, "value_currency": "CNY"}
	order := parcels.ask(http.MethodPost, "v1/orders", map[string]any{"order_id": number, "source": "shop", "shipping_to": to, "line_items": []any{item}})
	item["parent_id"] = dig(t, order, "line_items", 0, "id")
	draft := parcels.ask(http.MethodPost, "v1/shipments", map[string]any{
		"shipper":   map[string]any{"company_name": "Hub", "city": "上海", "country_code": "CN", "postal_code": "200000", "address_line1": "南京路1号"},
		"recipient": to, "reference": number, "parcels": []any{map[string]any{"weight": 1, "weight_unit": "KG", "items": []any{item}}},
	})
	id := dig(t, draft, "id").(string)
	parcels.ask(http.MethodPost, "v1/shipments/"+id+"/purchase", map[string]any{"selected_rate_id": dig(t, draft, "rates", 0, "id"), "label_type": "ZPL"})
	return id
}

// relative is a record that hangs on a customer.
type relative struct {
	Source, Stream, Type, Key string
	Fields                    map[string]any
}

// relatives returns what hangs on a golden record, values in clear.
func relatives(t *testing.T, dir, id string) []relative {
	t.Helper()
	var g struct{ Related []relative }
	if err := json.Unmarshal([]byte(must(t, "-C", dir, "golden", "get", id, "--reveal", "--reason", "test", "-o", "json")), &g); err != nil {
		t.Fatal(err)
	}
	return g.Related
}

// TestSixSystems reads a shop, an ERP, SAP, a legacy CRM's database, a carrier's
// server and a mailbox, each a real server, by the shipped pipelines alone. What
// one person bought, paid, was sent and wrote in all of them hangs on one
// customer; a second run reads little and writes nothing.
func TestSixSystems(t *testing.T) {
	const email, phone = "lina@qinghe.example.com", "+8613800138000"
	shopAt := connectortest.Alone(t, "CRMHUB_TEST_VENDURE")
	sap := newRemote(t, connectortest.Alone(t, "CRMHUB_TEST_CAP"))
	parcels := newRemote(t, os.Getenv("CRMHUB_TEST_KARRIO"))
	parcels.header["Authorization"] = "Token " + parcels.user.Username()
	erp := newRemote(t, os.Getenv("CRMHUB_TEST_TRYTON"))
	database, err := url.Parse(erp.base)
	if err != nil {
		t.Fatal(err)
	}
	sapUser, sapPassword := sap.user.Username(), ""
	if p, ok := sap.user.Password(); ok {
		sapPassword = p
	}
	shop, erpPassword := newRemote(t, shopAt), ""
	shopPassword, _ := shop.user.Password()
	if p, ok := erp.user.Password(); ok {
		erpPassword = p
	}
	for name, value := range map[string]string{
		"SHOP_TEST_PASSWORD": shopPassword, "ERP_TEST_PASSWORD": erpPassword, "SAP_TEST_PASSWORD": sapPassword, "PARCELS_TEST_KEY": parcels.user.Username(),
	} {
		t.Setenv(name, value)
	}

	// The same person comes to all six.
	number := buys(t, shopAt, "娜", "李", email, "13800138000")
	shipment := ships(t, parcels, "李娜", email, phone, number)
	mail, put := mailTo(t,
		letter("1", "=?gb2312?B?wO7EyA==?= <"+email+">", "Where is "+number+"?"),
		letter("2", "John Smith <john@example.co.uk>", "samples"))
	partner := map[string]any{
		"BusinessPartner": "4711", "BusinessPartnerCategory": "1", "BusinessPartnerFullName": "李娜", "FirstName": "娜", "LastName": "李",
		"to_BusinessPartnerAddress": []any{map[string]any{"AddressID": "4711", "CityName": "北京", "Country": "CN", "to_EmailAddress": []any{map[string]any{"OrdinalNumber": "1", "EmailAddress": email}}}},
	}
	basic := &http.Request{Header: http.Header{}}
	basic.SetBasicAuth(sapUser, sapPassword)
	sap.header["Authorization"] = basic.Header.Get("Authorization")
	for set, row := range map[string]map[string]any{
		"A_BusinessPartner": partner,
		"A_SalesOrder":      {"SalesOrder": "4711", "SoldToParty": "4711", "SalesOrderDate": "2026-02-01", "TotalNetAmount": 120.5, "TransactionCurrency": "CNY", "OverallSDProcessStatus": "A"},
	} {
		sap.ask(http.MethodPost, "odata/v4/crm/"+set, row)
		defer sap.ask(http.MethodDelete, "odata/v4/crm/"+set+"('4711')", nil)
	}
	legacy := sqldbtest.New(t, "../../connectors/suitecrm/testdata/schema.sql", "../../connectors/suitecrm/testdata/rows.sql")

	dir := filepath.Join(t.TempDir(), "crm")
	must(t, "init", dir)
	lines := []string{
		"connections:",
		"  shop: {connector: vendure, url: \"" + shop.base + "\", username: " + shop.user.Username() + ", password: \"${env:SHOP_TEST_PASSWORD}\", country: CN}",
		"  erp: {connector: tryton, url: \"http://" + database.Host + "\", database: " + strings.Trim(database.Path, "/") + ", user: " + erp.user.Username() + ", password: \"${env:ERP_TEST_PASSWORD}\", country: CN}",
		"  sap: {connector: odata, url: \"" + sap.base + "/odata/v4/crm\", username: " + sapUser + ", password: \"${env:SAP_TEST_PASSWORD}\", country: CN}",
		"  legacy: {connector: suitecrm, url: \"" + legacy.URL + "\", currency: CNY, country: CN}",
		"  parcels: {connector: karrio, url: \"" + parcels.base + "\", token: \"${env:PARCELS_TEST_KEY}\", country: CN, zone: Asia/Shanghai}",
		"  mail: " + mail,
	}
	write(t, filepath.Join(dir, "hub.yaml"), strings.Join(lines, "\n")+"\n")
	for _, add := range []string{
		"vendure_customer vendure_order --connection shop", "tryton_party tryton_sale --connection erp", "sap_business_partner sap_sales_order --connection sap",
		"suitecrm_contact suitecrm_account suitecrm_opportunity suitecrm_call suitecrm_email --connection legacy",
		"karrio_shipment karrio_order karrio_tracker --connection parcels", "email_message --connection mail",
	} {
		must(t, append([]string{"-C", dir, "pipeline", "add"}, strings.Fields(add)...)...)
	}
	must(t, "-C", dir, "check")

	var read int64
	for name, c := range counted(t, dir) {
		if c.Read == 0 || c.Quarantined > 0 {
			t.Errorf("%s: %+v, want rows, none of them quarantined", name, c)
		}
		read += c.Read
	}
	_, of := entities(t, dir)
	lina := of["contacts/c1"]
	for _, who := range []string{"parties/2", "A_BusinessPartner/4711", "messages/1@example.cn", "shipments/" + shipment} {
		if of[who] != lina {
			t.Errorf("%s is %q, want the contact's %q", who, of[who], lina)
		}
	}
	for _, other := range []string{"contacts/c2", "accounts/a1", "messages/2@example.cn"} {
		if of[other] == lina {
			t.Errorf("%s is taken for her", other)
		}
	}
	numbers := map[string]string{}
	hangs := map[string]bool{}
	for _, r := range relatives(t, dir, lina) {
		hangs[r.Source+" "+r.Type] = true
		if n, ok := r.Fields["number"].(string); ok {
			numbers[r.Source+" "+r.Type] += n + " "
		}
	}
	for _, want := range []string{"shop order", "shop payment", "erp order", "sap order", "parcels order", "parcels shipment", "mail interaction", "legacy interaction"} {
		if !hangs[want] {
			t.Errorf("no %s hangs on her, only %v", want, hangs)
		}
	}
	for _, source := range []string{"shop order", "parcels order"} {
		if !slices.Contains(strings.Fields(numbers[source]), number) {
			t.Errorf("her orders of %s are %s, want %s among them", source, numbers[source], number)
		}
	}

	before := must(t, "-C", dir, "store", "digest")
	var again int64
	for name, c := range counted(t, dir) {
		if c.Created+c.Updated+c.Deleted+c.Quarantined > 0 {
			t.Errorf("second run of %s: %+v, want nothing new", name, c)
		}
		again += c.Read
	}
	if again > read {
		t.Errorf("the second run read %d rows, the first %d", again, read)
	}
	if got := must(t, "-C", dir, "store", "digest"); got != before {
		t.Error("a run without changes changed the digest")
	}

	// She writes again, and her parcel moves on.
	put(letter("3", email, "thanks"))
	parcels.ask(http.MethodPost, "v1/shipments/"+shipment+"/cancel", nil)
	second := counted(t, dir)
	if c := second["email_message"]; c.Read != 1 || c.Created != 1 {
		t.Errorf("one letter came: %+v", c)
	}
	if c := second["karrio_shipment"]; c.Deleted != 1 {
		t.Errorf("one shipment was cancelled: %+v", c)
	}
	for _, r := range relatives(t, dir, lina) {
		if r.Source == "parcels" && r.Type == "shipment" && r.Key == shipment {
			t.Error("the cancelled shipment still hangs on her")
		}
	}
}
