package suitecrm_test

import (
	"encoding/json"
	"flag"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/sqldb/sqldbtest"
	"crmhub/connectors/suitecrm"
	"crmhub/fault"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden; read them by eye before a commit")

func TestStreams(t *testing.T) {
	sqldbtest.Preset(t, suitecrm.Connector(), sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql"), *update)
}

func TestConformance(t *testing.T) {
	d := sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql")
	row := func(key, amount, stage string, over map[string]any) connectortest.Row {
		data := map[string]any{
			"id": key, "date_modified": nil, "deleted": json.Number("0"), "assigned_user_id": nil, "amount": json.Number(amount), "sales_stage": stage,
			"date_closed": "2026-03-31", "account_id": nil, "contact_id": nil, "owner_name": nil, "iso4217": nil,
		}
		for k, v := range over {
			data[k] = v
		}
		return connectortest.Row{Key: key, Place: "opportunities", Data: data}
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: suitecrm.Connector(), Params: map[string]any{"url": d.URL}, Streams: []string{"contacts", "accounts", "leads", "opportunities", "emails"},
		Request: connectors.Request{Stream: "opportunities", BatchRows: 1},
		Want: []connectortest.Row{
			row("o1", "12800.5", "Negotiation/Review", map[string]any{
				"name": "2026 春茶", "date_entered": "2026-01-20T03:00:00Z", "date_modified": "2026-02-20T03:00:00Z", "assigned_user_id": "u1",
				"account_id": "a1", "owner_name": "lina", "iso4217": "CNY", "currency_id": "cny", "probability": json.Number("80"),
			}),
			row("o2", "300", "Closed Lost", map[string]any{
				"name": "Sample boxes", "date_entered": "2026-01-21T03:00:00Z", "date_modified": "2026-02-21T03:00:00Z", "contact_id": "c2",
				"currency_id": "-99", "probability": json.Number("0"),
			}),
		},
		Broken:  []map[string]any{{"url": "mysql://127.0.0.1:1/none"}, {"url": "postgres://u@127.0.0.1:1/none"}, {"url": "sqlite:x.db"}},
		Secrets: []string{"12800.5"},
	})
}

// A record that changed, one that was deleted, and a custom field that was
// added later are all seen by the next incremental read.
func TestIncremental(t *testing.T) {
	d := sqldbtest.New(t, "testdata/schema.sql", "testdata/rows.sql")
	src := d.Source(t, suitecrm.Connector())
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	rows, at := sqldbtest.Read(t, src, r)
	if len(rows) != 3 {
		t.Fatalf("%d rows, want 3", len(rows))
	}
	d.Exec(t, "UPDATE contacts SET deleted = 1, date_modified = '2026-02-10 10:00:00' WHERE id = 'c1'")
	r.From = at
	rows, at = sqldbtest.Read(t, src, r)
	gone := map[string]bool{}
	for _, row := range rows {
		gone[row.Key] = row.Deleted
	}
	if !gone["c1"] {
		t.Errorf("c1 was deleted, and the read gives %v", gone)
	}
	if _, again := gone["c2"]; !again && len(rows) > 3 {
		t.Errorf("%d rows are read of what changed", len(rows))
	}
	d.Exec(t, "ALTER TABLE contacts_cstm ADD COLUMN birthday_gift_c VARCHAR(50)")
	r.From = at
	rows, _ = sqldbtest.Read(t, src, r)
	if len(rows) != 3 {
		t.Errorf("a new custom field must be read of all rows, got %d", len(rows))
	}
	if _, there := rows[0].Data["birthday_gift_c"]; !there {
		t.Error("the new custom field is not read")
	}
}

func TestAnotherDatabase(t *testing.T) {
	d := sqldbtest.New(t)
	d.Exec(t, "CREATE TABLE people (id INT PRIMARY KEY)")
	err := d.Source(t, suitecrm.Connector()).Check(t.Context())
	if f := fault.Of(err); f == nil || f.Code != "E2228" || f.Args["table"] != "contacts" {
		t.Errorf("%v, want E2228 naming contacts", err)
	}
}
