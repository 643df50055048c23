package espocrm_test

import (
	"encoding/json"
	"flag"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/espocrm"
	"crmhub/connectors/sqldb/sqldbtest"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden; read them by eye before a commit")

func TestStreams(t *testing.T) {
	sqldbtest.Preset(t, espocrm.Connector(), sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql"), *update)
}

func TestConformance(t *testing.T) {
	d := sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql")
	row := func(over map[string]any) connectortest.Row {
		data := map[string]any{
			"deleted": json.Number("0"), "assigned_user_id": nil, "account_id": nil, "contact_id": nil, "linked_contact": nil, "owner_name": nil,
			"account_name": nil, "close_date": "2026-03-31",
		}
		for k, v := range over {
			data[k] = v
		}
		return connectortest.Row{Key: data["id"].(string), Place: "opportunities", Data: data}
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: espocrm.Connector(), Params: map[string]any{"url": d.URL}, Streams: []string{"contacts", "accounts", "leads", "opportunities", "calls", "meetings", "emails"},
		Request: connectors.Request{Stream: "opportunities", BatchRows: 1},
		Want: []connectortest.Row{
			row(map[string]any{
				"id": "o1", "name": "2026 春茶", "amount": json.Number("12800.5"), "amount_currency": "CNY", "stage": "Negotiation", "probability": json.Number("80"),
				"created_at": "2026-01-20T03:00:00Z", "modified_at": "2026-02-20T03:00:00Z", "account_id": "a1", "account_name": "青禾茶业有限公司",
				"assigned_user_id": "u1", "owner_name": "lina",
			}),
			row(map[string]any{
				"id": "o2", "name": "Sample boxes", "amount": json.Number("300"), "amount_currency": "GBP", "stage": "Closed Lost", "probability": json.Number("0"),
				"created_at": "2026-01-21T03:00:00Z", "modified_at": "2026-02-21T03:00:00Z", "linked_contact": "c2",
			}),
		},
		Broken: []map[string]any{{"url": "mysql://127.0.0.1:1/none"}, {"url": "postgres://u@127.0.0.1:1/none"}},
	})
}

func TestIncremental(t *testing.T) {
	d := sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql")
	src := d.Source(t, espocrm.Connector())
	r := connectors.Request{Stream: "leads", Mode: connectors.Incremental}
	rows, at := sqldbtest.Read(t, src, r)
	if len(rows) != 2 || rows[0].Deleted || !rows[1].Deleted {
		t.Fatalf("%d rows, want 2, the converted one gone", len(rows))
	}
	d.Exec(t, "UPDATE `lead` SET status = 'Converted', modified_at = '2026-02-10 10:00:00' WHERE id = 'l1'")
	r.From = at
	rows, _ = sqldbtest.Read(t, src, r)
	if n := len(rows); n == 0 || rows[n-1].Key != "l1" || !rows[n-1].Deleted {
		t.Errorf("the converted lead is not read as gone: %d rows", n)
	}
}
