package vtiger_test

import (
	"encoding/json"
	"flag"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/sqldb/sqldbtest"
	"crmhub/connectors/vtiger"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden; read them by eye before a commit")

func TestStreams(t *testing.T) {
	sqldbtest.Preset(t, vtiger.Connector(), sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql"), *update)
}

func TestConformance(t *testing.T) {
	d := sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql")
	row := func(key string, over map[string]any) connectortest.Row {
		data := map[string]any{
			"potentialid": json.Number(key), "closingdate": "2026-03-31", "deleted": json.Number("0"), "description": nil, "smownerid": json.Number("1"),
			"owner_name": "admin", "currency_code": "CNY", "related_module": nil, "linked_contact": nil,
		}
		for k, v := range over {
			data[k] = v
		}
		return connectortest.Row{Key: key, Place: "opportunities", Data: data}
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: vtiger.Connector(), Params: map[string]any{"url": d.URL}, Streams: []string{"contacts", "accounts", "leads", "opportunities", "orders", "invoices", "tickets", "activities"},
		Request: connectors.Request{Stream: "opportunities", BatchRows: 1},
		Want: []connectortest.Row{
			row("7", map[string]any{
				"potential_no": "POT1", "related_to": json.Number("2"), "potentialname": "2026 春茶", "amount": json.Number("12800.50"), "sales_stage": "Negotiation or Review",
				"createdtime": "2026-01-03T09:00:00Z", "modifiedtime": "2026-02-03T10:00:00Z", "related_module": "Accounts",
			}),
			row("8", map[string]any{
				"potential_no": "POT2", "related_to": json.Number("0"), "potentialname": "Sample boxes", "amount": json.Number("300.00"), "sales_stage": "Closed Lost",
				"createdtime": "2026-01-04T09:00:00Z", "modifiedtime": "2026-02-04T10:00:00Z", "linked_contact": json.Number("3"),
			}),
		},
		Broken: []map[string]any{{"url": "mysql://127.0.0.1:1/none"}, {"url": "sqlite:x.db"}},
	})
}

func TestIncremental(t *testing.T) {
	d := sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql")
	src := d.Source(t, vtiger.Connector())
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	_, at := sqldbtest.Read(t, src, r)
	d.Exec(t, "UPDATE vtiger_crmentity SET deleted = 1, modifiedtime = '2026-02-10 10:00:00' WHERE crmid = 3")
	r.From = at
	rows, _ := sqldbtest.Read(t, src, r)
	if n := len(rows); n == 0 || rows[n-1].Key != "3" || !rows[n-1].Deleted {
		t.Errorf("what went into the recycle bin is not read as gone: %d rows", n)
	}
}
