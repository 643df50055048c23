package odata_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/odata"
	"crmhub/fault"
	"crmhub/record"
)

type params = map[string]any

// service is the SAP CAP service that the tests share: OData 4 under odata/v4/crm,
// OData 2 under odata/v2/crm.
func service(t *testing.T) (base, user, password string) {
	t.Helper()
	raw := os.Getenv("CRMHUB_TEST_CAP")
	if raw == "" {
		t.Fatal("CRMHUB_TEST_CAP is not set: run make test, or give an address")
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	user = u.User.Username()
	password, _ = u.User.Password()
	u.User = nil
	return u.String(), user, password
}

// send writes into the service by OData 4.
func send(t *testing.T, method, path string, body any) {
	t.Helper()
	base, user, password := service(t)
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, base+"/odata/v4/crm/"+path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, password)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s %s: %s\n%.500s", method, path, resp.Status, text)
	}
}

// create writes an entity that is gone again after the test.
func create(t *testing.T, set, key string, body any) {
	t.Helper()
	send(t, http.MethodPost, set, body)
	t.Cleanup(func() { send(t, http.MethodDelete, set+"("+key+")", nil) })
}

func connection(t *testing.T, version int, more params) params {
	base, user, password := service(t)
	p := params{"url": fmt.Sprintf("%s/odata/v%d/crm", base, version), "username": user, "password": password, "retry_wait": "1ms"}
	for name, v := range more {
		p[name] = v
	}
	return p
}

func open(t *testing.T, raw params) connectors.Source {
	t.Helper()
	p, err := odata.Connector{}.Spec().Decode("hub.yaml:5", raw)
	if err != nil {
		t.Fatal(err)
	}
	s, err := odata.Connector{}.Open(connectors.Config{Name: "sap", Params: p, Dir: t.TempDir(), Now: time.Now, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func read(t *testing.T, s connectors.Source, r connectors.Request) (rows []record.Row, at record.Position) {
	t.Helper()
	at = r.From
	err := s.Read(t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", r.Stream, err)
	}
	return rows, at
}

// TestConformanceOnCAP runs the suite against both versions of the protocol,
// over several pages.
func TestConformanceOnCAP(t *testing.T) {
	connectortest.Alone(t, "CRMHUB_TEST_CAP")
	var want []connectortest.Row
	for i := range 57 {
		id := fmt.Sprintf("E%03d", i)
		row := params{"AddressID": id, "OrdinalNumber": "1", "EmailAddress": fmt.Sprintf("someone%d@例子.cn", i)}
		create(t, "A_AddressEmailAddress", "AddressID='"+id+"',OrdinalNumber='1'", row)
		want = append(want, connectortest.Row{Key: id + "|1", Data: row})
	}
	for _, version := range []int{4, 2} {
		t.Run(fmt.Sprintf("OData %d", version), func(t *testing.T) {
			_, _, password := service(t)
			connectortest.Run(t, connectortest.Case{
				Faults:    true,
				Connector: odata.Connector{}, Params: connection(t, version, nil), Want: want,
				Request: connectors.Request{Stream: "A_AddressEmailAddress", BatchRows: 10},
				Streams: []string{"A_AddressEmailAddress", "A_BusinessPartner", "A_SalesOrder"},
				Broken: []map[string]any{
					{"password": "wrong"},
					{"url": "http://127.0.0.1:1", "retries": uint64(1)},
					{"url": strings.TrimSuffix(connection(t, version, nil)["url"].(string), "crm") + "nothing"},
				},
				Secrets: []string{password + "0", "someone5@"},
			})
		})
	}
	t.Run("OData 2 by $skip and $top", func(t *testing.T) {
		rows, _ := read(t, open(t, connection(t, 2, params{"page_size": uint64(7)})), connectors.Request{Stream: "A_AddressEmailAddress", Mode: connectors.Full})
		if len(rows) != len(want) {
			t.Errorf("%d rows, want %d", len(rows), len(want))
		}
	})
}

// TestPartnersOfCAP reads partners with what belongs to them, then what
// changed, in both versions.
func TestPartnersOfCAP(t *testing.T) {
	connectortest.Alone(t, "CRMHUB_TEST_CAP")
	partner := params{
		"BusinessPartner": "1000001", "BusinessPartnerCategory": "1", "FirstName": "晓明", "LastName": "李", "BirthDate": "1985-03-12",
		"to_BusinessPartnerAddress": []any{params{
			"AddressID": "A21", "CityName": "上海", "Country": "CN",
			"to_EmailAddress": []any{params{"AddressID": "A21", "OrdinalNumber": "9", "EmailAddress": "li@example.cn"}},
		}},
	}
	create(t, "A_BusinessPartner", "'1000001'", partner)
	create(t, "A_BusinessPartner", "'1000002'", params{"BusinessPartner": "1000002", "BusinessPartnerCategory": "2", "OrganizationBPName1": "O'Brien Ltd"})
	create(t, "A_SalesOrder", "'5001'", params{
		"SalesOrder": "5001", "SoldToParty": "1000001", "TotalNetAmount": json.Number("1234567.891"), "TransactionCurrency": "CNY",
		"to_Item": []any{params{"SalesOrderItem": "10", "RequestedQuantity": json.Number("2.500")}},
	})
	for _, version := range []int{4, 2} {
		t.Run(fmt.Sprintf("OData %d", version), func(t *testing.T) {
			s := open(t, connection(t, version, nil))
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := connectors.Request{
				Stream: "A_BusinessPartner", Mode: connectors.Incremental, Overlap: time.Minute,
				Query: "$expand=to_BusinessPartnerAddress/to_EmailAddress,to_BusinessPartnerAddress/to_PhoneNumber",
			}
			rows, at := read(t, s, r)
			if len(rows) != 2 || rows[0].Key != "1000001" {
				t.Fatalf("%d rows, want partner 1000001 and 1000002: %v", len(rows), rows)
			}
			addresses, _ := rows[0].Data["to_BusinessPartnerAddress"].([]any)
			if got := fmt.Sprint(addresses); len(addresses) != 1 || !strings.Contains(got, "li@example.cn") || strings.Contains(got, "deferred") {
				t.Errorf("addresses %v, want one with its e-mail and nothing of the protocol", got)
			}
			if got := fmt.Sprint(rows[0].Data["BirthDate"]); !strings.HasPrefix(got, "1985-03-12") {
				t.Errorf("born %s, want 1985-03-12", got)
			}
			if _, err := time.Parse(time.RFC3339Nano, fmt.Sprint(rows[0].Data["LastChangeDateTime"])); err != nil {
				t.Errorf("changed: %v", err)
			}

			send(t, http.MethodPatch, "A_BusinessPartner('1000002')", params{"OrganizationBPName1": fmt.Sprintf("O'Brien %d", version)})
			r.From = at
			rows, _ = read(t, s, r)
			found := false
			for _, x := range rows {
				found = found || x.Key == "1000002" && x.Data["OrganizationBPName1"] == fmt.Sprintf("O'Brien %d", version)
			}
			if !found {
				t.Errorf("the change of partner 1000002 was not read: %v", rows)
			}

			only := connectors.Request{Stream: "A_BusinessPartner", Mode: connectors.Full, Query: "$filter=BusinessPartnerCategory eq '2'&$select=BusinessPartner,OrganizationBPName1"}
			if rows, _ := read(t, s, only); len(rows) != 1 || rows[0].Key != "1000002" || len(rows[0].Data) > 3 {
				t.Errorf("filtered: %v, want partner 1000002 with two properties", rows)
			}
			orders, _ := read(t, s, connectors.Request{Stream: "A_SalesOrder", Mode: connectors.Full, Query: "$expand=to_Item"})
			if len(orders) != 1 || !strings.HasPrefix(fmt.Sprint(orders[0].Data["TotalNetAmount"]), "1234567.891") {
				t.Errorf("orders %v, want one of 1234567.891", orders)
			}
		})
	}
}

// TestMistakesAreNamed: each gets its code.
func TestMistakesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		r    connectors.Request
		want fault.Code
	}{
		"no such collection": {connectors.Request{Stream: "A_BusinessPartners"}, "E2320"},
		"order in the query": {connectors.Request{Stream: "A_BusinessPartner", Query: "$orderby=LastName"}, "E2341"},
		"no such property":   {connectors.Request{Stream: "A_BusinessPartner", Mode: connectors.Incremental, Cursor: "LastChange"}, "E2342"},
		"no cursor":          {connectors.Request{Stream: "A_AddressPhoneNumber", Mode: connectors.Incremental}, "E2321"},
		"a wrong filter":     {connectors.Request{Stream: "A_BusinessPartner", Query: "$filter=Nothing eq 1"}, "E2310"},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(t, connection(t, 4, nil)).Read(t.Context(), c.r, func(context.Context, connectors.Batch) error { return nil })
			if f := fault.Of(err); f == nil || f.Code != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
